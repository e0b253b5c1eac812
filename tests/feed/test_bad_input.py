"""What people and programs send that they should not: a typed answer or a clamp, never a fault."""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from accounts.models import Block, Follow, Notification, User
from feed import pagination, slates, streams
from feed.models import Comment, RankerVersion, Report, Slate, Steering, Watch
from feed.ranking import slate
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db


@pytest.fixture
def carols(client: Client, carol: User) -> Client:
    client.force_login(carol)
    return client


def refusal(answer: Any) -> str:
    assert 400 <= answer.status_code < 500
    return str(answer.json()["code"])


@pytest.mark.parametrize("stream", ["for-you", "following", "circle", "latest"])
@pytest.mark.parametrize("kind", ["forged", "foreign", "stale", "endless", "odd state"])
def test_cursors(
    carols: Client, bob: User, make_post: MakePost, stream: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_post(bob)
    good = pagination.write(stream, [1] if stream == "for-you" else ["2026-01-01T00:00:00+00:00", 1])
    if kind == "stale":
        monkeypatch.setattr(pagination, "LIFETIME_S", -1)
    cursor = {
        "forged": good[:-3] + ("abc" if not good.endswith("abc") else "xyz"),
        "foreign": pagination.write("other", [1]),
        "stale": good,
        "endless": good + "A" * 5000,
        "odd state": pagination.write(stream, {"a": [None]}),
    }[kind]
    assert refusal(carols.get(f"/api/v1/feed/{stream}", {"cursor": cursor})) == "bad_cursor"


def test_a_beacon_from_the_future_has_the_servers_moment_and_a_long_one_an_hour(
    carols: Client, bob: User, make_post: MakePost
) -> None:
    post = make_post(bob)
    event = {"post": str(post.public_id), "visit": str(uuid.uuid4()), "watch_ms": 10**15, "at": "2099-01-01"}
    answer = carols.post("/feed/watched", json.dumps({"events": [event]}), content_type="application/json")
    row = Watch.objects.get()
    assert (
        answer.status_code == 204 and row.at.year < 2099 and row.watch_ms == 3_600_000 and row.loops <= 1000
    )


@pytest.mark.parametrize(
    "body",
    [b"[" * 16_000, b'{"events": ' * 1_400, b"\xff", b"{"],
    ids=["lists", "objects", "no text", "half"],
)
def test_a_beacon_that_no_player_sends_is_refused_by_name(carols: Client, body: bytes) -> None:
    sent = carols.post(
        "/feed/watched", body, content_type="application/json", headers={"Accept": "application/json"}
    )
    assert refusal(sent) == "bad_beacon"


def test_a_heap_of_beacons_for_one_clip_meets_the_hours_budget(
    carols: Client, bob: User, make_post: MakePost, settings: Any
) -> None:
    settings.BUDGETS = {"beacon": (20, 3600)}
    post = make_post(bob)
    statuses = []
    for _ in range(30):
        event = {"post": str(post.public_id), "visit": str(uuid.uuid4()), "watch_ms": 900}
        body = json.dumps({"events": [event]})
        statuses.append(carols.post("/feed/watched", body, content_type="application/json").status_code)
    assert statuses[0] == 204 and statuses[-1] in {204, 429}
    assert Watch.objects.count() <= 21


@pytest.mark.parametrize(
    ("words", "status", "kept"),
    [
        ("x" * 100_000, 400, None),
        ("<script>alert(1)</script>", 201, "<script>alert(1)</script>"),
        ("e" + "\u0301" * 50, 201, "\u00e9" + "\u0301" * 3),
        ("left \u202eright", 201, "left right"),
        ("\u202e\u200f", 422, None),
    ],
)
def test_comments(
    carols: Client, bob: User, make_post: MakePost, words: str, status: int, kept: str | None
) -> None:
    post = make_post(bob)
    answer = carols.post(
        f"/api/v1/posts/{post.public_id}/comments", {"text": words}, content_type="application/json"
    )
    assert answer.status_code == status
    assert list(Comment.objects.values_list("text", flat=True)) == ([] if kept is None else [kept])
    assert b"<script>alert" not in carols.get(f"/p/{post.public_id}/comments").content


def test_following_oneself_and_writing_after_a_block(
    carols: Client, carol: User, bob: User, now: datetime
) -> None:
    assert 400 <= carols.post("/u/carol/follow", headers={"Accept": "application/json"}).status_code < 500
    assert not Follow.objects.filter(follower=carol, followee=carol).exists()
    Block.objects.create(blocker=bob, blocked=carol, created_at=now)
    answer = carols.post(
        "/api/v1/messages", {"to": ["bob"], "text": "hello"}, content_type="application/json"
    )
    assert 400 <= answer.status_code < 500


def test_two_reports_of_one_person_are_one(carols: Client, bob: User, make_post: MakePost) -> None:
    post = make_post(bob)
    for reason in ("spam", "scam"):
        answer = carols.post(
            f"/api/v1/posts/{post.public_id}/report", {"reason": reason}, content_type="application/json"
        )
        assert answer.status_code in {201, 409}
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    "rules",
    [
        [{"kind": "topic", "subject": f"s{n}", "amount": 1} for n in range(10_000)],
        [{"kind": "topic", "subject": "cats", "amount": float("nan")}],
        [{"kind": "topic", "subject": "cats", "amount": float("inf")}],
        "not a list",
        [[]],
        [{"kind": "gravity", "subject": "x", "amount": 1}],
    ],
)
def test_rule_sets(carols: Client, rules: object) -> None:
    answer = carols.put("/api/v1/steering", json.dumps({"rules": rules}), content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert not any(row.rules for row in Steering.objects.all())


@pytest.fixture
def as_postgresql() -> Iterator[None]:
    """A database that takes no zero byte in a text, as PostgreSQL; SQLite takes it."""

    def strict(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        for value in params or ():
            if isinstance(value, str) and "\0" in value:
                raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(strict):
        yield


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/messages/new", {"to": "n\0body, @n\0one", "text": "Hello"}),
        ("/messages/new", {"to": "bob", "text": "Hel\0lo", "title": "\0", "post": "\0"}),
        ("/packs", {"people": "bob n\0body", "title": "Fr\0iends"}),
        (
            "/ranking/operator",
            {"do": "start", "name": "a\0b", "description": "c\0", "share": "5", "weights": "fresh=1"},
        ),
        ("/ranking/operator", {"do": "stop", "experiment": "\0"}),
        ("/removal", {"clip": "/p/\0", "email": "a\0@example.test", "statement": "\0", "honest": "on"}),
        ("/steer", {"muted_words": "a\0b", "rules": "\0", "ai_share": "\0"}),
        ("/steer/words", {"words": "more c\0ats"}),
        ("/steer/import", {"rules": json.dumps([{"kind": "word", "subject": "a\0b", "amount": 1}])}),
        ("/settings/feed", {"digest": "\0", "time_zone": "\0"}),
        ("/circle", {"handle": "b\0ob"}),
        ("/join", {"code": "\0"}),
        ("/login", {"email": "\0", "username": "\0", "password": "\0"}),
    ],
)
def test_a_zero_byte_in_a_form_is_no_fault(
    as_postgresql: None, client: Client, operator: User, bob: User, path: str, sent: dict[str, str]
) -> None:
    client.force_login(operator)
    assert client.post(path, sent).status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=%00a",
        "/broll?q=%00",
        "/explore?x=%00",
        "/messages/new?to=%00&post=%00",
        "/cases?state=%00&before=%00",
        "/house/terms?version=%00",
        "/transparency?year=%00",
        "/latest?cursor=%00",
        "/oembed?url=%00",
        "/notifications?before=%00",
        "/invites?before=%00",
    ],
)
def test_a_zero_byte_in_a_question_is_no_fault(
    as_postgresql: None, client: Client, operator: User, path: str
) -> None:
    client.force_login(operator)
    assert client.get(path).status_code < 500


def test_a_question_of_5000_characters_is_cut(carols: Client) -> None:
    answer = carols.get("/api/v1/search", {"q": "cats \u0000 " * 500})
    assert answer.status_code == 200 and len(answer.json().get("asked", "")) <= 200


def test_with_a_broken_ranker_the_feed_goes_by_popularity_and_the_operator_is_told(
    carols: Client,
    carol: User,
    bob: User,
    operator: User,
    make_post: MakePost,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posts = [make_post(bob, minutes_ago=n) for n in range(3)]
    type(posts[0]).objects.filter(pk=posts[2].pk).update(like_count=9)

    def breaks(*_: object, **__: object) -> None:
        raise KeyError("weights")

    monkeypatch.setattr(slate, "build", breaks)
    page = carols.get("/api/v1/feed/for-you")
    assert page.status_code == 200 and page.json()["posts"][0]["id"] == str(posts[2].public_id)
    assert Slate.objects.get(person=carol).version == "popularity"
    assert Notification.objects.filter(recipient=operator, kind="ranking_failed").exists()
    assert slates.of(carol, now) and streams.latest(carol, "", now).cards


@pytest.mark.parametrize("broken", [["x"], {"a": [[1, 2.0]]}, {"1": [[2]]}, {"1": 7}, {"1": [[2, None]]}])
def test_a_ranker_whose_ways_on_are_broken_ranks_without_them_and_the_operator_is_told(
    carols: Client, bob: User, operator: User, make_post: MakePost, now: datetime, broken: object
) -> None:
    post = make_post(bob)
    serving = RankerVersion.State.SERVING
    RankerVersion.objects.create(
        version="1", weights={"fresh": 1.0}, neighbours=broken, state=serving, trained_at=now
    )
    page = carols.get("/api/v1/feed/for-you")
    assert page.status_code == 200 and page.json()["posts"][0]["id"] == str(post.public_id)
    assert Slate.objects.get().version == "1"
    assert Notification.objects.filter(recipient=operator, kind="ranking_failed").exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Al\u202eice", "name_hidden"),  # turns the writing around
        ("\u2066Alice\u2069", "name_hidden"),
        ("Al\u200bice", "name_hidden"),
        ("A" + "\u0335" * 20 + "lice", "name_marks"),
        ("A" + "\u0301\u0316" * 3, "name_marks"),
        ("Alicе", "name_mixed"),  # the last letter is Cyrillic
    ],
)
def test_names_that_would_read_as_others_or_run_over_the_page(carol: User, name: str, code: str) -> None:
    carol.display_name = name
    with pytest.raises(ValidationError) as refused:
        carol.full_clean()
    assert [error.code for error in refused.value.error_dict["display_name"]] == [code]


def test_a_name_may_carry_the_marks_that_its_language_needs(carol: User) -> None:
    for name in ("Nguye\u0302\u0303n", "กู้เกียรติ", "שָׁלוֹם", "हिन्दी"):
        carol.display_name = name
        carol.full_clean()
