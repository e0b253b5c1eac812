"""What the pages of making show: rows turned into what a template needs, and nothing decided here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from cameos.intake import media as ranges
from generation import (
    access,
    actions,
    appeals,
    catalogue,
    composing,
    credits,
    drafts,
    estimate,
    offering,
    products,
    prompt_help,
    scores,
    script,
    showing_engines,
    speakers,
    verbs,
)
from generation.asked import LONGEST_S
from generation.forms import AppealForm, ComposeForm
from generation.forms_photos import PhotosForm
from generation.forms_verbs import VerbForm
from generation.models import Appeal, Clip, ClipScores, Generation, Rendition
from generation.provenance import lineage
from generation.refusals import CannotMake
from generation.screening.verdict import rule_title
from generation.states import WITHOUT_CLIPS, Verb


@dataclass(frozen=True)
class Measured:
    """One number of a clip: `share` in 0..1 is how full its bar is (more is better), None without a bar."""

    label: str
    value: str
    share: float | None
    meaning: str


@dataclass(frozen=True)
class Listed:
    """One row of the list of generations."""

    generation: Generation
    poster: str
    tone: str


FROM_CLIPS = [verb for verb in Verb if verb not in (*WITHOUT_CLIPS, Verb.PLAY, Verb.RETAKE)]
TONES = {"READY": "ok", "REFUSED": "danger", "FAILED": "danger", "QUARANTINED": "danger", "HELD": "warn"}


def first_wishes(maker: User, query: QueryDict) -> dict[str, Any]:
    """What the composer begins with: a draft (`draft`), what was asked for before (`from`: a preview, in
    full), or words from an address."""
    wishes: dict[str, Any] = {"seconds": 5, "aspect": "9:16", "engine": "native", "takes": 1}
    if query.get("draft"):
        draft = drafts.one(maker, str(query["draft"]))
        return wishes | draft.wishes | {"draft": draft.public_id}
    if query.get("from"):
        row = access.generation_for(maker, str(query["from"]))
        kept = ("prompt", "seconds", "aspect", "engine", "seed", "hide_prompt")
        cast = [str(member.cameo.public_id) for member in row.cast.all()]
        remix = str(row.parent.public_id) if row.parent else ""
        shown = row.how.get("product", {})
        goods = {"product": shown.get("id", ""), "way": shown.get("way", "")}
        return wishes | {name: getattr(row, name) for name in kept} | {"cast": cast, "remix": remix} | goods
    return wishes | {
        "prompt": query.get("prompt", ""),
        "remix": query.get("remix", ""),
        "cast": query.getlist("cast"),
        "product": query.get("product", ""),
    }


def request_of(maker: User, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `request_generation` from what a form or the API was sent. 404 for a clip that is
    hidden."""
    asked = [wishes["remix"]] if wishes.get("remix") else list(wishes.get("clips") or [])
    sources = [access.clip_for(maker, public_id) for public_id in asked]
    return {
        "maker": maker,
        "prompt": wishes.get("prompt", ""),
        "verb": wishes.get("verb") or (Verb.REMIX if sources else Verb.TEXT),
        "cast": composing.asked_cast(_everybody(wishes)),
        "parent": sources[0] if sources else None,
        "more_sources": sources[1:],
        "how": wishes.get("how") or {},
        "seed": wishes.get("seed") or None,
        "seconds": wishes.get("seconds") or 5,
        "aspect": wishes.get("aspect") or "9:16",
        "engine": wishes.get("engine") or "native",
        "hide_prompt": bool(wishes.get("hide_prompt")),
        "is_preview": bool(wishes.get("preview")),
    }


def _everybody(wishes: Mapping[str, Any]) -> list[str]:
    """The keys of those cast, and of those who are only named in a shot: nobody is in one unasked."""
    how = wishes.get("how") or {}
    shots = {
        Verb.STORYBOARD: how.get("shots") or [],
        Verb.RETAKE: [how.get("take") or {}],
    }.get(wishes.get("verb") or Verb.TEXT, [])
    named = [key for shot in shots if isinstance(shot, Mapping) for key in shot.get("cast") or []]
    return list(dict.fromkeys(str(key) for key in [*(wishes.get("cast") or []), *named]))


def composer(maker: User, form: ComposeForm, now: datetime) -> dict[str, Any]:
    """What the composer shows beside its fields."""
    remix = form["remix"].value()
    parent = access.clip_for(maker, remix) if remix else None
    told = getattr(form, "cleaned_data", {}) if form.is_bound else form.initial
    seconds, takes = _number(told.get("seconds"), 5), _number(told.get("takes"), 1)
    engine, verb = str(told.get("engine") or "native"), Verb.REMIX if parent else Verb.TEXT
    kept = composing.inherited(parent, maker, now)
    there = {choice.cameo.pk for choice in kept}
    picker = composing.picker(maker, list(form["cast"].value() or []), now)
    return {
        "drafts": [row for row in drafts.of(maker) if str(row.public_id) != str(form["draft"].value())],
        "abilities": form.abilities(),
        "longest": max((max(e.abilities.seconds) for e in form.table.values()), default=60),
        "form": form,
        "parent": parent,
        "parent_poster": poster_of(parent) if parent else "",
        "inherited": kept,
        "picker": [choice for choice in picker if choice.cameo.pk not in there],
        "estimate": composing.priced(
            maker=maker, seconds=seconds, engine=engine, verb=verb, takes=takes, now=now
        ),
        "preview_credits": estimate.PREVIEW_CREDITS,
        "engine_facts": showing_engines.shown(),
        "balance": credits.balance(maker),
    }


def compose_form(maker: User, sent: QueryDict, first: Mapping[str, Any]) -> ComposeForm:
    """What was sent, or an empty form with its first wishes; it offers the engines that can do it."""
    return _form(maker, sent or None, first)


def _form(maker: User, sent: QueryDict | None, first: Mapping[str, Any]) -> ComposeForm:
    told = first if sent is None else sent
    remix = told.get("remix") or first.get("remix")
    shelf = products.offered(maker, timezone.now(), told.get("product"))
    return ComposeForm(sent, initial=first, parent=_remixed(maker, remix), shelf=shelf)


def _remixed(maker: User, public_id: Any) -> Clip | None:
    return access.clip_for(maker, public_id) if public_id else None


def with_help(maker: User, sent: QueryDict) -> tuple[ComposeForm, dict[str, Any] | None]:
    """The form with its words said fuller, and what changed; or as they were before (`undo`)."""
    data = sent.copy()
    if "undo" in sent:
        data["prompt"] = sent.get("before", "")
        return _form(maker, data, {}), None
    cast = composing.chosen_cast(sent.getlist("cast"))
    made = prompt_help.rewrite(
        sent.get("prompt", ""), [cameo.name for cameo in cast], sent.get("engine") or "native"
    )
    data["prompt"] = made.text
    form = _form(maker, data, {})
    return form, {"before": sent.get("prompt", ""), "changes": made.changes}


def _number(value: Any, otherwise: int) -> int:
    try:
        return max(1, min(600, int(value)))
    except (TypeError, ValueError):
        return otherwise


def verb_page(maker: User, verb: str, form: VerbForm, clip: Clip | None, now: datetime) -> dict[str, Any]:
    """What a plain form of going on shows beside its fields."""
    kept = composing.inherited(clip, maker, now)
    there = {choice.cameo.pk for choice in kept}
    wanted = list(form["cast"].value() or []) if "cast" in form.fields else []
    picker = composing.picker(maker, wanted, now) if "cast" in form.asks else []
    files = {rendition.kind: rendition for rendition in clip.renditions.all()} if clip else {}
    return {
        "form": form,
        "clip": clip,
        "files": files,
        "inherited": kept,
        "picker": [choice for choice in picker if choice.cameo.pk not in there],
    } | cost(maker, verb, form, now, sources=[clip] if clip else [])


def cost(
    maker: User, verb: str, form: VerbForm | PhotosForm, now: datetime, *, sources: Sequence[Clip] = ()
) -> dict[str, Any]:
    """What stands beside the button of a plain form, as it is filled in now."""
    said = {name: form[name].value() for name in ("seconds", "more_s", "takes") if name in form.fields}
    more = {"more_s": _number(said.get("more_s"), 5)} if "more_s" in said else {}
    asked = getattr(form, "total", 0) or _number(said.get("seconds"), 5)
    try:
        seconds = verbs.length(verb, sources, more, asked)
    except CannotMake:  # told by name once it is asked for; until then what the longest costs
        seconds = LONGEST_S
    takes = _number(said.get("takes"), 1)
    guess = composing.priced(
        maker=maker, seconds=seconds, engine=form.engine, verb=verb, takes=takes, now=now
    )
    return {
        "estimate": guess,
        "balance": credits.balance(maker),
        "told_verb": verb,
        "told_engine": form.engine,  # not `form.engine`: a template would find the field of that name
        "preview_credits": estimate.PREVIEW_CREDITS,
        "engine_facts": [row for row in showing_engines.shown() if row.name in getattr(form, "table", {})],
    }


def listed(rows: Iterable[Generation]) -> list[Listed]:
    return [
        Listed(
            row,
            poster_of(row.clip) if row.clip and not row.clip.is_gone else "",
            TONES.get(row.state, "info"),
        )
        for row in rows
    ]


def refusal_of(row: Generation) -> dict[str, Any]:
    """Stage, rule, evidence, suggestion, as a person reads them."""
    if not row.refusal_rule:
        return {}
    return {
        "rule": rule_title(row.refusal_rule),
        "is_consent": row.refusal_stage == "consent",
        "appeal": (asked := getattr(row, "appeal", None)),
        "answer": appeals.answer(row) if asked else "",
        "let_through": bool(asked and asked.state == Appeal.State.GRANTED),
        "may_appeal": appeals.may_appeal(row),
        "may_change": row.refusal_stage in ("prompt", "people"),
        "appeal_form": AppealForm(),
    }


def clip_page(viewer: Any, clip: Clip) -> dict[str, Any]:
    files = {rendition.kind: rendition for rendition in clip.renditions.all()}
    uses = list(clip.uses.select_related("cameo__owner").order_by("pk"))
    is_maker = viewer.is_authenticated and clip.maker_id == viewer.pk
    made_by: Generation | None = getattr(clip, "generation", None)
    parents = [i.source for i in clip.ingredients.select_related("source__maker")]
    return {
        "clip": clip,
        "files": files,
        "uses": uses,
        "waiting": [use for use in uses if use.is_waiting],
        "is_hidden": any(use.is_hidden for use in uses),
        "is_maker": is_maker,
        "told": made_by.told if is_maker and made_by else [],
        "measured": measured(scores.of(clip)) if is_maker else [],
        "notices": catalogue.notices(clip.engine),
        "parents": parents,
        "said": said_in(clip),
        "voices": voices_in(clip),
        "shots": made_by.how["shots"] if made_by and made_by.is_board else [],
        "in_full_by_composer": made_by is not None and made_by.verb in (Verb.TEXT, Verb.REMIX),
        "in_full_credits": estimate.price(seconds=made_by.seconds) if made_by else 0,
        **_goes_on(viewer, clip),
        "remix_count": len(lineage.descendants(clip)),
        "post": getattr(clip, "post", None),
    }


def said_in(clip: Clip) -> list[script.Cue]:
    """The lines of a clip, each at its time."""
    made_by: Generation | None = getattr(clip, "generation", None)
    return script.cues(made_by.how.get("shots", [])) if made_by else []


def voices_in(clip: Clip) -> list[str]:
    """In whose voice each who speaks does, a sentence each; nothing for clips that kept none."""
    made_by: Generation | None = getattr(clip, "generation", None)
    kept = made_by.how.get("voices", {}).values() if made_by else ()
    return [sentence for said in kept if (sentence := _voice_of(said))]


def _voice_of(said: Mapping[str, str]) -> str:
    name = said.get("name") or _("The speaker")
    told = {
        speakers.CLONED: _(
            "%(name)s: their own voice, imitated by a machine (%(with)s), with their permission."
        ),
        speakers.NEAR: _("%(name)s: a stock voice near in pitch and pace to theirs, with their permission."),
        speakers.STOCK: _("%(name)s: a stock voice, not theirs."),
    }.get(said.get("voice", ""), "")
    sentence = told % {"name": name, "with": said.get("with", "")} if told else ""
    return f"{sentence} {said['notice']}" if sentence and said.get("notice") else sentence


def _goes_on(viewer: Any, clip: Clip) -> dict[str, bool]:
    """Whether some engine of this host can go on from it: what was filmed is shown as it was filmed."""
    if not viewer.is_authenticated or not actions.remixable(clip, viewer):
        return {"may_remix": False, "may_go_on": False}
    return {
        "may_remix": bool(offering.engines_for(Verb.REMIX, clip=clip)),
        "may_go_on": any(offering.engines_for(verb, clip=clip) for verb in FROM_CLIPS),
    }


def measured(row: ClipScores | None) -> list[Measured]:
    """What was measured of a clip, for its maker; what could not be judged is left out."""
    if row is None:
        return []
    percent = "{:.0%}".format
    calm = None if row.flicker is None else max(0.0, 1 - row.flicker / scores.STEADY)
    lines = [
        (_("Prompt match"), row.prompt_match, percent, row.prompt_match,
         _("of what the words name is in the picture")),
        (_("Likeness"), row.identity_match, percent, row.identity_match,
         _("how much faces resemble those cast; above 40 of 100 is the same person")),
        (_("Product"), row.fidelity, percent, row.fidelity,
         _("how surely it is the product of the photos; below half a clip is thrown away")),
        (_("Physics"), row.physics, percent, row.physics,
         _("of flights, bounces and steps follow the rules of the world")),
        (_("Sharpness"), row.sharpness, percent, row.sharpness, _("of fine edges are there")),
        (_("Flicker"), row.flicker, "{:.2%}".format, calm,
         _("of full white that neighbouring pictures jump; a fuller bar is steadier")),
        (_("Motion"), row.motion, "{:.2f}".format, None, _("picture heights a second, on average")),
    ]  # fmt: skip
    return [
        Measured(label, tell(value), share, meaning)
        for label, value, tell, share, meaning in lines
        if value is not None
    ]


def poster_of(clip: Clip) -> str:
    for rendition in clip.renditions.all():
        if rendition.kind == Rendition.Kind.POSTER:
            return rendition.url
    return ""


def poster_for(poster: Rendition, accept: str) -> Rendition:
    """The poster in the format that a browser says it reads best; WebP for who says nothing."""
    if "image/avif" not in accept:
        return poster
    smaller = poster.clip.renditions.filter(kind=Rendition.Kind.POSTER_AVIF).first()
    return smaller or poster


def local_path(rendition: Rendition) -> Path | None:
    """Where the file lies on this machine; None where another service keeps it."""
    try:
        return Path(default_storage.path(rendition.path))
    except NotImplementedError:
        return None


def file_answer(request: HttpRequest, rendition: Rendition) -> HttpResponseBase:
    """A file, or the range of it that was asked for; whoever calls decided that the viewer may see it."""
    path = local_path(rendition)
    if path is None:
        return ranges.elsewhere(default_storage.url(rendition.path), etag=rendition.sha256)
    return ranges.serve(request, path, content_type=rendition.content_type, etag=rendition.sha256)


def download_answer(request: HttpRequest, clip: Clip, name: str) -> HttpResponseBase:
    """The largest film of a clip, to be kept under `name`. 404 where its files are gone."""
    films = clip.renditions.filter(kind__in=[Rendition.Kind.MP4_720, Rendition.Kind.MP4_360])
    film = films.order_by("-height", "kind").first()
    if film is None or clip.files_purged_at is not None:
        raise Http404
    answer = file_answer(request, film)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
