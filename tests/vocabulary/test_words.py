"""Tables of shared words: places, roles, readings."""

from zhulian.vocabulary.places import BY_CODE, CITY_CODE, DISTRICTS, REPORTING_AREAS
from zhulian.vocabulary.readings import PointId, Quality, Reading, TimeUs
from zhulian.vocabulary.roles import ENTERPRISE_ROLES, ROLE_NAMES, Role


def test_seven_districts_and_the_zone_make_eight_reporting_areas() -> None:
    assert len(DISTRICTS) == 7
    assert len(REPORTING_AREAS) == len(BY_CODE) == 8
    for place in REPORTING_AREAS:
        assert place.within in {district.code for district in DISTRICTS}
        assert place.within.startswith(CITY_CODE[:4])


def test_no_two_places_share_a_tile_or_a_name() -> None:
    for unique in ({place.tile for place in REPORTING_AREAS}, {place.name_en for place in REPORTING_AREAS}):
        assert len(unique) == len(REPORTING_AREAS)


def test_every_role_has_a_name_in_both_languages() -> None:
    assert set(ROLE_NAMES) == set(Role)
    assert all(name.zh and name.en for name in ROLE_NAMES.values())
    assert set(Role) > ENTERPRISE_ROLES


def test_a_reading_is_good_unless_said_otherwise_and_cannot_change() -> None:
    reading = Reading(PointId(1), TimeUs(2), 3.0)
    assert reading.quality is Quality.GOOD
    assert reading.text is None
    assert hash(reading) == hash(Reading(PointId(1), TimeUs(2), 3.0))
