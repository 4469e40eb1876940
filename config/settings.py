"""Settings, all from the environment; every variable stands in one table of the README."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.cdn import cdn_origin
from config.databases import database_settings
from config.issuer import check_issuer
from config.keys import check_metrics_token, secret_key
from config.logs import log_format
from config.model import check_model
from config.places import default_data_dir

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(default_data_dir(BASE_DIR)))).absolute()

# --- where it is reached -----------------------------------------------------------------------
# Links in mails and the exact origin of forms come from here, never from a request's Host header.
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
BASE_HOST = environ.urlparse(BASE_URL)
if BASE_HOST.scheme not in ("http", "https") or not BASE_HOST.hostname:
    raise ImproperlyConfigured("BASE_URL must be an address like https://leftoff.example.org.")
USES_TLS = BASE_HOST.scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[BASE_HOST.hostname, "localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- database and keys ---------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="")
# Read by `manage.py backup` alone: the one role that policies do not bind.
DATABASE_BACKUP_URL = env.str("DATABASE_BACKUP_URL", default="")
# A streaming replica of the same database: what may lag is read there (db/replica.py).
DATABASE_REPLICA_URL = env.str("DATABASE_REPLICA_URL", default="")
IS_EMBEDDED = not DATABASE_URL
DATABASES = database_settings(
    DATABASE_URL,
    DATABASE_OWNER_URL,
    DATA_DIR,
    pool_max_connections=env.int("DATABASE_POOL_SIZE", default=16),
    replica_url=DATABASE_REPLICA_URL,
)
SECRET_KEY = secret_key(env.str("SECRET_KEY", default=""), DATA_DIR, may_make=IS_EMBEDDED)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- between processes ---------------------------------------------------------------------------
# Hints that a project changed travel by the database itself, or by Redis where there is one.
REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "sessions_app.live.layer.PostgresChannelLayer"}
}
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # At 300, as it is otherwise, it throws a third out: the sign-in page's tries are counted here, and
        # whoever tries one name's passwords would begin anew by trying 300 other names.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
if REDIS_URL:
    # A Redis that does not answer is given up soon; the layer itself waits up to 5 s for a message.
    _patience = {"socket_connect_timeout": 2, "socket_timeout": 10}
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, **_patience}],
            "prefix": "leftoff",
            "capacity": 1000,
            "group_expiry": 120,
        },
    }
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "socket_connect_timeout": 2,
            "socket_timeout": 2,
            "serializer": "config.cached.AsJson",
        },
    }

# --- the application -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "corsheaders",
    "sessions_app",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "django_htmx",
    "lucide",
    "ninja",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    # Every request has a name, and is counted with the answer it really gets.
    "sessions_app.observing.ObservingMiddleware",
    # Before all that answers by itself: the way to TLS, a preflight and a file carry its headers too.
    "sessions_app.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "sessions_app.middleware.PrivatePagesMiddleware",
    "sessions_app.api.head.HeadMiddleware",
    "sessions_app.api.middleware.ApiMiddleware",
    "sessions_app.middleware.BadInputMiddleware",
    "sessions_app.middleware.DatabaseTroubleMiddleware",
    "sessions_app.middleware.HealthMiddleware",
    "sessions_app.middleware.PageMethodsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sessions_app.middleware.TimeZoneMiddleware",
    "sessions_app.middleware.AdminContextMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["sessions_app.templatetags.leftoff"],
        },
    }
]

# --- people --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "sessions_app.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "projects"
# The e-mail is unique without regard to case, by a constraint the check does not look at.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "sessions_app.views.forms.SignupForm"
# How many proxies in front are trusted to name the client; sign-in limits count per client.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Leftoff: "
ACCOUNT_ADAPTER = "sessions_app.views.accounts.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_USER_DISPLAY = "sessions_app.views.accounts.user_display"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_HOST.scheme

# --- rules with a number -------------------------------------------------------------------------
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
# Tracked input and agents' reports go after so long; what they came to stays.
INTAKE_KEPT_DAYS = env.int("INTAKE_KEPT_DAYS", default=365)
if INTAKE_KEPT_DAYS < 90:
    raise ImproperlyConfigured("INTAKE_KEPT_DAYS must be 90 or more: agents look back that far.")
INVITATION_DAYS = env.int("INVITATION_DAYS", default=14)
# Webhooks may lead into the operator's own network, and by plain http.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", default=False)

# A language model behind an OpenAI-compatible address, which in-house agents ask too; without it, by rules.
LLM_BASE_URL = env.str("LLM_BASE_URL", default="")
LLM_MODEL = env.str("LLM_MODEL", default="")
LLM_API_KEY = env.str("LLM_API_KEY", default="")
check_model(LLM_BASE_URL, LLM_MODEL, LLM_API_KEY)

# --- the API -------------------------------------------------------------------------------------
# An access token outlives nothing it is about; so long a refresh token waits for its next use.
API_ACCESS_MINUTES = env.int("API_ACCESS_MINUTES", default=15)
if not 1 <= API_ACCESS_MINUTES <= 15:
    raise ImproperlyConfigured("API_ACCESS_MINUTES must be from 1 to 15.")
API_REFRESH_DAYS = env.int("API_REFRESH_DAYS", default=30)
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=600)
# Front ends on other origins. A bearer is no cookie: no browser sends it by itself.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Idempotent-Replayed", "Retry-After", "X-Request-ID"]
CORS_PREFLIGHT_MAX_AGE = 600
# Access tokens of this issuer are good here too, for people who are here already.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_JWKS_URL = env.str("OIDC_JWKS_URL", default="")
OIDC_AUDIENCE = env.str("OIDC_AUDIENCE", default="")
check_issuer(OIDC_ISSUER, OIDC_JWKS_URL, OIDC_AUDIENCE)

# --- jobs ----------------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS = ["sessions_app.jobs.timetable"]
PROCRASTINATE_WORKER_DEFAULTS: dict[str, Any] = {
    "concurrency": 4,
    # A job for later is announced by nobody when its time comes: the worker looks this often.
    "fetch_job_polling_interval": 1.0,
    "delete_jobs": "successful",
    "shutdown_graceful_timeout": 6.0,
    # A worker that was not heard of for STALLED_SECONDS (jobs/stalled.py) is dead.
    "update_heartbeat_interval": 5.0,
    "stalled_worker_timeout": 20.0,
}

# --- mail ----------------------------------------------------------------------------------------
# Without a mail server the mails go to the terminal, so a reset link can still be read there.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# A request leaves a mail as a job, in its own transaction; the worker sends it by EMAIL_URL.
MAIL_DELIVERY_BACKEND = vars()["EMAIL_BACKEND"]
EMAIL_BACKEND = "sessions_app.jobs.mail.QueuedMail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Leftoff <leftoff@{BASE_HOST.hostname}>")

# --- operations ----------------------------------------------------------------------------------
# Whoever shows it may read /metrics; without one that address is not there.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
check_metrics_token(METRICS_TOKEN)
RELEASE = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# --- language, time ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- static files --------------------------------------------------------------------------------
# Served here by the application itself (sessions_app/assets), also to a CDN that asks for them.
STATIC_PATH = "/static/"
STATIC_CDN_URL = env.str("STATIC_CDN_URL", default="").rstrip("/")
STATIC_SOURCES = [SELF, *filter(None, [cdn_origin(STATIC_CDN_URL)])]
STATIC_URL = f"{STATIC_CDN_URL}{STATIC_PATH}"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=None)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "sessions_app.assets.storage.HashedFiles"},
}

# --- headers and cookies -------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": STATIC_SOURCES,
        "style-src": STATIC_SOURCES,
        "img-src": [*STATIC_SOURCES, "data:"],
        "font-src": STATIC_SOURCES,
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "sessions_app.views.errors.csrf_failure"
if USES_TLS:
    # The __Host- prefix makes the browser insist: secure, this host only, whole path.
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    # Whoever watches the process asks it directly, without the proxy that speaks TLS.
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
    SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=True)
    SECURE_SSL_HOST = BASE_HOST.netloc
    if env.bool("TRUST_PROXY_TLS_HEADER", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# A form's text may be 40,000 characters of four bytes, percent-encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
LOG_FORMAT = log_format(env.str("LOG_FORMAT", default=""), debug=DEBUG)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "config.logs.PlainLines"}, "json": {"()": "config.logs.JsonLines"}},
    "filters": {
        "senders_mistakes": {"()": "config.logs.SendersMistakes"},
        "mask_secrets": {"()": "config.logs.MaskSecrets"},
    },
    "handlers": {
        "stderr": {
            "class": "config.log_written.WrittenTogether",
            "formatter": LOG_FORMAT,
            "filters": ["senders_mistakes", "mask_secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django gives these two handlers of their own, which mask nothing.
        "django": {"handlers": []},
        "django.server": {"handlers": [], "propagate": True},
        # Who changed what by a command stays in the log, however little else is said there.
        "sessions_app.audit": {"level": "INFO"},
        # A line a request: for whoever collects logs; a person at a terminal asks for it by LOG_LEVEL=INFO.
        "leftoff.access": {"level": "INFO" if LOG_FORMAT == "json" else LOG_LEVEL},
    },
}
