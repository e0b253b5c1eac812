"""Traces for whoever gathers them (OpenTelemetry over OTLP/HTTP): a span for each request and each task.

Off unless `TRACES_TO` names a collector, and then only where the packages of the extra `traces` are there
(`pip install -r requirements-traces.lock`); they are imported by `begin` and nowhere else. A span has the
route (`/join/<code>`), never the path, and the request's id; nothing about a person, and nothing that was
sent. A request's trace goes on in the tasks that it sets off. What goes wrong here is logged, and no request
fails for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableMapping
from importlib.util import find_spec
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun, worker_process_init
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import request_ids

log = logging.getLogger(__name__)
NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
FAR = "traceparent"  # W3C Trace Context
_tracer: Any = None
_open: dict[str, Any] = {}  # spans of running tasks, by the task's id


def is_installed() -> bool:
    """Whether the extra is there; importing nothing of it but the folders above."""
    try:
        return all(find_spec(name) is not None for name in NEEDED)
    except ModuleNotFoundError:
        return False


def begin(processor: Any = None) -> bool:
    """Trace from now on in this process, if the operator wants it and the packages are there. `processor`:
    another way to hand spans on than sending them to `TRACES_TO`. Returns whether spans are made."""
    global _tracer
    if _tracer is not None or not settings.TRACES_TO:
        return _tracer is not None
    if not is_installed():
        log.warning("TRACES_TO is set, and the packages for traces are not installed: nothing is traced.")
        return False
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(resource=Resource.create({"service.name": "understudy"}))
    provider.add_span_processor(processor or _sender())
    _tracer = provider.get_tracer("understudy")
    return True


def _sender() -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{settings.TRACES_TO.rstrip('/')}/v1/traces"))


class Traced:
    """Outermost middleware where traces are wanted (`config/settings.py`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        begin()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _tracer is None:
            return self.get_response(request)
        with _span(str(request.method), "SERVER") as span:
            response = self.get_response(request)
            match = request.resolver_match
            route = f"/{match.route}" if match else "(no such address)"
            span.update_name(f"{request.method} {route}")
            span.set_attributes(
                {
                    "http.request.method": str(request.method),
                    "http.route": route,
                    "http.response.status_code": response.status_code,
                    "understudy.request_id": response.headers.get(request_ids.HEADER, request_ids.NONE),
                }
            )
            if response.status_code >= 500:
                _failed(span)
            return response


@worker_process_init.connect
def _begin_in_worker(**_: Any) -> None:
    begin()


@before_task_publish.connect
def _send_along(headers: MutableMapping[str, Any] | None = None, **_: Any) -> None:
    if _tracer is not None and headers is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(headers)


@task_prerun.connect
def _start(task_id: str, task: Task, **_: Any) -> None:
    if _tracer is None:
        return
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    far = getattr(task.request, FAR, None) or (task.request.headers or {}).get(FAR)
    context = TraceContextTextMapPropagator().extract({FAR: far} if far else {})
    span = _span(task.name, "CONSUMER", context=context)
    span.__enter__()
    _open[task_id] = span


@task_postrun.connect
def _end(task_id: str, state: str | None = None, **_: Any) -> None:
    span = _open.pop(task_id, None)
    if span is None:
        return
    if state == "FAILURE":
        from opentelemetry.trace import get_current_span

        _failed(get_current_span())
    span.__exit__(None, None, None)


def _span(name: str, kind: str, context: Any = None) -> Any:
    """An exception is marked and not written down: its words may be about somebody."""
    from opentelemetry.trace import SpanKind

    return _tracer.start_as_current_span(
        name, context=context, kind=SpanKind[kind], record_exception=False, set_status_on_exception=False
    )


def _failed(span: Any) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_status(Status(StatusCode.ERROR))
