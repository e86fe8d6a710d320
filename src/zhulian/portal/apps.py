"""Django's handle on the portal: what it listens to when it starts."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registered as ``portal``."""

    name = "zhulian.portal"
    label = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        """Sessions end with the account and the password that opened them; signing in and out is on record."""
        from allauth.account.signals import password_changed  # noqa: PLC0415 - models need Django awake
        from django.contrib.auth.signals import (  # noqa: PLC0415
            user_logged_in,
            user_logged_out,
            user_login_failed,
        )

        from zhulian.organisations.workflows.events import AccountClosed  # noqa: PLC0415
        from zhulian.portal import session_rules, session_trail  # noqa: PLC0415
        from zhulian.vocabulary.events import listen  # noqa: PLC0415

        listen(AccountClosed, session_rules.on_account_closed)
        user_logged_in.connect(session_rules.on_signed_in)
        user_logged_in.connect(session_trail.on_signed_in)
        user_logged_out.connect(session_trail.on_signed_out)
        user_login_failed.connect(session_trail.on_refused)
        password_changed.connect(session_rules.on_password_changed)
