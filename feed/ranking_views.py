"""Ranking in the open: the weights that serve, every change of them, experiments; and the operator's page."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import operator_only
from accounts.api_auth import AnyoneMayRead
from accounts.edge import SignedInRequest
from feed import cards, slates, tasks, text
from feed.models import Experiment, RankerVersion, RankingNote
from feed.ranking import experiments, explain, features, live, versions
from feed.refusals import BadExperiment

REPLAYED = 48  # places shown
PUBLISHED = (RankingNote.Kind.SERVING, RankingNote.Kind.ROLLED_BACK)
# Changes of the code itself: what everybody's feed is counted by, besides the learnt weights.
CHANGES = (
    (
        date(2026, 11, 26),
        gettext_lazy(
            "Topics count by how much more of them was welcome; chances are drawn from the whole house."
        ),
    ),
    (
        date(2026, 11, 26),
        gettext_lazy("What people finish and like counts more, newness less; topics count beyond the pool."),
    ),
    (date(2026, 11, 25), gettext_lazy("What people went on to after a clip became a number of its own.")),
    (date(2026, 11, 25), gettext_lazy("A host learns its weights from its own log and serves what wins.")),
    (date(2026, 11, 22), gettext_lazy("The first published weights.")),
)


@require_safe
def ranking(request: HttpRequest) -> HttpResponse:
    served = live.serving()
    context = {
        "version": served.version,
        "weights": [
            {"words": explain.words_of(name), "value": served.values.get(name, 0.0)}
            for name in features.NAMES
        ],
        "notes": RankingNote.objects.filter(kind__in=PUBLISHED).order_by("-at", "-pk")[:100],
        "changes": CHANGES,
        "experiments": experiments.running(),
        "mine": experiments.of(request.user),
    }
    return render(request, "feed/ranking.html", context)


@require_safe
@login_required
def mine(request: SignedInRequest) -> HttpResponse:
    """The reader's own order, made again from what was kept of it: the same, or the page says so."""
    now = timezone.now()
    kept = slates.of(request.user, now)
    order, again = slates.replayed(request.user.pk)
    first = range(min(len(order), REPLAYED))
    found = dict(cards.some(request.user, [order[place] for place in first], now, muted=False))
    context = {
        "places": [
            {"number": place + 1, "card": found.get(order[place]), "why": explain.of_kept(why, kept.version)}
            for place, why in zip(first, kept.whys(first), strict=True)
        ],
        "count": len(order),
        "same": sum(one == other for one, other in zip(order, again, strict=True)),
        "version": kept.version,
    }
    return render(request, "feed/ranking_mine.html", context)


@require_POST
@login_required
def leave(request: SignedInRequest, experiment: str) -> HttpResponse:
    found = get_object_or_404(Experiment, name=experiment, ended_at=None)
    experiments.leave(experiment=found, person=request.user, now=timezone.now())
    messages.success(request, _("You are out of it: your feed is counted like everybody's."))
    return redirect("feed:ranking")


@require_http_methods(["GET", "POST"])
@login_required
def operator(request: HttpRequest) -> HttpResponse:
    operator_only(request.user)
    now = timezone.now()
    if request.method == "POST":
        messages.success(request, _done(request.POST.get("do", ""), request, now))
        return redirect("feed:ranking-operator")
    context = {
        "served": live.serving(),
        "versions": RankerVersion.objects.order_by("-trained_at")[:30],
        "notes": RankingNote.objects.order_by("-at", "-pk")[:50],
        "experiments": Experiment.objects.order_by("-pk")[:30],
        "names": features.NAMES,
    }
    return render(request, "feed/ranking_operator.html", context)


def _done(what: str, request: HttpRequest, now: Any) -> str:
    if what == "rollback":
        return _("Serving again: %(version)s") % {"version": versions.roll_back(now)}
    if what == "learn":
        tasks.learn.delay()
        return _("A worker learns now. What came of it will stand below.")
    if what == "start":
        experiments.start(
            name=text.clean(request.POST.get("name", "")[:40]),
            description=text.clean(request.POST.get("description", "")[:300]),
            share=_whole(request.POST.get("share", "")),
            weights=_weights(request.POST.get("weights", "")),
            now=now,
        )
        return _("The experiment runs. Everybody can read about it at /ranking.")
    if what == "stop":
        found = get_object_or_404(Experiment, pk=_whole(request.POST.get("experiment", "")))
        experiments.stop(experiment=found, now=now)
        return _("The experiment is over.")
    raise Http404


def _whole(given: str) -> int:
    if not given.isdecimal() or len(given) > 9:
        raise BadExperiment()
    return int(given)


def _weights(given: str) -> dict[str, Any]:
    """`fresh=1.2 popular=0.5`, or the same as JSON."""
    try:
        if given.strip().startswith("{"):
            found = json.loads(given[:2000])
        else:
            pairs = (piece.partition("=") for piece in given[:2000].replace(",", " ").split())
            found = {name: float(value) for name, _sign, value in pairs}
    except (ValueError, RecursionError):
        raise BadExperiment() from None
    return found if isinstance(found, dict) else {}


class RankingApi(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=serializers.DictField, operation_id="feed_ranking")
    def get(self, request: Request) -> Response:
        served, mine = live.serving(), experiments.of(request.user)
        notes = RankingNote.objects.filter(kind__in=PUBLISHED).order_by("-at", "-pk")[:100]
        return Response(
            {
                "version": served.version,
                "weights": dict(served.values),
                "changes": [
                    {"at": n.at, "kind": n.kind, "version": n.version, "figures": n.detail} for n in notes
                ],
                "experiments": [
                    {
                        "name": one.name,
                        "description": one.description,
                        "share": one.share,
                        "weights": one.weights,
                        "in_it": mine is not None and mine.pk == one.pk,
                    }
                    for one in experiments.running()
                ],
            }
        )
