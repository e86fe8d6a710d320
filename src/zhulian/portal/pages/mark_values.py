"""A mark as charts draw it; for the explorer and for the charts of a machine."""

from zhulian.dashboards.queries import MarkRow
from zhulian.dashboards.rules import MARK_KINDS
from zhulian.portal.templatetags.zhulian import said


def mark_values(mark: MarkRow) -> dict[str, object]:
    """A mark as a chart draws it."""
    return {
        "id": mark.id,
        "enterprise": mark.enterprise,
        "machine": mark.machine,
        "point": mark.point,
        "kind": said(MARK_KINDS[mark.kind]),
        "text": mark.text,
        "start": int(mark.start.timestamp() * 1_000),
        "end": int(mark.end.timestamp() * 1_000) if mark.end else None,
        "author": mark.author_name,
        "is_own": mark.is_own,
        "is_sample": mark.is_sample,
    }
