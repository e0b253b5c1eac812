"""Cards as HTML: what people typed stays text, sentences are the reader's, a page's first clip may play."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import translation

from accounts.models import User
from feed import drawing
from feed.cards import Card, Person

SHOWN = Card(
    id="1",
    url="/c/1",
    clip="2",
    caption="",
    prompt="a heron",
    creator=Person("bob", "Bob", 3, "B", "/u/bob"),
    cast=[],
    parent=None,
    poster="/p",
    video="/v",
    video_small="/w",
    width=360,
    height=640,
    duration_ms=4000,
    like_count=7,
    comment_count=0,
    remix_count=0,
    liked=False,
    following=False,
    is_mine=False,
    allow_remix=True,
    allow_comments=True,
    is_generated=True,
    allow_download=True,
    has_ways=False,
    series=None,
    published_at="2026-11-22T12:00:00Z",
)
WHY = {
    "score": 0.475,
    "terms": [{"name": "fresh", "words": "<b>new</b>", "value": -0.004}],
    "deduction": 0.0,
    "chance": False,
    "sources": [],
    "version": "built-in",
}
BAD = '"><script>x</script>'


def drawn(person: User, card: Card, **how: bool) -> str:
    request: Any = RequestFactory().get("/")
    request.user = person
    return drawing.cards(request, [card], **how)[0]


def test_nothing_that_anybody_typed_becomes_markup(bob: User) -> None:
    card = replace(
        SHOWN,
        caption=BAD,
        prompt=BAD,
        creator=Person("bob", BAD, 3, "<", "/u/bob"),
        cast=[{"name": BAD, "url": "/u/alice"}],
        parent={"name": BAD, "url": "/u/carol"},
        series={"title": BAD, "number": 2, "url": "/s/1"},
        why={**WHY, "version": BAD},
    )
    html = drawn(bob, card)
    assert "<script" not in html and "<b>new" not in html
    assert html.count("&lt;script&gt;") >= 8


@pytest.mark.parametrize(("language", "says"), [("en", "Clip by Bob: a heron"), ("zh-hans", "“a heron”")])
def test_sentences_are_the_readers(language: str, says: str, bob: User) -> None:
    with translation.override(language):
        html = drawn(bob, SHOWN)
    assert says in html
    assert ("Play or pause" in html) == (language == "en")


def test_points_are_rounded_as_on_paper(bob: User) -> None:
    html = drawn(bob, replace(SHOWN, why=WHY))
    assert '<td class="is-number">0.48</td>' in html and '<td class="is-number">0.00</td>' in html
    assert "&lt;b&gt;new&lt;/b&gt;" in html


def test_only_the_first_clip_of_a_whole_page_plays_by_itself(bob: User) -> None:
    request: Any = RequestFactory().get("/")
    request.user = bob
    page = drawing.cards(request, [SHOWN, SHOWN], is_page=True, starts=True)
    assert ["autoplay" in html for html in page] == [True, False]
    assert all("<noscript>" in html for html in page)
    later = drawing.cards(request, [SHOWN])
    assert "autoplay" not in later[0] and "<noscript>" not in later[0]


def test_who_made_it_is_offered_other_things_than_who_watches(bob: User) -> None:
    mine, theirs = drawn(bob, replace(SHOWN, is_mine=True)), drawn(bob, SHOWN)
    assert "/c/1/delete" in mine and "/c/1/report" not in mine and "/tips/" not in mine
    assert "/c/1/delete" not in theirs and "/c/1/report" in theirs and "/tips/bob?for=1" in theirs
