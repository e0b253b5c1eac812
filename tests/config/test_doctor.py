"""`manage.py doctor`: 25 faults are planted one by one; each is found by name, and what it tells mends it."""

from __future__ import annotations

import importlib.util
import json
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts import cases, house
from accounts.models import HousePage, User
from config import doctor, tracing
from config.doctor import host
from generation import actions, appeals
from generation.models import Generation, Worker
from generation.states import State
from model import text
from tests.conftest import person

Mend = Callable[[], Any]


class Ground:
    """A host in order, on which one fault at a time is planted."""

    def __init__(self, settings: Any, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.settings, self.folder, self.patch = settings, folder, patch

    def knob(self, mended: dict[str, Any], **planted: Any) -> Mend:
        """A setting that is wrong, and the value that the fix names."""
        for name, value in planted.items():
            setattr(self.settings, name, value)
        return lambda: [setattr(self.settings, name, value) for name, value in mended.items()]

    def request(self, state: State, **fields: Any) -> Generation:
        long_ago = timezone.now() - timedelta(days=5)
        return Generation.objects.create(
            maker=User.objects.get(username="operator"), prompt="a kite", seed=1, credits=0, state=state,
            state_since=long_ago, created_at=long_ago, **fields,
        )  # fmt: skip


@pytest.fixture
def ground(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operator: User, vectors: str
) -> Ground:
    settings.VECTORS_ADDRESS = vectors
    settings.DEMO = True
    for name in ("DATA_DIR", "MEDIA_ROOT", "KEYS_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        setattr(settings, name, folder)
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"
    settings.STATIC_ROOT = tmp_path / "static"
    plenty = shutil._ntuple_diskusage(2**40, 0, 2**40)  # type: ignore[attr-defined]
    monkeypatch.setattr("config.checks.shutil.disk_usage", lambda path: plenty)
    return Ground(settings, tmp_path, monkeypatch)


def full_disk(g: Ground) -> Mend:
    def has(free: int) -> None:
        usage = shutil._ntuple_diskusage(2**40, 2**40 - free, free)  # type: ignore[attr-defined]
        g.patch.setattr("config.checks.shutil.disk_usage", lambda path: usage)

    has(1000)
    return lambda: has(2**33)


def no_database(g: Ground) -> Mend:
    class Refusing:
        def __init__(self, *args: Any) -> None:
            raise DatabaseError("connection refused")

    kept = host.MigrationExecutor
    g.patch.setattr(host, "MigrationExecutor", Refusing)
    return lambda: g.patch.setattr(host, "MigrationExecutor", kept)


def unmigrated(g: Ground) -> Mend:
    MigrationRecorder(connection).migration_qs.filter(app="generation").latest("pk").delete()
    return lambda: call_command("migrate", "generation", fake=True, verbosity=0)


def file_for_folder(g: Ground) -> Mend:
    there = g.folder / "file"
    there.write_text("x")
    g.settings.MEDIA_ROOT = there
    return there.unlink


def open_keys(g: Ground) -> Mend:
    key = Path(g.settings.KEYS_DIR) / "secret_key"
    key.write_text("x" * 50)
    key.chmod(0o644)
    return lambda: key.chmod(0o600)


def no_weights(g: Ground) -> Mend:
    g.settings.BASE_DIR = g.folder
    weights = g.folder / "model" / "weights"
    weights.mkdir(parents=True)
    return lambda: [(weights / name).write_bytes(b"x" * 2048) for name in host.WEIGHTS]


def no_package(g: Ground) -> Mend:
    found = importlib.util.find_spec
    g.patch.setattr(importlib.util, "find_spec", lambda name: None if name == "c2pa" else found(name))
    return lambda: g.patch.setattr(importlib.util, "find_spec", found)


def uncollected(g: Ground) -> Mend:
    g.settings.STATIC_HASHED = True
    Path(g.settings.STATIC_ROOT).mkdir()
    return lambda: (Path(g.settings.STATIC_ROOT) / "staticfiles.json").write_text("{}")


def no_operator(g: Ground) -> Mend:
    User.objects.filter(is_superuser=True).update(is_superuser=False)
    return lambda: call_command("make_operator", "operator", verbosity=0)


def no_worker(g: Ground) -> Mend:
    g.request(State.QUEUED, queued_at=timezone.now() - timedelta(minutes=9))
    return lambda: Worker.objects.create(name="one", seen_at=timezone.now())


def downed(g: Ground) -> Mend:
    row = g.request(State.QUARANTINED)
    assert "set_aside" not in codes(), "that was five days ago"
    Generation.objects.filter(pk=row.pk).update(state_since=timezone.now())
    return lambda: actions.drop_set_aside(Generation.objects.get(pk=row.pk), timezone.now())


def unswept(g: Ground) -> Mend:
    from generation.sweep import sweep

    g.request(State.HELD)
    return lambda: sweep(timezone.now())


def old_case(g: Ground) -> Mend:
    bob, mod = person("bob"), person("mod", is_moderator=True)
    long_ago = timezone.now() - timedelta(days=2)
    appeals.ask_to_guard(by=bob, rule="real_person", line="Jane Roelinger", why="me", now=long_ago)
    case = cases.Case.objects.get()
    return lambda: cases.decide(case=case, moderator=mod, decision="guard", now=timezone.now())


def nothing_there(g: Ground) -> Mend:
    there = g.folder / "names.txt"
    g.settings.GUARDED_NAMES_PATH = str(there)
    return lambda: there.write_text("Jane Roelinger\n")


def journal_folder(g: Ground) -> Mend:
    g.settings.JOURNAL_PATH = g.folder
    return lambda: setattr(g.settings, "JOURNAL_PATH", g.folder / "journal.jsonl")


def no_redis(g: Ground) -> Mend:
    kept = g.settings.CACHES
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    g.settings.CACHES = {"default": away}
    return lambda: setattr(g.settings, "CACHES", kept)


def no_traces(g: Ground) -> Mend:
    g.patch.setattr(tracing, "NEEDED", ("understudy_has_no_such_package",))
    return g.knob({"TRACES_TO": ""}, TRACES_TO="http://127.0.0.1:4318")


def no_pages(g: Ground) -> Mend:
    g.knob({}, SITE_URL="https://clips.example.org", DEMO=False)
    return lambda: [
        HousePage.objects.create(kind=kind, text="…", made_at=timezone.now()) for kind in house.NEEDED
    ]


FAULTS: dict[str, Callable[[Ground], Mend]] = {
    "config.E001": lambda g: g.knob({"SITE_URL": "https://clips.example.org"}, SITE_URL="clips"),
    "config.E002": lambda g: g.knob({"DEBUG": False}, DEBUG=True, SITE_URL="https://clips.example.org"),
    "config.W001": lambda g: g.knob(
        {"SITE_URL": "https://clips.example.org"}, SITE_URL="http://clips.example.org"
    ),
    "config.E003": lambda g: g.knob({"SECRET_KEY": "k" * 50}, SECRET_KEY="short"),
    "config.E004": lambda g: g.knob({"REDIS_URL": ""}, REDIS_URL="http://redis"),
    "config.E005": lambda g: g.knob({"STRIPE_WEBHOOK_SECRET": "whsec_x"}, STRIPE_SECRET_KEY="sk_test_x"),
    "config.E006": lambda g: g.knob(
        {"STRIPE_STANDIN": False},
        STRIPE_STANDIN=True, STRIPE_SECRET_KEY="sk_live_x", STRIPE_WEBHOOK_SECRET="whsec_x",
    ),
    "config.W002": lambda g: g.knob({"S3_BUCKET": "clips"}, S3_ENDPOINT="https://s3.example.org"),
    "config.W003": full_disk,
    "signup_mode": lambda g: g.knob({"SIGNUP_MODE": "invite"}, SIGNUP_MODE="anybody"),
    "age_floor": lambda g: g.knob({"AGE_FLOOR": 13}, AGE_FLOOR=7),
    "capture_countries": lambda g: g.knob({"CAPTURE_COUNTRIES": ("DE",)}, CAPTURE_COUNTRIES=("Germany",)),
    "allowed_hosts": lambda g: g.knob({"ALLOWED_HOSTS": ["localhost"]}, ALLOWED_HOSTS=["*"]),
    "trusted_proxies": lambda g: g.knob(
        {"TRUSTED_PROXIES": 1}, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
    ),
    "harm_levels": lambda g: g.knob({"HARM_LEVELS": "hate=review"}, HARM_LEVELS="hate=perhaps"),
    "guarded_names": nothing_there,
    "platform_rate": lambda g: g.knob({"PLATFORM_RATE_BP": 500}, PLATFORM_RATE_BP=50_000),
    "diffusers_folder": lambda g: g.knob({"DIFFUSERS_FOLDER": ""}, DIFFUSERS_FOLDER="/nowhere"),
    "voice_folder": lambda g: g.knob({"VOICE_FOLDER": ""}, VOICE_FOLDER="/nowhere"),
    "remote_videos": lambda g: g.knob(
        {"REMOTE_VIDEOS_KEY": "k", "REMOTE_VIDEOS_MODEL": "m"}, REMOTE_VIDEOS_URL="https://api.example.com/v1"
    ),
    "likeness_host_keys": lambda g: g.knob(
        {"LIKENESS_HOST_KEYS": "a:" + "A" * 43 + "="}, LIKENESS_HOST_KEYS="a:short"
    ),
    "database": no_database,
    "migrations": unmigrated,
    "redis": no_redis,
    "vectors": lambda g: g.knob(
        {"VECTORS_ADDRESS": g.settings.VECTORS_ADDRESS}, VECTORS_ADDRESS=f"unix:{g.folder}/nobody"
    ),
    "folder_media_root": file_for_folder,
    "journal": journal_folder,
    "keys_open": open_keys,
    "weights": no_weights,
    "package": no_package,
    "static": uncollected,
    "mail": lambda g: g.knob({"EMAIL_HOST": "mail.example.org"}, DEMO=False),
    "operator": no_operator,
    "workers": no_worker,
    "set_aside": downed,
    "sweep": unswept,
    "cases": old_case,
    "traces": no_traces,
    "house_pages": no_pages,
}  # fmt: skip


def codes() -> list[str]:
    return [finding.code for finding in doctor.examine()]


def test_a_host_in_order_has_no_findings(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")
    assert "Nothing is wrong" in capsys.readouterr().out


@pytest.mark.parametrize("code", FAULTS)
def test_a_planted_fault_is_found_and_what_it_tells_mends_it(ground: Ground, code: str) -> None:
    mend = FAULTS[code](ground)
    found = [finding for finding in doctor.examine() if finding.code == code]
    assert found and found[0].fault and found[0].fix
    mend()
    assert code not in codes()


def test_encoders_that_fit_no_longer_are_found(settings: Any, tmp_path: Path) -> None:
    """A vector process of another release of the engine answers, and judges nothing."""
    before, settings.VECTORS_ADDRESS = text._address, f"unix:{tmp_path}/s"
    server = text._UnixServer(f"{tmp_path}/s", text._Handler)
    server.service = service = text.Service(None)  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text.use(settings.VECTORS_ADDRESS)
    try:
        assert not list(host.vectors())
        service.tuned.clear()
        assert [finding.code for finding in host.vectors()] == ["vectors"]
    finally:
        server.shutdown()
        server.server_close()
        text.use(before)


def test_there_are_at_least_25_faults_that_can_be_planted() -> None:
    assert len(FAULTS) >= 25


def test_the_command_ends_with_1_and_speaks_to_programs_too(
    ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    ground.settings.AGE_FLOOR = 7
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert [(finding["code"], bool(finding["fix"])) for finding in told] == [("age_floor", True)]
