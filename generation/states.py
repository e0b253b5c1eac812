"""Where a generation is, and the only ways on.

    PLAYING --(kept)--+   (a clip is played; 30 minutes, then CANCELLED)
       ^              v
    SCREENING --> QUEUED --> RENDERING --> INSPECTING --> SEALING --> READY
     |  |  |       ^  |  ^       |              |            |
     |  |  +-> HELD   |  +-------+--------------+------------+   lease lost: again; third time QUARANTINED
     |  |       |     |          |              |            |
     |  +-------+-----+----------+--------------+------------+-> REFUSED, FAILED or CANCELLED
     +--> (10 minutes) FAILED

RENDERING (before its first step) and INSPECTING go to HELD where a face may be somebody's who did not allow
it; let through, it is QUEUED again.
Waiting states end by themselves: SCREENING after 10 minutes (FAILED: the words could not be judged), HELD
after 72 hours (REFUSED: nobody looked), QUEUED after 24 hours (FAILED), and a lease that nobody renews.
READY, REFUSED, FAILED and CANCELLED are the end. QUARANTINED waits a week for a person (its credits are back
already), then it is CANCELLED.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    SCREENING = "SCREENING", _("Reading the prompt")
    PLAYING = "PLAYING", _("Being played")
    QUEUED = "QUEUED", _("Waiting its turn")
    RENDERING = "RENDERING", _("Rendering")
    INSPECTING = "INSPECTING", _("Looking at who is in it")
    SEALING = "SEALING", _("Marking and signing")
    READY = "READY", _("Ready")
    HELD = "HELD", _("Waiting for a person to look")
    REFUSED = "REFUSED", _("Refused")
    FAILED = "FAILED", _("Failed")
    QUARANTINED = "QUARANTINED", _("Set aside")
    CANCELLED = "CANCELLED", _("Cancelled")


class Verb(models.TextChoices):
    """What is done; what each one needs is in `verbs.RULES`."""

    TEXT = "text", _("From words")
    IMAGE = "image", _("From a picture")
    LAST = "last", _("Up to a picture")
    KEYFRAMES = "keyframes", _("Through pictures")
    EXTEND = "extend", _("Longer")
    LOOP = "loop", _("For ever")
    CONNECT = "connect", _("Connect")
    EDIT = "edit", _("Edit")
    REMIX = "remix", _("Remix")
    RECAST = "recast", _("Recast")
    POSE = "pose", _("A photo that moves like it")
    STORYBOARD = "storyboard", _("Storyboard")
    RETAKE = "retake", _("One shot again")
    STILL = "still", _("One picture")
    PLAY = "play", _("Played")
    FILM = "film", _("Filmed")
    REEL = "reel", _("Cut from films")
    PHOTO = "photo", _("A picture of one's own")
    PAN = "pan", _("A camera over a picture")
    OWN = "own", _("From a picture of one's own")
    PROMO = "promo", _("From photos of a product")
    EXPLAIN = "explain", _("Explainer")


FROM_WORDS = (Verb.TEXT, Verb.STORYBOARD, Verb.STILL)
# One's own: nothing in it is made by a model.
FROM_FILMS = (Verb.FILM, Verb.REEL, Verb.PHOTO, Verb.PROMO, Verb.PAN)
FROM_MATERIAL = (*FROM_FILMS, Verb.EXPLAIN)  # shows what people brought: faces in it are asked for one by one
WITH_MATERIAL = (*FROM_MATERIAL, Verb.POSE, Verb.OWN)  # needs what people brought
FROM_ONE_PICTURE = (Verb.PHOTO, Verb.PAN, Verb.OWN)  # of one's own: whoever is on it has to be cast
WITHOUT_CLIPS = (*FROM_WORDS, *FROM_MATERIAL, Verb.OWN)
FROM_PICTURES = (Verb.IMAGE, Verb.LAST, Verb.KEYFRAMES)  # of one moment of a clip each
# Everything else goes on from a clip.

_LOST = {State.QUEUED, State.QUARANTINED}
_STOPPED = {State.REFUSED, State.FAILED, State.CANCELLED}

ARROWS: dict[State, set[State]] = {
    State.SCREENING: {State.QUEUED, State.PLAYING, State.HELD, *_STOPPED},
    State.PLAYING: {State.QUEUED, *_STOPPED},
    State.HELD: {State.QUEUED, *_STOPPED},
    State.QUEUED: {State.RENDERING, *_STOPPED},
    State.RENDERING: {State.INSPECTING, State.HELD, *_LOST, *_STOPPED},
    State.INSPECTING: {State.SEALING, State.HELD, *_LOST, *_STOPPED},
    State.SEALING: {State.READY, *_LOST, *_STOPPED},
    State.READY: set(),
    State.REFUSED: set(),
    State.FAILED: set(),
    State.QUARANTINED: {State.CANCELLED},
    State.CANCELLED: set(),
}

WAITS: dict[State, timedelta] = {
    State.SCREENING: timedelta(minutes=10),
    State.HELD: timedelta(hours=72),
    State.QUEUED: timedelta(hours=24),
    State.PLAYING: timedelta(minutes=30),
}
SET_ASIDE = timedelta(days=7)  # how long a QUARANTINED job waits for its button

WORKING = frozenset({State.RENDERING, State.INSPECTING, State.SEALING})
WAITING = frozenset(WAITS)
OPEN = WORKING | WAITING
OVER = frozenset({State.READY, *_STOPPED, State.QUARANTINED})


class ArrowNotDrawn(Exception):
    """Somebody tried a way that the picture above does not show: a mistake of ours, never of a person."""


def check(before: str, after: str) -> None:
    """The one place where an arrow is checked. Raises `ArrowNotDrawn`."""
    if State(after) not in ARROWS[State(before)]:
        raise ArrowNotDrawn(f"{before} -> {after}")
