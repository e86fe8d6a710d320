"""``zhulian bench audit``: what an entry of the audit trail costs a change, on SQLite as the platform runs it (FULL).

The peer is the same transaction without the entry. Everything lies in a folder that is thrown away.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from zhulian.cli.bench.figures import Figure, measured

ROUNDS = 400
VERIFIED = 20_000


def run() -> list[Figure]:
    """Milliseconds a change with and without its entry, and entries verified a second."""
    with tempfile.TemporaryDirectory(prefix="zhulian-bench-audit-") as folder:
        os.environ["ZHULIAN_DATA"] = folder
        os.environ.pop("ZHULIAN_DATABASE", None)
        _ready(Path(folder))
        return [_cost(), _speed()]


def _ready(folder: Path) -> None:
    from django.core.management import call_command

    from zhulian.portal.start import start_django

    start_django()
    folder.mkdir(exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)


def _cost() -> Figure:
    from django.db import transaction

    from zhulian.audit.rules import Actor, Subject
    from zhulian.audit.workflows import record
    from zhulian.organisations.models import User

    person = User.objects.create(username="bench")
    actor, subject = Actor(person.pk, "bench"), Subject("account", person.pk, "bench")

    def change(number: int, *, with_entry: bool) -> None:
        with transaction.atomic():
            User.objects.filter(pk=person.pk).update(last_name=str(number))
            if with_entry:
                changes = {"name": (str(number), str(number + 1))}
                record(actor, "account.created", subject, organisation=None, changes=changes)

    began = time.perf_counter()
    plain_ms = _each_ms(lambda number: change(number, with_entry=False))
    with_ms = _each_ms(lambda number: change(number, with_entry=True))
    seconds = time.perf_counter() - began
    figure, peer = "a change with its entry", "the same change without"
    return measured(figure, with_ms, "ms", seconds=seconds, libraries=("django",), peer=peer, peer_value=plain_ms)


def _each_ms(change: Callable[[int], None]) -> float:
    """The median, so that a busy moment of the disk does not decide."""
    times = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        change(number)
        times.append(time.perf_counter() - began)
    return sorted(times)[ROUNDS // 2] * 1000


def _speed() -> Figure:
    from zhulian.audit import queries
    from zhulian.audit.rules import Actor, Draft, Subject
    from zhulian.audit.workflows import record_all
    from zhulian.wire.credentials import load_or_create_key

    draft = Draft(Actor(1, "bench"), "account.created", Subject("account", 1, "bench"), None, {"name": ("a", "b")})
    record_all([draft] * VERIFIED)
    key = load_or_create_key(Path(os.environ["ZHULIAN_DATA"]) / "keys/platform.pem")
    began = time.perf_counter()
    report = queries.check(key)
    seconds = time.perf_counter() - began
    if report.fault is not None:
        raise RuntimeError(str(report.fault))
    return measured("entries verified", report.entries / seconds, "1/s", seconds=seconds, libraries=("django",))
