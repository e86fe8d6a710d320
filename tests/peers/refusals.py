"""Refusals by their code, as the tests of workflows expect them."""

import pytest

from zhulian.vocabulary.errors import ZhulianError


def refused(code: str) -> "pytest.RaisesExc[ZhulianError]":
    """The block is refused with this code."""
    return pytest.raises(ZhulianError, check=lambda fault: fault.code == code)
