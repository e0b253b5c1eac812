"""What a clip was made from, and what was made from it. Walked level by level; a loop cannot hold it up."""

from __future__ import annotations

from collections.abc import Iterable

from generation.models import Clip, Ingredient

DEEPEST = 200


def ancestors(clip: Clip) -> list[Clip]:
    """Everything it came from: its parents first, then theirs."""
    return _walk({clip.pk}, "clip", "source")


def descendants(clip: Clip) -> list[Clip]:
    """Everything made from it: its remixes first, then theirs."""
    return _walk({clip.pk}, "source", "clip")


def descendant_ids(clip_ids: Iterable[int]) -> set[int]:
    start = set(clip_ids)
    return {clip.pk for clip in _walk(start, "source", "clip")} - start


def _walk(level: set[int], here: str, there: str) -> list[Clip]:
    seen, order = set(level), list[int]()
    for _depth in range(DEEPEST):
        rows = Ingredient.objects.filter(**{f"{here}_id__in": level}).order_by("pk")
        fresh = [pk for pk in dict.fromkeys(rows.values_list(f"{there}_id", flat=True)) if pk not in seen]
        if not fresh:
            break
        order += fresh
        seen |= set(fresh)
        level = set(fresh)
    clips = Clip.objects.select_related("maker").in_bulk(order)
    return [clips[pk] for pk in order]
