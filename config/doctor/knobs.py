"""Settings that cannot be meant so: those of `manage.py check`, and those that only a host in service has."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core import checks

from config.doctor import Check, Finding
from generation.engines import cloning
from generation.screening import words


def told_by_check() -> Iterator[Finding]:
    """Every warning and error of our own in `manage.py check`."""
    for message in checks.run_checks():
        if str(message.id).startswith("config."):
            yield Finding(str(message.id), message.msg, message.hint or "")


def joining() -> Iterator[Finding]:
    if settings.SIGNUP_MODE not in {"invite", "open", "closed"}:
        yield Finding(
            "signup_mode",
            f"SIGNUP_MODE is {settings.SIGNUP_MODE!r}.",
            "Set it to invite, open or closed.",
        )
    if settings.AGE_FLOOR < 13:
        yield Finding(
            "age_floor",
            f"AGE_FLOOR is {settings.AGE_FLOOR}; nobody under 13 may join, whatever it says.",
            "Set AGE_FLOOR to 13 or more.",
        )
    if odd := [code for code in settings.CAPTURE_COUNTRIES if not re.fullmatch("[A-Z]{2}", code)]:
        yield Finding(
            "capture_countries",
            f"CAPTURE_COUNTRIES has {', '.join(odd)}, which is no country code: nobody there may record.",
            "Write two capital letters each, such as DE,FR.",
        )


def hosts() -> Iterator[Finding]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "allowed_hosts",
            "ALLOWED_HOSTS has *: links in mails could be made to lead to somebody else's site.",
            "Name your hosts, or unset it: SITE_URL's is allowed anyway.",
        )
    if settings.SECURE_PROXY_SSL_HEADER and settings.TRUSTED_PROXIES == 0:
        yield Finding(
            "trusted_proxies",
            "BEHIND_PROXY is on and TRUSTED_PROXIES is 0: everybody seems to come from the proxy, and one "
            "person's wrong codes lock everybody out.",
            "Set TRUSTED_PROXIES to the number of proxies of your own.",
        )


def screening() -> Iterator[Finding]:
    known = {*words.CATEGORIES, *words.GUARDS} - {"minors"}
    for part in filter(None, (part.strip() for part in str(settings.HARM_LEVELS).split(","))):
        name, _, level = part.partition("=")
        if name not in known or level not in words.LEVELS:
            yield Finding(
                "harm_levels",
                f"HARM_LEVELS has {part!r}, which is not read: the harm is refused.",
                "Write name=level with refuse, review or off, for: " + " ".join(sorted(known)) + ".",
            )
    own = settings.GUARDED_NAMES_PATH
    if own and not Path(own).is_file():
        yield Finding(
            "guarded_names",
            f"GUARDED_NAMES_PATH is {own}, and no file is there: no prompt can be judged.",
            "Put the file there, or unset it and guard names at /operate/screening.",
        )


def money() -> Iterator[Finding]:
    if not 0 <= settings.PLATFORM_RATE_BP <= 10_000:
        yield Finding(
            "platform_rate",
            f"PLATFORM_RATE_BP is {settings.PLATFORM_RATE_BP}: shares of a sale would not add up.",
            "Set it between 0 and 10000 (500 is 5 %).",
        )


def engines() -> Iterator[Finding]:
    folder = settings.DIFFUSERS_FOLDER
    if folder and not (Path(folder) / "model_index.json").is_file():
        yield Finding(
            "diffusers_folder",
            f"DIFFUSERS_FOLDER is {folder}, which holds no model_index.json: that engine fails.",
            "Name the folder of a diffusers pipeline, or unset it.",
        )
    if settings.VOICE_FOLDER:
        try:
            cloning.at(Path(settings.VOICE_FOLDER))
        except cloning.BadVoice as error:
            yield Finding(
                "voice_folder",
                f"VOICE_FOLDER is {settings.VOICE_FOLDER}, which cannot be used ({error.code}): {error}. "
                "Stock voices say all lines.",
                "Copy the whole folder again, name its licence in understudy.json, or unset VOICE_FOLDER.",
            )
    if settings.REMOTE_VIDEOS_URL and not (settings.REMOTE_VIDEOS_KEY and settings.REMOTE_VIDEOS_MODEL):
        yield Finding(
            "remote_videos",
            "REMOTE_VIDEOS_URL is set without its key or model: that engine fails.",
            "Set REMOTE_VIDEOS_KEY and REMOTE_VIDEOS_MODEL, or unset the address.",
        )


def host_keys() -> Iterator[Finding]:
    for item in filter(None, settings.LIKENESS_HOST_KEYS.split(",")):
        name, _, key = item.partition(":")
        if not name or not _is_key(key):
            yield Finding(
                "likeness_host_keys",
                f"LIKENESS_HOST_KEYS has an entry ({name or 'without a name'}) that is no key: likenesses "
                "cannot be opened.",
                "Write name:base64 of 32 bytes, newest first; or unset it to use the files in KEYS_DIR/host.",
            )


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except binascii.Error:
        return False


CHECKS: tuple[Check, ...] = (
    told_by_check, joining, hosts, screening, money, engines, host_keys,
)  # fmt: skip
