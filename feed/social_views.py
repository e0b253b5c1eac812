"""Messages, reposts, starter packs, and what authors and creators do with comments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.edge import SignedInRequest
from accounts.models import User
from feed import access, actions, appeals, conversations, packs, talking, text
from feed.models import StarterPack
from feed.refusals import NobodyCalled

# --- Messages ----------------------------------------------------------------------------------------------


@require_safe
@login_required
def inbox(request: SignedInRequest) -> HttpResponse:
    rows = conversations.inbox(request.user)
    context = {
        "requests": [row for row in rows if row.is_request],
        "talks": [row for row in rows if not row.is_request],
    }
    return render(request, "feed/messages.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def begin(request: SignedInRequest) -> HttpResponse:
    """Choose people (and bring a clip along), write the first words."""
    now = timezone.now()
    post = _shared(request, request.POST.get("post") or request.GET.get("post", ""))
    if request.method == "POST":
        others = _people(request, request.POST.get("to", ""))
        conversation = talking.open_with(
            author=request.user, others=others, title=request.POST.get("title", ""), now=now
        )
        words = request.POST.get("text", "")
        talking.say(conversation=conversation, author=request.user, words=words, post=post, now=now)
        return redirect(conversation)
    context = {
        "post": post,
        "to": request.GET.get("to", "")[:500],
        "known": talking.known_to(request.user),
        "guardian": talking.only_partner(request.user, now),
    }
    return render(request, "feed/message_new.html", context)


def _people(request: HttpRequest, given: str) -> list[User]:
    """`@anna, ben`: each must be somebody whom the viewer may see; raises `NobodyCalled`."""
    handles = [text.clean(handle).lstrip("@") for handle in given[:2000].replace(",", " ").split()]
    return [_person(request, handle) for handle in dict.fromkeys(handles) if handle][:50]


def _person(request: HttpRequest, handle: str) -> User:
    try:
        return access.person_for(request.user, handle)
    except Http404:
        message = _("Nobody here is called “%(handle)s”.") % {"handle": handle[:60]}
        raise NobodyCalled(message=message) from None


def _shared(request: HttpRequest, given: str) -> Any:
    if not given:
        return None
    try:
        return access.post_for(request.user, UUID(given), timezone.now())
    except ValueError:
        raise Http404 from None


@require_http_methods(["GET", "POST"])
@login_required
def talk(request: SignedInRequest, conversation: UUID) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        found, _mine = conversations.conversation_for(request.user, conversation)
        post = _shared(request, request.POST.get("post", ""))
        words = request.POST.get("text", "")
        talking.say(conversation=found, author=request.user, words=words, post=post, now=now)
        if not request.headers.get("X-Fragment"):
            return redirect(found)
    before = request.GET.get("before", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    shown = conversations.talk(request.user, conversation, last, now)
    talking.mark_read(conversation=shown.conversation, person=request.user, now=now)
    template = "feed/_talk.html" if request.headers.get("X-Fragment") else "feed/talk.html"
    return render(request, template, {"talk": shown})


@require_POST
@login_required
def answer(request: SignedInRequest, conversation: UUID) -> HttpResponse:
    """Accept a request, decline it, or leave."""
    found, _mine = conversations.conversation_for(request.user, conversation)
    if request.POST.get("do") == "accept":
        talking.accept(conversation=found, person=request.user)
        return redirect(found)
    talking.leave(conversation=found, person=request.user)
    return redirect("feed:messages")


@require_POST
@login_required
def take_back(request: SignedInRequest, message: UUID) -> HttpResponse:
    found = conversations.message_for(request.user, message)
    talking.take_back(message=found, by=request.user, now=timezone.now())
    return redirect(found.conversation)


# --- Comments and reposts ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@login_required
def edit_comment(request: SignedInRequest, comment: UUID) -> HttpResponse:
    now = timezone.now()
    row = access.comment_for(request.user, comment, now)
    if row.author_id != request.user.pk:
        raise Http404
    if request.method == "POST":
        actions.edit_comment(comment=row, by=request.user, words=request.POST.get("text", ""), now=now)
        return redirect("feed:comments", post=row.post.public_id)
    return render(request, "feed/comment_edit.html", {"comment": row})


@require_safe
def comment_history(request: HttpRequest, comment: UUID) -> HttpResponse:
    row = access.comment_for(request.user, comment, timezone.now())
    return render(
        request, "feed/comment_history.html", {"comment": row, "edits": row.edits.order_by("-at", "-pk")}
    )


@require_POST
@login_required
def pin_comment(request: SignedInRequest, comment: UUID) -> HttpResponse:
    row = access.comment_for(request.user, comment, timezone.now())
    actions.pin_comment(comment=row, by=request.user, pinned=request.POST.get("undo") != "1")
    return redirect("feed:comments", post=row.post.public_id)


@require_POST
@login_required
def open_comments(request: SignedInRequest, post: UUID) -> HttpResponse:
    own = access.own_post_for(request.user, post)
    actions.open_comments(post=own, by=request.user, is_open=request.POST.get("open") == "1")
    return redirect("feed:comments", post=own.public_id)


@require_POST
@login_required
def repost(request: SignedInRequest, post: UUID) -> HttpResponse:
    now = timezone.now()
    shown = access.post_for(request.user, post, now)
    if request.POST.get("undo"):
        actions.take_back_repost(post=shown, person=request.user)
        messages.success(request, _("It is no longer shown by you."))
        return redirect("feed:person", handle=request.user.username)
    throttle.like(request.user, now)
    actions.repost(post=shown, person=request.user, now=now)
    messages.success(request, _("Shown to those who follow you. You can take it back on your own page."))
    return redirect(shown)


@require_http_methods(["GET", "POST"])
@login_required
def appeal(request: SignedInRequest, post: UUID) -> HttpResponse:
    """What was decided about a clip of one's own, and one's word against it."""
    own = access.own_post_for(request.user, post)
    if request.method == "POST":
        words = request.POST.get("text", "")
        appeals.appeal(post=own, person=request.user, words=words, now=timezone.now())
        messages.success(request, _("Your appeal is in. You will be told."))
        return redirect("feed:appeal", post=post)
    return render(request, "feed/appeal.html", {"post": own, **appeals.decision_about(own)})


# --- Starter packs -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@login_required
def my_packs(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        handles = request.POST.get("people", "")[:4000].replace(",", " ").split()
        made = packs.make(
            owner=request.user, title=request.POST.get("title", ""), handles=handles, now=timezone.now()
        )
        return redirect(made)
    mine = StarterPack.objects.filter(owner=request.user).order_by("-pk")
    return render(request, "feed/packs.html", {"packs": mine, "known": talking.known_to(request.user)})


@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest, pack: UUID) -> HttpResponse:
    found = packs.pack_for(request.user, pack)
    if request.method == "POST":
        if not isinstance(request.user, User):
            return redirect(f"{settings.LOGIN_URL}?next={found.get_absolute_url()}")
        return _pack_done(request, request.user, found)
    members = packs.people_in(found, request.user)
    return render(request, "feed/pack.html", {"pack": found, "people": members})


def _pack_done(request: HttpRequest, person: User, found: StarterPack) -> HttpResponse:
    match request.POST.get("do"):
        case "leave":
            packs.step_out(pack=found, person=person)
        case "delete":
            get_object_or_404(StarterPack, pk=found.pk, owner=person)
            packs.delete(pack=found, by=person)
            return redirect("feed:packs")
        case _:
            count = packs.follow_all(pack=found, person=person, now=timezone.now())
            messages.success(request, _("You follow %(count)d more people.") % {"count": count})
    return redirect(found)


# --- API ---------------------------------------------------------------------------------------------------


def _me(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


class MessageIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=20_000, allow_blank=True, default="")
    post = serializers.UUIDField(required=False, allow_null=True)


class BeginIn(MessageIn):
    to = serializers.ListField(child=serializers.CharField(max_length=150), min_length=1, max_length=50)
    title = serializers.CharField(max_length=400, allow_blank=True, default="")


class EditIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=20_000)


class Messages(APIView):
    scopes = {"GET": "messages:read", "POST": "messages:write"}

    @extend_schema(responses=serializers.DictField, operation_id="feed_conversations")
    def get(self, request: Request) -> Response:
        rows = conversations.inbox(_me(request))
        return Response(
            {
                "conversations": [
                    {
                        "id": row.id,
                        "title": row.title,
                        "last": row.last,
                        "last_at": row.last_at,
                        "unread": row.unread,
                        "is_request": row.is_request,
                    }
                    for row in rows
                ]
            }
        )

    @extend_schema(request=BeginIn, responses={201: serializers.DictField}, operation_id="feed_begin")
    def post(self, request: Request) -> Response:
        given = BeginIn(data=request.data)
        given.is_valid(raise_exception=True)
        fields, now, me = given.validated_data, timezone.now(), _me(request)
        others = [access.person_for(me, handle.lstrip("@")) for handle in dict.fromkeys(fields["to"])]
        post = access.post_for(me, fields["post"], now) if fields.get("post") else None
        found = talking.open_with(author=me, others=others, title=fields["title"], now=now)
        talking.say(conversation=found, author=me, words=fields["text"], post=post, now=now)
        return Response({"id": str(found.public_id)}, status=201)


class OneConversation(APIView):
    scopes = {"GET": "messages:read", "POST": "messages:write"}

    @extend_schema(responses=serializers.DictField, operation_id="feed_conversation")
    def get(self, request: Request, conversation: UUID) -> Response:
        shown = conversations.talk(_me(request), conversation, None, timezone.now())
        return Response({"title": shown.title, "messages": [conversations.as_json(x) for x in shown.lines]})

    @extend_schema(request=MessageIn, responses={201: serializers.DictField}, operation_id="feed_say")
    def post(self, request: Request, conversation: UUID) -> Response:
        given = MessageIn(data=request.data)
        given.is_valid(raise_exception=True)
        now, me = timezone.now(), _me(request)
        found, _mine = conversations.conversation_for(me, conversation)
        fields = given.validated_data
        post = access.post_for(me, fields["post"], now) if fields.get("post") else None
        made = talking.say(conversation=found, author=me, words=fields["text"], post=post, now=now)
        return Response({"id": str(made.public_id), "text": made.text}, status=201)


class RepostOfPost(APIView):
    scopes = {"PUT": "posts:write", "DELETE": "posts:write"}

    @extend_schema(request=None, responses={204: None}, operation_id="feed_repost")
    def put(self, request: Request, post: UUID) -> Response:
        now = timezone.now()
        shown = access.post_for(request.user, post, now)
        throttle.like(_me(request), now)
        actions.repost(post=shown, person=_me(request), now=now)
        return Response(status=204)

    @extend_schema(responses={204: None}, operation_id="feed_take_back_repost")
    def delete(self, request: Request, post: UUID) -> Response:
        shown = access.post_for(request.user, post, timezone.now())
        actions.take_back_repost(post=shown, person=_me(request))
        return Response(status=204)
