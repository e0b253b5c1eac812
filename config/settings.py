"""Understudy's settings: a letter to the person who hosts it.

Every knob is an environment variable with a safe default; `.env.example` lists them. With none set, the
product runs on this machine alone: SQLite, local files, a Redis stand-in inside the run command, mail kept
on a page. `manage.py check` reads the knobs you turned and says which one is wrong, and what to do.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

from csp.constants import NONCE

from config.host_secret import host_secret

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


# --- Where what must survive lives -------------------------------------------------------------------------

# Database, media, keys and journal. Back up this folder (`manage.py backup`); all else can be made again.
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / "var")))
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(DATA_DIR / "media")))
KEYS_DIR = Path(env("KEYS_DIR", str(DATA_DIR / "keys")))
JOURNAL_PATH = Path(env("JOURNAL_PATH", str(DATA_DIR / "journal.jsonl")))

# --- Who this host is --------------------------------------------------------------------------------------

# Tracebacks on pages. Never on a host that others reach.
DEBUG = env_bool("DEBUG")
# The run command turns this on while no real mail server is set: mail is shown on the page /mail.
DEMO = env_bool("DEMO")
# Signs sessions and codes. Unset: made once for this host and kept in KEYS_DIR with mode 0600.
SECRET_KEY = env("SECRET_KEY") or host_secret(KEYS_DIR / "secret_key")
# The address people type. Passkeys are bound to its host name, so choose it before the first sign-up.
SITE_URL = env("SITE_URL", "http://localhost:8000").rstrip("/")
SITE_HOST = urlparse(SITE_URL).hostname or "localhost"
ALLOWED_HOSTS = [*env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"), SITE_HOST]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE = SITE_URL.startswith("https://")

# Who may join: "invite" (a link from somebody here), "open" (everybody) or "closed" (nobody).
SIGNUP_MODE = env("SIGNUP_MODE", "invite")
# The youngest age that may join; never below 13.
AGE_FLOOR = int(env("AGE_FLOOR", "13"))
# How many proxies of your own stand in front and add to X-Forwarded-For; 0 believes nobody.
TRUSTED_PROXIES = int(env("TRUSTED_PROXIES", "0"))

INSTALLED_APPS = [
    "config",
    "config.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "accounts",
    "cameos",
    "generation",
    "feed",
    "commerce",
]

MIDDLEWARE = [
    "config.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.headers.Headers",
    "config.headers.PlainAddresses",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.Limits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "accounts.User"
# The second one knows the sessions of people who signed in before the first was there.
AUTHENTICATION_BACKENDS = ["accounts.session_store.Backend", "django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "accounts.session_store"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "accounts.notifications.context",
                "accounts.announcements.context",
                "accounts.house.context",
                "accounts.views.edge.host_context",
                "commerce.context.payments",
            ],
        },
    }
]

# Wraps the key of every likeness: "name:base64 of 32 bytes,…", newest first. Unset: kept in KEYS_DIR/host.
# KEYS_DIR/likeness holds what erasing shreds: mirror it with deletions, never archive it.
LIKENESS_HOST_KEYS = env("LIKENESS_HOST_KEYS")

# --- Database ----------------------------------------------------------------------------------------------


SHORT_PAGES = "-c jit=off -c plan_cache_mode=force_generic_plan"


def database(url: str) -> dict[str, object]:
    """Django's settings for `sqlite:////path` or `postgres://user:password@host:port/name?sslmode=verify-full`."""
    parts = urlparse(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path or str(DATA_DIR / "understudy.sqlite3"),
            # Readers never wait for the writer (WAL), a writer takes its lock at BEGIN, and waits for it.
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        # Pages are short: to compile a condition whose price is overrated, or to plan a prepared page anew
        # for its values (accounts/compiled.py), takes longer than to run it.
        "OPTIONS": {
            **({} if env_bool("DATABASE_POOLED") else {"options": SHORT_PAGES}),
            **dict(parse_qsl(parts.query)),
        },
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A pooler in between that gives each transaction another connection: nothing is prepared on one then.
        "DISABLE_SERVER_SIDE_CURSORS": env_bool("DATABASE_POOLED"),
    }


# SQLite serves a host with a few hundred people; PostgreSQL more: postgres://user:password@host:5432/name.
# Unset or empty: a SQLite file in DATA_DIR.
DATABASES = {"default": database(env("DATABASE_URL") or "sqlite:")}

# --- Redis: wake-ups, sockets, cache. Nothing durable is kept there ----------------------------------------

# redis://host:6379/0. Unset: `manage.py run` starts a stand-in on localhost and sets this for its children.
REDIS_URL = env("REDIS_URL")

CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
CHANNEL_LAYERS = {
    "default": (
        {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
        if REDIS_URL
        else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    )
}

# Celery only wakes workers (config/celery.py has queues and timetable); the work itself is rows.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Text vectors ------------------------------------------------------------------------------------------

# Where the vector process listens (`manage.py vectors`); host:port or unix:/path. Away: search by words only.
VECTORS_ADDRESS = env("VECTORS_ADDRESS", f"unix:{DATA_DIR}/vectors.sock")

# Where the process listens that plays clips live (`python -m model.playing --listen ...`).
PLAY_ADDRESS = env("PLAY_ADDRESS", f"unix:{DATA_DIR}/play.sock")

# --- Files -------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "staticfiles"
# Static files get their hash in the name and are cached for a year; DEBUG and tests take them as they lie.
STATIC_HASHED = env_bool("STATIC_HASHED", default=False) and not DEBUG
WHITENOISE_USE_FINDERS = not STATIC_HASHED
WHITENOISE_MAX_AGE = 60

# With nginx in front: the address of its internal location over MEDIA_ROOT (docs/hosting/nginx.conf), e.g.
# /inside/media. nginx then sends the bytes, and this process only says who may have them.
MEDIA_ACCEL = env("MEDIA_ACCEL")

# S3 or anything that speaks it. Unset: files under MEDIA_ROOT. Objects are private.
S3_BUCKET = env("S3_BUCKET")
S3_ENDPOINT = env("S3_ENDPOINT")


def s3_client_config() -> Any:
    """Loads the driver, so only hosts with S3 call it."""
    from botocore.config import Config

    return Config(connect_timeout=3, read_timeout=20, retries={"max_attempts": 2, "mode": "standard"})


STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": S3_ENDPOINT or None,
                "region_name": env("S3_REGION") or None,
                "access_key": env("S3_ACCESS_KEY") or None,
                "secret_key": env("S3_SECRET_KEY") or None,
                "default_acl": "private",
                # What a signed address opens after a withdrawal, it opens for half a minute at most.
                "querystring_expire": 30,
                "file_overwrite": True,
                # A store that is away is told soon, and nobody's request waits a minute for it.
                "client_config": s3_client_config(),
            },
        }
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}}
    ),
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if STATIC_HASHED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Mail --------------------------------------------------------------------------------------------------

# With EMAIL_HOST set, mail goes there; without, it stays on this host's /mail page (demo only).
EMAIL_HOST = env("EMAIL_HOST")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", f"Understudy <no-reply@{SITE_HOST}>")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "accounts.mail.OutboxBackend"

# --- Payment -----------------------------------------------------------------------------------------------

# Your Stripe keys. Without them, `manage.py run` serves a stand-in of Stripe's pages and API at /standin/.
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET")
# Your publishable key lets people pay inside the sheet (Stripe's Payment Element); without it, buying leads
# to Stripe's own page. The script comes from Stripe: its address names the version of the API that we speak.
STRIPE_PUBLISHABLE_KEY = env("STRIPE_PUBLISHABLE_KEY")
STRIPE_JS = env("STRIPE_JS", "https://js.stripe.com/endive/stripe.js")
# Set by the run command together with generated keys: where the real `stripe` SDK finds the stand-in.
STRIPE_API_BASE = env("STRIPE_API_BASE")
STRIPE_STANDIN = env_bool("STRIPE_STANDIN")
if STRIPE_STANDIN:
    STRIPE_PUBLISHABLE_KEY, STRIPE_JS = "pk_test_standin", "/standin/stripe.js"
# What this host keeps of each sale, in basis points (500 = 5 %).
PLATFORM_RATE_BP = int(env("PLATFORM_RATE_BP", "500"))

# Whether the shops' prices hold their tax ("included"), it comes on top ("added": it is then kept apart for
# you to pay on), or none is named ("none"). Each shop states its own rate. Ask a tax adviser: with separate
# charges you are the seller of record.
TAX_MODE = env("TAX_MODE", "included")
# Packs of credits that people may buy: "count:minor units:currency,…", e.g. "100:500:EUR,500:2000:EUR".
CREDIT_PACKS = env_list("CREDIT_PACKS")
# Lets shopping agents order here over ACP and UCP (/acp, /ucp). Each needs a token with the scope agents:buy.
AGENTS = env_bool("AGENTS")
# Where the agent wants to hear of its orders, and the secret that signs what is sent there.
AGENT_WEBHOOK_URL = env("AGENT_WEBHOOK_URL")
AGENT_WEBHOOK_SECRET = env("AGENT_WEBHOOK_SECRET")

# --- Likenesses --------------------------------------------------------------------------------------------

# From which age, and in which countries (ISO codes, e.g. DE,FR; empty: everywhere), people may record their
# likeness. Ask a lawyer: face and voice data are specially protected in many places.
CAPTURE_MIN_AGE = int(env("CAPTURE_MIN_AGE", "18"))
CAPTURE_COUNTRIES = tuple(env_list("CAPTURE_COUNTRIES"))
# A machine can be fooled by a well animated picture. On: a moderator looks at every recording before a
# likeness exists (assurance: reviewed).
CAPTURE_HUMAN_REVIEW = env_bool("CAPTURE_HUMAN_REVIEW")

# --- Making clips -------------------------------------------------------------------------------------------

# Credits that everybody starts with; a clip costs one a second.
STARTING_CREDITS = int(env("STARTING_CREDITS", "100"))
# What one busy worker of this machine draws, for the energy shown before pressing.
HOST_WATTS = float(env("HOST_WATTS", "25"))
# How strictly each kind of harm is taken, e.g. "violence=review,deception=off". Unnamed kinds: refuse.
# Kinds: sexual self_harm hate extremism violence illegal harassment deception real_person character.
HARM_LEVELS = env("HARM_LEVELS")
# Your own list of people who are not to be shown, beside the shipped one: a name a line, aliases after |.
GUARDED_NAMES_PATH = env("GUARDED_NAMES_PATH")
MAX_PROMPT_LENGTH = int(env("MAX_PROMPT_LENGTH", "2000"))
# A folder with any diffusers video pipeline, offered beside the native engine.
DIFFUSERS_FOLDER = env("DIFFUSERS_FOLDER")
# A folder with a voice that speaks as somebody does from their recording (docs/making.md names the classes);
# used for those who allow their voice. Without one, a stock voice near to theirs says their lines.
VOICE_FOLDER = env("VOICE_FOLDER")
# Where this host is run (two letters), what its operator earns in a year, how many people use it in a month,
# and models for which you hold a licence of your own: what licences of engines ask. The page /engines goes
# before these.
OPERATOR_COUNTRY = env("OPERATOR_COUNTRY")
OPERATOR_REVENUE_USD = int(env("OPERATOR_REVENUE_USD")) if env("OPERATOR_REVENUE_USD") else None
OPERATOR_MONTHLY_USERS = int(env("OPERATOR_MONTHLY_USERS")) if env("OPERATOR_MONTHLY_USERS") else None
OPERATOR_LICENCES = env_list("OPERATOR_LICENCES")
# A videos API somewhere else, in the shape of OpenAI's: its base address (ends in /v1), your key there, the
# model, and the lengths that it takes. Words and numbers are sent there; with PICTURES on also the picture
# from which somebody lets a clip begin, unless anybody is cast in it: no face of somebody cast is.
REMOTE_VIDEOS_URL = env("REMOTE_VIDEOS_URL")
REMOTE_VIDEOS_KEY = env("REMOTE_VIDEOS_KEY")
REMOTE_VIDEOS_MODEL = env("REMOTE_VIDEOS_MODEL")
REMOTE_VIDEOS_SECONDS = [int(n) for n in env_list("REMOTE_VIDEOS_SECONDS", "4,8,12")]
REMOTE_VIDEOS_PICTURES = env_bool("REMOTE_VIDEOS_PICTURES", default=False)
# Off: this machine renders nothing itself; it inspects, marks and seals what remote workers render
# (docs/remote-workers.md).
RENDER_HERE = env_bool("RENDER_HERE", default=True)
# A worker holds its job this long without a sign of life; no job starts with less room than this on the disk.
GENERATION_LEASE_S = float(env("GENERATION_LEASE_S", "18"))
# A job whose engine reports no step for this long is let go, although its worker lives.
GENERATION_STALL_S = float(env("GENERATION_STALL_S", "300"))
# Seconds of clip that one person may ask for in 24 hours (a plan may say otherwise), requests that one person
# may have open at once, and seconds of work that this host lets wait before it takes no more.
PERSON_SECONDS_A_DAY = int(env("PERSON_SECONDS_A_DAY", "1800"))
PERSON_OPEN_AT_ONCE = int(env("PERSON_OPEN_AT_ONCE", "100"))
HOST_BACKLOG_S = int(env("HOST_BACKLOG_S", "64800"))
# On: the larger film is written in AV1 too (a third smaller, half again as long to encode), and browsers that
# play it get it on a clip's own page.
# The public half (base64, X25519) of a key that is kept elsewhere: without it there are no legal holds.
LEGAL_HOLD_KEY = env("LEGAL_HOLD_KEY")
AV1_FILMS = env_bool("AV1_FILMS")
# Labels that a place asks for beside those that every clip has (docs/law.md): China's, in picture and file,
# from the next clip on; New York's, where a product is pinned to a clip that a model made.
CHINA_LABELS = env_bool("CHINA_LABELS")
SYNTHETIC_PERFORMER_LABEL = env_bool("SYNTHETIC_PERFORMER_LABEL")
# A time-stamping service (RFC 3161), asked once for each file that is signed: then a manifest stays provable
# when the certificate is over. The service learns a hash and when it was made. Empty: nobody is asked.
C2PA_TSA_URL = env("C2PA_TSA_URL")
LEAST_FREE_BYTES = int(env("LEAST_FREE_BYTES", str(200 * 1024 * 1024)))

# --- Sessions, cookies, headers ----------------------------------------------------------------------------

# A session that nobody used for this long is over; every one is 30 days after it began (accounts/sessions).
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_SECURE = SECURE
# With TLS the browser itself refuses these from a neighbour's host or over plain http.
COOKIE_PREFIX = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# Scripts read the token from the page, not from its cookie.
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# A browser remembers for a year to come by TLS only, for names below this one too. HSTS_SECONDS=0 while you
# try things out; HSTS_SUBDOMAINS=0 where a name below SITE_URL's must stay reachable by plain http.
SECURE_HSTS_SECONDS = int(env("HSTS_SECONDS", str(365 * 24 * 3600) if SECURE else "0"))
SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("HSTS_SUBDOMAINS", default=True)
# Only behind a proxy that always sets X-Forwarded-Proto itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
# Notices of a page wait in the session, not in a cookie of their own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Scripts and styles come from our own files, or carry this request's nonce. Nothing inline, nothing foreign.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # A form may lead on to Stripe's page by redirect, and nowhere else.
        "form-action": ["'self'", "https://checkout.stripe.com"],
    }
}

if STRIPE_PUBLISHABLE_KEY and not STRIPE_STANDIN:
    # What Stripe asks for its element: its script, its frames, and its API. Card data stays in those frames.
    for _name, _hosts in {
        "script-src": ["https://js.stripe.com"],
        "frame-src": ["'self'", "https://js.stripe.com", "https://hooks.stripe.com"],
        "connect-src": ["https://api.stripe.com"],
        "img-src": ["https://*.stripe.com"],
    }.items():
        CONTENT_SECURITY_POLICY["DIRECTIVES"].setdefault(_name, []).extend(_hosts)  # type: ignore[attr-defined]

# --- API ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.parsing.Json"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api_auth.BearerToken", "accounts.api_auth.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api_auth.SignedIn"],
    "EXCEPTION_HANDLER": "accounts.refusals.api_exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Understudy",
    "DESCRIPTION": "Every action of the product, for programs. Refusals carry code, message and hint.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

# --- Metrics -----------------------------------------------------------------------------------------------

# Who shows this token may read /metrics from elsewhere; unset, only this machine itself.
METRICS_TOKEN = env("METRICS_TOKEN")

# Where traces go (OpenTelemetry over OTLP/HTTP), e.g. http://127.0.0.1:4318; needs the packages of
# requirements-traces.lock. Unset: nothing is traced, and nothing of OpenTelemetry is loaded.
TRACES_TO = env("TRACES_TO")
if TRACES_TO:
    MIDDLEWARE = ["config.tracing.Traced", *MIDDLEWARE]

# --- Languages and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Logging: what happened, never to whom -----------------------------------------------------------------

# LOG_FORMAT=json: an object a line. Each line has the id of its request, through Celery too.
# Addresses carry codes and ids, so the route is logged in their place; no IP address, body or mail.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "without_people": {"()": "config.logs.WithoutPeople"},
        "request_id": {"()": "config.request_ids.WithRequestId"},
    },
    "formatters": {
        "line": {
            "()": "config.logs.AsLine",
            "format": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s",
        },
        "json": {"()": "config.logs.AsJson"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if env("LOG_FORMAT") == "json" else "line",
            "filters": ["without_people", "request_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "uvicorn.access": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
