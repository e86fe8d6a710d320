"""Each dependency has a reason, the gateway stays small, and the locks hold what the project asks for."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

HEAVY = {"django", "chdb", "clickhouse-connect", "uvicorn", "granian", "pandas", "openpyxl", "pymodbus", "django-ninja"}
LINE = re.compile(r'^  "(?P<name>[A-Za-z0-9_.-]+)[^"]*",\s*(?P<comment>#.*)?$', re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", name, maxsplit=1)[0]).lower()


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))


def wanted(project: dict[str, Any], *extras: str) -> set[str]:
    names = list(project["project"]["dependencies"])
    for extra in extras:
        names += project["project"]["optional-dependencies"][extra]
    return {normal(name) for name in names}


def locked(repository: Path, name: str) -> set[str]:
    text = (repository / "locks" / f"{name}.txt").read_text("utf-8")
    return {normal(found) for found in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}


def test_each_dependency_has_one_line_of_reason(repository: Path, project: dict[str, Any]) -> None:
    text = (repository / "pyproject.toml").read_text("utf-8")
    reasons = {normal(found["name"]): found["comment"] or "" for found in LINE.finditer(text)}
    extras = project["project"]["optional-dependencies"]
    without = [name for name in wanted(project, *extras) if len(reasons.get(name, "").strip("# ")) < 10]
    assert not without


def test_the_base_install_is_a_gateway(project: dict[str, Any]) -> None:
    assert not wanted(project) & HEAVY


def test_the_locked_gateway_is_one_too(repository: Path, project: dict[str, Any]) -> None:
    edge = locked(repository, "edge")
    assert wanted(project) <= edge
    assert not edge & HEAVY


def test_the_city_lock_holds_what_the_city_asks_for(repository: Path, project: dict[str, Any]) -> None:
    assert wanted(project, "city") <= locked(repository, "city")


def test_the_test_lock_holds_what_the_tests_ask_for(repository: Path, project: dict[str, Any]) -> None:
    tools = {normal(name) for name in project["dependency-groups"]["test"]}
    assert tools <= locked(repository, "test") | locked(repository, "city")


def test_every_lock_agrees_on_versions(repository: Path) -> None:
    versions: dict[str, set[str]] = {}
    for lock in (repository / "locks").glob("*.txt"):
        for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE):
            versions.setdefault(normal(name), set()).add(version)
    assert not {name: found for name, found in versions.items() if len(found) > 1}
