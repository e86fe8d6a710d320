"""Class-A facts: what follows from the readings of a production day, a small module a subject, found by its folder.

A collector is a module with ``VERSION`` and ``collect(measured)``: a pure function from one enterprise's day to what
can be said about it. What cannot be measured is left out. The version grows whenever the same readings would give
another value; it is part of the fact's source.
"""

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType

from zhulian.evidence.collectors.measured import Finding, Measured

_NOT_COLLECTORS = frozenset({"measured", "picking", "reading"})


@functools.cache
def collectors() -> Mapping[str, ModuleType]:
    """Every collector by its name, which is its module's."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _NOT_COLLECTORS)
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


def source_of(name: str) -> str:
    """How the ledger names a collector."""
    return f"collector:{name}.v{collectors()[name].VERSION}"


def collect_all(measured: Measured) -> Iterator[tuple[str, Finding]]:
    """What every collector finds in one enterprise's day, with the collector's name."""
    for name, module in collectors().items():
        for finding in module.collect(measured):
            yield name, finding
