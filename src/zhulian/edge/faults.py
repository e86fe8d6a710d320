"""The gateway's own family of errors, and those that several of its files raise. Drivers have a family of their own."""

from zhulian.vocabulary.errors import Text, ZhulianError


class EdgeError(ZhulianError):
    """Something in the gateway itself, on its disk or on its way to the platform went wrong."""


def fault(code: str, zh: str, en: str, next_zh: str, next_en: str) -> EdgeError:
    """An :class:`EdgeError` from plain words."""
    return EdgeError(code, Text(zh, en), Text(next_zh, next_en))


def folder_unwritable(path: object, cause: OSError) -> EdgeError:
    """The state folder cannot be written; without it nothing can be kept safe."""
    return fault(
        "state_unwritable",
        f"状态文件夹 {path} 写不进去（{cause.strerror}）。",
        f"The state folder {path} cannot be written ({cause.strerror}).",
        "请检查磁盘空间和文件夹权限，或在配置的 gateway.state 换一个位置。",
        "Check free space and permissions, or name another folder under gateway.state in the configuration.",
    )
