"""Names: folders of the trade, the fixed file names of Django rooms, an opening paragraph in each module."""

import ast
from pathlib import Path

import pytest

EMPTY_WORDS = {"utils", "util", "common", "helpers", "helper", "manager", "managers", "core", "misc"}
ROOM_FILES = {
    "__init__.py",
    "admin.py",
    "api.py",
    "apps.py",
    "forms.py",
    "models.py",
    "queries.py",
    "rules.py",
    "urls.py",
    "views.py",
    "workflows.py",
}
ROOM_OWN = {
    # working days, and the ways a message leaves the house
    "desk": {"calendar.py", "working_days.toml", "channels.py"},
    # the catalogue of fact keys, the checks on what is stated, how a photo is recognised that was used before
    # and the collectors and flag rules, a module each
    "evidence": {"collectors.py", "flags.py", "catalogue.py", "catalogue.toml", "checks.py", "pictures.py"},
    # inside organisations: what can be found, what is asked of the index, where the two databases differ
    "search": {"engines.py", "kinds.py", "plans.py"},
    # the loop of its process
    "jobs": {"worker.py"},
    # the form definitions
    "returns": {"definitions.py", "definitions.toml"},
    # the codes of GB/T 4754, the folder of documents, licences and logos, pasted point tables, the one tenancy filter,
    # townships, the search, a room within the room, and the turns that writers take
    "organisations": {
        "search.py",
        "industries.py",
        "kept_files.py",
        "pictures.py",
        "point_tables.py",
        "tenancy.py",
        "towns.csv",
        "towns.py",
        "turns.py",
    },
}
"""What one room holds beside the fixed names, each with its reason."""
ROOM_FOLDERS = {"management", "migrations", "templates", "templatetags"}
TRANSLATORS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def test_no_folder_or_module_is_named_after_nothing(repository: Path, files: tuple[Path, ...]) -> None:
    named = [path.relative_to(repository).with_suffix("") for path in files]
    assert not [str(path) for path in named if EMPTY_WORDS.intersection(path.parts)]


def test_every_module_opens_with_what_it_is_for(repository: Path, modules: dict[Path, str]) -> None:
    silent = [
        str(path.relative_to(repository))
        for path, text in modules.items()
        if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent


def test_django_rooms_use_the_fixed_file_names(repository: Path, files: tuple[Path, ...]) -> None:
    """A room is a folder with ``models``, a file or a package; the portal, which composes them all, names freely."""
    rooms = {path.parent for path in files if path.name == "models.py" and "portal" not in path.parts}
    rooms |= {path.parent.parent for path in files if path.parts[-2:] == ("models", "__init__.py")}
    strange = [
        str(path.relative_to(repository))
        for room in rooms
        for path in files
        if room in path.parents and not _has_a_place(room, path.relative_to(room))
    ]
    assert rooms
    assert not strange


def _has_a_place(room: Path, path: Path) -> bool:
    if len(path.parts) > 1:
        name = f"{path.parts[0]}.py"
        return path.parts[0] in ROOM_FOLDERS or name in ROOM_FILES | ROOM_OWN.get(room.name, set())
    return path.name in ROOM_FILES | ROOM_OWN.get(room.name, set())


def test_migrations_say_what_they_do(files: tuple[Path, ...]) -> None:
    migrations = [path for path in files if path.parent.name == "migrations" and path.name != "__init__.py"]
    assert not [path.name for path in migrations if "_auto_" in path.name]


def test_no_room_below_the_portal_uses_signals(modules: dict[Path, str]) -> None:
    assert not [str(path) for path, text in modules.items() if "django.db.models.signals" in text]


def _calls(text: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]


def test_translated_text_is_never_an_f_string(repository: Path, modules: dict[Path, str]) -> None:
    wrong = [
        f"{path.relative_to(repository)}:{call.lineno}"
        for path, text in modules.items()
        for call in _calls(text)
        if isinstance(call.func, ast.Name)
        and call.func.id in TRANSLATORS
        and any(isinstance(argument, ast.JoinedStr) for argument in call.args)
    ]
    assert not wrong


@pytest.mark.parametrize("shout", ["！", "亲，", "亲爱的"])
def test_nobody_is_shouted_at(repository: Path, texts: dict[Path, str], shout: str) -> None:
    product = {path: text for path, text in texts.items() if (repository / "src") in path.parents}
    assert not [str(path.relative_to(repository)) for path, text in product.items() if shout in text]


def test_pages_beside_the_code_are_called_readme(repository: Path, files: tuple[Path, ...]) -> None:
    """Notes belong in ``docs`` or nowhere."""
    pages = [path.relative_to(repository) for path in files if path.suffix == ".md"]
    assert not [str(path) for path in pages if path.parts[0] in {"src", "tests"} and path.name != "README.md"]
