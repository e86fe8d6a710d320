"""Slows down guessing: after ten refusals within a minute an address has to wait, after 300 everybody has to."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.http import HttpRequest

from zhulian.vocabulary.errors import Text, ZhulianError

WITHIN_S = 60
MOST_OF_ONE_ADDRESS = 10
MOST_OF_ALL = 300
"""At this rate a code of 40 bits is guessed within its half hour with a chance of one in a hundred million."""


class TooManyAttemptsError(ZhulianError):
    """Too many refusals within a minute."""

    def __init__(self) -> None:
        super().__init__(
            "too_many_attempts",
            Text("一分钟内被拒绝的次数太多。", "There were too many refusals within a minute."),
            Text("请等一分钟，核对登记码后再试。", "Wait a minute, check the code and try again."),
        )


@contextmanager
def counted(request: HttpRequest) -> Iterator[None]:
    """Refuse at once when too many attempts failed; count this one when it fails."""
    limits = {f"lane-refusals:{request.META.get('REMOTE_ADDR', '')}": MOST_OF_ONE_ADDRESS, "lane-refusals": MOST_OF_ALL}
    if any(cache.get(key, 0) >= most for key, most in limits.items()):
        raise TooManyAttemptsError
    try:
        yield
    except ZhulianError:
        for key in limits:
            _count(key)
        raise


def _count(key: str) -> None:
    if not cache.add(key, 1, WITHIN_S):
        try:
            cache.incr(key)
        except ValueError:  # it ended between the two calls
            cache.set(key, 1, WITHIN_S)
