"""The factory: every machine with its state and freshness, what needs a person first."""

from itertools import groupby

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.audit.rules import Subject
from zhulian.backfill.workflows import may_backfill
from zhulian.organisations import queries
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.figures import State
from zhulian.portal.pages.live_factory import LiveMachine, live_machines
from zhulian.portal.pages.words import machines_sentence

URGENCY = {State.FAULT: 0, State.STOPPED: 1, State.IDLE: 2, State.UNKNOWN: 3, State.RUNNING: 4}


@require_safe
@page
def factory(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Machines by workshop; within one, the ones that need a person come first."""
    found = queries.factory(request.rights, enterprise_id)
    shown(request.rights, "factory", Subject("enterprise", enterprise_id, found.enterprise.name), enterprise_id)
    live = live_machines(found.machines)
    values = {
        "enterprise": found.enterprise,
        "gateways": found.gateways,
        "live": live,
        "counted": [(state, count) for state, count in live.counted().items() if count],
        "workshops": by_workshop(live.machines),
        "sentence": machines_sentence(live.counted(), live.outage),
        "outage": live.outage,
        "may_backfill": may_backfill(request.rights, enterprise_id),
        "may_configure": request.rights.may_configure(enterprise_id),
        "sees_several": request.rights.sees_several,
    }
    return render(request, "pages/factory.html", values)


def by_workshop(machines: list[LiveMachine]) -> list[tuple[str, list[LiveMachine]]]:
    """Workshop → machines; machines without one come last."""
    ordered = sorted(machines, key=lambda one: (not one.row.workshop, one.row.workshop, URGENCY[one.state.state]))
    return [(name, list(group)) for name, group in groupby(ordered, key=lambda one: one.row.workshop)]
