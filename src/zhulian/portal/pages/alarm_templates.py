"""Rule templates on pages: which of them a machine is offered, and how one fills the form of a new rule."""

from collections.abc import Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhulian.alarms import queries
from zhulian.alarms.queries import RuleFilter
from zhulian.alarms.rules import wrong
from zhulian.alarms.rules.templates import Offer, offers
from zhulian.organisations.queries import MachineRow
from zhulian.organisations.tenancy import Scope
from zhulian.portal.templatetags.zhulian import said


def offered(scope: Scope, machine: MachineRow) -> list[Offer]:
    """What fits this machine and is not there yet; nothing to those who may not write rules."""
    if not scope.may_configure(machine.enterprise):
        return []
    there = queries.rules(scope, RuleFilter(machine=machine.id), 1, 500).rows
    return offers(machine.kind, machine.name, machine.points, [row.name for row in there])


def chosen(scope: Scope, machine: MachineRow, asked: QueryDict) -> Offer | None:
    """The template that the address or the form names, as far as it fits the machine."""
    key = asked.get("template", "")
    return next((offer for offer in offered(scope, machine) if offer.template.key == key), None)


def check_confirmed(asked: QueryDict) -> None:
    """A limit from a template is somebody's decision: raises AlarmError until they say so."""
    if asked.get("template") and asked.get("confirmed") != "1":
        raise wrong(
            "模板里的数值还没有核对，请在核对后勾选",
            "the template's figures were not confirmed; check them and tick the box",
        )


def typed_from_offer(offer: Offer) -> Mapping[str, object]:
    """The form as the template fills it; what is typed further belongs to the engineer."""
    settings = {name: f"{value:g}" for name, value in offer.template.settings.items() if not isinstance(value, bool)}
    return {
        "hysteresis": "0", "on_delay_s": "0", "off_delay_s": "0", **settings,
        "name": said(offer.template.name), "kind": str(offer.template.kind), "priority": str(offer.template.priority),
        "advice": said(offer.template.advice), "is_low": "1" if offer.template.settings.get("is_low") else "",
        "limit": "" if offer.limit is None else f"{offer.limit:g}", "template": offer.template.key,
    }  # fmt: skip


def count_words(count: int) -> str:
    """How many there are, on the machine's page."""
    return _("按模板新建（%(n)s）") % {"n": count}
