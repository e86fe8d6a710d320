"""Protocols, found rather than listed: every folder here, and the entry-point group ``zhulian.protocols``.

Adding a protocol is adding a folder (docs/howto/add-a-protocol.md); nothing else has to be edited.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from zhulian.edge.protocols.driver import ProtocolInfo

GROUP = "zhulian.protocols"


@cache
def protocols() -> Mapping[str, ProtocolInfo]:
    """All protocols by name; one from outside may not take the name of a built-in one."""
    outside = (entry.load() for entry in entry_points(group=GROUP))
    found = {protocol.name: protocol for protocol in outside}
    return MappingProxyType(found | {protocol.name: protocol for protocol in _built_in()})


def _built_in() -> list[ProtocolInfo]:
    folders = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    return [importlib.import_module(f"{__name__}.{folder}").PROTOCOL for folder in sorted(folders)]
