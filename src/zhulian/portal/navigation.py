"""What every page carries around its content."""

from django.http import HttpRequest


def context(_request: HttpRequest) -> dict[str, object]:
    """Values for the frame of every page."""
    return {}
