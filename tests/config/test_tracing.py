"""Traces are optional: nothing of OpenTelemetry is loaded or missed where nobody wants them, and a span says
nothing about a person where somebody does."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.test import Client

from config import doctor, tracing
from config.doctor import host
from generation.tasks import sweep
from tests.live import ROOT

OFF = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from config import celery, wsgi
from config.doctor import host
assert not list(host.traces())
print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
"""


@pytest.fixture
def wanted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.TRACES_TO = "http://127.0.0.1:4318"
    settings.MIDDLEWARE = ["config.tracing.Traced", *settings.MIDDLEWARE]
    monkeypatch.setattr(tracing, "_tracer", None)
    yield


def test_where_nobody_wants_traces_nothing_of_it_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", OFF], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]
    assert "trace" not in done.stderr


@pytest.mark.django_db
def test_where_the_packages_are_missing_requests_go_on_and_the_doctor_says_so(
    wanted: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tracing, "NEEDED", ("understudy_has_no_such_package.sdk",))
    with caplog.at_level(logging.WARNING, "config.tracing"):
        assert Client().get("/login").status_code == 200
    assert [row.message for row in caplog.records].count(caplog.messages[0]) == 1
    assert "not installed" in caplog.text
    task_prerun.send(sender=sweep, task_id="1", task=sweep)
    task_postrun.send(sender=sweep, task_id="1", state="SUCCESS")
    assert [found.code for found in host.traces()] == ["traces"]
    assert isinstance(next(host.traces()), doctor.Finding)


@pytest.mark.django_db
def test_a_span_has_the_route_and_the_requests_id_and_goes_on_in_its_tasks(wanted: None) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="requirements-traces.lock is not installed")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    assert tracing.begin(SimpleSpanProcessor(kept))
    answer = Client().get("/join/SECRET-CODE?next=/u/bob")
    (span,) = kept.get_finished_spans()
    assert span.name == "GET /join/<str:code>"
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/join/<str:code>",
        "http.response.status_code": answer.status_code,
        "understudy.request_id": answer.headers["X-Request-ID"],
    }
    assert "SECRET" not in span.to_json() and "bob" not in span.to_json()

    headers: dict[str, Any] = {}
    with tracing._span("asking", "SERVER") as asking:
        before_task_publish.send(sender="x", headers=headers)
    sweep.push_request(headers=headers)
    task_prerun.send(sender=sweep, task_id="1", task=sweep)
    task_postrun.send(sender=sweep, task_id="1", state="FAILURE")
    sweep.pop_request()
    task = kept.get_finished_spans()[-1]
    assert (task.name, task.status.status_code.name) == ("generation.tasks.sweep", "ERROR")
    assert task.context.trace_id == asking.get_span_context().trace_id
