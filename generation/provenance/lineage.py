"""What a clip was made from, and what was made from it. Walked level by level; a loop cannot hold it up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generation.models import Clip, Ingredient

DEEPEST = 200
MOST_IN_A_LIST = 5000


def ancestors(clip: Clip) -> list[Clip]:
    """Everything it came from: its parents first, then theirs."""
    return _walk({clip.pk}, "clip", "source")


def descendants(clip: Clip) -> list[Clip]:
    """Everything made from it: its remixes first, then theirs."""
    return _walk({clip.pk}, "source", "clip")


def descendant_ids(clip_ids: Iterable[int]) -> set[int]:
    start = set(clip_ids)
    return set(_order(start, "source", "clip")) - start


def _walk(level: set[int], here: str, there: str) -> list[Clip]:
    order = _order(level, here, there)
    clips = Clip.objects.select_related("maker").in_bulk(order)
    return [clips[pk] for pk in order]


def _order(level: set[int], here: str, there: str) -> list[int]:
    seen, order = set(level), list[int]()
    for _depth in range(DEEPEST):
        fresh = [pk for pk in dict.fromkeys(_next(level, here, there)) if pk not in seen]
        if not fresh:
            break
        order += fresh
        seen |= set(fresh)
        level = set(fresh)
    return order


def _next(level: set[int], here: str, there: str) -> Iterator[int]:
    """In pieces: a database has a longest list."""
    wanted = sorted(level)
    for start in range(0, len(wanted), MOST_IN_A_LIST):
        rows = Ingredient.objects.filter(**{f"{here}_id__in": wanted[start : start + MOST_IN_A_LIST]})
        yield from rows.order_by("pk").values_list(f"{there}_id", flat=True)
