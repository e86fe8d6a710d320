"""Anti-fraud flags: hints that something may not be as it looks, one pure rule a module, found by its folder.

A rule is a module with ``VERSION``, ``TITLE``, ``MEANING`` and ``find(known)``. A hint is for an officer to look at; it
refuses nothing and changes no figure. docs/explanation/flags.md says for each what it sees and what it cannot see.
"""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType

_NOT_RULES = frozenset({"known", "reading", "grids"})


@functools.cache
def rules() -> Mapping[str, ModuleType]:
    """Every rule by its name, which is its module's."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _NOT_RULES)
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}
