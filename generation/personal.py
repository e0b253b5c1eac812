"""What making holds about a person: given out, taken in, and erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import BookPosting, User
from accounts.personal import Archive
from generation import actions, carrying, credits, footage, moving, scores
from generation.models import (
    Allowance,
    Appeal,
    Clip,
    ClipScores,
    ClipTemplate,
    ComposeDraft,
    Generation,
    HeldPictures,
    LegalHold,
    NameRequest,
    RemoteJob,
    RemoteWorker,
    Turn,
)
from generation.receivers import withdraw
from generation.refusals import AlreadyOver

COVERS = {
    "generation.Generation": "kept without its words: credits and other people's ledgers point to it",
    "generation.HeldPictures": "deleted: they are kept only while a moderator has to look",
    "generation.GenerationCast": "kept: it belongs to the generation, and names no words",
    "generation.GenerationSource": "kept: which clips a generation went on from, for their makers",
    "generation.LegalHold": "kept sealed until it is over, as the law asks; who asked is unlinked",
    "generation.PlayFace": "deleted by the sweep within a minute or two: it is a promise of one picture",
    "generation.RemoteWorker": "kept: a machine of the operator; who registered it is unlinked",
    "generation.RemoteJob": "deleted: which machine rendered what",
    "generation.RemotePromise": "deleted by the sweep within a day: it is a promise of one answer",
    "generation.RemoteResult": "deleted with the job's end",
    "generation.ComposeDraft": "deleted",
    "generation.ClipTemplate": "deleted",
    "generation.Footage": "deleted with its file",
    "generation.Move": "deleted with its file",
    "generation.Appeal": "deleted: the words are the maker's",
    "generation.NameRequest": "deleted; a name that is guarded stays guarded",
    "generation.ScreeningChange": "kept: the operator's log of what is let through",
    "generation.Turn": "deleted: a place in the rounds",
    "generation.Allowance": "deleted: what a plan gave",
    "generation.Preview": "deleted with the job that it shows",
    "generation.CarriedClip": "kept with the wordless row: from which host it came",
    "generation.Clip": "withdrawn and emptied: files go, the wordless row stays for the verify page",
    "generation.ClipScores": "kept with the wordless row: numbers only; the words they missed go",
    "generation.Ingredient": "kept: the lineage of other people's remixes",
    "generation.Rendition": "kept without its file: the hash is what the verify page recognises",
    "generation.Fingerprint": "kept: it recognises copies of what was withdrawn, and shows nothing",
}


def export(user: User) -> dict[str, Any]:
    return {
        "credits": credits.balance(user),
        "credit_postings": [
            {"kind": row.transaction.kind, "amount": row.amount, "at": row.transaction.at.isoformat()}
            for row in BookPosting.objects.filter(account__code__startswith=f"credits:user:{user.pk}:")
            .select_related("transaction")
            .order_by("pk")
        ],
        "plan": [
            {"plan": row.plan, "weight": row.weight, "until": row.until.isoformat()}
            for row in Allowance.objects.filter(person=user)
        ],
        "drafts": [
            {"wishes": row.wishes, "updated_at": row.updated_at.isoformat()}
            for row in ComposeDraft.objects.filter(maker=user).order_by("pk")
        ],
        "templates": [
            {"title": row.title, "shots": row.shots, "made_at": row.created_at.isoformat()}
            for row in ClipTemplate.objects.filter(maker=user).order_by("pk")
        ],
        "films": [
            {
                "title": row.title,
                "kind": row.kind,
                "seconds": row.seconds,
                "brought_at": row.created_at.isoformat(),
            }
            for row in footage.of(user)
        ],
        "appeals": [
            {"prompt": row.generation.prompt, "words": row.words, "state": row.state}
            for row in Appeal.objects.filter(generation__maker=user).select_related("generation")
        ],
        "name_requests": [
            {"names": row.names, "rule": row.rule, "why": row.why}
            for row in NameRequest.objects.filter(by=user).order_by("pk")
        ],
        "generations": [_generation(row) for row in Generation.objects.made_by(user).order_by("pk")],
        "clips": [_clip(row) for row in Clip.objects.made_by(user).order_by("pk")],
    }


def import_(archive: Archive) -> None:
    """The clips that `carrying` opened and inspected, byte for byte as the host that made them sealed them.
    Never credits: they are that host's promise."""
    carrying.keep(archive.owner, archive.prepared or [], archive.now)


def erase(user: User, now: datetime) -> None:
    """Open requests end with their credits back, clips are withdrawn and lose their words and files."""
    for row in Generation.objects.made_by(user).still_open().select_related("maker"):
        try:
            actions.stop(row, reason="erased", now=now)
        except AlreadyOver:
            continue
    RemoteWorker.objects.filter(registered_by=user).update(registered_by=None)
    RemoteJob.objects.filter(generation__maker=user).delete()
    ComposeDraft.objects.filter(maker=user).delete()
    ClipTemplate.objects.filter(maker=user).delete()
    footage.erase_all(user)
    moving.erase_all(user)
    Turn.objects.filter(person=user).delete()
    Appeal.objects.filter(generation__maker=user).delete()
    NameRequest.objects.filter(by=user).delete()
    Allowance.objects.filter(person=user).delete()
    HeldPictures.objects.filter(generation__maker=user).delete()
    LegalHold.objects.filter(asked_by=user).update(asked_by=None)
    LegalHold.objects.filter(agreed_by=user).update(agreed_by=None)
    clips = Clip.objects.made_by(user)
    withdraw(list(clips.values_list("pk", flat=True)), reason="maker_erased", now=now)
    ClipScores.objects.filter(clip__in=clips).update(details={})
    clips.update(prompt="", seed=None, prompt_hidden=True)
    Generation.objects.made_by(user).update(
        prompt="", refusal_evidence="", refusal_suggestion="", told=[], how={}, seed=0
    )


def _generation(row: Generation) -> dict[str, Any]:
    return {
        "id": str(row.public_id),
        "prompt": row.prompt,
        "verb": row.verb,
        "seed": row.seed,
        "engine": row.engine,
        "seconds": row.seconds,
        "aspect": row.aspect,
        "state": row.state,
        "refusal": [row.refusal_stage, row.refusal_rule, row.refusal_evidence] if row.refusal_rule else None,
        "error": row.error,
        "credits": row.credits,
        "created_at": row.created_at.isoformat(),
    }


def _clip(row: Clip) -> dict[str, Any]:
    return {
        "id": str(row.public_id),
        "prompt": row.prompt,
        "seed": row.seed,
        "engine": row.engine,
        "origin": row.origin,
        "prompt_hidden": row.prompt_hidden,
        "flashes": row.flashes,
        "duration_ms": row.duration_ms,
        "width": row.width,
        "height": row.height,
        "people": row.cast_count,
        "made_from": [
            {"clip": str(source), "relationship": relationship}
            for source, relationship in row.ingredients.order_by("pk").values_list(
                "source__public_id", "relationship"
            )
        ],
        "sealed_at": row.sealed_at.isoformat(),
        "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
        "deleted_at": row.deleted_at.isoformat() if row.deleted_at else None,
        "scores": _scores(row),
        "files": {
            r.kind: {"sha256": r.sha256, "url": r.url, "width": r.width, "height": r.height}
            for r in row.renditions.all()
        },
    }


def _scores(row: Clip) -> dict[str, float | None] | None:
    found = scores.of(row)
    return None if found is None else {name: getattr(found, name) for name in scores.NAMES}
