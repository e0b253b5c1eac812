"""Pages of series: one's own, one for everybody, and the one where its creator works on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.edge import SignedInRequest
from accounts.models import User
from accounts.refusals import Refused
from cameos import queries
from cameos.models import Purpose
from feed import access, series
from feed.forms_series import BallotForm, EpisodeForm, SeriesForm
from feed.models import Ballot, Series
from generation import drafts
from generation.engines.base import NATIVE

SHOTS, SHOT_S = 6, 5  # a brief's storyboard: half a minute, the shortest episode


@require_http_methods(["GET", "POST"])
@login_required
def mine(request: SignedInRequest) -> HttpResponse:
    now, refusal = timezone.now(), None
    form = SeriesForm(request.POST if request.method == "POST" else None, cast=_castable(request.user, now))
    if request.method == "POST" and form.is_valid():
        try:
            made = series.begin(creator=request.user, now=now, **form.wishes())
            return redirect("feed:series-edit", public_id=made.public_id)
        except Refused as said:
            refusal = said
    context = {"form": form, "refusal": refusal, "listed": series.of(request.user, request.user)}
    return render(request, "feed/series_mine.html", context, status=_status(refusal, form))


@require_safe
def shown(request: HttpRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.series_for(request.user, public_id)
    ballot = series.ballot_for(request.user, found, now)
    context = {
        "series": found,
        "episodes": series.episodes(request.user, found, now),
        "cast": series.standing(found, now),
        "is_mine": found.creator_id == request.user.pk,
        "ballot": ballot,
        "options": _options(ballot),
        "is_open": ballot is not None and ballot.state == Ballot.State.OPEN and ballot.closes_at > now,
        "voted": series.voted(ballot, request.user) if ballot else None,
    }
    return render(request, "feed/series.html", context)


def _options(ballot: Ballot | None) -> list[dict[str, Any]]:
    """The ways, with their part of all voices once they are counted."""
    if ballot is None:
        return []
    options = list(ballot.options.all())
    total = sum(option.vote_count or 0 for option in options)
    return [
        {
            "position": option.position,
            "words": option.words,
            "count": option.vote_count,
            "percent": round(100 * (option.vote_count or 0) / total) if total else 0,
            "won": option.pk == ballot.winner_id,
        }
        for option in options
    ]


@require_POST
@login_required
def vote(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.series_for(request.user, public_id)
    series.vote(
        ballot=access.ballot_of(request.user, found, now),
        person=request.user,
        position=_number(request.POST.get("way", "")),
        now=now,
    )
    messages.success(request, _("Your vote counts. You can change it until it closes."))
    return redirect(found)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The creator's page. Each of its forms says by `do` what it asks for."""
    now, refusal = timezone.now(), None
    own = access.own_series(request.user, public_id)
    do = request.POST.get("do", "")
    forms = _forms(request, own, do, now)
    form = forms.get(do)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            return _do(request, own, do, form, now)
        except Refused as said:
            refusal = said
    context: dict[str, Any] = {
        "series": own,
        "episodes": series.episodes(request.user, own, now),
        "brief": series.brief(own, now),
        "ballot": own.ballots.order_by("-opened_at", "-pk").first(),
        "free": series.to_add(own, now)[:1],
        "refusal": refusal,
    } | {f"{name}_form": made for name, made in forms.items()}
    context["level"] = series.level_options(context["ballot"]) if context["ballot"] else []
    return render(request, "feed/series_edit.html", context, status=_status(refusal, form))


def _forms(request: SignedInRequest, own: Series, do: str, now: datetime) -> dict[str, Any]:
    """The forms of the page, the one that was sent bound."""
    sent = {name: request.POST if name == do else None for name in ("words", "episode", "ballot")}
    cast = None if own.locked_at else _castable(request.user, now)
    return {
        "words": SeriesForm(sent["words"], cast=cast, initial=SeriesForm.of(own)),
        "episode": EpisodeForm(sent["episode"], posts=series.to_add(own, now)),
        "ballot": BallotForm(sent["ballot"]),
    }


def _do(request: SignedInRequest, own: Series, do: str, form: Any, now: datetime) -> HttpResponse:
    me = request.user
    match do:
        case "words":
            series.change(series=own, by=me, now=now, **form.wishes())
        case "episode":
            series.add_episode(series=own, by=me, now=now, **form.cleaned_data)
        case "change":
            episode = own.episodes.filter(number=_number(request.POST.get("number", ""))).first()
            if episode is None:
                raise Http404
            words = {name: request.POST.get(name, "") for name in ("title", "cliffhanger")}
            series.change_episode(episode=episode, by=me, **words)
        case "ballot":
            last = access.last_episode(own)
            series.open_ballot(episode=last, by=me, now=now, **form.wishes(now))
        case "tie":
            ballot = own.ballots.filter(state=Ballot.State.TIED).order_by("-pk").first()
            if ballot is None:
                raise Http404
            series.break_tie(ballot=ballot, by=me, position=_number(request.POST.get("way", "")))
        case "write-out":
            member = own.cast.filter(cameo__public_id=_uuid(request.POST.get("cameo", ""))).first()
            if member is None:
                raise Http404
            series.write_out(series=own, by=me, cameo=member.cameo, now=now)
        case "next":
            return redirect(storyboard_of(me, own, now))
        case "delete":
            series.delete(series=own, by=me, now=now)
            messages.success(request, _("The series is gone; its clips stay."))
            return redirect("feed:series-mine")
        case _:
            raise Http404
    messages.success(request, _("Kept."))
    return redirect("feed:series-edit", public_id=own.public_id)


def storyboard_of(me: User, own: Series, now: datetime) -> Any:
    """A draft of the next episode: the open end, then what was voted for, in each shot as many of the cast as
    a clip can show, and room for the rest."""
    asked = series.brief(own, now)
    cast = [str(cameo.public_id) for cameo in asked.cast[: NATIVE.max_cast]]
    shots = [
        {"prompt": beat, "seconds": SHOT_S, "camera": "", "begin": "", "cast": cast, "lines": []}
        for beat in (*asked.beats, *[""] * SHOTS)
    ]
    return drafts.storyboard(maker=me, shots=shots[:SHOTS], series=str(own.public_id), now=now)


def _castable(me: User, now: datetime) -> Any:
    return queries.castable(me, now, purpose=Purpose.SERIES)


def _status(refusal: Refused | None, form: Any) -> int:
    return refusal.status if refusal else 422 if form is not None and form.errors else 200


def _number(value: str) -> int:
    """-1, which nothing has, for what is no small number."""
    return int(value) if value.isdecimal() and len(value) < 4 else -1


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise Http404 from error
