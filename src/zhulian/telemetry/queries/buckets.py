"""How wide a bucket of a chart is: a width that people name, so few buckets that the chart stays light."""

from zhulian.vocabulary.readings import TimeUs

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
MOST_ENTRIES = 2000
"""A series never holds more, whatever is asked for."""
_LOCAL_US = 8 * HOUR_US
"""Buckets of hours and days begin where they do on the clocks of the city (UTC+8, no summer time)."""
WIDTHS_US = (
    *(step * unit for unit in (1_000, 10_000, 100_000) for step in (1, 2, 5)),
    *(step * SECOND_US for step in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(step * MINUTE_US for step in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(step * HOUR_US for step in (1, 2, 3, 4, 6, 8, 12)),
    *(step * DAY_US for step in (1, 2, 3, 5, 7, 14, 28, 56, 112, 224, 448)),
)


def bucket_width_us(start_us: TimeUs, end_us: TimeUs, most: int) -> int:
    """The narrowest width with which ``[start_us, end_us)`` touches at most ``most`` buckets."""
    for width_us in WIDTHS_US:
        if bucket_count(start_us, end_us, width_us) <= most:
            return width_us
    return -(-(end_us - start_us) // max(most - 1, 1) // DAY_US) * DAY_US + DAY_US


def bucket_start_us(time_us: int, width_us: int) -> int:
    """Where the bucket that ``time_us`` falls into begins."""
    return (time_us + _LOCAL_US) // width_us * width_us - _LOCAL_US


def bucket_count(start_us: TimeUs, end_us: TimeUs, width_us: int) -> int:
    """How many buckets the range touches."""
    return (bucket_start_us(end_us - 1, width_us) - bucket_start_us(start_us, width_us)) // width_us + 1


def whole_hours(span_us: tuple[TimeUs, TimeUs]) -> dict[str, int]:
    """Bounds of the hours that lie within the range as a whole."""
    return bounds("whole", whole_pieces(HOUR_US, span_us))


def bounds(name: str, range_us: tuple[TimeUs, TimeUs]) -> dict[str, int]:
    """As a statement's parameters."""
    return {f"{name}_start": range_us[0], f"{name}_end": range_us[1]}


def whole_pieces(width_us: int, span_us: tuple[TimeUs, TimeUs]) -> tuple[TimeUs, TimeUs]:
    """What of it lies in whole hours or days; of no length when there is none."""
    first = bucket_start_us(span_us[0] + width_us - 1, width_us)
    return TimeUs(first), TimeUs(max(first, bucket_start_us(span_us[1], width_us)))
