"""Which rule templates a machine is offered, and that each of them is a rule once its limit is known."""

from dataclasses import dataclass

import pytest

from zhulian.alarms.rules import computed
from zhulian.alarms.rules.templates import TEMPLATES, Offer, Template, offers


@dataclass(frozen=True)
class Named:
    id: int
    name: str
    unit: str = ""


def keys(found: list[Offer]) -> list[str]:
    return [offer.template.key for offer in found]


def test_a_compressor_is_offered_what_fits_its_points_and_units() -> None:
    points = [Named(1, "运行"), Named(2, "排气温度", "℃"), Named(3, "排气压力", "bar")]
    found = offers("螺杆空压机", "1#", points, [])
    assert keys(found) == ["discharge_hot", "supply_low", "no_data"]
    assert [(offer.point, offer.limit) for offer in found] == [(2, 105.0), (3, 6.0), (1, None)]
    assert keys(offers("", "Compressor 2", [Named(2, "Discharge temperature", "°C")], [])) == [
        "discharge_hot",
        "no_data",
    ]


def test_a_compressor_is_no_press_and_a_unit_that_is_not_known_does_not_fit() -> None:
    assert keys(offers("空压机", "", [Named(1, "油温", "℃"), Named(2, "排气温度", "°F")], [])) == ["no_data"]
    assert keys(offers("compressor", "", [Named(1, "oil temp", "°C")], [])) == ["no_data"]


def test_what_is_there_already_is_not_offered_again_and_no_name_twice() -> None:
    points = [Named(1, "轴承温度", "℃")]
    assert keys(offers("水泵电机", "", points, [])) == ["pump_bearing_hot", "no_data"]
    assert keys(offers("水泵电机", "", points, ["轴承温度高", "No data"])) == []
    assert keys(offers("水泵", "", [], [])) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_every_template_is_a_rule_once_its_limit_is_typed(template: Template) -> None:
    for limit in template.limits.values() or [None]:
        settings = dict(template.settings) | ({} if limit is None and not template.limits else {"limit": limit or 1.0})
        rule = computed(
            number=1,
            version=1,
            tenant=1,
            kind=template.kind,
            points=[1],
            since_us=0,
            settings=settings | {"stale_s": 60.0},
        )
        assert rule.kind is template.kind
    assert template.source.zh
    assert template.source.en
    assert len({each.key for each in TEMPLATES}) == len(TEMPLATES)
