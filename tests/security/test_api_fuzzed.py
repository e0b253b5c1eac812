"""Requests that schemathesis makes out of our own OpenAPI file, right and wrong, sent by somebody signed in:
every answer is one of ours, and none is an error of the host. The seed is fixed and the cases are bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, seed, settings

from accounts.models import User

schemathesis = pytest.importorskip("schemathesis", reason="makes the requests")
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
pytestmark = pytest.mark.django_db
CASES = 4
BOUNDED = settings(max_examples=CASES, database=None, deadline=None, suppress_health_check=list(HealthCheck))


def operations() -> list[Any]:
    raw = json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))
    return [found.ok() for found in schemathesis.openapi.from_dict(raw).get_all_operations()]


def label(operation: Any) -> str:
    return f"{operation.method} {operation.path}"


@pytest.fixture
def signed_in(bob: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("accounts.throttle.spend", lambda *args, **kwargs: None)
    cache.clear()
    client = Client(raise_request_exception=False)
    client.force_login(bob)
    return client


@pytest.mark.parametrize("operation", operations(), ids=label)
def test_our_api_answers_every_request(signed_in: Client, operation: Any) -> None:
    for mode in MODES:

        @seed(20261126)
        @BOUNDED
        @given(operation.as_strategy(generation_mode=mode))
        def check(case: Any) -> None:
            answer = send(signed_in, operation, case)
            assert answer.status_code < 500 or answer.status_code == 503, (
                answer.status_code,
                case.path_parameters,
                case.query,
                str(case.body)[:400],
            )

        try:
            check()
        except Exception as error:
            if "Unsatisfiable" not in type(error).__name__:  # there is no wrong request of this one
                raise


def send(client: Client, operation: Any, case: Any) -> Any:
    path = operation.path
    for name, value in (case.path_parameters or {}).items():
        plain = "".join(letter for letter in str(value) if letter.isalnum() or letter in "-_")
        path = path.replace(f"{{{name}}}", plain or "x")
    if operation.method == "get":
        return client.get(path, {key: str(value) for key, value in (case.query or {}).items()})
    body = case.body if isinstance(case.body, dict | list | str | int | float | bool) else {}
    return getattr(client, operation.method)(path, data=json.dumps(body), content_type="application/json")
