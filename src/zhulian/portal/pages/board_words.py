"""The words that the script of dashboards puts together; they go into the page as JSON."""

from django.utils.translation import gettext as _

from zhulian.portal.pages.explore_words import explore_words


def board_words() -> dict[str, str]:
    """Key → words in the language of the page; those of the explorer too."""
    return explore_words() | {
        "hidden": _("%s 个点位不在权限范围内"),
        "no_point": _("还没有选点位"),
        "no_value": _("还没有读数"),
        "saved": _("已保存"),
        "unsaved": _("有未保存的修改"),
        "mine": _("您的修改都在，没有丢。可以另开一页看最新的，或以您的为准再保存一次。"),
        "overwrite": _("以我的为准"),
        "configure": _("设置"),
        "delete": _("移除"),
        "move": _("移动：方向键；加 Shift 改大小"),
        "configure_tile": _("设置这一块"),
        "point": _("点位"),
        "value": _("数值"),
        "again_s": _("登录已过期，正在等待重新登录。"),
        "no_save": _("没有保存成功，请检查网络后再试。"),
    }
