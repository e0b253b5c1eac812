"""Drafts of every form of making: kept while somebody types, listed, taken up again, thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, QueryDict

from accounts.models import User
from generation.models import Clip, ComposeDraft, Generation
from generation.states import Verb

MOST = 30  # the oldest goes
FIELDS = ("prompt", "seconds", "aspect", "engine", "seed", "takes", "hide_prompt", "remix", "product", "way")
LONGEST = 20_000
MOST_CHOSEN = 40
STORYBOARD = "storyboard"


def of(maker: User) -> QuerySet[ComposeDraft]:
    """A person's own drafts, the last touched first. Nobody else sees them."""
    rows = ComposeDraft.objects.filter(maker=maker).select_related("clip")
    return rows.order_by("-updated_at", "-pk")


def find(maker: User, public_id: UUID | str) -> ComposeDraft | None:
    """None for one that is not there, or another's."""
    try:
        return of(maker).filter(public_id=public_id).first()
    except (ValueError, TypeError, ValidationError):
        return None


def one(maker: User, public_id: UUID | str) -> ComposeDraft:
    """404 for one that is not there, or another's."""
    found = find(maker, public_id)
    if found is None:
        raise Http404
    return found


def wishes_of(sent: Mapping[str, Any], cast: list[str]) -> dict[str, Any]:
    """The fields of the form that are kept, as text."""
    kept: dict[str, Any] = {name: str(sent[name])[:LONGEST] for name in FIELDS if sent.get(name)}
    return kept | ({"cast": [str(one)[:40] for one in cast[:8]]} if cast else {})


def typed(form: forms.Form, sent: QueryDict) -> dict[str, Any]:
    """What stands in a form, by the names of its fields, as it was sent: text, lists of text, ticked or
    not."""
    kept: dict[str, Any] = {}
    for name, field in form.fields.items():
        if isinstance(field, forms.BooleanField):
            kept[name] = name in sent
        elif isinstance(field, forms.MultipleChoiceField):
            kept[name] = [one[:40] for one in sent.getlist(name)[:MOST_CHOSEN]]
        else:
            kept[name] = sent.get(name, "")[:LONGEST]
    return {name: value for name, value in kept.items() if value != "" and value != []}


def first(maker: User, kind: str, clip: Clip | None, public_id: str) -> dict[str, Any]:
    """What a form begins with where it is opened with a draft; nothing without one. 404 for another's, and
    for one of another form."""
    if not public_id:
        return {}
    draft = one(maker, public_id)
    if draft.form != kind or draft.clip_id != (clip.pk if clip else None):
        raise Http404
    return draft.wishes


def words_alone(draft: ComposeDraft) -> ComposeDraft:
    """What is left of a draft whose clip or template is gone: its words, for the composer."""
    draft.wishes = {"prompt": draft.words} if draft.words else {}
    draft.kind, draft.clip = "", None
    draft.save(update_fields=["wishes", "kind", "clip"])
    return draft


def _storable(value: Any) -> Any:
    """The same without zero bytes, which PostgreSQL keeps in no JSON."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {name: _storable(one) for name, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list | tuple) else value


@transaction.atomic
def keep(
    *,
    maker: User,
    wishes: dict[str, Any],
    now: datetime,
    draft: ComposeDraft | None = None,
    kind: str = "",
    clip: Clip | None = None,
) -> ComposeDraft:
    """Write over `draft` (another form's is left alone), or begin one; beyond `MOST` the oldest goes."""
    wishes = _storable(wishes)
    if draft is not None and (draft.form, draft.clip_id) == (kind, clip.pk if clip else None):
        ComposeDraft.objects.filter(pk=draft.pk).update(wishes=wishes, updated_at=now)
        draft.wishes, draft.updated_at = wishes, now
        return draft
    made = ComposeDraft.objects.create(
        maker=maker, kind=kind, clip=clip, wishes=wishes, created_at=now, updated_at=now
    )
    old = list(of(maker).values_list("pk", flat=True)[MOST:])
    ComposeDraft.objects.filter(pk__in=old).delete()
    return made


def storyboard(
    *,
    maker: User,
    shots: Sequence[Mapping[str, Any]],
    aspect: str = "9:16",
    product: str = "",
    series: str = "",
    now: datetime,
) -> ComposeDraft:
    """A draft that opens in the storyboard: shots as `how` holds them, the product that they show, and the
    series that they are an episode of."""
    wishes: dict[str, Any] = {"shots": [dict(shot) for shot in shots], "aspect": aspect}
    wishes |= {name: told for name, told in (("product", product), ("series", series)) if told}
    return keep(maker=maker, wishes=wishes, kind=STORYBOARD, now=now)


def made_in_full(row: Generation) -> None:
    """What a preview showed is made whole: the draft that it came from has done its work."""
    kind = "" if row.verb in (Verb.TEXT, Verb.REMIX) else row.verb
    from_ = str(row.parent.public_id) if row.parent else ""
    for draft in of(row.maker):
        clip = str(draft.clip.public_id) if draft.clip else draft.wishes.get("remix", "")
        if (draft.form, clip, draft.wishes.get("prompt", "")) == (kind, from_, row.prompt):
            draft.delete()


def forget(*, maker: User, public_id: UUID | str) -> None:
    """Thrown away, or asked for. One that is gone already is fine."""
    try:
        of(maker).filter(public_id=public_id).delete()
    except (ValueError, TypeError, ValidationError):
        return
