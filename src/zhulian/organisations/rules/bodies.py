"""Words for organisations that are no enterprise file, and what a platform's own site may look like. Pure."""

import re

from zhulian.organisations.rules.files import refused
from zhulian.vocabulary.errors import Text

KINDS = {
    "government": Text("政府部门", "Government unit"),
    "county_mechanism": Text("县区工作机制", "County mechanism"),
    "operator": Text("通信运营商", "Telecom operator"),
    "platform": Text("工业互联网平台", "Industrial internet platform"),
    "provider": Text("服务商", "Service provider"),
    "bank": Text("金融机构", "Bank"),
    "school": Text("院校", "School"),
    "association": Text("行业协会", "Association"),
}
LEVELS = {
    "industry": Text("行业级", "Industry level"),
    "region": Text("区域级", "Regional level"),
    "enterprise": Text("企业级", "Enterprise level"),
}
POSITIONS = {
    "upstream": Text("上游", "Upstream"),
    "midstream": Text("中游", "Midstream"),
    "downstream": Text("下游", "Downstream"),
}
LEAST_CONTRAST = 4.5
"""White text on the site's colour: WCAG 2.1, 1.4.3 (AA)."""
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$")
_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")


def checked_slug(given: str) -> str:
    """The last part of a platform's address: 3 to 40 small letters, digits and hyphens."""
    slug = given.strip().lower()
    if not _SLUG.match(slug) or "--" in slug:
        raise refused(
            "slug_wrong",
            "网址只用 3 到 40 个小写字母、数字和连字符，例如 machinery-cloud",
            "an address has 3 to 40 small letters, digits and hyphens, such as machinery-cloud",
        )
    return slug


def checked_colour(given: str) -> str:
    """A colour as #rrggbb on which white text can be read."""
    colour = given.strip().lower()
    if not _COLOUR.match(colour):
        raise refused("colour_wrong", "主色应写成 #1d4f91 这样", "a colour is written like #1d4f91")
    found = contrast(colour, "#ffffff")
    if found < LEAST_CONTRAST:
        raise refused(
            "colour_too_light",
            f"白字在 {colour} 上看不清（对比度 {found:.1f}，至少要 {LEAST_CONTRAST}），请选深一些的颜色",
            f"white text cannot be read on {colour} (contrast {found:.1f} of {LEAST_CONTRAST}); choose a darker one",
        )
    return colour


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1, definition of contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
