"""Settings, all from the environment: `innozone up` sets what it starts itself, an operator sets the rest.

DATABASE_URL           postgresql://user:password@host:5432/name
INNOZONE_DATA          folder of files, snapshots and, without DATABASE_URL, the embedded database
INNOZONE_ZONE          the zone pack (default xixian)
INNOZONE_SECRET_KEY    secret of sessions and tokens; made once in the data folder when absent
INNOZONE_HOSTS         comma-separated host names that are answered
INNOZONE_SMTP          smtp://user:password@host:587 for outgoing mail; without it mails are kept in the data folder
INNOZONE_MAIL_FROM     the address that mails come from
INNOZONE_ADDRESS       the address of the site as people reach it, for links in mails
INNOZONE_TRUSTED_HOSTS hosts (host or host:port, comma-separated) that may be called though private or without TLS
INNOZONE_MODEL_URL     an OpenAI-compatible endpoint (http://127.0.0.1:11434/v1) that may propose conditions; off without it
INNOZONE_MODEL_NAME    the name of its model; INNOZONE_MODEL_KEY its key
INNOZONE_DEBUG         1 for tracebacks in the browser; never in production
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

PACKAGE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("INNOZONE_DATA", PACKAGE.parents[1] / ".innozone" / "data")).resolve()
ZONE = os.environ.get("INNOZONE_ZONE", "xixian")
DEBUG = os.environ.get("INNOZONE_DEBUG") == "1"
TESTING = os.environ.get("INNOZONE_TESTING") == "1"


def _secret_key() -> str:
    given = os.environ.get("INNOZONE_SECRET_KEY")
    if given:
        return given
    kept = DATA / "secret_key"
    if kept.exists():
        return kept.read_text().strip()
    from django.core.management.utils import get_random_secret_key

    DATA.mkdir(parents=True, exist_ok=True)
    # Exclusive creation: of two processes that start together one writes and both read the same key.
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    return kept.read_text().strip()


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "innozone",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


SECRET_KEY = _secret_key()
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///innozone"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ALLOWED_HOSTS = [h for h in os.environ.get("INNOZONE_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if h not in ("*", "localhost", "127.0.0.1", "[::1]")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rules.apps.AutodiscoverRulesConfig",
    "innozone.foundation.access",
    "innozone.foundation.parties",
    "innozone.foundation.facts",
    "innozone.foundation.verdicts",
    "innozone.foundation.notices",
    "innozone.foundation.desks",
    "innozone.wings.policies",
    "innozone.wings.enterprises",
    "innozone.wings.supervision",
    "innozone.portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "innozone.foundation.access.middleware.AccountLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "innozone.portal.middleware.SecurityHeadersMiddleware",
    "innozone.portal.middleware.NoNulMiddleware",
    "innozone.portal.middleware.OneDictionaryMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "innozone.portal.urls"
CSRF_FAILURE_VIEW = "innozone.portal.views.errors.csrf"
WSGI_APPLICATION = "innozone.portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "innozone.portal.context.portal",
            ],
        },
    }
]

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_ADAPTER = "innozone.foundation.access.adapter.AccountAdapter"
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "zone",
                    "name": os.environ.get("INNOZONE_OIDC_NAME", "OpenID Connect"),
                    "client_id": os.environ["INNOZONE_OIDC_CLIENT"],
                    "secret": os.environ.get("INNOZONE_OIDC_SECRET", ""),
                    "settings": {"server_url": os.environ.get("INNOZONE_OIDC_SERVER", "")},
                }
            ]
        }
    }
    if os.environ.get("INNOZONE_OIDC_CLIENT")
    else {}
)
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

_smtp = urlsplit(os.environ.get("INNOZONE_SMTP", ""))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _smtp.hostname else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "", _smtp.port or 587
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
EMAIL_USE_TLS = _smtp.scheme != "smtp+plain"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("INNOZONE_MAIL_FROM", "innozone@localhost")

ADDRESS = os.environ.get("INNOZONE_ADDRESS", "http://localhost:8000").rstrip("/")
TRUSTED_HOSTS = [host for host in os.environ.get("INNOZONE_TRUSTED_HOSTS", "").split(",") if host]
# Where texts may come from by themselves: nothing is fetched, no folder is read, unless the operator says so.
FETCH_HOSTS = [host.strip() for host in os.environ.get("INNOZONE_FETCH_HOSTS", "").split(",") if host.strip()]
POLICY_FOLDER = os.environ.get("INNOZONE_POLICY_FOLDER", "")

# A language model that may propose conditions. Its key stays in the environment: see wings/policies/endpoint.py.
MODEL_URL = os.environ.get("INNOZONE_MODEL_URL", "").strip().rstrip("/")
MODEL_NAME = os.environ.get("INNOZONE_MODEL_NAME", "").strip()[:100]
MODEL_SECONDS = float(os.environ.get("INNOZONE_MODEL_SECONDS", 60))
MODEL_REQUESTS = int(os.environ.get("INNOZONE_MODEL_REQUESTS", 40))

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "portal" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

NODE_MODULES = PACKAGE / "portal" / "browser" / "node_modules"
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [PACKAGE / "portal" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "innozone.portal.packages.PackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
# Packages bring source maps that they name but do not ship.
WHITENOISE_MANIFEST_STRICT = False
MEDIA_ROOT = DATA / "files"

# A delivery of a million rows is a few hundred megabytes; larger ones come through the folder.
DELIVERY_MAX_BYTES = int(os.environ.get("INNOZONE_DELIVERY_MAX_BYTES", 512 * 1024 * 1024))
POLICY_MAX_BYTES = int(os.environ.get("INNOZONE_POLICY_MAX_BYTES", 20 * 1024 * 1024))
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE = os.environ.get("INNOZONE_HTTPS") == "1"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "innozone.runtime.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("INNOZONE_LOG", "WARNING")},
    "loggers": {"innozone": {"level": os.environ.get("INNOZONE_LOG", "INFO")}},
}
