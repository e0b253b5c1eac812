"""The town's rows: COPY on PostgreSQL, many at once elsewhere. No files, no mail, no tasks, no money.

The last four people are there for what is hard to read: `town_blocks` has blocked ten thousand (or half of
the town), `town_dormant` follows people who published long ago only, `town_alone` follows nobody, and
`town_filter` has muted nearly every word and hides AI.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from accounts.models import Block, Follow, User
from feed import search
from feed.models import Hashtag, Like, Post, SearchWord, Steering, Watch
from feed.topics import topics_of
from feed.town import people as who
from generation.models import Clip, Rendition

SPECIAL = ("town_blocks", "town_dormant", "town_alone", "town_filter")
FOLLOWS_EACH = 12
WATCHES_EACH = 40
BLOCKED = 10_000
KINDS = ((Rendition.Kind.POSTER, "webp"), (Rendition.Kind.MP4_720, "mp4"), (Rendition.Kind.MP4_360, "mp4"))
Say = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    people: int
    clips: int
    days: int
    seed: int


def fill(size: Size, now: datetime, say: Say) -> None:
    """Fill an empty database. `now` is the town's last moment; the same size and moment, the same rows."""
    town = who.settle(size.people, size.clips, size.days, size.seed)
    say("settled")
    met = who.watched(town, WATCHES_EACH * size.people, size.seed)
    with transaction.atomic():
        _people(size, now)
        _edges(town, size, now)
        say("people")
        _clips(town, met, size, now, say)
        _answers(met, now)
        say("watching")
        _special(size, now)
        _sequences()
    _remember(size, now)
    # PostgreSQL would read through what still waits to be put into the index of parts of names.
    is_waiting = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if is_waiting else "ANALYZE")


def schema() -> str:
    """Which tables this code wants: a bench refuses a town of other ones."""
    names = sorted(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]


def found() -> dict[str, Any] | None:
    """What `_remember` wrote of this database's town; None without one."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('feed_post'::regclass)")
        row = cursor.fetchone()
    told = json.loads(row[0]) if row and row[0] and row[0].startswith("{") else None
    return told if isinstance(told, dict) else None


def _remember(size: Size, now: datetime) -> None:
    if connection.vendor == "postgresql":
        told = json.dumps({**vars(size), "until": now.isoformat(), "schema": schema()})
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON TABLE feed_post IS '{told}'")


# --- Rows --------------------------------------------------------------------------------------------------


def _write(model: type[Any], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows under the columns of a model's table, by the fastest way that the database has."""
    table, quote = model._meta.db_table, connection.ops.quote_name
    names = ", ".join(quote(name) for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:  # type: ignore[attr-defined]
                for piece in _lines(rows):
                    copy.write(piece)
            return
        places = ", ".join(["%s"] * len(columns))
        for many in _many(rows):
            words = f"INSERT INTO {quote(table)} ({names}) VALUES ({places})"  # our own names  # nosec B608
            cursor.executemany(words, many)


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """COPY's text form, some thousand rows a piece. The town's texts hold no tab, line break or backslash."""
    for many in _many(rows):
        yield "".join(
            ["\t".join(["\\N" if cell is None else str(cell) for cell in row]) + "\n" for row in many]
        )


def _many(rows: Iterable[tuple[Any, ...]], at_once: int = 5000) -> Iterator[list[tuple[Any, ...]]]:
    many: list[tuple[Any, ...]] = []
    for row in rows:
        many.append(row)
        if len(many) == at_once:
            yield many
            many = []
    if many:
        yield many


def _ids(kind: int, size: Size, count: int) -> Iterator[str]:
    """Random ids (version 4) from the seed, as the database keeps them."""
    plain = connection.vendor != "postgresql"
    draw = np.random.default_rng([size.seed, 7, kind])
    for start in range(0, count, 50_000):
        many = min(50_000, count - start)
        drawn = draw.bytes(16 * many)
        for at in range(many):
            made = uuid.UUID(bytes=drawn[16 * at : 16 * at + 16], version=4)
            yield made.hex if plain else str(made)


def _moment(now: datetime, days_ago: float) -> str:
    return (now - timedelta(days=float(days_ago))).strftime("%Y-%m-%d %H:%M:%S.%f" + _zone())


def _zone() -> str:
    return "+00" if connection.vendor == "postgresql" else ""


def _handle(number: int, size: Size) -> str:
    special = number - (size.people - len(SPECIAL))
    return SPECIAL[special] if special >= 0 else f"town{number}"


def _people(size: Size, now: datetime) -> None:
    nobody, then = make_password(None), _moment(now, size.days + 1)
    true, false = ("t", "f") if connection.vendor == "postgresql" else (1, 0)
    columns = (
        *("id", "password", "is_superuser", "username", "first_name", "last_name", "email", "is_staff"),
        *(
            "is_active",
            "date_joined",
            "public_id",
            "display_name",
            "birth_date",
            "language",
            "bio",
            "is_moderator",
            "only_passkeys",
        ),
    )
    rows = (
        (
            n + 1,
            nobody,
            false,
            _handle(n, size),
            "",
            "",
            "",
            false,
            true,
            then,
            pid,
            f"Neighbour {n}",
            "1990-01-01",
        )
        + (("zh-hans" if n % 7 == 0 else "en"), "", false, false)
        for n, pid in enumerate(_ids(0, size, size.people))
    )
    _write(User, columns, rows)


def _edges(town: who.Town, size: Size, now: datetime) -> None:
    follower, followed = who.follows(town, FOLLOWS_EACH, size.seed)
    kept = follower < size.people - len(SPECIAL)
    then = _moment(now, size.days)
    _write(
        Follow,
        ("follower_id", "followee_id", "created_at"),
        ((a + 1, b + 1, then) for a, b in zip(follower[kept].tolist(), followed[kept].tolist(), strict=True)),
    )
    draw = np.random.default_rng([size.seed, 5])
    pairs = np.unique(draw.integers(0, size.people - len(SPECIAL), (size.people // 2, 2)), axis=0)
    _write(
        Block,
        ("blocker_id", "blocked_id", "created_at"),
        ((a + 1, b + 1, then) for a, b in pairs.tolist() if a != b),
    )


def _clips(town: who.Town, met: tuple[Any, ...], size: Size, now: datetime, say: Say) -> None:
    """Clips oldest first: the higher id is the newer one."""
    _, clip, _, _, liked = met
    likes = np.bincount(clip[liked], minlength=size.clips).tolist()
    texts = [who.text_of(n) for n in range(who.MOST_TEXTS)]
    true, false = ("t", "f") if connection.vendor == "postgresql" else (1, 0)
    creator, text, ai = town.creator.tolist(), town.text.tolist(), town.is_ai.tolist()
    moments = [_moment(now, age) for age in town.age.tolist()]
    _write(
        Clip,
        (
            *(
                "id",
                "public_id",
                "maker_id",
                "origin",
                "prompt",
                "prompt_hidden",
                "engine",
                "flashes",
                "cast_count",
            ),
            *(
                "duration_ms",
                "width",
                "height",
                "mark_payload",
                "material_path",
                "sealed_at",
                "withdrawn_reason",
            ),
        ),
        (
            (
                n + 1,
                pid,
                creator[n] + 1,
                "generated" if ai[n] else "uploaded",
                texts[text[n]][1],
                false,
                "native",
            )
            + (false, 0, 5000, 720, 1280, "", "", moments[n], "")
            for n, pid in enumerate(_ids(1, size, size.clips))
        ),
    )
    say("clips")
    ids = _ids(2, size, 3 * size.clips)
    _write(
        Rendition,
        ("public_id", "clip_id", "kind", "path", "sha256", "bytes", "width", "height"),
        (
            (next(ids), n + 1, kind, f"town/{n % 24}-{kind}.{ending}", f"{n % 24:064x}", 400_000, 720, 1280)
            for n in range(size.clips)
            for kind, ending in KINDS
        ),
    )
    say("renditions")
    topics = [topics_of(prompt, caption) for caption, prompt in texts]
    told = [json.dumps(names) for names in topics]
    _write(
        Post,
        (
            *("id", "public_id", "clip_id", "creator_id", "caption", "topics", "state", "allow_remix"),
            *("allow_comments", "allow_tags", "like_count", "comment_count", "remix_count", "repost_count"),
            *("published_at", "allow_download", "remix_share_bp", "is_paid", "is_broll"),
            *("has_ways", "is_ai"),
        ),
        (
            (n + 1, pid, n + 1, creator[n] + 1, texts[text[n]][0], told[text[n]], "LIVE", true, true, true)
            + (likes[n], 0, 0, 0, moments[n], true, 0, false, false, false, true if ai[n] else false)
            for n, pid in enumerate(_ids(3, size, size.clips))
        ),
    )
    say("posts")
    tags = sorted(who.TOPICS)
    _write(Hashtag, ("id", "name"), ((n + 1, name) for n, name in enumerate(tags)))
    number = {name: n + 1 for n, name in enumerate(tags)}
    under = [number[names[0]] for names in topics]
    _write(
        Post.hashtags.through,
        ("post_id", "hashtag_id"),
        ((n + 1, under[text[n]]) for n in range(size.clips)),
    )
    words = [
        search.words_of(f"{caption} {' '.join(topics[n])} {prompt}")
        for n, (caption, prompt) in enumerate(texts)
    ]
    _write(
        SearchWord,
        ("word", "post_id"),
        (
            (word, n + 1)
            for n in range(size.clips)
            for word in dict.fromkeys([*words[text[n]], "neighbour", str(creator[n])])
        ),
    )
    say("words")


def _answers(met: tuple[Any, ...], now: datetime) -> None:
    person, clip, ago, fraction, liked = met
    size = Size(0, 0, 0, int(len(person)))
    moments = [_moment(now, days) for days in ago.tolist()]
    _write(
        Watch,
        ("post_id", "viewer_id", "visit", "watch_ms", "loops", "at"),
        (
            (c + 1, p + 1, visit, int(5000 * f), 0, at)
            for p, c, f, at, visit in zip(
                person.tolist(),
                clip.tolist(),
                fraction.tolist(),
                moments,
                _ids(4, size, len(person)),
                strict=True,
            )
        ),
    )
    rows = np.flatnonzero(liked)
    _write(
        Like,
        ("post_id", "person_id", "created_at"),
        ((int(clip[n]) + 1, int(person[n]) + 1, moments[n]) for n in rows.tolist()),
    )


def _special(size: Size, now: datetime) -> None:
    people = {one.username: one for one in User.objects.filter(username__in=SPECIAL)}
    others = size.people - len(SPECIAL)
    Block.objects.bulk_create(
        [
            Block(blocker=people["town_blocks"], blocked_id=n + 1, created_at=now)
            for n in range(min(BLOCKED, others // 2))
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )
    oldest = list(dict.fromkeys(Post.objects.order_by("pk").values_list("creator_id", flat=True)[:2000]))
    late = set(Post.objects.order_by("-pk").values_list("creator_id", flat=True)[: size.clips // 2])
    dormant = [pk for pk in oldest if pk not in late][:200] or oldest[-20:]
    Follow.objects.bulk_create(
        [Follow(follower=people["town_dormant"], followee_id=pk, created_at=now) for pk in dormant],
        ignore_conflicts=True,
    )
    Steering.objects.create(
        person=people["town_filter"],
        muted_words=["walks", "runs", "jumps", "spins", "waves", "juggles", "sings", "sleeps", "flies"],
        hide_ai=True,
        updated_at=now,
    )


def _sequences() -> None:
    """The next row that somebody makes stands behind the town's."""
    from django.core.management.color import no_style

    models = [User, Clip, Rendition, Post, Hashtag, Follow, Block, Watch, Like, SearchWord]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
