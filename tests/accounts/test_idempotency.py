"""A POST that is sent again: one effect, the same answer."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import idempotency
from accounts.models import IdempotencyRecord, Invite, User
from accounts.refusals import Refused
from tests.accounts.people import signed_in


class MakeInvite(APIView):
    scopes = {"POST": "me:write"}

    @idempotency.idempotent("invite")
    def post(self, request: Request) -> Response:
        assert isinstance(request.data, dict) and isinstance(request.user, User)
        code = str(request.data.get("code", ""))
        Invite.objects.create(
            code=code, inviter=request.user, expires_at=timezone.now(), created_at=timezone.now()
        )
        if code == "REFUSED":
            raise Refused("refused", "No.")
        if code == "CRASH":
            raise RuntimeError
        if code == "AWAY":
            return Response({}, status=503)
        return Response({"code": code, "total": 0.5}, status=201)


class MustHaveKey(APIView):
    scopes = {"POST": "me:write"}

    @idempotency.idempotent("must", required=True)
    def post(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("invite", MakeInvite.as_view()), path("must", MustHaveKey.as_view())]
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.test_idempotency")]


def post(browser: Client, code: str, key: str | None = "k1", **more: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    browser.raise_request_exception = False
    return browser.post("/invite", {"code": code, **more}, content_type="application/json", headers=headers)


def test_the_same_key_and_body_has_one_effect_and_the_same_answer(bob: User) -> None:
    browser = signed_in(bob)
    first, again = post(browser, "A"), post(browser, "A")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Invite.objects.count() == 1


def test_the_order_of_keys_and_white_space_make_no_other_request(bob: User) -> None:
    browser = signed_in(bob)
    send: dict[str, Any] = {"content_type": "application/json", "headers": {"Idempotency-Key": "k"}}
    browser.post("/invite", '{"code": "A", "x": 1.5}', **send)
    again = browser.post("/invite", '{ "x":1.5,"code":"A" }', **send)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(bob: User) -> None:
    browser = signed_in(bob)
    post(browser, "A")
    answer = post(browser, "B")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")
    assert Invite.objects.count() == 1


def test_a_key_in_flight_says_to_wait(bob: User) -> None:
    browser = signed_in(bob)
    post(browser, "A")
    IdempotencyRecord.objects.update(status=None, answer=None)
    answer = post(browser, "A")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_in_flight")
    assert answer.headers["Retry-After"] == "1"
    assert Invite.objects.count() == 1


def test_a_process_that_died_gives_its_key_back_after_two_minutes(bob: User) -> None:
    browser = signed_in(bob)
    post(browser, "A")
    Invite.objects.all().delete()
    IdempotencyRecord.objects.update(
        status=None,
        answer=None,
        created_at=timezone.now() - idempotency.GIVEN_UP_AFTER - timedelta(seconds=1),
    )
    assert post(browser, "A").status_code == 201
    assert Invite.objects.count() == 1


@pytest.mark.parametrize(("code", "status"), [("REFUSED", 400), ("CRASH", 500), ("AWAY", 503)])
def test_a_request_that_failed_leaves_nothing_and_frees_its_key(bob: User, code: str, status: int) -> None:
    browser = signed_in(bob)
    assert post(browser, code).status_code == status
    assert not Invite.objects.exists()
    assert not IdempotencyRecord.objects.exists()
    assert post(browser, "A").status_code == 201


def test_two_people_may_use_the_same_key(alice: User, bob: User) -> None:
    assert post(signed_in(alice), "A").status_code == 201
    assert "Idempotent-Replayed" not in post(signed_in(bob), "B").headers


def test_without_a_key_each_request_stands_alone_unless_one_is_required(bob: User) -> None:
    browser = signed_in(bob)
    assert post(browser, "A", key=None).status_code == 201
    assert post(browser, "B", key=None).status_code == 201
    answer = browser.post("/must", {}, content_type="application/json")
    assert answer.json()["code"] == "idempotency_key_missing"
    assert post(browser, "C", key="x" * 256).json()["code"] == "idempotency_key_too_long"


def test_an_answer_is_kept_for_a_day(bob: User) -> None:
    browser = signed_in(bob)
    post(browser, "A")
    now = timezone.now()
    assert idempotency.forget(now + timedelta(hours=23)) == 0
    assert idempotency.forget(now + timedelta(hours=25)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_has_the_effect(bob: User) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("two writers at once need two connections: the test database of SQLite is in memory")
    browsers = [signed_in(bob), signed_in(bob)]
    answers: list[Any] = []
    gate = threading.Barrier(2)

    def send(browser: Client) -> None:
        gate.wait()
        answers.append(post(browser, "A"))
        connection.close()

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Invite.objects.count() == 1
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses in ([201, 201], [201, 409])
