"""People and me: follow, block, mute, circle, invites, news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access, actions, invites, notifications, pagination
from accounts.forms import HandleForm, InviteForm
from accounts.models import CircleMember, Invite, KeptMail, Notification, User
from accounts.refusals import Refused
from accounts.views.edge import me, next_of, show_in

Find = Callable[[User, str], User]
Do = Callable[[User, User, datetime], None]

# What the buttons on a person's page do: how the person is found, and the action.
EDGES: dict[str, tuple[Find, Do]] = {
    "follow": (access.person_for, lambda a, b, now: actions.follow(follower=a, followee=b, now=now)),
    "unfollow": (access.person_for, lambda a, b, now: actions.unfollow(follower=a, followee=b)),
    "mute": (access.person_for, lambda a, b, now: actions.mute(muter=a, muted=b, now=now)),
    "unmute": (access.person_to_avoid, lambda a, b, now: actions.unmute(muter=a, muted=b)),
    "block": (access.person_to_avoid, lambda a, b, now: actions.block(blocker=a, blocked=b, now=now)),
    "unblock": (access.person_to_avoid, lambda a, b, now: actions.unblock(blocker=a, blocked=b)),
    "circle-add": (access.person_for, lambda a, b, now: actions.add_to_circle(owner=a, member=b, now=now)),
    "circle-remove": (
        access.person_to_avoid,
        lambda a, b, now: actions.remove_from_circle(owner=a, member=b),
    ),
}

# What a press did that the page does not show by itself.
SAID = {
    "mute": gettext_lazy("You don't hear of them any more. To take it back: Settings, Blocked and muted."),
    "block": gettext_lazy("You don't see each other any more. To take it back: Settings, Blocked and muted."),
}


@require_POST
@login_required
def edge(request: HttpRequest, handle: str, verb: str) -> HttpResponse:
    find, do = EDGES[verb]
    person = find(me(request), handle)
    do(me(request), person, timezone.now())
    if verb in SAID:
        messages.success(request, SAID[verb])
    return redirect(next_of(request, f"/u/{person.username}" if verb != "block" else "/"))


@require_http_methods(["GET", "POST"])
@login_required
def circle(request: HttpRequest) -> HttpResponse:
    """The people I list as close, and a field to add one."""
    user, form = me(request), HandleForm(request.POST or None)
    if form.is_valid():
        try:
            person = access.person_for(user, form.cleaned_data["handle"].strip().lstrip("@"))
            actions.add_to_circle(owner=user, member=person, now=timezone.now())
            return redirect("accounts:circle")
        except Http404:
            form.add_error("handle", _("Nobody here has this handle."))
        except Refused as refusal:
            show_in(form, refusal, "handle")
    members = CircleMember.objects.filter(owner=user).select_related("member").order_by("member__username")
    context = {"form": form, "members": members[:1000]}
    return render(request, "accounts/circle.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def invites_page(request: HttpRequest) -> HttpResponse:
    user, form, now = me(request), InviteForm(request.POST or None), timezone.now()
    if form.is_valid():
        invites.make(inviter=user, uses=form.cleaned_data["uses"], now=now)
        return redirect("accounts:invites")
    page = pagination.newest_first(Invite.objects.filter(inviter=user), before=request.GET.get("before"))
    context = {
        "form": form if request.method == "POST" else InviteForm(),
        "page": page,
        "now": now,
        "site_url": settings.SITE_URL,
        "mode": invites.mode(),
    }
    return render(request, "accounts/invites.html", context, status=400 if form.errors else 200)


@require_GET
@login_required
def news(request: HttpRequest) -> HttpResponse:
    rows = Notification.objects.filter(recipient=me(request))
    page = pagination.newest_first(rows, before=request.GET.get("before"))
    context = {"news": [notifications.read(row) for row in page.items], "older": page.older}
    return render(request, "accounts/notifications.html", context)


@require_POST
@login_required
def news_read(request: HttpRequest) -> HttpResponse:
    notifications.mark_read(recipient=me(request), now=timezone.now())
    return redirect("accounts:notifications")


@require_GET
def mail(request: HttpRequest) -> HttpResponse:
    """Mail that a demo keeps instead of sending it. There is no such page on a host that sends mail."""
    if not settings.DEMO or settings.EMAIL_HOST:
        raise Http404
    return render(request, "accounts/mail.html", {"mails": KeptMail.objects.order_by("-pk")[:50]})
