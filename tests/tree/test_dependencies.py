"""Each dependency has a reason, the gateway stays small, and the locks hold what the project asks for."""

import re
import subprocess
import sys
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
    without = [name for name in wanted(project, *extras) if len(reasons.get(name, "").strip("# ")) < 5]
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
    """One part may have two versions for two Pythons, but then the same two in each lock."""
    pinned: dict[str, set[frozenset[str]]] = {}
    for lock in (repository / "locks").glob("*.txt"):
        found: dict[str, set[str]] = {}
        for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\\\n]+)", lock.read_text("utf-8"), re.MULTILINE):
            found.setdefault(normal(name), set()).add(version.strip())
        for name, versions in found.items():
            pinned.setdefault(name, set()).add(frozenset(versions))
    assert not {name: choices for name, choices in pinned.items() if len(choices) > 1}


ONLY_BASE = """
import importlib, pkgutil, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {forbidden}:
            raise ModuleNotFoundError("the gateway asked for " + name, name=name)

sys.meta_path.insert(0, Missing())
for room in ("vocabulary", "wire", "edge"):
    package = importlib.import_module("zhulian." + room)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
import zhulian.cli.main, zhulian.cli.edge
"""


def test_the_gateway_can_be_imported_without_the_platform() -> None:
    forbidden = [*sorted(name.replace("-", "_") for name in HEAVY), "ninja", "allauth"]
    script = ONLY_BASE.replace("{forbidden}", repr(forbidden))
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
