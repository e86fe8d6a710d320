"""The words that the scripts of explorer and dashboards put together; they go into the page as JSON."""

from django.utils.translation import gettext as _


def explore_words() -> dict[str, str]:
    """Key → words in the language of the page."""
    return {
        "choose": _("选择点位后，曲线画在这里。"),
        "empty": _("这段时间没有读数。可以换一段更长的时间，或查看设备是否连得上。"),
        "no_line": _("连不上平台，图没有取到；恢复后请刷新。"),
        "loading": _("正在取数…"),
        "full": _("最多同时画 %s 个点位，请先移除一个。"),
        "third_unit": _("叠放最多两种单位；“%s”请改用上下排列，或先移除。"),
        "hide": _("隐藏"),
        "show": _("显示"),
        "raw": _("原始读数"),
        "seconds": _("每 %s 秒一点"),
        "minutes": _("每 %s 分钟一点"),
        "hours": _("每 %s 小时一点"),
        "days": _("每 %s 天一点"),
        "minute": _("分钟汇总"),
        "thinned": _("这里或前后有原始读数已按保存期限或要求删除；范围放宽到一个月以上，可看留下的汇总"),
        "hour": _("小时汇总"),
        "day": _("日汇总"),
        "good": _("正常"),
        "uncertain": _("存疑"),
        "bad": _("无效"),
        "gap": _("无读数"),
        "mixed": _("多种状态"),
        "about": _("约"),
        "durations": "|".join((_("%s 秒"), _("%s 分钟"), _("%s 小时"), _("%s 天"))),
        "before": _("对比"),
        "copied": _("已复制"),
        "mark": _("标记"),
        "on": _("实时"),
        "again": _("正在重新连接…"),
        "off": _("实时已停，请刷新"),
    }
