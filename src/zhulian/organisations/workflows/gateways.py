"""Gateways: made, renamed, revoked; and how a changed configuration reaches them."""

import json
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from zhulian.audit.workflows import record
from zhulian.organisations.models import EnrolmentCode, Gateway
from zhulian.organisations.queries import ENTERPRISE, GATEWAY
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.vocabulary.errors import Text, ZhulianError

log = logging.getLogger(__name__)
Announce = Callable[[int, int], None]
"""Tells a gateway (id, version) that a newer configuration waits; ``Telemetry.announce_configuration``."""


def create_gateway(scope: Scope, enterprise: int, name: str) -> int:
    """A gateway that has not enrolled yet; its name is unique in the enterprise. Returns its id."""
    if not scope.enterprises().filter(pk=enterprise).exists():
        raise NotVisibleError(ENTERPRISE)
    if not scope.may_configure(enterprise):
        raise NotAllowedError
    with transaction.atomic():
        made = Gateway(enterprise_id=enterprise, name=_free_name(enterprise, name))
        made.save()
        record(actor(scope), "gateway.created", trail.of_gateway(made), organisation=enterprise)
    return made.pk


def rename_gateway(scope: Scope, gateway: int, name: str) -> None:
    """Another name on the pages; the gateway itself does not care."""
    with transaction.atomic():
        found = changeable_gateway(scope, gateway)
        before = found.name
        found.name = _free_name(found.enterprise_id, name, besides=found.pk)
        found.save(update_fields=["name"])
        _record(scope, "gateway.renamed", found, {"name": (before, found.name)})


def revoke_gateway(scope: Scope, gateway: int, revoked_file: Path) -> None:
    """Shut a gateway out for good: no token any more, and ingest reads ``revoked_file`` within seconds.

    The file is written before the transaction ends: should one of the two fail, the gateway is out rather than in.
    """
    with transaction.atomic():
        found = changeable_gateway(scope, gateway)
        if found.revoked_at is None:
            found.revoked_at = timezone.now()
            found.save(update_fields=["revoked_at"])
            _record(scope, "gateway.revoked", found, {"revoked_at": (None, found.revoked_at)})
        EnrolmentCode.objects.filter(gateway=found, used_at=None).delete()
        write_revoked(revoked_file)


def write_revoked(revoked_file: Path) -> None:
    """Write the ids of all revoked gateways as a JSON list, atomically; also done at each start, after a restore."""
    ids = sorted(Gateway.objects.exclude(revoked_at=None).values_list("pk", flat=True))
    write_whole(revoked_file, ids)


def write_whole(path: Path, value: object) -> None:
    """Replace a file that the telemetry process reads: the old JSON or the new one, nothing between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as draft:
        json.dump(value, draft)
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(path)


def changeable_gateway(scope: Scope, gateway: int) -> Gateway:
    """The gateway, locked until the transaction ends, if this person may change it."""
    found = scope.gateways().select_for_update().filter(pk=gateway).first()
    if found is None:
        raise NotVisibleError(GATEWAY)
    if not scope.may_configure(found.enterprise_id):
        raise NotAllowedError
    return found


def bump(gateway: int, announce: Announce) -> None:
    """A newer version of the gateway's configuration; announced when the transaction has ended well."""
    Gateway.objects.filter(pk=gateway).update(configuration_version=F("configuration_version") + 1)
    version = Gateway.objects.values_list("configuration_version", flat=True).get(pk=gateway)
    transaction.on_commit(lambda: _tell(gateway, version, announce))


def _record(scope: Scope, action: str, gateway: Gateway, changes: trail.Changes) -> None:
    record(actor(scope), action, trail.of_gateway(gateway), organisation=gateway.enterprise_id, changes=changes)


def _tell(gateway: int, version: int, announce: Announce) -> None:
    """A gateway that cannot be told now fetches its configuration when it connects again."""
    try:
        announce(gateway, version)
    except ZhulianError as fault:
        log.warning("gateway %d not told of configuration %d: %s", gateway, version, fault)


def _free_name(enterprise: int, given: str, besides: int = 0) -> str:
    name = given.strip()
    if not 0 < len(name) <= 80:
        raise _name(f"名称应有 1 到 80 个字，给出的有 {len(name)} 个", "a name has 1 to 80 characters")
    take_turns("gateway names", enterprise)
    taken = Gateway.objects.filter(enterprise_id=enterprise, name=name).exclude(pk=besides)
    if taken.exists():
        raise _name(f"本企业已有名为“{name}”的网关", f"the enterprise has a gateway called “{name}”")
    return name


def _name(why_zh: str, why_en: str) -> RecordsError:
    return RecordsError(
        "gateway_name_wrong",
        Text(f"网关不能叫这个名字：{why_zh}。", f"The gateway cannot have this name: {why_en}."),
        Text("请换一个名称，例如“东车间网关”。", "Choose another one, such as “East workshop gateway”."),
    )
