"""The ways on from a playable clip: to choose among, and for its creator to lay."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import AnyoneMayRead
from accounts.edge import SignedInRequest
from accounts.models import User
from accounts.refusals import Refused
from feed import access, branches
from feed.branches import MOST
from feed.forms_series import label_of
from feed.models import BranchPoint, Post


class BranchForm(forms.Form):
    """A question, a moment, and up to four pairs of words and a clip; empty pairs are left out."""

    question = forms.CharField(label=gettext_lazy("What do you ask?"), max_length=120)
    at = forms.DecimalField(
        label=gettext_lazy("At which second?"), min_value=0, max_value=120, decimal_places=1, max_digits=5
    )

    def __init__(self, *args: Any, posts: QuerySet[Post], lasts_ms: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lasts = lasts_ms // 100 / 10
        self.fields["at"].widget.attrs |= {"min": branches.EARLIEST_MS / 1000, "max": lasts}
        self.fields["at"].help_text = _("The clip lasts %(s)s seconds.") % {"s": localize(lasts)}
        for n in range(MOST):
            needed = n < branches.LEAST
            self.fields[f"label_{n}"] = forms.CharField(
                label=_("Way %(n)d") % {"n": n + 1}, max_length=60, required=needed
            )
            field: Any = forms.ModelChoiceField(
                label=_("leads to"),
                queryset=posts,
                to_field_name="public_id",
                required=needed,
                empty_label=_("nothing"),
            )
            field.label_from_instance = label_of
            self.fields[f"target_{n}"] = field

    @staticmethod
    def of(point: BranchPoint | None) -> dict[str, Any]:
        if point is None:
            return {}
        first: dict[str, Any] = {"question": point.question, "at": point.at_ms / 1000}
        for n, way in enumerate(point.ways.select_related("target")):
            first |= {f"label_{n}": way.label, f"target_{n}": way.target.public_id}
        return first

    def pairs(self) -> list[tuple[Any, Any]]:
        return [(self[f"label_{n}"], self[f"target_{n}"]) for n in range(MOST)]

    def wishes(self) -> dict[str, Any]:
        told = self.cleaned_data
        pairs = [(told.get(f"label_{n}"), told.get(f"target_{n}")) for n in range(MOST)]
        return {
            "question": told["question"],
            "at_ms": int(told["at"] * 1000),
            "ways": [(label, target) for label, target in pairs if label and target],
        }


@require_safe
def ways(request: HttpRequest, post: UUID) -> HttpResponse:
    """The same choice as in the player, as a page: without scripts, by keyboard, for a screen reader."""
    now = timezone.now()
    shown = access.post_for(request.user, post, now)
    choice = branches.choice(request.user, shown, now)
    if choice is None:
        raise Http404
    return render(request, "feed/ways.html", {"post": shown, "choice": choice})


@require_http_methods(["GET", "POST"])
@login_required
def lay(request: SignedInRequest, post: UUID) -> HttpResponse:
    now, refusal = timezone.now(), None
    own = access.own_post_for(request.user, post)
    if "none" in request.POST:
        branches.take_away(post=own, by=request.user)
        messages.success(request, _("It is played through again."))
        return redirect("feed:lay-ways", post=post)
    posts = Post.objects.visible_to(request.user, now).filter(creator=request.user).exclude(pk=own.pk)
    posts = posts.select_related("clip").order_by("-pk")
    point = BranchPoint.objects.filter(post=own).first()
    form = BranchForm(
        request.POST if request.method == "POST" else None,
        posts=posts,
        lasts_ms=own.clip.duration_ms,
        initial=BranchForm.of(point),
    )
    if request.method == "POST" and form.is_valid():
        try:
            branches.ask(post=own, by=request.user, now=now, **form.wishes())
            messages.success(request, _("Kept. It is asked from now on."))
            return redirect(own)
        except Refused as said:
            refusal = said
    status = refusal.status if refusal else 422 if form.errors else 200
    context = {
        "post": own,
        "form": form,
        "point": point,
        "refusal": refusal,
        "enough": posts[: branches.LEAST],
    }
    return render(request, "feed/ways_lay.html", context, status=status)


class WayIn(serializers.Serializer[Any]):
    label = serializers.CharField(max_length=60)  # type: ignore[assignment]
    post = serializers.UUIDField()


class ChoiceIn(serializers.Serializer[Any]):
    question = serializers.CharField(max_length=120)
    at_ms = serializers.IntegerField(min_value=0, max_value=120_000)
    ways = WayIn(many=True)


class ChoiceOut(serializers.Serializer[Any]):
    at_ms = serializers.IntegerField()
    question = serializers.CharField()
    ways = serializers.ListField(child=serializers.DictField(), help_text="label, url, is_paid")


class WaysOfPost(APIView):
    """How a playable clip goes on; 404 where it asks nothing, or no way is left."""

    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read", "PUT": "posts:write", "DELETE": "posts:write"}

    @extend_schema(responses=ChoiceOut, operation_id="feed_ways")
    def get(self, request: Request, post: UUID) -> Response:
        now = timezone.now()
        shown = access.post_for(request.user, post, now)
        choice = branches.choice(request.user, shown, now)
        if choice is None:
            raise Http404
        return Response(choice.as_json())

    @extend_schema(request=ChoiceIn, responses=ChoiceOut, operation_id="feed_ways_lay")
    def put(self, request: Request, post: UUID) -> Response:
        now, me = timezone.now(), _me(request)
        own = access.own_post_for(request.user, post)
        given = ChoiceIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        asked["ways"] = [
            (way["label"], access.post_for(me, way["post"], now)) for way in asked["ways"][: 2 * MOST]
        ]
        branches.ask(post=own, by=me, now=now, **asked)
        choice = branches.choice(me, own, now)
        return Response(choice.as_json() if choice else {})

    @extend_schema(responses={204: None}, operation_id="feed_ways_take_away")
    def delete(self, request: Request, post: UUID) -> Response:
        branches.take_away(post=access.own_post_for(request.user, post), by=_me(request))
        return Response(status=204)


def _me(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user
