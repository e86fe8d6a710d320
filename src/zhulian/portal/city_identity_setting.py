"""The city's identity service as a setting of allauth; read by ``portal.settings`` before Django is awake."""

from typing import Any

from zhulian.vocabulary.settings import Settings

PROVIDER = "city"


def providers(settings: Settings) -> dict[str, Any]:
    """allauth's table of services: the city's one, or none."""
    if not settings["ZHULIAN_OIDC_ISSUER"]:
        return {}
    app = {
        "provider_id": PROVIDER,
        "name": settings["ZHULIAN_OIDC_NAME"],
        "client_id": settings["ZHULIAN_OIDC_CLIENT_ID"],
        "secret": settings["ZHULIAN_OIDC_CLIENT_SECRET"],
        "settings": {"server_url": settings["ZHULIAN_OIDC_ISSUER"], "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
