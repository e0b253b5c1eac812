"""Joining: by an invite link (or none, where the host is open), with a code by e-mail or a passkey."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, codes, invites, passkeys, sessions, throttle
from accounts.actions import Newcomer
from accounts.forms import CodeForm, InviteCodeForm, NewcomerByEmailForm, NewcomerForm
from accounts.models import Invite, User
from accounts.refusals import Refused
from accounts.views.edge import json_of, show_in, speak

KEPT = "newcomer"
FIELD_OF = {
    "handle_taken": "handle",
    "handle_form": "handle",
    "handle_reserved": "handle",
    "name_hidden": "name",
    "name_mixed": "name",
    "too_young": "birth_date",
    "birth_date_odd": "birth_date",
}


@require_http_methods(["GET", "POST"])
@never_cache
def join(request: HttpRequest) -> HttpResponse:
    """Without a code: the form where the host is open, a place to type the code where it is not."""
    if request.user.is_authenticated:
        return redirect("/")
    if invites.mode() == "open":
        return _form_page(request, None)
    if invites.mode() == "closed":
        raise invites.SignUpClosed()
    form = InviteCodeForm(request.POST or None)
    if form.is_valid():
        return redirect("accounts:join-by-invite", code=invites.tidy(form.cleaned_data["code"]))
    return render(request, "accounts/join_code.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def join_by_invite(request: HttpRequest, code: str) -> HttpResponse:
    """Who is here already meets the person whose link it is. A code that opens nothing can be corrected."""
    try:
        invite = invites.find(code, timezone.now())
    except (invites.InviteWrong, invites.InviteExpired, invites.InviteUsed) as refusal:
        form = show_in(InviteCodeForm({"code": code}), refusal, "code")
        return render(request, "accounts/join_code.html", {"form": form}, status=refusal.status)
    if request.user.is_authenticated:
        return redirect(f"/u/{invite.inviter.username}")
    return _form_page(request, invite)


@require_http_methods(["GET", "POST"])
@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """The six digits. Right ones make the account."""
    newcomer = _kept(request)
    if newcomer is None:
        return redirect("accounts:join")
    if "again" in request.POST:
        return _send_code(request, newcomer)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            return _welcome(request, newcomer, form.cleaned_data["code"])
        except Refused as refusal:
            show_in(form, refusal, "code")
    status = 400 if form.errors else 200
    return render(
        request, "accounts/join_confirm.html", {"form": form, "email": newcomer.email}, status=status
    )


@require_POST
def passkey_options(request: HttpRequest) -> JsonResponse:
    """The same form, answered with what the browser needs to make a passkey."""
    now, body = timezone.now(), json_of(request)
    throttle.signup(throttle.client_address(request), now)
    form = NewcomerForm(body)
    if not form.is_valid():
        raise Refused("invalid", " ".join(str(error) for errors in form.errors.values() for error in errors))
    newcomer = form.newcomer(str(body.get("invite", "")))
    actions.check_newcomer(newcomer, now)
    public_id = uuid4()
    _keep(request, newcomer, public_id)
    options = passkeys.begin_registration(
        request.session, public_id=public_id, handle=newcomer.handle, name=newcomer.name, known=[], now=now
    )
    return JsonResponse(options)


@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """The new passkey. A good one makes the account."""
    now, newcomer = timezone.now(), _kept(request)
    if newcomer is None:
        raise passkeys.PasskeyRefused()
    public_id = UUID(request.session[KEPT]["public_id"])
    verified = passkeys.finish_registration(
        request.session, public_id=public_id, answer=json_of(request), now=now
    )
    user = actions.sign_up_by_passkey(
        newcomer=newcomer,
        public_id=public_id,
        verified=verified,
        device=sessions.device_of(request.headers.get("User-Agent", "")),
        now=now,
    )
    return _enter(request, user, "passkey", JsonResponse({"next": "/"}))


def _form_page(request: HttpRequest, invite: Invite | None) -> HttpResponse:
    form = NewcomerByEmailForm(request.POST or None, initial={"language": get_language() or "en"})
    if form.is_valid():
        try:
            newcomer = form.newcomer(invite.code if invite else "")
            actions.check_newcomer(newcomer, timezone.now())
            return _send_code(request, newcomer)
        except Refused as refusal:
            show_in(form, refusal, FIELD_OF.get(refusal.code))
    status = 400 if form.errors else 200
    return render(request, "accounts/join.html", {"form": form, "invite": invite}, status=status)


def _send_code(request: HttpRequest, newcomer: Newcomer) -> HttpResponse:
    now = timezone.now()
    throttle.email_code(newcomer.email, throttle.client_address(request), now)
    codes.issue(email=newcomer.email, purpose=codes.Purpose.SIGN_UP, now=now)
    _keep(request, newcomer, uuid4())
    return redirect("accounts:join-confirm")


def _welcome(request: HttpRequest, newcomer: Newcomer, digits: str) -> HttpResponse:
    now = timezone.now()
    throttle.code_try(throttle.client_address(request), now)
    codes.check(email=newcomer.email, purpose=codes.Purpose.SIGN_UP, digits=digits, now=now)
    user = actions.sign_up(newcomer=newcomer, now=now)
    return _enter(request, user, "email", redirect("/"))


def _enter(request: HttpRequest, user: User, method: str, response: HttpResponse) -> HttpResponse:
    request.session.pop(KEPT, None)
    sessions.sign_in(request, user=user, method=method, now=timezone.now())
    with override(user.language):
        messages.success(request, _("Welcome. Watch first, make a clip, or record your likeness."))
    return speak(response, user.language)


def _keep(request: HttpRequest, newcomer: Newcomer, public_id: UUID) -> None:
    request.session[KEPT] = {
        **asdict(newcomer),
        "birth_date": newcomer.birth_date.isoformat(),
        "public_id": str(public_id),
    }


def _kept(request: HttpRequest) -> Newcomer | None:
    kept = dict(request.session.get(KEPT) or {})
    if not kept:
        return None
    del kept["public_id"]
    return Newcomer(**{**kept, "birth_date": date.fromisoformat(kept["birth_date"])})
