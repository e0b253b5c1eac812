"""Pages of storyboards: shots in a row, and one shot of a finished one again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from cameos.models import Purpose
from generation import (
    access,
    actions,
    composing,
    credits,
    drafts,
    episodes,
    script,
    showing,
    speakers,
    views_drafts,
)
from generation.asked import LONGEST_S
from generation.forms_storyboard import (
    BEGINNINGS,
    CAMERAS,
    ShotRow,
    StoryboardForm,
    name_of,
    names_of,
    row_of,
    rows_of,
    whole,
)
from generation.models import Clip
from generation.states import Verb
from generation.storyboard import MOST_SHOTS, SHOT_S
from generation.views_verbs import made_of

GOODS = ("product", "way")  # what a draft keeps of a product
KEPT = (*GOODS, "series", "voice")


@require_http_methods(["GET", "POST"])
@login_required
def storyboard(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    sent = request.POST if request.method == "POST" else None
    kept = str((sent or request.GET).get("draft", ""))
    draft = drafts.one(request.user, kept) if kept and sent is None else None
    kept_of = draft.wishes if draft else _asked_before(request)
    rows = [row_of(shot) for shot in kept_of.get("shots", [])] or None
    told = kept_of or request.GET
    first = {"aspect": "9:16"} | {name: told[name] for name in ("aspect", *KEPT) if told.get(name)}
    form = StoryboardForm(sent, maker=request.user, rows=rows, initial=first)
    pressed = form.pressed()
    refusal: Refused | None = form.refusal
    if views_drafts.KEEP in request.POST:
        return _keep(request, form)
    if request.method == "POST" and not pressed and form.is_valid():
        try:
            answer = made_of(request, form.wishes(Verb.STORYBOARD), now)
            views_drafts.asked_for(request)
            return answer
        except Refused as said:
            refusal = said
    status = refusal.status if refusal else 422 if form.is_bound and not pressed else 200
    show = episodes.of(request.user, form["series"].value())
    purpose = Purpose.SERIES if show else Purpose.GENERATE
    choices = composing.picker(request.user, [key for row in form.rows for key in row.cast], now, purpose)
    if show:  # whoever was chosen and is not in it stays, to be taken out
        here = episodes.in_cast(show)
        choices = [choice for choice in choices if choice.chosen or choice.cameo.pk in here]
    context: dict[str, Any] = {
        "form": form,
        "refusal": refusal,
        "rows": [(index, name_of(index), row) for index, row in enumerate(form.rows)],
        "cast": choices,
        "series": show,
        "may_preview": True,
        "most": MOST_SHOTS,
        "longest": LONGEST_S,
        "shot_s": SHOT_S,
        "blank": len(form.rows),
    }
    context |= views_drafts.shown(request, drafts.STORYBOARD) | showing.cost(
        request.user, Verb.STORYBOARD, form, now
    )
    return render(request, "generation/storyboard.html", context, status=status)


def _asked_before(request: SignedInRequest) -> dict[str, Any]:
    """The shots of a request of one's own that is to be changed (`from`)."""
    if request.method == "POST" or not request.GET.get("from"):
        return {}
    row = access.generation_for(request.user, request.GET["from"])
    shown = row.how.get("product", {})
    goods = {"product": shown.get("id", ""), "way": shown.get("way", "")}
    asked = {"series": row.how.get("series"), "voice": "" if row.how.get("silent") else row.how.get("voice")}
    kept = {name: value for name, value in asked.items() if value}
    return {"shots": row.how.get("shots", []), "aspect": row.aspect} | goods | kept


def _keep(request: SignedInRequest, form: StoryboardForm) -> HttpResponse:
    """The rows as they are typed, to be taken up again."""
    names = names_of([key for row in form.rows for key in row.cast])
    shots = [row.as_how(names) for row in form.rows] or [ShotRow().as_how()]
    goods = {name: request.POST.get(name, "")[:40].replace("\0", "") for name in GOODS}
    wishes = {"shots": shots, "aspect": str(request.POST.get("aspect", "9:16"))[:10]}
    wishes |= goods if goods["product"] else {}
    show = episodes.of(request.user, request.POST.get("series", ""))
    wishes |= {"series": str(show.public_id)} if show else {}
    voice = request.POST.get("voice", "")
    wishes |= {"voice": voice} if voice in speakers.WISHES and voice else {}
    return views_drafts.kept(request, drafts.STORYBOARD, form, wishes=wishes)


@require_http_methods(["GET", "POST"])
@login_required
def retake(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The shots of a storyboard of one's own; each can be taken again."""
    clip = access.own_clip(request.user, public_id)
    made_by: Any = getattr(clip, "generation", None)
    if made_by is None or not made_by.is_board:
        raise Http404
    shots = made_by.how["shots"]
    now, refusal = timezone.now(), None
    rows = [row_of(shot) for shot in shots]
    kept = views_drafts.first(request, Verb.RETAKE, clip)
    index = kept.get("shot")
    if kept:
        rows[kept["shot"]] = row_of(kept["take"])
    if request.method == "POST":
        sent = rows_of(request.POST)
        index = whole(request.POST.get("shot", ""))
        if index is None or index >= len(rows) or len(sent) != 1:
            raise Http404
        rows[index] = sent[0]
        how = {"shot": index, "take": sent[0].as_how(names_of(sent[0].cast))}
        if views_drafts.KEEP in request.POST:
            return views_drafts.kept(request, Verb.RETAKE, None, clip, wishes=how)
        try:
            made = actions.request_generation(
                maker=request.user, prompt="", verb=Verb.RETAKE, cast=[], parent=clip, how=how,
                aspect=made_by.aspect, engine=made_by.engine, now=now,
            )  # fmt: skip
            views_drafts.asked_for(request)
            return redirect("generation:generation", public_id=made.public_id)
        except Refused as said:
            refusal = said
    context: dict[str, Any] = {
        "clip": clip,
        "files": {rendition.kind: rendition for rendition in clip.renditions.all()},
        "rows": [(at, name_of(at), row) for at, row in enumerate(rows)],
        "open": index,
        "refusal": refusal,
        "cameras": CAMERAS,
        "beginnings": BEGINNINGS,
        "balance": credits.balance(request.user),
        "estimate": composing.priced(
            maker=request.user, verb=Verb.RETAKE, seconds=sum(row.seconds for row in rows),
            engine=made_by.engine, now=now,
        ),
        "shot_s": SHOT_S,
    }  # fmt: skip
    context |= views_drafts.shown(request, Verb.RETAKE, clip)
    status = refusal.status if refusal else 200
    return render(request, "generation/retake.html", context, status=status)


@require_safe
def captions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """WebVTT of what is said; empty where nothing is."""
    clip = access.clip_for(request.user, public_id)
    return _vtt(showing.said_in(clip), showing.voices_in(clip))


@require_safe
def descriptions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """WebVTT of what is seen, for who cannot see it; empty where the words are kept hidden."""
    clip = access.clip_for(request.user, public_id)
    shots = _shots(clip) or [{"prompt": clip.words, "seconds": clip.duration_ms / 1000}]
    return _vtt([] if clip.prompt_hidden or not clip.prompt else script.seen(shots))


def _shots(clip: Clip) -> list[dict[str, Any]]:
    made_by = getattr(clip, "generation", None)
    return list(made_by.how.get("shots", [])) if made_by else []


def _vtt(rows: list[script.Cue], notes: list[str] | None = None) -> HttpResponse:
    answer = HttpResponse(script.vtt(rows, notes or ()), content_type="text/vtt; charset=utf-8")
    answer["Cache-Control"] = "private, no-cache"
    return answer
