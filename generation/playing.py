"""Playing a clip live: what the player's process is told, whose faces are given out, and keeping a run.

    start (request_generation, verb "play") -> PLAYING -> keep -> QUEUED -> … as any clip

The permit of everybody in the clip is decided when the play starts, asked again while it lasts, and needed
for each picture of a face. A picture is given out once, and only within `FACE_LIFE`.
"""

from __future__ import annotations

import base64
import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from accounts.models import User
from cameos import consent, references
from cameos.consent import Permit
from cameos.models import Cameo
from generation import actions, credits, estimate, store
from generation.models import Clip, Generation, PlayFace
from generation.refusals import NotPlayable
from generation.states import State, Verb

FACE_LIFE = timedelta(seconds=30)
LONGEST_S = 60
# Words of the world (`model.play.PLAYABLE`) and what their buttons say.
ACTIONS = (
    ("stand", later("Stand")), ("walk", later("Walk")), ("run", later("Run")), ("skip", later("Skip")),
    ("sneak", later("Sneak")), ("march", later("March")), ("jump", later("Jump")), ("wave", later("Wave")),
    ("dance", later("Dance")), ("disco", later("Disco")), ("spin", later("Spin")),
    ("jumping_jacks", later("Jumping jacks")), ("squat", later("Squat")), ("bow", later("Bow")),
    ("clap", later("Clap")), ("cheer", later("Cheer")), ("think", later("Think")), ("sing", later("Sing")),
    ("box", later("Box")), ("stretch", later("Stretch")), ("point", later("Point")),
    ("backflip", later("Backflip")), ("cartwheel", later("Cartwheel")),
)  # fmt: skip


@dataclass(frozen=True)
class Opening:
    """What a play begins with: the line for the playing process, and for the page the addresses of faces."""

    told: dict[str, Any]
    faces: dict[str, str]


def start(*, maker: User, clip: Clip, now: datetime) -> Generation:
    """A play of a clip. Raises `NotPlayable` for a clip without scene; everything else as for a remix."""
    if not clip.material_path or clip.files_purged_at is not None:
        raise NotPlayable(
            "nothing_to_play",
            _("This clip cannot be played: it is a film, not a scene."),
            _("Clips made with this host’s own engine can."),
        )
    return actions.request_generation(
        maker=maker, prompt="", verb=Verb.PLAY, cast=[], parent=clip, aspect="9:16", now=now
    )


def opening(generation: Generation, now: datetime) -> Opening:
    """Raises `ConsentDenied` where somebody in it does not agree at this moment, `NotPlayable`."""
    from generation.engines import heads  # loads skia: only where somebody plays

    if generation.state != State.PLAYING or generation.parent is None:
        raise NotPlayable("play_over", _("This play is over."))
    permits = _permits(generation, now)
    material = store.read(generation.parent.material_path)
    names, faces, skins = heads.who_plays(material, _cast_of(generation.parent)), {}, {}
    for index, key in enumerate(names):
        permit = permits.get(key)
        if permit is None or permit.cameo.kind == Cameo.Kind.CHARACTER:
            continue
        name = f"f{index}"
        faces[name] = f"/play/{generation.public_id}/face/{_promise(generation, permit.cameo, now)}"
        skins[index] = {"name": name, "skin": heads.skin_of(references.load_face(permit))}
    told = {
        "material": base64.b64encode(material).decode(),
        "person": 0,
        "seed": generation.seed,
        "heads": skins,
    }
    return Opening({"open": told}, faces)


def still_allowed(generation: Generation, now: datetime) -> bool:
    """Whether the play may go on: nobody stopped it, everybody agrees."""
    row = Generation.objects.filter(pk=generation.pk).values("state", "cancel_requested_at").first()
    if row is None or row["state"] != State.PLAYING or row["cancel_requested_at"] is not None:
        return False
    try:
        consent.recheck(generation=generation, now=now)
    except consent.ConsentDenied:
        return False
    return True


def take_face(generation: Generation, token: str, now: datetime) -> bytes:
    """The picture that was promised, once. 404 for a token that is unknown, used or late, `ConsentDenied`
    where the permit does not stand any more."""
    from generation.engines import heads

    promises = PlayFace.objects.filter(generation=generation, token_hash=_hash(token), expires_at__gt=now)
    if generation.state != State.PLAYING or not promises.filter(used_at=None).update(used_at=now):
        raise Http404
    promise = promises.select_related("cameo__owner").get()
    permit = consent.resume(generation=generation, cameo=promise.cameo, now=now)
    assert generation.parent is not None
    return heads.sheet(
        references.load_face(permit),
        store.read(generation.parent.material_path),
        _cast_of(generation.parent),
        str(promise.cameo.public_id),
    )


def keep(*, generation: Generation, by: User, material: bytes, seconds: float, now: datetime) -> Generation:
    """Make a clip of what was played. Raises `NotPlayable`, `OutOfCredits`."""
    if generation.maker_id != by.pk:
        raise Http404
    if generation.state != State.PLAYING:
        raise NotPlayable("play_over", _("This play is over."))
    length = min(LONGEST_S, max(1, math.ceil(seconds - 0.05)))
    path = store.keep_run(generation.public_id, material)
    with transaction.atomic():
        price = estimate.price(seconds=length)
        how = {**generation.how, "run": path}
        row = Generation.objects.filter(pk=generation.pk, state=State.PLAYING)
        if not row.update(seconds=length, credits=price, how=how):
            raise NotPlayable("play_over", _("This play is over."))
        generation.seconds, generation.credits, generation.how = length, price, how
        credits.reserve(generation, now)
        actions.enqueue(generation, now)
    return generation


def _permits(generation: Generation, now: datetime) -> dict[str, Permit]:
    consent.recheck(generation=generation, now=now)
    members = generation.cast.select_related("cameo__owner")
    return {
        str(member.cameo.public_id): consent.resume(generation=generation, cameo=member.cameo, now=now)
        for member in members
    }


def _cast_of(clip: Clip) -> list[str]:
    made_by = getattr(clip, "generation", None)
    return [str(member.cameo.public_id) for member in made_by.cast.order_by("position")] if made_by else []


def _promise(generation: Generation, cameo: Cameo, now: datetime) -> str:
    token = secrets.token_urlsafe(24)
    PlayFace.objects.create(
        generation=generation, cameo=cameo, token_hash=_hash(token), expires_at=now + FACE_LIFE
    )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
