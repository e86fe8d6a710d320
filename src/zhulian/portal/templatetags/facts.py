"""The components of facts: ``{% load facts %}``. How to use each stands in docs/reference/interface.md."""

from django import template

from zhulian.evidence.catalogue import CLASS_NAMES
from zhulian.evidence.rules import EvidenceClass
from zhulian.portal.pages.fact_figures import ShownFact, money_words, validity_words

register = template.Library()


@register.inclusion_tag("components/fact_figure.html")
def fact_figure(shown: ShownFact) -> dict[str, object]:
    """A fact as a large figure: value, unit, class, period, validity, dispute; a click opens its origin."""
    return {"shown": shown, "validity": validity_words(shown)}


@register.inclusion_tag("components/fact_value.html")
def fact_value(shown: ShownFact) -> dict[str, object]:
    """A fact in a line or a cell."""
    return {"shown": shown}


@register.inclusion_tag("components/class_badge.html")
def class_badge(evidence_class: EvidenceClass | str) -> dict[str, object]:
    """The letter A, B or C; what it stands for on hover and to screen readers."""
    judged = EvidenceClass(evidence_class)
    return {"letter": judged.value, "words": CLASS_NAMES[judged]}


@register.inclusion_tag("components/class_legend.html")
def class_legend() -> dict[str, object]:
    """What the three letters stand for, once a page."""
    return {"classes": [(one.value, CLASS_NAMES[one]) for one in EvidenceClass]}


@register.filter
def validity(shown: ShownFact) -> str:
    """How long a fact still holds, in words."""
    return validity_words(shown)


@register.filter
def yuan(fen: int | None) -> str:
    """An amount of money as people read it."""
    return "—" if fen is None else " ".join(money_words(fen))


@register.filter
def megabytes(size_bytes: int) -> str:
    """The size of a file."""
    return f"{size_bytes / 1024**2:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1024:,.0f} kB"
