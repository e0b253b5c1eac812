"""Pages and API of steering: say it in words, weigh the rules, keep, export, share and take over."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.edge import SignedInRequest
from accounts.models import User
from feed import actions, steering
from feed.models import Steering
from feed.refusals import BadRules
from feed.steering import Rule

LONGEST_SHARED = 8000


def mine(person: User) -> Steering:
    """How this person steers; nothing kept is nothing steered."""
    return Steering.of(person) or Steering(person=person, updated_at=timezone.now())


@require_http_methods(["GET", "POST"])
@login_required
def steer(request: SignedInRequest) -> HttpResponse:
    kept = mine(request.user)
    rules = steering.read(kept.rules)
    if request.method == "POST":
        actions.steer(
            person=request.user,
            rules=_weighed(request, rules),
            muted_words=request.POST.get("muted_words", "")[:8000].splitlines(),
            hide_ai="hide_ai" in request.POST,
            ai_share=_share(request.POST.get("ai_share", "")),
            now=timezone.now(),
        )
        messages.success(request, _("Kept. It counts from the next page on."))
        return redirect("feed:steer")
    context = {"rules": rules, "kept": kept, "link": _link(rules)}
    return render(request, "feed/steer.html", context)


def _weighed(request: HttpRequest, rules: list[Rule]) -> list[Rule]:
    """The kept rules with the amounts of the sliders; one at nought is gone."""
    found = []
    for place, rule in enumerate(rules):
        try:
            amount = float(request.POST.get(f"amount-{place}", rule.amount))
        except ValueError:
            raise BadRules() from None
        found += steering.read([{**rule.as_json(), "amount": amount}]) if amount else []
    return found


def _share(given: str) -> int | None:
    if not given:
        return None
    if not given.isdecimal() or len(given) > 3:
        raise BadRules()
    return int(given)


@require_POST
@login_required
def words(request: SignedInRequest) -> HttpResponse:
    """Words become rules beside those that stand; the new word on a subject counts."""
    added = steering.compile_words(request.POST.get("words", ""))
    _keep(request.user, added)
    if added:
        messages.success(
            request, _("Understood as: %(rules)s") % {"rules": ", ".join(steering.as_lines(added))}
        )
    else:
        messages.error(
            request, _("There is nothing in these words to steer by. Try “more cats, fewer dances”.")
        )
    return redirect("feed:steer")


def _keep(person: User, added: list[Rule]) -> Steering:
    kept = mine(person)
    together = {(rule.kind, rule.subject): rule for rule in [*steering.read(kept.rules), *added]}
    return actions.steer(
        person=person,
        rules=list(together.values()),
        muted_words=kept.muted_words,
        hide_ai=kept.hide_ai,
        ai_share=kept.ai_share,
        now=timezone.now(),
    )


@require_safe
@login_required
def export(request: SignedInRequest) -> HttpResponse:
    rules = [rule.as_json() for rule in steering.read(mine(request.user).rules)]
    answer = JsonResponse({"understudy_rules": 1, "rules": rules})
    answer["Content-Disposition"] = 'attachment; filename="feed-rules.json"'
    return answer


@require_safe
@login_required
def shared(request: SignedInRequest) -> HttpResponse:
    """Rules that somebody sent as a link, shown before they are taken over."""
    rules = _parsed(request.GET.get("rules", ""))
    context = {"rules": rules, "json": json.dumps([rule.as_json() for rule in rules])}
    return render(request, "feed/steer_shared.html", context)


@require_POST
@login_required
def take_over(request: SignedInRequest) -> HttpResponse:
    """Rules from a link or an exported file, beside those that stand."""
    _keep(request.user, _parsed(request.POST.get("rules", "")))
    messages.success(request, _("Kept. It counts from the next page on."))
    return redirect("feed:steer")


def _parsed(given: str) -> list[Rule]:
    if len(given) > LONGEST_SHARED:
        raise BadRules()
    try:
        found = json.loads(given)
    except (ValueError, RecursionError):
        raise BadRules() from None
    return steering.read(found.get("rules") if isinstance(found, dict) else found)


def _link(rules: list[Rule]) -> str:
    return f"/steer/shared?rules={quote(json.dumps([rule.as_json() for rule in rules]))}" if rules else ""


class SteeringIn(serializers.Serializer[Any]):
    """What is left out stays; `words` are compiled and put beside the rules."""

    words = serializers.CharField(max_length=steering.MOST_WORDS, required=False, allow_blank=True)
    rules = serializers.JSONField(required=False)
    muted_words = serializers.ListField(
        child=serializers.CharField(max_length=200, allow_blank=True),
        max_length=actions.MOST_MUTED,
        required=False,
    )
    hide_ai = serializers.BooleanField(required=False)
    ai_share = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)


class SteeringApi(APIView):
    scopes = {"GET": "clips:read", "PUT": "posts:write"}

    @extend_schema(responses=serializers.DictField, operation_id="feed_steering")
    def get(self, request: Request) -> Response:
        return Response(_as_json(mine(_person(request))))

    @extend_schema(request=SteeringIn, responses=serializers.DictField, operation_id="feed_steer")
    def put(self, request: Request) -> Response:
        given = SteeringIn(data=request.data)
        given.is_valid(raise_exception=True)
        fields, kept = given.validated_data, mine(_person(request))
        rules = steering.read(fields.get("rules", kept.rules))
        together = {(rule.kind, rule.subject): rule for rule in rules}
        for rule in steering.compile_words(fields.get("words", "")):
            together[rule.kind, rule.subject] = rule
        steered = actions.steer(
            person=_person(request),
            rules=list(together.values()),
            muted_words=fields.get("muted_words", kept.muted_words),
            hide_ai=fields.get("hide_ai", kept.hide_ai),
            ai_share=fields.get("ai_share", kept.ai_share),
            now=timezone.now(),
        )
        return Response(_as_json(steered))


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _as_json(kept: Steering) -> dict[str, Any]:
    rules = steering.read(kept.rules)
    return {
        "rules": [{**rule.as_json(), "text": rule.text} for rule in rules],
        "muted_words": kept.muted_words,
        "hide_ai": kept.hide_ai,
        "ai_share": kept.ai_share,
    }
