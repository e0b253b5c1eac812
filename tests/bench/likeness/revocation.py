"""Revoking what 10,000 clips lean on: a tree of remixes, twelve levels deep, each clip with its files.

visible_to_ratio   the worst of four reads of the feed (its first page and the ranker's catalogue; a stranger
                   signed in, and nobody), each against the same SQL with the likeness rule taken out: median
                   of many pairs; `visible_to_interval` is its 95 % interval, `visible_to_reads` all four
revoke_hidden_ms   right after the commit: the first page of the feed, which must not show one of them
revoke_media_s     pressing revoke, and the slowest of 60 requests for media of all levels after it: all 404
revoke_purged_s    from pressing revoke until no file of the 10,000 is on the disk and the act is finished
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

from tests.bench.likeness._stage import empty_house, seconds

CLIPS, LEVELS, OTHERS, MAKERS = 10_000, 12, 2_000, 40
# How many posts, and how many pairs are measured.
READS = {"page": (20, 201), "catalogue": (2000, 41)}
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KINDS = ("mp4_720", "mp4_360", "poster")


def main() -> None:
    with empty_house():
        print(json.dumps(measure()))


def measure() -> dict[str, Any]:
    from django.conf import settings

    from cameos import revocation
    from generation.models import Clip

    owner, cameo, root = plant()
    found: dict[str, Any] = {"descendants": CLIPS, "levels": LEVELS, "database": database()}
    settle()
    reads = ratios()
    worst = max(reads.values())
    found |= {"visible_to_ratio": worst[0], "visible_to_interval": worst[1:], "visible_to_reads": reads}
    asked = spread()
    assert all(answers(address) == 200 for address in asked)
    assert first_page() > 0
    started, worked = time.perf_counter(), time.process_time()
    revocation.revoke(cameo=cameo, owner=owner, now=NOW)
    pressed = time.perf_counter() - started
    found["revoke_commit_s"] = round(pressed, 2)
    found["revoke_commit_cpu_s"] = round(time.process_time() - worked, 2)
    found["revoke_hidden_ms"] = round(seconds(first_page) * 1000, 1)
    assert first_page() == 0, "the feed still shows what was revoked"
    found["revoke_media_s"] = round(pressed + max(refused_after(address) for address in asked), 2)
    follow(cameo)
    found["revoke_purged_s"] = round(time.perf_counter() - started, 1)
    left = [path for path in settings.MEDIA_ROOT.glob("clips/*/*") if path.is_file()]
    assert len(left) == OTHERS * len(KINDS), "files of revoked clips are left, or others are gone"
    assert not Clip.objects.filter(uses__cameo=cameo, files_purged_at=None).exclude(maker=owner).exists()
    found["rescan"] = revocation.sweep(NOW)
    return found


def database() -> str:
    from django.db import connection

    return connection.vendor


def settle() -> None:
    """What autovacuum does on a living PostgreSQL soon after so many rows came."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def plant() -> tuple[Any, Any, Any]:
    """Alice, her likeness, and a clip with her from which 10,000 others were made; beside them 2,000 without
    her."""
    from cameos import actions
    from cameos.models import Cameo
    from tests.cameos.making import OPEN
    from tests.conftest import person

    owner, makers = person("alice"), [person(f"maker{number}") for number in range(MAKERS)]
    cameo = Cameo.objects.create(owner=owner, name="Alice", created_at=NOW)
    cameo = actions.verified(cameo=cameo, assurance="basic", now=NOW - timedelta(days=9))
    grant = actions.save_grant(
        cameo=cameo, owner=owner, terms=OPEN, stepped_up=True, now=NOW - timedelta(days=3)
    )
    clips = publish(makers, CLIPS + 1, cast=1)
    descend(clips)
    cast(clips, cameo, grant)
    publish(makers, OTHERS, cast=0)
    return owner, cameo, clips[0]


def publish(makers: list[Any], count: int, *, cast: int) -> list[Any]:
    """Clips with three files each, and their posts."""
    from feed.models import Post
    from generation.models import Clip, Rendition

    fields = {"seed": 1, "engine": "native", "duration_ms": 5000, "width": 720, "height": 1280}
    clips = Clip.objects.bulk_create(
        Clip(
            maker=makers[number % MAKERS],
            prompt="a walk on the beach",
            cast_count=cast,
            sealed_at=NOW,
            **fields,
        )
        for number in range(count)
    )
    Rendition.objects.bulk_create(
        Rendition(clip=clip, kind=kind, path=path, sha256="0" * 64, bytes=2000, width=720, height=1280)
        for clip in clips
        for kind, path in files_of(clip)
    )
    Post.objects.bulk_create(
        Post(clip=clip, creator=clip.maker, caption="", published_at=NOW - timedelta(seconds=number))
        for number, clip in enumerate(clips)
    )
    return clips


def files_of(clip: Any) -> Iterator[tuple[str, str]]:
    from django.conf import settings

    folder = settings.MEDIA_ROOT / "clips" / str(clip.public_id)
    folder.mkdir(parents=True)
    for kind in KINDS:
        (folder / kind).write_bytes(b"0" * 2000)
        yield kind, f"clips/{clip.public_id}/{kind}"


def descend(clips: list[Any]) -> None:
    """A root, then twelve levels, each about twice as wide as the one above."""
    from generation.models import Ingredient

    level_of, rows, above, at = [1], [], [clips[0]], 1
    for level in range(LEVELS):
        width = (CLIPS + 1 - at) if level == LEVELS - 1 else max(1, round(CLIPS * 2**level / (2**LEVELS - 1)))
        here = clips[at : at + width]
        rows += [
            Ingredient(clip=clip, source=above[number % len(above)], relationship="parent")
            for number, clip in enumerate(here)
        ]
        level_of.append(len(here))
        above, at = here, at + width
    assert at == len(clips) and len(level_of) == LEVELS + 1
    Ingredient.objects.bulk_create(rows)


def cast(clips: list[Any], cameo: Any, grant: Any) -> None:
    from cameos.models import LikenessUse

    LikenessUse.objects.bulk_create(
        LikenessUse(clip=clip, cameo=cameo, grant=grant, state="live", approval="not_needed", created_at=NOW)
        for clip in clips
    )


# --- What is read ------------------------------------------------------------------------------------------


def first_page() -> int:
    """Clips with a likeness among the newest twenty that a visitor is shown."""
    from django.contrib.auth.models import AnonymousUser

    from feed.models import Post

    shown = (
        Post.objects.visible_to(AnonymousUser(), NOW).select_related("clip", "creator").newest_first()[:20]
    )
    return sum(post.clip.cast_count for post in shown)


def ratios() -> dict[str, list[float]]:
    """Each read with the rule against the same without, in pairs that take turns in who is first: the median
    of the pairs' ratios, and the ends of its 95 % interval (bootstrap over pairs). What else the machine
    does falls on both of a pair."""
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    viewers = {"anonymous": AnonymousUser(), "stranger": User.objects.get(username="maker0")}
    found = {}
    for name, viewer in viewers.items():
        for read, (limit, pairs) in READS.items():
            found[f"{read} {name}"] = _median([_pair(viewer, limit, turn) for turn in range(pairs)])
    return found


def _pair(viewer: Any, limit: int, turn: int) -> float:
    def bare() -> float:
        with without_rule():
            return seconds(lambda: read_feed(viewer, limit))

    if turn % 2:
        return 1 / (bare() / seconds(lambda: read_feed(viewer, limit)))
    return seconds(lambda: read_feed(viewer, limit)) / bare()


def _median(ratios: list[float]) -> list[float]:
    draw = Random(1)
    again = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(1000))
    return [round(value, 2) for value in (statistics.median(ratios), again[25], again[974])]


def read_feed(viewer: Any, limit: int) -> None:
    from feed.models import Post

    posts = Post.objects.visible_to(viewer, NOW).not_muted_by(viewer)
    list(posts.select_related("clip", "creator").newest_first()[:limit])


@contextmanager
def without_rule() -> Iterator[None]:
    """The same SQL but for the count of live uses; that somebody may see their own drafts stays."""
    from django.db.models import Q

    from cameos import uses

    def anything(lookup: str = "", now: Any = None) -> Q:
        return Q(**{f"{lookup}cast_count__gte": 0})

    with mock.patch.object(uses, "shown", anything), mock.patch.object(uses, "intact", anything):
        yield


def spread() -> list[str]:
    """Addresses of media of every level, 60 in all."""
    from generation.models import Rendition

    rows = Rendition.objects.filter(clip__cast_count=1).order_by("pk")
    step = rows.count() // 60
    return [f"/media/{public_id}" for public_id in rows.values_list("public_id", flat=True)[::step]]


def answers(address: str) -> int:
    from django.test import Client

    response = Client().get(address, headers={"Range": "bytes=0-99"})
    status = int(response.status_code)
    response.close()
    return 200 if status == 206 else status


def refused_after(address: str) -> float:
    """Seconds until the media door said no."""
    started = time.perf_counter()
    assert answers(address) == 404, address
    return time.perf_counter() - started


def follow(cameo: Any) -> None:
    """What the workers do after the commit: the task of the ending, the purge it asks for, and the ending's
    own last look."""
    from cameos import revocation
    from cameos.models import Ending
    from generation import purge

    (ending,) = Ending.objects.filter(cameo=cameo)
    while not revocation.reach(ending.pk, NOW):
        purge.purge_leftovers(NOW)


if __name__ == "__main__":
    main()
