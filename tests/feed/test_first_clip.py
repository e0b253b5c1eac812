"""The first page of a fresh browser: its clip plays from the page itself, and nothing stands in its way."""

import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from feed.models import Post, Preferences, Watch
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db
PLAYS = re.compile(r'<video class="clip__video" autoplay muted[^>]*>')


@pytest.fixture
def post(bob: User, make_post: MakePost) -> Post:
    make_post(bob)
    return make_post(bob, minutes_ago=5)


def test_one_clip_plays_before_any_script_is_there(post: Post, client: Client) -> None:
    html = client.get(f"/p/{post.public_id}").content.decode()
    assert html.count("data-video=") == 2
    [plays] = PLAYS.finditer(html)
    shown = re.search(r'data-video="([^"]+)"', html)
    assert shown and html[plays.end() :].startswith(f'<source src="{shown[1]}" media="(prefers-reduced')
    assert plays.start() < min(html.index(name) for name in ("js/app.js", "modulepreload"))


def test_a_first_visit_waits_for_no_style_sheet(post: Post, client: Client) -> None:
    first = client.get("/")
    html = first.content.decode()
    assert 'rel="stylesheet"' not in html
    nonces = set(re.findall(r'<style nonce="([^"]+)"', html))
    assert len(nonces) == 1 and f"'nonce-{nonces.pop()}'" in first["Content-Security-Policy"]
    whole = (settings.BASE_DIR / "static/css/rooms/feed.css").read_text()
    assert whole in html
    told = re.findall(r'data-sheets="([^"]+)"', html)
    again = client.get("/").content.decode()  # it has a cookie by now, and the sheets in its cache
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', again) == " ".join(told).split()
    assert "<style" not in again


@pytest.mark.parametrize(
    ("cookie", "header", "plays"),
    [("", "", 1), ("on", "", 0), ("", "on", 0), ("off", "on", 1), ("odd", "", 1)],
)
def test_who_saves_data_is_sent_nothing_that_plays(
    post: Post, client: Client, cookie: str, header: str, plays: int
) -> None:
    if cookie:
        client.cookies["save-data"] = cookie
    html = client.get("/", headers={"Save-Data": header}).content.decode()
    assert len(PLAYS.findall(html)) == plays


def test_nothing_plays_when_the_minutes_of_the_day_are_over(post: Post, alice: User, client: Client) -> None:
    Preferences.objects.create(person=alice, session_minutes=10)
    client.force_login(alice)
    assert PLAYS.search(client.get("/").content.decode())
    Watch.objects.create(post=post, viewer=alice, visit=uuid4(), watch_ms=10 * 60_000, at=timezone.now())
    assert not PLAYS.search(client.get("/").content.decode())
