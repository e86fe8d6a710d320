"""What tests of imported files share: a platform that only counts."""

import pytest

from peers.ledger_only import LedgerOnly


@pytest.fixture
def platform() -> LedgerOnly:
    return LedgerOnly()
