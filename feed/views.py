"""Pages of the feed. Each is: parse, get the row through access.py, one action or query, answer."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts import throttle
from accounts.edge import SignedInRequest
from accounts.models import User
from accounts.refusals import Refused, wants_json
from accounts.views.edge import me
from cameos import uses
from feed import (
    access,
    actions,
    broll,
    cards,
    drawing,
    lineage,
    people,
    rights,
    scheduling,
    series,
    streams,
    watch,
    wellbeing,
)
from feed.comments import comments_page
from feed.forms import CommentForm, PublishForm, ReportForm
from feed.refusals import BadBeacon, BadCursor, RemixClosed
from generation.models import Clip


@require_safe
def for_you(request: HttpRequest) -> HttpResponse:
    page = streams.turn("for-you", request.user, "", timezone.now())
    return _stream(request, "for-you", page)


@require_safe
@login_required
def following(request: SignedInRequest) -> HttpResponse:
    page = streams.turn("following", request.user, "", timezone.now())
    return _stream(request, "following", page)


@require_safe
@login_required
def circle(request: SignedInRequest) -> HttpResponse:
    page = streams.turn("circle", request.user, "", timezone.now())
    return _stream(request, "circle", page)


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    page = streams.turn("latest", request.user, "", timezone.now())
    return _stream(request, "latest", page)


@require_safe
def post(request: HttpRequest, post: UUID) -> HttpResponse:
    now = timezone.now()
    try:
        shown = access.post_for(request.user, post, now)
    except Http404:
        if access.is_offered(request.user, post, now):  # a link to a paid episode that somebody passed on
            return redirect(f"/unlock/{post}")
        raise
    page = streams.starting_at(request.user, shown, now)
    return _stream(request, "for-you", page, first=page.cards[0])


def _stream(
    request: HttpRequest, stream: str, page: streams.Page, first: cards.Card | None = None
) -> HttpResponse:
    context = {"stream": stream, "page": page, "first": first, "site": settings.SITE_URL}
    starts = not _saves_data(request)
    if isinstance(request.user, User):
        now = timezone.now()
        context["limits"] = limits = wellbeing.limits(request.user, now)
        context["is_over"] = not page.cards and wellbeing.is_over(request.user, now)
        context["watched_ms"] = used = wellbeing.watched_today_ms(request.user, now) if limits.minutes else 0
        starts = starts and not (limits.minutes and used >= limits.minutes * 60_000)
    context["starts"] = starts  # whether the first clip plays by itself, before any script is there
    return render(request, "feed/stream.html", context)


def _saves_data(request: HttpRequest) -> bool:
    """By the switch of this browser (`usage.js` mirrors it in a cookie), else as its own setting says."""
    chosen = request.COOKIES.get("save-data")
    return chosen == "on" if chosen else request.headers.get("Save-Data", "").lower() == "on"


@require_GET
def more(request: HttpRequest, stream: str) -> JsonResponse:
    """The next page of a stream as cards of HTML, drawn by the template that drew the first."""
    if stream not in streams.STREAMS:
        raise Http404
    cursor = request.GET.get("cursor", "")
    if not cursor:
        raise BadCursor()
    page = streams.turn(stream, request.user, cursor, timezone.now())
    return JsonResponse({"cards": drawing.cards(request, page.cards), "next": page.next})


@require_http_methods(["GET", "POST"])
@login_required
def publish(request: SignedInRequest, clip: UUID) -> HttpResponse:
    draft, refusal = access.draft_for(request.user, clip), None
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _put_out(request, draft, dict(form.cleaned_data))
        except Refused as said:
            if wants_json(request):
                raise
            refusal = said
    owes = rights.owed_by(draft, request.user.pk)
    form.fields["owes_seen"].initial = sum(owes.values())
    if form.is_bound:  # what is shown now is what the next try agrees to
        form.data = request.POST.copy()
        form.data["owes_seen"] = str(sum(owes.values()))
    waiting = [] if refusal else uses.waiting_for(draft)
    context = {
        "clip": draft,
        "form": form,
        "owes": rights.named(owes),
        "refusal": refusal,
        "waiting": waiting,
    }
    return render(request, "feed/publish.html", context, status=refusal.status if refusal else 200)


def _put_out(request: SignedInRequest, clip: Clip, wishes: dict[str, Any]) -> HttpResponse:
    """At once, or at the moment wished for."""
    now = timezone.now()
    if (at := wishes.pop("at")) is not None:
        scheduling.schedule(clip=clip, creator=request.user, at=at, now=now, **wishes)
        messages.success(request, _("It will be published at that time, if nothing speaks against it then."))
        return redirect("generation:clip", public_id=clip.public_id)
    made = actions.publish(clip=clip, creator=request.user, now=now, **wishes)
    scheduling.cancel(clip=clip, creator=request.user)
    messages.success(request, _("It is on stage."))
    return redirect(made)


@require_POST
@login_required
def like(request: SignedInRequest, post: UUID) -> HttpResponse:
    now = timezone.now()
    liked = access.post_for(request.user, post, now)
    throttle.like(request.user, now)
    if request.POST.get("undo"):
        actions.unlike(post=liked, person=request.user, now=now)
    else:
        actions.like(post=liked, person=request.user, now=now)
    return redirect(liked)


@require_http_methods(["GET", "POST"])
def comments(request: HttpRequest, post: UUID) -> HttpResponse:
    now = timezone.now()
    under = access.post_for(request.user, post, now)
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next=/p/{post}/comments")
    form = CommentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        author = me(request)
        throttle.comment(author, now)
        reply_to = form.cleaned_data["reply_to"]
        root = access.comment_for(request.user, reply_to, now) if reply_to else None
        words = form.cleaned_data["text"]
        actions.comment(post=under, author=author, words=words, reply_to=root, now=now)
        return redirect("feed:comments", post=post)
    listed = comments_page(request.user, under, request.GET.get("cursor", ""), now)
    template = "feed/_comments.html" if request.headers.get("X-Fragment") else "feed/comments.html"
    return render(request, template, {"post": under, "page": listed, "form": form})


@require_POST
@login_required
def delete_comment(request: SignedInRequest, comment: UUID) -> HttpResponse:
    now = timezone.now()
    row = access.comment_for(request.user, comment, now)
    actions.delete_comment(comment=row, by=request.user, now=now)
    return redirect("feed:comments", post=row.post.public_id)


@require_http_methods(["GET", "POST"])
@login_required
def report(request: SignedInRequest, post: UUID) -> HttpResponse:
    now = timezone.now()
    reported = access.post_for(request.user, post, now)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        throttle.report(request.user, now)
        reason, words = form.cleaned_data["reason"], form.cleaned_data["text"]
        actions.report(post=reported, reporter=request.user, reason=reason, words=words, now=now)
        messages.success(request, _("Thank you. The moderators will look at it; you won't see it again."))
        return redirect("feed:for-you")
    return render(request, "feed/report.html", {"post": reported, "form": form})


@require_POST
@login_required
def not_interested(request: SignedInRequest, post: UUID) -> HttpResponse:
    now = timezone.now()
    refused = access.post_for(request.user, post, now)
    actions.not_interested(post=refused, person=request.user, now=now)
    messages.success(request, _("You will see less like this."))
    return redirect("feed:for-you")


@require_POST
@login_required
def take_down(request: SignedInRequest, post: UUID) -> HttpResponse:
    own = access.own_post_for(request.user, post)
    actions.take_down(post=own, by=request.user, now=timezone.now())
    messages.success(request, _("The clip is off stage."))
    return redirect("feed:person", handle=request.user.username)


@require_GET
@login_required
def remix(request: SignedInRequest, post: UUID) -> HttpResponse:
    source = access.post_for(request.user, post, timezone.now())
    is_open = source.allow_remix or source.creator_id == request.user.pk
    if not (is_open or broll.holds(source, request.user)) or not source.clip.may_be_changed():
        raise RemixClosed()
    return redirect(f"/create?remix={source.clip.public_id}")


@require_safe
def lineage_page(request: HttpRequest, post: UUID) -> HttpResponse:
    now = timezone.now()
    shown = access.post_for(request.user, post, now)
    tree = lineage.tree(request.user, shown, now)
    return render(request, "feed/lineage.html", {"post": shown, "tree": tree})


@require_safe
def person(request: HttpRequest, handle: str) -> HttpResponse:
    now = timezone.now()
    shown = access.person_for(request.user, handle)
    page = people.page(request.user, shown, request.GET.get("cursor", ""), now)
    context = {"person": shown, "page": page, "series": series.of(request.user, shown)}
    return render(request, "feed/person.html", context)


@csrf_exempt
@require_POST
def watched(request: HttpRequest) -> HttpResponse:
    """Beacons of our own pages.

    `sendBeacon` cannot carry the CSRF token, so the browser's word for the origin stands in.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or len(request.body) > 16_384:
        raise BadBeacon()
    now = timezone.now()
    throttle.beacon(str(request.user.pk or throttle.client_address(request)), now)
    try:
        beacons = watch.parse(json.loads(request.body))
    except (ValueError, RecursionError):
        raise BadBeacon() from None
    watch.take(beacons=beacons, viewer=request.user, now=now)
    return HttpResponse(status=204)
