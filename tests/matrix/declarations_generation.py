"""Who may do what at the addresses of generation (the words are explained in tests/matrix/grammar.py)."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.cache import cache

from cameos import actions as likeness
from generation import looks
from generation.models import (
    ClipTemplate,
    ComposeDraft,
    Footage,
    Generation,
    GuardedName,
    HeldPictures,
    Move,
    RemoteWorker,
    Rendition,
)
from generation.states import State
from tests.matrix.grammar import (
    CLOSED,
    CREATED,
    DENIED,
    DONE,
    HIDDEN,
    INVALID,
    LOGIN,
    OK,
    OPEN,
    STEP_UP,
    Declaration,
    World,
    api,
    everyone,
    only,
    page,
    socket,
)


def _clip(w: World) -> dict[str, Any]:
    return {"public_id": w.clip.public_id}


def _template(w: World) -> dict[str, Any]:
    """The structure of the published clip, shared by its maker."""
    shots = [{"prompt": "a kite", "seconds": 5, "camera": "", "begin": "", "cast": [], "lines": []}]
    made = ClipTemplate.objects.create(
        maker=w.maker, source=w.clip, title="Kite", shots=shots, is_shared=True, created_at=w.now
    )
    return {"public_id": made.public_id}


def _character(w: World) -> dict[str, Any]:
    """A cat of the depicted owner's own, whose picture was drawn already."""
    cat = likeness.create_character(owner=w.cameo.owner, name="Mochi", character=looks.FIRST, now=w.now)
    cache.set(looks._key(looks.FIRST), b"RIFF")
    return {"public_id": cat.public_id}


def _person(w: World) -> dict[str, Any]:
    return {"public_id": w.cameo.public_id}


def _move(w: World) -> dict[str, Any]:
    """The maker's archive, written and kept."""
    row = Move.objects.create(
        person=w.maker, way="out", state="DONE", name="matrix", asked_at=w.now, ended_at=w.now
    )
    row.path.parent.mkdir(parents=True, exist_ok=True)
    row.path.write_bytes(b"PK")
    return {"public_id": row.public_id}


def _draft(w: World) -> dict[str, Any]:
    return {"public_id": w.draft.public_id}


def _play(w: World) -> dict[str, Any]:
    """A play of the maker's."""
    row = Generation.objects.create(
        maker=w.maker, verb="play", parent=w.clip, prompt="played by hand", seed=1, credits=0,
        state=State.PLAYING, state_since=w.now, created_at=w.now,
    )  # fmt: skip
    return {"public_id": row.public_id}


def _loop(of: Any) -> Any:
    return lambda w: of(w) | {"verb": "loop"}


def _generation(w: World) -> dict[str, Any]:
    return {"public_id": w.draft_generation.public_id}


def _waiting(w: World) -> dict[str, Any]:
    """A request of the maker's that waits in the queue (undone with the role's request)."""
    row = Generation.objects.create(
        maker=w.maker, prompt="a kite", seed=1, credits=1, state=State.QUEUED, state_since=w.now,
        queued_at=w.now, created_at=w.now,
    )  # fmt: skip
    return {"public_id": row.public_id}


def _set_aside(w: World) -> dict[str, Any]:
    """A request of the maker's that three workers went down with."""
    row = Generation.objects.create(
        maker=w.maker, prompt="a kite", seed=1, credits=1, state=State.QUARANTINED, state_since=w.now,
        created_at=w.now,
    )  # fmt: skip
    return {"public_id": row.public_id}


def _boarded(w: World) -> dict[str, Any]:
    """The maker's draft, made from two shots."""
    shots = [{"prompt": "a kite", "seconds": 3}, {"prompt": "it falls", "seconds": 2}]
    Generation.objects.filter(pk=w.draft_generation.pk).update(how={"shots": shots})
    return _draft(w)


def _kept(w: World) -> dict[str, Any]:
    row = ComposeDraft.objects.create(maker=w.maker, created_at=w.now, updated_at=w.now)
    return {"public_id": row.public_id}


def _batch(w: World) -> dict[str, Any]:
    batch = uuid.uuid4()
    Generation.objects.filter(pk=w.draft_generation.pk).update(batch=batch)
    return {"batch": batch}


def _worker(w: World) -> dict[str, Any]:
    row = RemoteWorker.objects.create(name="shed", digest="0" * 64, created_at=w.now)
    return {"public_id": row.public_id}


def _refused(w: World) -> dict[str, Any]:
    """A request of the maker's that a rule refused."""
    row = Generation.objects.create(
        maker=w.maker, prompt="a kite", seed=1, credits=0, state=State.REFUSED, state_since=w.now,
        refusal_stage="prompt", refusal_rule="danger", created_at=w.now,
    )  # fmt: skip
    return {"public_id": row.public_id}


def _guarded(w: World) -> dict[str, Any]:
    """A name that the operator guards."""
    return {"pk": GuardedName.objects.create(rule="real_person", names="Jane Roe", added_at=w.now).pk}


def _film(w: World) -> dict[str, Any]:
    """A film that the maker brought."""
    row = Footage.objects.create(
        maker=w.maker, title="beach", name="0" * 32, size=9, sha256="0" * 64, state="READY",
        seconds=3, glimpse=b"jpeg", created_at=w.now, used_at=w.now,
    )  # fmt: skip
    return {"public_id": row.public_id}


def _held_sound(w: World) -> dict[str, Any]:
    """A few seconds that a moderator has to hear."""
    row = Generation.objects.create(
        maker=w.maker, prompt="a kite", seed=1, credits=0, state=State.HELD, state_since=w.now,
        refusal_stage="sound", refusal_rule="violence", created_at=w.now,
    )  # fmt: skip
    HeldPictures.objects.create(generation=row, sound=b"aac", created_at=w.now)
    return {"public_id": row.public_id}


def _video(w: World) -> dict[str, Any]:
    return {"video": f"video_{w.draft_generation.public_id.hex}"}


def _waiting_video(w: World) -> dict[str, Any]:
    return {"video": f"video_{_waiting(w)['public_id'].hex}"}


def _file(kind: str, of: str) -> Any:
    def at(w: World) -> dict[str, Any]:
        clip = getattr(w, of)
        return {"public_id": Rendition.objects.get(clip=clip, kind=kind).public_id}

    return at


SIGNED_IN = everyone(OK, anonymous=LOGIN)
OWN = only("maker")
DRAFT = only("maker", "depicted", anonymous=HIDDEN)
PUBLIC = everyone(OK, blocked=HIDDEN)
# The world's clips have rows and no files: whoever may see one gets as far as the missing file, and a door
# that is shut looks the same. The files themselves are in tests/generation/test_pages.py.
NO_FILE = everyone(HIDDEN)

DECLARATIONS: list[Declaration] = [
    page("generation:create", SIGNED_IN),
    page("generation:create", everyone("422", anonymous=LOGIN), method="POST", note="an empty prompt",
         send=lambda w: {"prompt": "", "seconds": 5, "aspect": "9:16", "engine": "native"}),
    page("generation:from-words", SIGNED_IN, at=lambda w: {"verb": "still"}),
    page("generation:from-words", everyone("422", anonymous=LOGIN), method="POST", note="no words",
         at=lambda w: {"verb": "still"}, send=lambda w: {"prompt": "", "aspect": "9:16"}),
    page("generation:films", SIGNED_IN),
    page("generation:films", everyone("422", anonymous=LOGIN), method="POST", note="no film"),
    page("generation:hold", only("moderator", "operator"), at=_draft),
    page("generation:hold", only("moderator", "operator", answer="422"), method="POST", at=_draft),
    page("generation:held-sound", only("moderator", "operator"), at=_held_sound),
    page("generation:film-glimpse", only("maker"), at=_film),
    page("generation:drop-film", only("maker", answer=DONE), method="POST", at=_film),
    page("generation:promo", SIGNED_IN),
    page("generation:promo", everyone("422", anonymous=LOGIN), method="POST", note="no photo"),
    page("generation:picture", SIGNED_IN),
    page("generation:picture", everyone("422", anonymous=LOGIN), method="POST", note="no picture"),
    page("generation:explain", SIGNED_IN),
    page("generation:explain", everyone("422", anonymous=LOGIN), method="POST", note="no text",
         send=lambda w: {"make": "1", "text": " ", "seconds": 60, "aspect": "9:16"}),
    page("generation:storyboard", SIGNED_IN),
    page("generation:storyboard", everyone("422", anonymous=LOGIN), method="POST", note="no shots",
         send=lambda w: {"shots": "one", "aspect": "9:16"}),
    page("generation:captions", PUBLIC, at=_clip, note="published"),
    page("generation:captions", DRAFT, at=_draft, note="draft"),
    page("generation:descriptions", PUBLIC, at=_clip, note="published"),
    page("generation:descriptions", DRAFT, at=_draft, note="draft"),
    page("generation:retake", only("maker"), at=_boarded),
    page("generation:retake", everyone(HIDDEN, anonymous=LOGIN), method="POST", at=_draft, note="no shots"),
    page("generation:take-up", only("maker", answer=DONE), at=_kept),
    page("generation:forget-draft", only("maker", answer=DONE), method="POST", at=_kept),
    page("generation:batch", only("maker"), at=_batch),
    page("generation:templates", everyone(OK)),
    page("generation:template", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=_template),
    page("generation:template", everyone(DONE, anonymous=LOGIN, blocked=HIDDEN), method="POST", at=_template),
    page("generation:delete-template", only("maker", answer=DONE), method="POST", at=_template),
    page("generation:built-in", SIGNED_IN, at=lambda w: {"key": "unboxing"}),
    page("generation:built-in", everyone("422", anonymous=LOGIN), method="POST",
         at=lambda w: {"key": "unboxing"}, note="nothing filled in"),
    page("generation:make-template", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=_clip),
    page("generation:make-template", everyone("422", anonymous=LOGIN, blocked=HIDDEN), method="POST",
         at=_clip, note="without a title"),
    api("generation:api-templates", everyone(200, anonymous=401)),
    api("generation:api-templates", everyone(400, anonymous=401), method="POST", note="nothing said"),
    api("generation:api-template", everyone(404, anonymous=401, maker=204), method="DELETE", at=_template),
    api("generation:api-fill", everyone(422, anonymous=401), method="POST",
        at=lambda w: {"key": "unboxing"}, note="nothing filled in"),
    page("generation:ways", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=_clip, note="published"),
    page("generation:ways", only("maker", "depicted", anonymous=LOGIN), at=_draft, note="draft"),
    page("generation:go-on", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=_loop(_clip)),
    page("generation:go-on", only("maker", "depicted", anonymous=LOGIN), at=_loop(_draft), note="draft"),
    page("generation:go-on", everyone("422", anonymous=LOGIN, blocked=HIDDEN), method="POST",
         at=_loop(_clip), send=lambda w: {"aspect": "1:99"}, note="a shape that nobody draws"),
    page("generation:start-play", everyone("409", anonymous=LOGIN, blocked=HIDDEN), method="POST", at=_clip,
         note="a film without a scene"),
    page("generation:play", OWN, at=_play),
    page("generation:play-face", everyone(HIDDEN, anonymous=LOGIN), note="a token that was never given",
         at=lambda w: _play(w) | {"token": "x"}),
    page("generation:generations", SIGNED_IN),
    page("generation:generation", only("maker", answer=DONE), at=_generation, note="leads to its clip"),
    page("generation:cancel", only("maker", answer=DONE), method="POST", at=_waiting),
    page("generation:again", only("maker", answer=DONE), method="POST", at=_set_aside),
    page("generation:appeal", only("maker", answer=DONE), method="POST", at=_refused),
    page("generation:names", SIGNED_IN),
    page("generation:names", everyone(OK, anonymous=LOGIN), method="POST", note="an empty form"),
    page("generation:move", SIGNED_IN),
    page("generation:move", everyone(DONE, anonymous=LOGIN), method="POST", send=lambda w: {"out": "1"}),
    page("generation:move", everyone(STEP_UP, anonymous=LOGIN), method="POST", stepped_up=False,
         note="without a fresh confirmation"),
    page("generation:move-file", only("maker"), at=_move),
    page("generation:move-file", only("maker", answer=STEP_UP), at=_move, stepped_up=False,
         note="without a fresh confirmation"),
    page("generation:move-drop", only("maker", answer=DONE), method="POST", at=_move),
    api("generation:api-moves", everyone(OK, anonymous=401)),
    api("generation:api-moves", everyone(202, anonymous=401), method="POST"),
    api("generation:api-move", everyone(HIDDEN, anonymous=401, maker=OK), at=_move),
    api("generation:api-moves", everyone(DENIED, anonymous=401), method="POST", stepped_up=False,
        note="without a fresh confirmation"),
    api("generation:api-move-file", everyone(HIDDEN, anonymous=401, maker=OK), at=_move),
    api("generation:api-move-file", everyone(HIDDEN, anonymous=401, maker=DENIED), at=_move, stepped_up=False,
        note="without a fresh confirmation"),
    page("generation:operate-hosts", only("operator")),
    page("generation:operate-hosts", only("operator", answer=DONE), method="POST",
         send=lambda w: {"drop": "https://old.example.test"}),
    page("generation:operate-hosts", only("operator", answer=STEP_UP), method="POST", stepped_up=False,
         note="without a fresh confirmation"),
    page("generation:operate-screening", only("operator")),
    page("generation:operate-screening", only("operator"), method="POST", note="an empty form"),
    page("generation:guard-name", only("operator", answer=DONE), method="POST", note="an empty form"),
    page("generation:unguard-name", only("operator", answer=DONE), method="POST", at=_guarded),
    page("generation:glimpse", only("maker", answer="204"), at=_generation),
    page("generation:clip", PUBLIC, at=_clip, note="published"),
    page("generation:clip", DRAFT, at=_draft, note="draft"),
    page("generation:delete-clip", only("maker", answer=DONE), method="POST", at=_draft),
    page("generation:media", NO_FILE, at=_file("poster", "clip"), note="published"),
    page("generation:media", NO_FILE, at=_file("mp4_720", "draft"), note="draft"),
    page("generation:engines", everyone(OK, anonymous=LOGIN)),
    page("generation:state-host", only("operator", answer=DONE), method="POST"),
    api("generation:api-engines", everyone(OK)),
    page("generation:workers", only("operator")),
    page("generation:workers", only("operator", answer="422"), method="POST", note="no name"),
    page("generation:revoke-worker", only("operator", answer=DONE), method="POST", at=_worker),
    api("generation:worker-claim", everyone(401), method="POST"),
    api("generation:worker-beat", everyone(401), method="POST", at=_generation),
    api("generation:worker-let-go", everyone(401), method="POST", at=_generation),
    api("generation:worker-promised", everyone(401), method="POST", at=lambda w: {"token": "x"}),
    api("generation:worker-result", everyone(401), method="POST", at=lambda w: {"token": "x"}),
    page("generation:verify", everyone(OK)),
    page("generation:verify", everyone(OK), method="POST", note="no file"),
    api("generation:api-generations", everyone(OK, anonymous=401)),
    api("generation:api-generations", everyone(422, anonymous=401), method="POST", note="an empty prompt",
        send=lambda w: {"prompt": ""}),
    api("generation:api-takes", everyone(422, anonymous=401), method="POST", note="an empty prompt",
        send=lambda w: {"prompt": "", "takes": 2}),
    api("generation:api-batch", everyone(HIDDEN, anonymous=401, maker=OK), at=_batch),
    api("generation:api-rewrite", everyone(OK, anonymous=401), method="POST",
        send=lambda w: {"prompt": "a kite"}),
    api("generation:api-material", everyone(OK, anonymous=401)),
    api("generation:api-material", everyone("415", anonymous=401), method="POST",
        send=lambda w: {"file": "x"}, note="no file"),
    api("generation:api-one-material", everyone(HIDDEN, anonymous=401, maker=OK), at=_film),
    api("generation:api-one-material", everyone(HIDDEN, anonymous=401, maker="204"), method="DELETE",
        at=_film),
    page("generation:new-character", everyone(OK, anonymous=LOGIN)),
    page("generation:new-character", everyone("503", anonymous=LOGIN), method="POST",
        send=lambda w: {"name": "Mochi"} | looks.FIRST, note="while the judge of names is away"),
    page("generation:look-picture", everyone("422", anonymous=LOGIN), send=lambda w: {"kind": "dragon"}),
    page("generation:character-picture", everyone(HIDDEN, anonymous=LOGIN, depicted=OK), at=_character),
    page("generation:character-picture", everyone(HIDDEN, anonymous=LOGIN), at=_person,
        note="a likeness that is no character"),
    api("generation:api-characters", everyone(OK, anonymous=401)),
    api("generation:api-characters", everyone("503", anonymous=401), method="POST",
        send=lambda w: {"name": "Mochi", "look": {"kind": "cat"}}, note="while the judge of names is away"),
    api("generation:api-drafts", everyone(OK, anonymous=401)),
    api("generation:api-drafts", everyone(CREATED, anonymous=401), method="POST",
        send=lambda w: {"prompt": "a kite"}),
    api("generation:api-draft", everyone(HIDDEN, anonymous=401, maker=OK), method="PUT", at=_kept,
        send=lambda w: {"prompt": "a kite"}),
    api("generation:api-draft", everyone(HIDDEN, anonymous=401, maker="204"), method="DELETE", at=_kept),
    api("generation:api-check", everyone(OK, anonymous=401), method="POST",
        send=lambda w: {"prompt": "a kite"}),
    api("generation:api-generation", everyone(HIDDEN, anonymous=401, maker=OK), at=_generation),
    api("generation:api-cancel", everyone(HIDDEN, anonymous=401, maker=OK), method="POST", at=_waiting),
    api("generation:api-clip", PUBLIC, at=_clip, note="published"),
    api("generation:api-clip", DRAFT, at=_draft, note="draft"),
    api("generation:api-clip", everyone(HIDDEN, anonymous=401, maker="204"), method="DELETE", at=_draft),
    api("generation:v1-videos", everyone(OK, anonymous=401)),
    api("generation:v1-videos", everyone(422, anonymous=401), method="POST", note="an empty prompt",
        send=lambda w: {"prompt": ""}),
    api("generation:v1-video", everyone(HIDDEN, anonymous=401, maker=OK), at=_video),
    api("generation:v1-video", everyone(HIDDEN, anonymous=401, maker=OK), method="DELETE", at=_waiting_video),
    api("generation:v1-video-content", everyone(HIDDEN, anonymous=401), at=_video),
    api("generation:api-verify", everyone(INVALID), method="POST", note="no file"),
    socket("ws/generations/<uuid:public_id>/", everyone(CLOSED, maker=OPEN),
           at=lambda w: f"/ws/generations/{w.draft_generation.public_id}/"),
    socket("ws/play/<uuid:public_id>/", everyone(CLOSED), note="a clip that is not played",
           at=lambda w: f"/ws/play/{w.draft_generation.public_id}/"),
]  # fmt: skip
