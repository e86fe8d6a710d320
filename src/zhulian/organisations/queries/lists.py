"""How a list of records is read, and one record of it: constant numbers of statements, 404 for what is out of sight."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from django.db.models import Count, IntegerField, Model, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from zhulian.organisations.rules import NotVisibleError
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, cut

M = TypeVar("M", bound=Model)
R = TypeVar("R", bound="Numbered")
ENTERPRISE, GATEWAY = Text("企业", "enterprise"), Text("网关", "gateway")
MACHINE, POINT = Text("设备", "machine"), Text("点位", "point")


class Numbered(Protocol):
    """A row that carries the id of its record."""

    @property
    def id(self) -> int:
        """The record's."""


def whole_page(
    found: QuerySet[M], order: Sequence[str | OrderBy], number: int, size: int, rows: Callable[[QuerySet[M]], list[R]]
) -> Page[R]:
    """One page of ``found``. ``rows`` joins and counts for the records of this page only, not for those before it."""
    where = cut(found.count(), number, size)
    ids = list(found.order_by(*order).values_list("pk", flat=True)[where.rows])
    place = {id_: at for at, id_ in enumerate(ids)}
    whole = rows(found.model._default_manager.filter(pk__in=ids))
    return where.page(sorted(whole, key=lambda row: place[row.id]))


def one_of(found: QuerySet[M], id: int, what: Text) -> M:  # noqa: A002 - any record's id
    """The record ``id`` of ``found``; ``NotVisibleError`` names ``what`` is missing, also for numbers no key can be."""
    one = found.filter(pk=id).first() if 0 < id < 2**63 else None
    if one is None:
        raise NotVisibleError(what)
    return one


def number_of(rows: QuerySet[Model], group: str) -> Coalesce:
    """How many of ``rows``, which an outer reference narrows, belong to one ``group``: a column, without a join."""
    counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
