"""The city's own map: checks a GeoJSON file and keeps it where the pages look for it.

Called by ``zhulian city map``. Without a map the pages draw the schematic one of ``vocabulary.places``.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.places import DISTRICTS
from zhulian.vocabulary.settings import DataFolder

FILE_NAME = "city.geojson"
LARGEST_BYTES = 5 * 1024 * 1024
_SHAPES = {"Polygon": 3, "MultiPolygon": 4}
"""How deep their coordinates are nested."""


class MapError(ZhulianError):
    """A map that cannot be used; the one before stays."""


def import_map(file: Path, data: DataFolder) -> tuple[str, ...]:
    """Keep ``file`` as the city's map. Returns the codes of districts it does not show."""
    body = _read(file)
    shown = check_map(body)
    data.maps.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=data.maps, prefix=FILE_NAME, delete=False) as draft:
        draft.write(body)
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).chmod(0o644)
    Path(draft.name).replace(data.maps / FILE_NAME)
    return tuple(place.code for place in DISTRICTS if place.code not in shown)


def remove_map(data: DataFolder) -> bool:
    """Back to the schematic map; whether there was one of the city's own."""
    file = data.maps / FILE_NAME
    existed = file.exists()
    file.unlink(missing_ok=True)
    return existed


def check_map(body: bytes) -> frozenset[str]:
    """The districts that a GeoJSON document (RFC 7946) shows, by their code in ``properties.adcode``."""
    try:
        document = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise _wrong(
            "map_unreadable", f"不是完整的 JSON（{fault}）", f"it is no whole JSON document ({fault})"
        ) from fault
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection" or not features:
        raise _wrong(
            "map_not_collection", "应是非空的 FeatureCollection", "it must be a FeatureCollection with features"
        )
    codes = [_code(number, feature) for number, feature in enumerate(features, 1)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise _wrong("map_district_twice", f"{'、'.join(twice)} 出现了两次", f"{', '.join(twice)} occurs twice")
    return frozenset(codes)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise _wrong(
                "map_large", "文件超过 5 MB，请先简化边界", "it is larger than 5 MB; simplify the boundaries first"
            )
        return file.read_bytes()
    except OSError as fault:
        raise _wrong("map_no_file", f"文件打不开（{fault}）", f"the file cannot be opened ({fault})") from fault


def _code(number: int, feature: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = str(properties.get("adcode", "")) if isinstance(properties, dict) else ""
    known = {place.code for place in DISTRICTS}
    if code not in known:
        listed = " ".join(sorted(known))
        raise _wrong(
            "map_unknown_district",
            f"第 {number} 个区域的 adcode“{code[:20]}”不是本市县区（{listed}）",
            f"feature {number} has the adcode “{code[:20]}”, which is none of {listed}",
        )
    geometry = feature.get("geometry")
    depth = _SHAPES.get(str(geometry.get("type"))) if isinstance(geometry, dict) else None
    if depth is None or not _is_nested(geometry.get("coordinates"), depth):
        raise _wrong(
            "map_no_polygon",
            f"区域 {code} 的边界不是 Polygon 或 MultiPolygon",
            f"{code} has no polygon as its boundary",
        )
    return code


def _is_nested(part: Any, depth: int) -> bool:  # noqa: ANN401
    """``depth`` lists around positions, each a longitude and a latitude in degrees."""
    if not isinstance(part, list) or not part:
        return False
    if depth > 1:
        return all(_is_nested(inner, depth - 1) for inner in part)
    return (
        2 <= len(part) <= 3
        and all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in part)
        and abs(part[0]) <= 180
        and abs(part[1]) <= 90
    )


def _no_number(word: str) -> float:
    raise ValueError(word)


def _wrong(code: str, why_zh: str, why_en: str) -> MapError:
    return MapError(
        code,
        Text(f"这个地图不能用：{why_zh}。", f"This map cannot be used: {why_en}."),
        Text(
            "原来的地图没有变化；改正后再导入。",
            "The map in use has not changed; correct the file and import it again.",
        ),
    )
