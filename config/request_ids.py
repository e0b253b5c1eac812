"""One id for everything that one request sets off, on the web and in Celery, so that its log lines are found.

    browser or proxy --X-Request-ID--> web --header of the message--> worker --> whatever it wakes

An id from outside is taken only from a proxy of our own (`TRUSTED_PROXIES`) and only in a harmless shape; it
says nothing about the person. Beat and commands have none: their lines show `-`.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

NONE, HEADER = "-", "X-Request-ID"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_id: ContextVar[str] = ContextVar("request_id", default=NONE)


def current() -> str:
    return _id.get()


@contextmanager
def as_request(request_id: str) -> Iterator[None]:
    """Everything within belongs to that request."""
    token = _id.set(request_id)
    try:
        yield
    finally:
        _id.reset(token)


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _id.set(_given(request) or uuid.uuid4().hex)  # until the request is finished: Django logs after us
        response = self.get_response(request)
        response.headers[HEADER] = current()
        return response


class WithRequestId(logging.Filter):
    """Every line gets `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current()
        return True


def _given(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return given if _SHAPE.fullmatch(given) else ""


@receiver(request_finished)
def _finished(**_: Any) -> None:
    _id.set(NONE)


@before_task_publish.connect
def _send_along(headers: MutableMapping[str, Any] | None = None, **_: Any) -> None:
    if headers is not None and current() != NONE:
        headers["request_id"] = current()


@task_prerun.connect
def _take_up(task: Task, **_: Any) -> None:
    headers = task.request.headers or {}
    given = str(getattr(task.request, "request_id", None) or headers.get("request_id", ""))
    _id.set(given if _SHAPE.fullmatch(given) else NONE)


@task_postrun.connect
def _let_go(**_: Any) -> None:
    _id.set(NONE)
