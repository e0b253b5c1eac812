"""What an operator watches: metrics, the queue's age, and one id through a request's lines and its tasks."""

from __future__ import annotations

import json
import logging
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging, worker_process_init
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config import request_ids
from config.celery import app
from config.logs import AsJson
from generation import tasks
from generation.models import Generation, Worker
from generation.states import State

SAMPLE = re.compile(r'understudy_[a-z0-9_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+]+')


@pytest.fixture
def waiting(bob: User) -> Generation:
    then = timezone.now() - timedelta(seconds=90)
    return Generation.objects.create(
        maker=bob, prompt="a secret kite", seed=1, credits=0, state=State.QUEUED, state_since=then,
        queued_at=then, created_at=then,
    )  # fmt: skip


def figures(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}


def test_metrics_are_in_prometheus_format_and_count_the_rows(client: Client, waiting: Generation) -> None:
    Worker.objects.create(name="one", seen_at=timezone.now())
    answer = client.get("/metrics")
    lines = answer.content.decode().splitlines()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert all(SAMPLE.fullmatch(line) for line in lines if not line.startswith("# "))
    found = figures(client)
    assert found['understudy_generations{state="QUEUED"}'] == 1
    assert 90 <= found['understudy_queue_age_seconds{state="QUEUED"}'] < 600
    assert found["understudy_workers"] == 1
    assert "kite" not in answer.content.decode() and "bob" not in answer.content.decode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "203.0.113.9"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer right"}, 200),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer "}, 404),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(
    db: None, settings: Any, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = "right"
    assert Client(**headers).get("/metrics").status_code == status  # type: ignore[arg-type]


def test_without_a_token_an_empty_one_opens_nothing(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    headers = {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer "}
    assert Client(**headers).get("/metrics").status_code == 404  # type: ignore[arg-type]


def test_readiness_tells_the_age_of_the_queue(client: Client, waiting: Generation) -> None:
    assert 90 <= client.get("/readyz").json()["queue_age_s"] < 600


def test_each_answer_has_an_id_of_its_own_and_each_line_says_it(
    db: None, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(request_ids.WithRequestId())
    first = client.get("/nowhere").headers["X-Request-ID"]
    second = client.get("/nowhere").headers["X-Request-ID"]
    assert first != second and len(first) == 32
    assert [record.request_id for record in caplog.records if record.name == "django.request"] == [  # type: ignore[attr-defined]
        first,
        second,
    ]
    assert request_ids.current() == "-"


@pytest.mark.parametrize(
    ("proxies", "sent", "kept"),
    [(1, "abcdef-123", True), (0, "abcdef-123", False), (1, "a b\nc", False), (1, "x" * 65, False)],
)
def test_only_a_proxy_of_ours_may_name_the_id(
    db: None, client: Client, settings: Any, proxies: int, sent: str, kept: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    answer = client.get("/healthz", headers={"X-Request-ID": sent})
    assert (answer.headers["X-Request-ID"] == sent) is kept


@pytest.mark.again
def test_the_id_goes_through_a_real_worker_and_ends_with_the_task() -> None:
    seen: list[str] = []
    done = threading.Semaphore(0)

    @app.task(name="tests.note_request_id")  # type: ignore[untyped-decorator]
    def note() -> None:
        seen.append(request_ids.current())
        done.release()

    def as_it_is(**_: Any) -> None:
        """Celery leaves the test's logging alone while somebody listens."""

    setup_logging.connect(as_it_is)
    worker_process_init.disconnect(tasks._start_hand)  # no rendering here
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR", shutdown_timeout=20):
        with request_ids.as_request("request-0001"):
            note.apply_async(queue="default")
        note.apply_async(queue="default")
        assert done.acquire(timeout=20) and done.acquire(timeout=20)
    setup_logging.disconnect(as_it_is)
    worker_process_init.connect(tasks._start_hand)
    assert seen == ["request-0001", "-"]


def test_a_line_as_json_has_its_parts() -> None:
    record = logging.LogRecord("generation", logging.WARNING, __file__, 1, "lost %s", ("a lease",), None)
    with request_ids.as_request("request-0002"):
        request_ids.WithRequestId().filter(record)
    line = json.loads(AsJson().format(record))
    assert (line["level"], line["request"], line["message"]) == ("WARNING", "request-0002", "lost a lease")
    assert line["at"].endswith("+00:00")
