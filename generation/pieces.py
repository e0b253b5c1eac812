"""Pieces of clips that are cut into a reel between one's own films: B-roll, found by meaning and licensed.

Whoever keeps what is offered says what there is and what it costs (`register`); without it there is only what
one may remix. A piece is a clip that the reel goes on from: named in its manifest and on its page, paid its
share of what the reel earns, and labelled as made by a model, which the whole reel then is.

    how["pieces"] = ["id of a clip", …]        the sources of the request, in their order
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from generation import actions, store
from generation.engines.base import EngineFailed
from generation.models import Clip, Generation, Rendition
from generation.refusals import CannotMake
from generation.states import Verb

MOST_LISTED = 12
LEAST_S = 0.6  # a single picture is a clip too, but none that can be cut


@dataclass(frozen=True)
class Piece:
    """One clip as a form lists it. `price` is as people read it ("" free), `page` where it is licensed."""

    key: str
    title: str
    by: str
    poster: str
    seconds: float
    price: str
    page: str


class Shelf(Protocol):
    def found(self, viewer: User, words: str, now: datetime) -> Sequence[Piece]:
        """Offered clips, the nearest in meaning first; the newest without words."""

    def held(self, viewer: User, now: datetime) -> Sequence[Piece]:
        """What this person has a licence for, and may still see."""

    def named(self, viewer: User, keys: Sequence[UUID], now: datetime) -> Sequence[Piece]:
        """Those of these clips that are offered, and that this person may see."""


@dataclass(frozen=True)
class Listed:
    """A piece beside its box: `may` it be put in as it is, or is it to be licensed first."""

    piece: Piece
    may: bool
    chosen: bool


_shelf: Shelf | None = None


def register(shelf: Shelf) -> None:
    global _shelf
    _shelf = shelf


def listed(maker: User, words: str, chosen: Sequence[str], now: datetime) -> list[Listed]:
    """What was chosen, what is licensed, and what was looked for, each once."""
    if _shelf is None:
        return []
    held = list(_shelf.held(maker, now))
    found = list(_shelf.found(maker, words, now)) if words else []
    asked = _ids(chosen)[:MOST_LISTED]  # found by other words before
    named = list(_shelf.named(maker, asked, now)) if asked else []
    every = {piece.key: piece for piece in [*named, *held, *found] if piece.seconds >= LEAST_S}
    clips = {str(clip.public_id): clip for clip in Clip.objects.filter(public_id__in=_ids([*every, *chosen]))}
    kept = [key for key in chosen if key in every]
    return [
        Listed(every[key], key in clips and _may(clips[key], maker), key in chosen)
        for key in dict.fromkeys([*kept, *every])
    ][: MOST_LISTED + len(chosen)]


def chosen(maker: User, keys: Sequence[str]) -> list[Clip]:
    """The clips of these ids, in their order. Raises `CannotMake`."""
    rows = {str(c.public_id): c for c in Clip.objects.visible_to(maker).filter(public_id__in=_ids(keys))}
    found = [rows[key] for key in dict.fromkeys(keys) if key in rows]
    if len(found) < len(set(keys)):
        raise _unknown()
    return found


def check(verb: str, sources: Sequence[Clip], maker: User) -> None:
    """Clips in a reel show nobody, and their makers let this person use them. Raises `CannotMake`."""
    for clip in sources if verb == Verb.REEL else ():
        if clip.cast_count:
            raise CannotMake(
                _("A clip that shows people cannot be cut in between your films."),
                _("Choose one without people: B-roll is always without."),
                code="piece_shows_people",
            )
        if not _may(clip, maker):
            raise _unknown()
        if clip.duration_ms < 1000 * LEAST_S:
            raise CannotMake(
                _("A single picture cannot be cut in between your films."),
                _("Choose a piece that moves."),
                code="piece_is_a_picture",
            )


def files(generation: Generation, folder: Path) -> list[Path]:
    """The films of a reel's pieces on this machine, in their order. Raises `EngineFailed("piece_gone")`."""
    paths: list[Path] = []
    for clip in generation.sources() if generation.verb == Verb.REEL else ():
        row = clip.renditions.filter(kind=Rendition.Kind.MP4_720).first()
        if clip.is_gone or row is None:
            raise EngineFailed("piece_gone")
        try:
            with store.local(row.path, folder) as path:
                path.stat()
                paths.append(path)
        except FileNotFoundError as error:
            raise EngineFailed("piece_gone") from error
    return paths


def _may(clip: Clip, maker: User) -> bool:
    return not clip.cast_count and actions.remixable(clip, maker)


def _unknown() -> CannotMake:
    return CannotMake(
        _("A piece that you chose is not there any more, or you have no licence for it."),
        _("Choose another, or license it first: your films and the other pieces stay chosen."),
        code="piece_unknown",
    )


def _ids(keys: Sequence[str]) -> list[UUID]:
    found = []
    for key in keys:
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return found
