"""Finding clips, people, tags and products by words, and clips by meaning; English and Chinese.

Words are kept in a table, cut the same way for clips and questions: words of letters in small form without a
plural s, and each pair of neighbouring Chinese characters. For each word of a question only the newest few
hundred clips that hold it are looked at, so a common word costs no more than a rare one. Meaning is asked of
the vector process; when it is away, words alone answer. Who may see what is asked for each card at the end.
"""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery

from accounts import compiled, social
from accounts.models import User
from accounts.social import Viewer
from feed import cards, text
from feed.cards import Card
from feed.describing import NAMESPACE
from feed.models import Hashtag, Post, SearchWord
from model import text as vectors

log = logging.getLogger(__name__)

LONGEST = 200  # characters of a question; the rest is not read
MOST_WORDS = 8  # of a question
MOST_KEPT = 60  # of a clip
EACH = 400  # newest clips looked at for each word
FOUND = 24
MOST_COUNTED = 60  # clips of one tag
MOST_NAMED = 200  # people of one name, of whom the most followed are shown
NEAR = 0.78  # cosine below which two texts have nothing to do with each other
FROM_BEST = 0.06
PATIENCE_S = 0.4

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def words_of(said: str, *, asked: bool = False) -> list[str]:
    """The words of a text, each once, in order. What is kept holds single Chinese characters too, so that
    one character finds something; a question of several asks for their pairs."""
    found: list[str] = []
    for run in _RUN.findall(_split_scripts(unicodedata.normalize("NFKC", said).lower())):
        if _HAN.match(run):
            pairs = [run[n : n + 2] for n in range(len(run) - 1)]
            found += pairs if asked and pairs else [*pairs, *run]
        else:
            found.append(_plain(run)[:40])
    return list(dict.fromkeys(found))[: MOST_WORDS if asked else MOST_KEPT]


def _split_scripts(said: str) -> str:
    return re.sub(r"([\u3400-\u9fff\uf900-\ufaff]+)", r" \1 ", said)


def _plain(word: str) -> str:
    """`cats` is `cat`; `glass` and `bus` stay."""
    is_plural = word.isascii() and len(word) > 3 and word.endswith("s") and word[-2] not in "sui"
    return word[:-1] if is_plural else word


# --- Keeping -----------------------------------------------------------------------------------------------


def index(posts: Sequence[Post]) -> None:
    """Keep the words of these posts, with their clips selected. Twice does no harm; a hidden prompt stays
    out."""
    rows = [SearchWord(word=word, post=post) for post in posts for word in words_of(_text_of(post)) or [""]]
    SearchWord.objects.filter(post__in=posts).delete()
    SearchWord.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


def index_missing(at_most: int = 500) -> int:
    """Posts from before there was a search, or whose words were lost."""
    missing = Post.objects.filter(state=Post.State.LIVE, search_words=None).select_related("clip", "creator")
    posts = list(missing.order_by("-pk")[:at_most])
    index(posts)
    return len(posts)


def _text_of(post: Post) -> str:
    prompt = "" if post.clip.prompt_hidden else post.clip.prompt
    return f"{post.caption} {' '.join(post.topics)} {post.creator.name} {prompt}"


# --- Asking ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    handle: str
    name: str
    followers: int

    @property
    def url(self) -> str:
        return f"/u/{self.handle}"


@dataclass(frozen=True)
class Tag:
    name: str
    clips: int

    @property
    def url(self) -> str:
        return f"/t/{self.name}"


@dataclass(frozen=True)
class Thing:
    """What a room to the right found: a product, say."""

    name: str
    url: str
    picture: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Found:
    asked: str
    clips: list[Card] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    products: list[Thing] = field(default_factory=list)
    by_meaning: bool = True  # False when the vector process was away

    @property
    def is_empty(self) -> bool:
        return not (self.clips or self.people or self.tags or self.products)


Finder = Callable[[Viewer, list[str], datetime, int], list[Thing]]
_finders: dict[str, Finder] = {}


def register(kind: str, finder: Finder) -> None:
    """A room to the right finds its own: `finder(viewer, words, now, limit)`."""
    _finders[kind] = finder


def tidy(asked: str) -> str:
    """The question as it is taken: at most LONGEST characters, without what hides."""
    return " ".join(text.clean(asked[: 4 * LONGEST]).split())[:LONGEST]


def find(viewer: Viewer, asked: str, now: datetime) -> Found:
    """Everything that answers a question. No words, nothing found."""
    asked = tidy(asked)
    words = words_of(asked, asked=True)
    if not words:
        return Found(asked)
    near, by_meaning = _by_meaning(asked)
    clips = _clips(viewer, words, near, now)
    things = _finders["products"](viewer, words, now, 8) if "products" in _finders else []
    return Found(asked, clips, people(viewer, asked), tags(asked, viewer, now), things, by_meaning)


def _clips(viewer: Viewer, words: list[str], near: list[int], now: datetime) -> list[Card]:
    ordered, seen = fuse(by_words(words), near), list[Card]()
    for start in range(0, 3 * FOUND, FOUND):  # mostly all may be seen, and the first statement is enough
        seen += [card for _, card in cards.some(viewer, ordered[start : start + FOUND], now, muted=False)]
        if len(seen) >= FOUND:
            break
    return seen[:FOUND]


def by_words(words: list[str]) -> list[int]:
    """Ids of clips, those with most of the rare words first, the newer among equals."""
    score: dict[int, float] = defaultdict(float)
    for word in words:
        ids = compiled.run("posts of a word", _newest_of, compiled.Values(words=[word]))
        for (pk,) in ids:
            score[pk] += 1.0 / math.log(3.0 + len(ids))
    return sorted(score, key=lambda pk: (-round(score[pk], 6), -pk))


def _newest_of() -> QuerySet[SearchWord, Any]:
    newest = SearchWord.objects.filter(word=compiled.word(0)).order_by("-post_id")
    return newest.values_list("post_id")[:EACH]


def _by_meaning(asked: str) -> tuple[list[int], bool]:
    """(ids of clips near in meaning, whether the vector process answered)."""
    try:
        vector = vectors.embed([asked], query=True, timeout_s=PATIENCE_S)[0]
        near = vectors.search(NAMESPACE, vector, 3 * FOUND)
    except vectors.Unavailable:
        log.info("The vector process is away: this search goes by words alone.")
        return [], False
    least = max(NEAR, near[0][1] - FROM_BEST) if near else 1.0
    wanted = [public_id for public_id, cosine in near if cosine >= least]
    found = dict(Post.objects.filter(public_id__in=wanted).values_list("public_id", "pk"))
    pks = {str(public_id): pk for public_id, pk in found.items()}
    return [pks[public_id] for public_id in wanted if public_id in pks], True


def fuse(by_word: Sequence[int], near: Sequence[int]) -> list[int]:
    """One order from two: the sum of 1.5 / (8 + place) in words and 1 / (8 + place) in meaning (reciprocal
    rank fusion, Cormack et al. 2009)."""
    score: dict[int, float] = defaultdict(float)
    for weight, order in ((1.5, by_word), (1.0, near)):
        for place, pk in enumerate(order):
            score[pk] += weight / (8.0 + place)
    return sorted(score, key=lambda pk: (-score[pk], -pk))


def people(viewer: Viewer, asked: str, limit: int = 12) -> list[Person]:
    """People by handle or name: whose handle it is, then the most followed; nobody with a block between them
    and the viewer."""
    name = asked.lstrip("@")
    if not name:
        return []
    wanted = Q(username__istartswith=name) | Q(display_name__istartswith=name)
    if len(name) > 2 or not name.isascii():
        wanted |= Q(display_name__icontains=name)
    # By the index of names first and unordered: who is followed most is asked of those alone.
    here = User.objects.filter(is_active=True, erased_at=None).values_list("pk", flat=True)
    ids = set(here.filter(wanted)[:MOST_NAMED])
    if len(ids) == MOST_NAMED:  # theirs may be beyond
        ids |= set(here.filter(username=name.lower()))
    ids -= social.blocked_ids(viewer)
    if not ids:
        return []
    rows = User.objects.filter(pk__in=ids).annotate(fans=Count("followed_by"))
    first = sorted(rows, key=lambda one: (one.username != name.lower(), -one.fans, one.username))
    return [Person(one.username, one.name, one.fans) for one in first[:limit]]


class _Rows(Subquery):
    """How many rows a subquery has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) its)"
    output_field = IntegerField()


def tags(asked: str, viewer: Viewer, now: datetime, limit: int = 12) -> list[Tag]:
    """Tags that begin like the question, with how many clips the viewer would find under each: no more than
    MOST_COUNTED are counted, so that a tag on everything costs no more than another."""
    name = asked.lstrip("#＃").lower().replace(" ", "")
    if not name:
        return []
    clips = Post.objects.visible_to(viewer, now).filter(hashtags=OuterRef("pk")).order_by()
    begin = Hashtag.objects.filter(name__startswith=name).order_by("name")[: 2 * limit]
    found = begin.annotate(clips=_Rows(clips.values("pk")[:MOST_COUNTED])).values_list("name", "clips")
    rows = [Tag(tag, count) for tag, count in found if count]
    return sorted(rows, key=lambda tag: (-tag.clips, tag.name))[:limit]
