"""A wrong knob gets a message that names it, and a hint that mends it (`manage.py check`)."""

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

FREE_BYTES_WANTED = 1024**3
LOCAL = {"localhost", "127.0.0.1", "::1"}


def connect() -> None:
    """Registers every check below with Django."""
    for check in (address, keys, redis, wires, stripe, agents, storage, disk, licences):
        register()(check)


def address(**_: object) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    parts = urlparse(settings.SITE_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        found.append(
            Error(
                f"SITE_URL is {settings.SITE_URL!r}, which is no address.",
                hint="Give the address people type, such as https://clips.example.org.",
                id="config.E001",
            )
        )
    local = parts.hostname in LOCAL
    if settings.DEBUG and not local:
        found.append(
            Error(
                "DEBUG is on while SITE_URL is not this machine: error pages would show secrets.",
                hint="Unset DEBUG.",
                id="config.E002",
            )
        )
    if parts.scheme == "http" and not local:
        found.append(
            Warning(
                "SITE_URL is plain http: browsers give no camera and no passkeys there.",
                hint="Serve TLS and set SITE_URL to its https address, or use `make run PHONE=1` at home.",
                id="config.W001",
            )
        )
    return found


def keys(**_: object) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= 40:
        return []
    return [
        Error(
            "SECRET_KEY is shorter than 40 characters.",
            hint="Unset it, and this host makes its own in KEYS_DIR; or give 50 random characters.",
            id="config.E003",
        )
    ]


def redis(**_: object) -> list[CheckMessage]:
    if not settings.REDIS_URL or urlparse(settings.REDIS_URL).scheme in {"redis", "rediss", "unix"}:
        return []
    return [
        Error(
            "REDIS_URL does not start with redis://, rediss:// or unix://.",
            hint="For example redis://127.0.0.1:6379/0; unset it to use the stand-in.",
            id="config.E004",
        )
    ]


def wires(**_: object) -> list[CheckMessage]:
    """Services on other machines are spoken to under TLS, and have to show who they are."""
    found: list[CheckMessage] = []
    database: dict[str, Any] = dict(settings.DATABASES["default"])
    host = str(database.get("HOST", ""))
    if host and not host.startswith("/") and host not in LOCAL:
        mode = database.get("OPTIONS", {}).get("sslmode", "")
        if mode not in {"verify-full", "verify-ca"}:
            found.append(
                Warning(
                    "DATABASE_URL names another machine, and its certificate is not checked.",
                    hint="End it in ?sslmode=verify-full&sslrootcert=/path/ca.crt.",
                    id="config.W005",
                )
            )
    parts = urlparse(settings.REDIS_URL)
    if parts.scheme == "redis" and parts.hostname not in LOCAL:
        found.append(
            Warning(
                "REDIS_URL names another machine without TLS.",
                hint="Use rediss:// with a certificate, or a tunnel that ends on this machine.",
                id="config.W006",
            )
        )
    if settings.EMAIL_HOST and settings.EMAIL_HOST not in LOCAL and not settings.EMAIL_USE_TLS:
        found.append(
            Warning(
                "Mail with sign-in codes leaves this machine without TLS.",
                hint="Set EMAIL_USE_TLS=1.",
                id="config.W007",
            )
        )
    return found


def stripe(**_: object) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRET:
        found.append(
            Error(
                "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET: paid orders would stay open.",
                hint=f"Make an endpoint for {settings.SITE_URL}/webhooks/stripe at Stripe, copy its secret.",
                id="config.E005",
            )
        )
    if settings.STRIPE_STANDIN and settings.STRIPE_SECRET_KEY.startswith("sk_live_"):
        found.append(
            Error(
                "STRIPE_STANDIN is on with a live Stripe key.",
                hint="Unset STRIPE_STANDIN: the stand-in takes no real payment.",
                id="config.E006",
            )
        )
    return found


def agents(**_: object) -> list[CheckMessage]:
    if not settings.AGENT_WEBHOOK_URL:
        return []
    parts = urlparse(settings.AGENT_WEBHOOK_URL)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL):
        return []
    return [
        Error(
            "AGENT_WEBHOOK_URL is no https address: news of orders would travel in the open.",
            hint="Give the agent's https address, or unset it.",
            id="config.E007",
        )
    ]


def storage(**_: object) -> list[CheckMessage]:
    if not settings.S3_ENDPOINT or settings.S3_BUCKET:
        return []
    return [
        Warning(
            "S3_ENDPOINT is set without S3_BUCKET: files stay on this disk.",
            hint="Name the bucket in S3_BUCKET.",
            id="config.W002",
        )
    ]


def disk(**_: object) -> list[CheckMessage]:
    folder = next(path for path in (settings.DATA_DIR, *Path(settings.DATA_DIR).parents) if path.exists())
    if shutil.disk_usage(folder).free >= FREE_BYTES_WANTED:
        return []
    return [
        Warning(
            f"Less than 1 GB is free where DATA_DIR lies ({folder}).",
            hint="Free some space: on a full disk, uploads and renders are refused.",
            id="config.W003",
        )
    ]


def licences(**_: object) -> list[CheckMessage]:
    """Engines that their licence does not allow here. The operator's page may say more than settings; without
    a database only settings are asked."""
    from django.db import DatabaseError

    from generation import catalogue
    from generation.engines import base as engines

    found: list[CheckMessage] = []
    for name in engines.entries():
        try:
            objection = catalogue.objection_to(name)
        except DatabaseError:
            return []
        if objection is not None:
            why = f"{objection.message} {objection.clause}".strip()
            found.append(
                Warning(
                    f"The engine {name} is refused to everybody: {why}",
                    hint=objection.hint,
                    id="config.W020",
                )
            )
        model = catalogue.model_of(name)
        if model is None and name == "diffusers":
            found.append(
                Warning(
                    "The model in DIFFUSERS_FOLDER is not in the catalogue of licences.",
                    hint='Read its licence yourself, or name its row as "model" in understudy.json.',
                    id="config.W021",
                )
            )
    return found
