"""Django's settings for the portal, derived from Zhulian's own table; there is no second place to configure.

Read by Granian, by the command line and by the tests through ``DJANGO_SETTINGS_MODULE``. Importing it touches no file:
the secret key is made or read when Django first signs something.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from zhulian.portal import databases
from zhulian.portal.city_identity_setting import providers
from zhulian.portal.secret_key import load_or_create_secret
from zhulian.vocabulary.settings import Settings, read_settings

ZHULIAN: Settings = read_settings(os.environ)
"""Everything else that the portal needs to know: folders, addresses. Tests replace it."""
_HERE = Path(__file__).parent
_PUBLIC = urlsplit(ZHULIAN.portal_url)
_ENCRYPTED = _PUBLIC.scheme == "https"

DEBUG = ZHULIAN["ZHULIAN_DEBUG"] == "1"
SECRET_KEY = SimpleLazyObject(lambda: load_or_create_secret(ZHULIAN.data.keys / "portal.key"))
ALLOWED_HOSTS = [
    *filter(None, (name.strip() for name in ZHULIAN["ZHULIAN_ALLOWED_HOSTS"].split(","))),
    *filter(None, [_PUBLIC.hostname]),
    "127.0.0.1",
    "localhost",
]
CSRF_TRUSTED_ORIGINS = [f"{_PUBLIC.scheme}://{_PUBLIC.netloc}"]

INSTALLED_APPS = [
    "zhulian.portal",
    "zhulian.organisations",
    "zhulian.organisations.search",
    "zhulian.imports",
    "zhulian.papers",
    "zhulian.evidence",
    "zhulian.dashboards",
    "zhulian.backfill",
    "zhulian.retention",
    "zhulian.returns",
    "zhulian.alarms",
    "zhulian.desk",
    "zhulian.audit",
    "zhulian.jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_tasks",
    "django_tasks_db",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "zhulian.portal.headers.ContentPolicy",
    "zhulian.portal.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "zhulian.portal.storable_text.StorableText",
    "zhulian.portal.session_rules.SessionRules",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "zhulian.portal.second_factor.SecondFactorRule",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "zhulian.portal.urls"
ASGI_APPLICATION = "zhulian.portal.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhulian.portal.navigation.context",
            ]
        },
    }
]

# Records: SQLite in the data folder, or PostgreSQL.
DATABASES = {"default": databases.records(ZHULIAN)}
WORK_AT_ONCE = False
"""Tests do in the request what otherwise goes on beside it."""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People. Accounts are given by an administrator: nobody signs up alone, and no account has a default password.
AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "zhulian.portal.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_NOTIFICATIONS = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(ZHULIAN["ZHULIAN_TRUSTED_PROXIES"])

# Second factors: an authenticator app, passkeys, recovery codes. Browsers offer passkeys on https, and on localhost.
MFA_ADAPTER = "zhulian.portal.sign_in.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _ENCRYPTED
ZHULIAN_SECOND_FACTOR_ROLES = frozenset(
    filter(None, (role.strip() for role in ZHULIAN["ZHULIAN_SECOND_FACTOR_ROLES"].split(",")))
)

# The city's identity service, when there is one. It says who somebody is; rights come from memberships alone.
SOCIALACCOUNT_ADAPTER = "zhulian.portal.city_identity.CityIdentity"
SOCIALACCOUNT_PROVIDERS = providers(ZHULIAN)
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# Wrong passwords are counted by user name and address together, in the records, so that all workers know.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = int(ZHULIAN["ZHULIAN_SIGN_IN_FAILURES"])
AXES_COOLOFF_TIME = timedelta(minutes=int(ZHULIAN["ZHULIAN_SIGN_IN_WAIT_MINUTES"]))
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "zhulian.portal.throttling.typed_name"
AXES_CLIENT_IP_CALLABLE = "zhulian.portal.throttling.client_address"
AXES_LOCKOUT_CALLABLE = "zhulian.portal.throttling.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# A session ends after a shift without use; its cookie is out of reach of scripts and of other sites.
SESSION_IDLE_S = 60 * int(ZHULIAN["ZHULIAN_SESSION_IDLE_MINUTES"])
ZHULIAN_API_REQUESTS_PER_MINUTE = int(ZHULIAN["ZHULIAN_API_REQUESTS_PER_MINUTE"])
SESSION_COOKIE_NAME = "zhulian_session"
SESSION_COOKIE_AGE = max(12 * 3600, SESSION_IDLE_S)
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _ENCRYPTED
CSRF_COOKIE_NAME = "zhulian_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "zhulian.portal.pages.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _ENCRYPTED else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
"""A pasted point table may have 10 MB; larger ones are refused before they are read."""
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Work outside of requests: queued in the records, carried out by ``zhulian jobs``.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
JOBS_SCHEDULE = "zhulian.portal.jobs.SCHEDULE"

# Language: Chinese is written in the code, English in the catalogue.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [_HERE / "locale"]
LANGUAGE_COOKIE_NAME = "zhulian_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# E-mail leaves from the desk's outbox only. Without a mail server it is written to the log; the channel page says so.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ZHULIAN['ZHULIAN_SMTP_HOST'] else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = ZHULIAN["ZHULIAN_SMTP_HOST"], int(ZHULIAN["ZHULIAN_SMTP_PORT"])
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ZHULIAN["ZHULIAN_SMTP_USER"], ZHULIAN["ZHULIAN_SMTP_PASSWORD"]
EMAIL_USE_SSL = ZHULIAN["ZHULIAN_SMTP_SECURITY"] == "tls"
EMAIL_USE_TLS = ZHULIAN["ZHULIAN_SMTP_SECURITY"] == "starttls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = ZHULIAN["ZHULIAN_SMTP_FROM"]

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600

# One line per event on standard error; the supervisor adds the part's name and keeps the file.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "axes": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
