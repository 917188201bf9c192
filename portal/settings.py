"""One settings file; the environment decides. Defaults are the embedded shape: SQLite, no broker.

``JIEBANG_DEMO`` switches on what only a demonstration may do (one-time login links on the
loopback address, a movable clock for rehearsal calls, the 演示专用 seal).
"""

import sys
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
env = environ.Env()

TESTING = "pytest" in sys.modules
DEBUG = env.bool("JIEBANG_DEBUG", False)
JIEBANG_DEMO = env.bool("JIEBANG_DEMO", False)
VAR = Path(env.str("JIEBANG_VAR", str(VAR)))


def _secret_key() -> str:
    """From the environment; in the embedded shape a key made once and kept beside the database."""
    if key := env.str("JIEBANG_SECRET_KEY", ""):
        return key
    if TESTING:
        return "only-for-tests-" + "0123456789abcdef" * 4
    from django.core.management.utils import get_random_secret_key

    path = VAR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(get_random_secret_key(), "utf-8")
        path.chmod(0o600)
    return path.read_text("utf-8")


SECRET_KEY = _secret_key()


def _seal_keys() -> list[str]:
    """What private keys of electronic seals are locked with: the first locks, all unlock."""
    if keys := env.list("JIEBANG_SEAL_KEY", default=[]):
        return [str(key) for key in keys]
    if TESTING:
        return ["b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI="]
    from cryptography.fernet import Fernet

    path = VAR / "seal_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(Fernet.generate_key().decode(), "ascii")
    return path.read_text("ascii").split()


JIEBANG_SEAL_KEY = _seal_keys()
# Who signs with units' seals, whose certificates are trusted (a PEM file), who stamps the time.
JIEBANG_SEAL_PROVIDER = env.str("JIEBANG_SEAL_PROVIDER", "") or "documents.sealkeys.LocalKeys"
JIEBANG_SEAL_ROOTS = env.str("JIEBANG_SEAL_ROOTS", "")
JIEBANG_TSA_URL = env.str("JIEBANG_TSA_URL", "")

ALLOWED_HOSTS = env.list("JIEBANG_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("JIEBANG_ORIGINS", default=[])
# What is printed in QR codes and letters: scheme and host of the public site.
JIEBANG_BASE_URL = env.str("JIEBANG_BASE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django.forms",
    "core",
    "audit",
    "accounts",
    "documents",
    "notifications",
    "units",
    "calls",
    "applications",
    "reviews",
    "panels",
    "visits",
    "recommenders",
    "outcomes",
    "fulfilment",
    "testing",
    "honours",
    "policies",
    "surveys",
    "office",
    "portal",
]

MIDDLEWARE = [
    "portal.logs.RequestLogMiddleware",
    "portal.middleware.ArrivalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.PersonMiddleware",
    "accounts.middleware.SessionSpanMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.PrivatePagesMiddleware",
    "portal.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "portal.context.frame",
            ],
        },
    }
]
# Ours first: a list of choices is drawn without one template for each choice (templates/django/).
FORM_RENDERER = "core.renderer.Renderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["jiebang", "bootstrap5"]
CRISPY_TEMPLATE_PACK = "jiebang"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'jiebang.sqlite3'}")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000;",
    }
    if TESTING and env.bool("JIEBANG_TEST_DATABASE_FILE", False):
        # A server with threads before a browser: a database in memory would be one connection
        # shared by all of them. Nothing in it outlives the run, so the disk is not waited for.
        DATABASES["default"]["TEST"] = {"NAME": f"{DATABASES['default']['NAME']}.test"}
        DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    if DATABASES["default"]["CONN_MAX_AGE"]:
        # What is kept ready there (core.statements) is planned at once for any value, and not
        # anew for each of the first five.
        _options = DATABASES["default"].setdefault("OPTIONS", {})
        _options["options"] = f"{_options.get('options', '')} -c plan_cache_mode=force_generic_plan"

REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "public:home"

# Second factor for recommenders, office, experts and testers (等保三级); off in the demo.
JIEBANG_SECOND_FACTOR = env.bool("JIEBANG_SECOND_FACTOR", not (JIEBANG_DEMO or TESTING))
OTP_TOTP_ISSUER = "揭榜申报与推荐平台"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Behind a proxy every connection comes from it: one guesser would lock everybody's account.
AXES_CLIENT_IP_CALLABLE = "core.addresses.client"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "errors/429.html"

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 2 * 60 * 60
# How long a sign-in lasts at the longest, however busy the person is.
JIEBANG_SESSION_HOURS = env.int("JIEBANG_SESSION_HOURS", 12)
# Registrations from one network address in one day; 0 counts none.
JIEBANG_REGISTRATIONS_PER_DAY = env.int("JIEBANG_REGISTRATIONS_PER_DAY", 0 if TESTING else 20)
# Letters of verification and reset that may be asked for to one mailbox in one hour; 0 counts none.
JIEBANG_LETTERS_PER_HOUR = env.int("JIEBANG_LETTERS_PER_HOUR", 0 if TESTING else 5)
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
HTTPS = env.bool("JIEBANG_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    # A browser takes such a cookie only over TLS, for this host alone and the whole of it.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Only a proxy of our own may say when a request arrived (seconds since the epoch, nginx $msec).
JIEBANG_TRUSTED_ARRIVAL_HEADER = env.str("JIEBANG_TRUSTED_ARRIVAL_HEADER", "")
# … and whom it came from, for counting how often somebody tries (HTTP_X_REAL_IP).
JIEBANG_TRUSTED_ADDRESS_HEADER = env.str("JIEBANG_TRUSTED_ADDRESS_HEADER", "")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'none'"],
        "object-src": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
if TESTING:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").exists() else []
MEDIA_ROOT = Path(env.str("JIEBANG_MEDIA", str(VAR / "media")))
# Pictures of pages of stored files: a cache in the media folder, of at most so many MB.
JIEBANG_PREVIEW_MB = env.int("JIEBANG_PREVIEW_MB", 512)
# A command that looks for viruses in its standard input and ends with 0 (clean) or 1 (infected).
JIEBANG_SCANNER = env.str("JIEBANG_SCANNER", "")
JIEBANG_SCANNER_SECONDS = env.int("JIEBANG_SCANNER_SECONDS", 30)
_S3_BUCKET = env.str("JIEBANG_S3_BUCKET", "")
STORAGES = {
    "default": (
        {
            "BACKEND": "documents.objectstore.ObjectStorage",
            "OPTIONS": {
                "bucket_name": _S3_BUCKET,
                "endpoint_url": env.str("JIEBANG_S3_ENDPOINT", "") or None,
            },
        }
        if _S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if TESTING or DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMAIL_CONFIG = env.email(
    "EMAIL_URL", default="filemail://" if JIEBANG_DEMO and not TESTING else "consolemail://"
)
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = VAR / "mail"
DEFAULT_FROM_EMAIL = env.str("JIEBANG_FROM", "揭榜申报与推荐平台 <noreply@localhost>")
# How many days personal data is kept after it was last needed; 0 keeps it (no period is verified).
JIEBANG_RETENTION = {
    "letters": env.int("JIEBANG_KEEP_LETTERS_DAYS", 0),
    "links": env.int("JIEBANG_KEEP_LINKS_DAYS", 0),
    "phones": env.int("JIEBANG_KEEP_PHONES_DAYS", 0),
    "drafts": env.int("JIEBANG_KEEP_DRAFTS_DAYS", 0),
}

# Short messages: the dotted path of a gateway (notifications/sms.py); empty sends none.
JIEBANG_SMS_BACKEND = env.str(
    "JIEBANG_SMS_BACKEND",
    "notifications.sms.FileGateway" if JIEBANG_DEMO and not TESTING else "",
)
JIEBANG_SMS_FOLDER = env.str("JIEBANG_SMS_FOLDER", str(VAR / "sms"))

CELERY_BROKER_URL = env.str("BROKER_URL", REDIS_URL or "filesystem://")
if CELERY_BROKER_URL.startswith("filesystem"):
    _spool = VAR / "celery"
    if not TESTING:
        (_spool / "control").mkdir(parents=True, exist_ok=True)
        (_spool / "queue").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "data_folder_in": str(_spool / "queue"),
        "data_folder_out": str(_spool / "queue"),
        "control_folder": str(_spool / "control"),
    }
else:
    # A nudge is only a hint: when the broker is away, a request must not wait for it.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "retry_on_timeout": False,
        "max_retries": 0,
        "interval_start": 0,
        "interval_max": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")

# What backups are encrypted with: the first key locks, all of them open. Without it there are none.
JIEBANG_BACKUP_KEY = [str(key) for key in env.list("JIEBANG_BACKUP_KEY", default=[])]

# Shown in the footer and on letters; 由配置给出 until set.
JIEBANG_SITE = {
    "organiser": env.str("JIEBANG_ORGANISER", ""),
    "support": env.str("JIEBANG_SUPPORT", ""),
    "icp": env.str("JIEBANG_ICP", ""),
    "help_phone": env.str("JIEBANG_HELP_PHONE", ""),
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# One line of JSON for each record ("json"), or a line for people ("line").
JIEBANG_LOG_FORMAT = env.str("JIEBANG_LOG_FORMAT", "") or "line"
JIEBANG_LOG_REQUESTS = env.bool("JIEBANG_LOG_REQUESTS", False)
# Statements that take so many milliseconds are noted, without their parameters; 0 notes none.
JIEBANG_SLOW_QUERY_MS = env.int("JIEBANG_SLOW_QUERY_MS", 0)
# Who brings it may read /metrics/; empty: there is no such page.
JIEBANG_METRICS_TOKEN = env.str("JIEBANG_METRICS_TOKEN", "")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "portal.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": JIEBANG_LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("JIEBANG_LOG", "WARNING")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "kombu": {"level": "ERROR"},
        "jiebang.request": {"level": "INFO" if JIEBANG_LOG_REQUESTS else "WARNING"},
    },
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
