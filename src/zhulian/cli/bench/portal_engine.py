"""One engine of ``zhulian bench portal``, in a process of its own: makes the city, asks for pages, prints JSON.

A page is asked for through every middleware and template, without a socket. Telemetry is not running, so what is
measured is records. The peer of a page is the plain SQL that reads the same rows with nothing around it.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any

from zhulian.cli.bench import portal_city as city

ROUNDS = 60
WARM = 3
Ask = Callable[[int], object]


def main() -> None:
    """Build unless the city stands, measure, print."""
    from django.test.utils import setup_test_environment

    from zhulian.portal.start import migrate, start_django

    os.environ["DJANGO_SETTINGS_MODULE"] = "zhulian.portal.settings"
    start_django()
    migrate()
    setup_test_environment()
    from zhulian.organisations.models import Enterprise

    started_s = time.perf_counter()
    if Enterprise.objects.count() < city.ENTERPRISES:
        city.build()
    built_s = time.perf_counter() - started_s
    found = [_measured(name, page, peer) for name, (page, peer) in _subjects().items()]
    json.dump({"built_s": built_s, "pages": found}, sys.stdout)


def _subjects() -> dict[str, tuple[Ask, Ask]]:
    """Page by name, with its peer."""
    from django.urls import NoReverseMatch, reverse

    get = _browser()
    rows, facts = "SELECT * FROM organisations_enterprise", "SELECT * FROM evidence_fact"
    found: dict[str, tuple[Ask, Ask]] = {
        "home": (lambda _: get("/"), _sql("SELECT reporting_area, count(*) FROM organisations_enterprise GROUP BY 1")),
        "list": (
            lambda n: get(f"/enterprises/?page={n * 37 % 2400 + 1}"),
            _sql(f"{rows} ORDER BY id LIMIT 20 OFFSET {{at}}"),
        ),
        "list.filtered": (
            lambda n: get(f"/enterprises/?area=34150{n % 2 + 2}&above_scale=1&industry=C33"),
            _sql(f"{rows} WHERE reporting_area = '341502' AND above_scale ORDER BY id LIMIT 20"),
        ),
        "list.sorted": (lambda _: get("/enterprises/?order=-machines"), _sql(f"{rows} ORDER BY name LIMIT 20")),
        "list.found": (lambda n: get(f"/enterprises/?q={_name_part(n)}"), _like()),
        "machines": (
            lambda n: get(f"/machines/?page={n * 37 % 2400 + 1}"),
            _sql("SELECT * FROM organisations_machine ORDER BY id LIMIT 20 OFFSET {at}"),
        ),
        "search": (lambda n: get(f"/search/?q={_typed(n)}"), _like()),
        "suggest": (lambda n: get(f"/search/suggest/?q={_typed(n)}"), _like()),
        "enterprise": (
            lambda n: get(f"/enterprises/{n * 811 % city.ENTERPRISES + 1}/"),
            _sql(f"{rows} WHERE id = {{id}}"),
        ),
    }
    for name, address, peer in (
        ("gateways", "gateways", "SELECT * FROM organisations_gateway ORDER BY id LIMIT 50"),
        ("facts", "facts", f"{facts} ORDER BY id DESC LIMIT 50"),
        ("trail", "trail", "SELECT * FROM audit_entry ORDER BY sequence DESC LIMIT 50"),
    ):
        try:
            path = reverse(address)
        except NoReverseMatch:
            continue
        found[name] = (lambda _, path=path: get(path), _sql(peer))  # type: ignore[misc]
    return found


def _browser() -> Callable[[str], Any]:
    from django.test import Client

    from zhulian.organisations.models import Membership, User

    officer, _ = User.objects.get_or_create(username="bench", defaults={"last_name": "bench"})
    Membership.objects.get_or_create(user=officer, role="bureau")
    client = Client()
    client.force_login(officer)

    def get(path: str) -> Any:  # noqa: ANN401 - whatever Django answers
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return answer

    return get


def _name_part(number: int) -> str:
    return city.name(number * 811)[2:8]


def _typed(number: int) -> str:
    """What people type, in turn: a part, two words, two signs, one, a code, initials, pinyin, a slip, a machine."""
    from zhulian.organisations.search.rules import texts_of

    at = number * 811 % city.ENTERPRISES + 1
    name, texts = city.name(at), texts_of([city.name(at)])
    return (
        name[2:7],
        f"{name[:2]} {name[-6:-4]}",
        name[:2],
        name[2],
        city.code(at)[8:16],
        texts.initials[0][:6],
        texts.letters[0][:14],
        name[:4] + "一" + name[5:9],
        city.machine_name(at)[:6],
    )[number % 9]


def _sql(statement: str) -> Ask:
    from django.db import connection

    def ask(number: int) -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(at=number * 37 % 2400 * 20, id=number * 811 % city.ENTERPRISES + 1))
            return cursor.fetchall()

    return ask


def _like() -> Ask:
    """Part of a name in both tables: what a search without an index of its own would do."""
    from django.db import connection

    like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"

    def ask(number: int) -> object:
        with connection.cursor() as cursor:
            for table in ("organisations_enterprise", "organisations_machine"):
                cursor.execute(f"SELECT id, name FROM {table} WHERE name {like} %s", [f"%{_name_part(number)}%"])  # noqa: S608
                cursor.fetchmany(10)
        return None

    return ask


def _measured(name: str, page: Ask, peer: Ask) -> dict[str, object]:
    return {"name": name, "page_ms": _times_ms(page), "peer_ms": _times_ms(peer)}


def _times_ms(ask: Ask) -> Sequence[float]:
    """[p50, p95] of :data:`ROUNDS` calls, after a few that count for nothing."""
    took = []
    for number in islice(cycle(range(ROUNDS)), WARM + ROUNDS):
        started_s = time.perf_counter()
        ask(number)
        took.append(1000 * (time.perf_counter() - started_s))
    ordered = sorted(took[WARM:])
    return [ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]]


if __name__ == "__main__":
    main()
