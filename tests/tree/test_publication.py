"""What a stranger looks at first: readme, licence, notices, changes, publiccode."""

import os
import re
from pathlib import Path

import pytest

from zhulian import __version__

README = ("README.md", "README.en.md")
PUBLICCODE_KEYS = (
    "publiccodeYmlVersion",
    "name",
    "platforms",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
)


def read(repository: Path, name: str) -> str:
    return (repository / name).read_text("utf-8")


@pytest.mark.parametrize("name", README)
@pytest.mark.parametrize(
    "word", ["./run", "./test", "127.0.0.1:8000", "演示数据", __version__, "LICENSE", "SECURITY.md"]
)
def test_the_readme_tells_what_matters(repository: Path, name: str, word: str) -> None:
    assert word in read(repository, name)


@pytest.mark.parametrize("name", README)
def test_the_readme_does_not_shout(repository: Path, name: str) -> None:
    assert not re.search(r"！|!(?!\[)", re.sub(r"```.*?```|`[^`]*`", "", read(repository, name), flags=re.DOTALL))


@pytest.mark.parametrize("name", ["run", "test", ".ci/run"])
def test_the_commands_that_the_readme_promises_can_be_run(repository: Path, name: str) -> None:
    assert os.access(repository / name, os.X_OK)
    assert read(repository, name).startswith("#!/bin/sh\n"), "POSIX sh: a fresh machine may have nothing more"


def test_ci_runs_what_everybody_runs(repository: Path) -> None:
    assert "./test" in read(repository, ".ci/run")


def test_the_changelog_has_this_version(repository: Path) -> None:
    changes = read(repository, "CHANGELOG.md")
    assert changes.index("## Unreleased") < changes.index(f"## {__version__} – ")


def test_the_licence_is_whole(repository: Path) -> None:
    licence = read(repository, "LICENSE")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_notice_names_every_recording_that_is_shipped(repository: Path, files: tuple[Path, ...]) -> None:
    notice = read(repository, "NOTICE")
    for author in ("Sathishkumar V E", "Shin", "Cho", "CC BY 4.0", "Numenta", "MIT"):
        assert author in notice


def test_publiccode_is_plain_and_complete(repository: Path) -> None:
    """No YAML library among our dependencies: the file keeps to a subset that these few lines can read."""
    lines = read(repository, "publiccode.yml").splitlines()
    keys = {line.split(":")[0] for line in lines if re.match(r"[A-Za-z]\w*:", line)}
    assert not [key for key in PUBLICCODE_KEYS if key not in keys]
    assert not [line for line in lines if "\t" in line or len(line) - len(line.lstrip()) not in range(0, 10, 2)]
    assert f"softwareVersion: {__version__}" in lines
    assert "  license: Apache-2.0" in lines


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_publiccode_speaks_both_languages(repository: Path, language: str) -> None:
    text = read(repository, "publiccode.yml")
    section = text.split(f"\n  {language}:\n")[1]
    short = re.search(r"shortDescription: (.+)", section)
    assert short
    assert 20 < len(short[1]) <= 150
