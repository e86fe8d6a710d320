"""The only reader of this room: what somebody may see of what was kept, as frozen values.

``kept``: what views and dashboards have in common. ``views``, ``boards``, ``marks``: one subject each.
"""

from zhulian.dashboards.models import Favourite
from zhulian.dashboards.queries.boards import BoardRow, board, boards, home_of
from zhulian.dashboards.queries.marks import MarkRow, mark, marks
from zhulian.dashboards.queries.views import ViewRow, view, views
from zhulian.organisations.tenancy import Scope

__all__ = [
    "BoardRow",
    "MarkRow",
    "ViewRow",
    "board",
    "boards",
    "favourites",
    "home_of",
    "mark",
    "marks",
    "view",
    "views",
]


def favourites(scope: Scope) -> list[int]:
    """The ids of one's favourite points in sight, newest first."""
    found = Favourite.objects.filter(person=scope.person, point__in=scope.points()).order_by("-id")
    return list(found.values_list("point_id", flat=True)) if scope.person is not None else []
