"""The store's error family. The feeder keeps a block and tries again when it meets one; pages show its words."""

from zhulian.vocabulary.errors import Text, ZhulianError


class StoreError(ZhulianError):
    """The store could not do what was asked; nothing was half-applied that a second try would not make whole.

    ``number`` is ClickHouse's own error code, for the ``X-ClickHouse-Exception-Code`` header; 0 when there is none.
    ``detail`` is the engine's own text, word for word, for clients that read it.
    """

    def __init__(self, code: str, what: Text, next_step: Text, number: int = 0, detail: str = "") -> None:
        super().__init__(code, what, next_step)
        self.number = number
        self.detail = detail


def statement_refused(detail: str, number: int = 0) -> StoreError:
    """The engine read the statement or block and said no; ``detail`` is its own text."""
    return StoreError(
        "store_refused",
        Text(f"存储拒绝了这条语句：{detail}。", f"The store refused this statement: {detail}."),
        Text("请按引擎给出的原因修改后重试。", "Correct what the engine names and try again."),
        number,
        detail,
    )


NEWER = "store_newer"


def store_unreachable(where: str, detail: str) -> StoreError:
    """Nobody answers at ``where``."""
    return StoreError(
        "store_unreachable",
        Text(f"连不上存储 {where}：{detail}。", f"The store at {where} cannot be reached: {detail}."),
        Text(
            "数据仍在日志里，不会丢失；请检查该地址的服务是否在运行，平台会自动重试。",
            "Readings wait in the journal and are not lost; check that the service there runs. Zhulian tries again.",
        ),
    )


def store_in_use(folder: str) -> StoreError:
    """A second process asked for a folder that one process already holds."""
    return StoreError(
        "store_in_use",
        Text(f"存储目录 {folder} 正被另一个进程使用。", f"The store in {folder} is already open in another process."),
        Text(
            "同一目录只能由一个 telemetry 进程打开：请先停止它，或通过它的 HTTP 端口查询。",
            "Only one telemetry process may hold it: stop that one first, or ask it through its HTTP port.",
        ),
    )


def store_newer(found: int, known: int) -> StoreError:
    """The folder was written by a later Zhulian."""
    return StoreError(
        NEWER,
        Text(
            f"存储结构版本是 {found}，本程序只认识到 {known}。",
            f"The store has schema version {found}; this program knows up to {known}.",
        ),
        Text("请升级筑联后再打开。", "Update Zhulian, then open it again."),
    )


def store_unopenable(folder: str, detail: str) -> StoreError:
    """The files are there, nobody else holds them, and the engine still says no."""
    return StoreError(
        "store_unopenable",
        Text(f"打不开存储目录 {folder}：{detail}。", f"The store in {folder} cannot be opened: {detail}."),
        Text(
            "请检查磁盘空间和目录权限；若文件已损坏，请用 zhulian restore 恢复最近的备份。",
            "Check free space and permissions; if files are damaged, restore the last backup with zhulian restore.",
        ),
    )


def store_busy() -> StoreError:
    """Every connection is lent."""
    return StoreError(
        "store_busy",
        Text("存储正忙，所有查询通道都被占用。", "The store is busy: every place for a query is taken."),
        Text("请稍后再试；正在运行的大导出结束后会恢复。", "Try again shortly; large exports that run now hold it up."),
        202,
    )


def store_closed() -> StoreError:
    """A call after close."""
    return StoreError(
        "store_closed",
        Text("存储已经关闭。", "The store is closed."),
        Text("请重新启动 telemetry 进程。", "Start the telemetry process again."),
        236,
    )


def address_wrong() -> StoreError:
    """ZHULIAN_TELEMETRY_URL cannot be read. The address itself is not repeated: it holds a password."""
    return StoreError(
        "store_address",
        Text("ZHULIAN_TELEMETRY_URL 的写法不对。", "ZHULIAN_TELEMETRY_URL is not written correctly."),
        Text(
            "应为 clickhouse://用户:口令@主机:端口/数据库；口令中的特殊字符要做百分号编码。",
            "Write clickhouse://user:password@host:port/database, special characters of the password percent-encoded.",
        ),
    )


def backup_refused(why_zh: str, why_en: str) -> StoreError:
    """A copy that could not be made or brought back."""
    return StoreError(
        "backup_refused",
        Text(f"备份或恢复没有完成：{why_zh}。", f"The backup or restore was not done: {why_en}."),
        Text(
            "原有数据没有改动。请换一个空目录并检查空间；另一台服务器上的存储请用它自己的备份。",
            "Nothing was changed. Name an empty folder, check free space; a server elsewhere has its own backups.",
        ),
    )


def staging_gone(partition: str) -> StoreError:
    """A step of retention that was begun, and of what should stay nothing lies ready."""
    return StoreError(
        "staging_gone",
        Text(
            f"留存步骤要替换分区 {partition}，备好的数据却不在。",
            f"A step of retention was to replace {partition}, and what should stay is not there.",
        ),
        Text(
            "没有数据被删除。若另一台机器上的进程正在使用同一个存储，请稍候重试；否则请从备份恢复。",
            "Nothing was taken away. If a process elsewhere uses this store, try again; otherwise restore a backup.",
        ),
    )


def cluster_name_wrong(name: str) -> StoreError:
    """ZHULIAN_TELEMETRY_CLUSTER is no name that a configuration file could have."""
    return StoreError(
        "cluster_name",
        Text(f"ZHULIAN_TELEMETRY_CLUSTER 的值“{name}”不是集群名。", f"ZHULIAN_TELEMETRY_CLUSTER: “{name}” is no name."),
        Text(
            "请填写服务器配置 remote_servers 中的集群名，只含字母、数字、点、横线和下划线。",
            "Give its name under remote_servers in the servers' configuration: letters, digits, dots, dashes, _.",
        ),
    )


def cluster_without_address() -> StoreError:
    """ZHULIAN_TELEMETRY_CLUSTER without ZHULIAN_TELEMETRY_URL."""
    return StoreError(
        "cluster_address",
        Text(
            "设置了 ZHULIAN_TELEMETRY_CLUSTER，却没有 ZHULIAN_TELEMETRY_URL。",
            "ZHULIAN_TELEMETRY_CLUSTER is set and ZHULIAN_TELEMETRY_URL is not.",
        ),
        Text(
            "请同时给出集群中一台服务器的地址；不用集群时请清空 ZHULIAN_TELEMETRY_CLUSTER。",
            "Give the address of one of its servers too; without a cluster, leave ZHULIAN_TELEMETRY_CLUSTER empty.",
        ),
    )


def cluster_cannot(sql: str) -> StoreError:
    """A change of tables for which nobody has written what it means on several servers."""
    brief = " ".join(sql.split())[:120]
    return StoreError(
        "cluster_cannot",
        Text(f"平台不会在集群上执行这条语句：{brief}。", f"The platform does not run this on a cluster: {brief}."),
        Text(
            "请在服务器上用 ON CLUSTER 自行执行；表的定义可用 zhulian telemetry ddl --cluster 打印。",
            "Run it on the servers yourself with ON CLUSTER; zhulian telemetry ddl --cluster prints our definitions.",
        ),
    )


def cluster_keeps() -> StoreError:
    """Retention or a demand, where nobody can hold still what every server inserts."""
    return StoreError(
        "cluster_keeps",
        Text(
            "存储是集群，平台不会在集群上按期限移走读数，也不会应申请删除。",
            "The store is a cluster: there the platform takes no readings away, neither by terms nor on demand.",
        ),
        Text(
            "读数都还在，没有改动。请在服务器上自行删除不再需要的分区，或把留存期限改为不限。",
            "Nothing was changed. Drop partitions on the servers yourself, or set the terms to no limit.",
        ),
    )


def cluster_incomplete(detail: str) -> StoreError:
    """A change that some server of the cluster did not confirm."""
    return StoreError(
        "cluster_incomplete",
        Text(
            f"集群中有服务器没有确认这次改动：{detail}。",
            f"A server of the cluster did not confirm a change: {detail}.",
        ),
        Text(
            "请先让所有服务器恢复运行再重试；读数仍在日志中，不会丢失。",
            "Bring every server back, then try again; readings wait in the journal and are not lost.",
        ),
        159,
        detail,
    )
