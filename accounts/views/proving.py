"""Signing in, signing out, and proving once more that it is you."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import codes, events, passkeys, sessions, stepup, throttle
from accounts.forms import CodeForm, EmailForm
from accounts.models import User
from accounts.refusals import Refused
from accounts.views.edge import json_of, me, next_of, safe, show_in, speak

KEPT = "signing_in"


@require_http_methods(["GET", "POST"])
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """The address, or a passkey. Whether an account has the address is told by mail only."""
    if request.user.is_authenticated:
        return redirect(next_of(request))
    kept = request.session.get(KEPT) or {}  # who comes back for a new code types the address once
    form = EmailForm(request.POST or None, initial={"email": kept.get("email", "")})
    if form.is_valid():
        email = codes.normal(form.cleaned_data["email"])
        request.session[KEPT] = {"email": email, "next": next_of(request)}
        _send(request, email, codes.Purpose.LOG_IN)
        return redirect("accounts:login-code")
    context = {"form": form, "next": next_of(request, safe(kept.get("next", "/"), request))}
    return render(request, "accounts/login.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def login_code(request: HttpRequest) -> HttpResponse:
    kept = request.session.get(KEPT)
    if not kept:
        return redirect("accounts:login")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            user = _by_code(request, kept["email"], codes.Purpose.LOG_IN, form.cleaned_data["code"])
            return _enter(request, user, "email", redirect(safe(kept["next"], request)))
        except Refused as refusal:
            events.told("sign_in_refused", method="email", code=refusal.code)
            show_in(form, refusal, "code")
    context = {"form": form, "email": kept["email"]}
    return render(request, "accounts/login_code.html", context, status=400 if form.errors else 200)


@require_POST
def login_passkey_options(request: HttpRequest) -> JsonResponse:
    now = timezone.now()
    throttle.passkey_try(throttle.client_address(request), now)
    return JsonResponse(passkeys.begin_authentication(request.session, user=None, now=now))


@require_POST
def login_passkey(request: HttpRequest) -> HttpResponse:
    try:
        user = passkeys.finish_authentication(request.session, answer=json_of(request), now=timezone.now())
    except passkeys.PasskeyRefused as refusal:
        events.told("sign_in_refused", method="passkey", code=refusal.code)
        raise
    return _enter(request, user, "passkey", JsonResponse({"next": next_of(request)}))


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    events.told("signed_out", user=me(request) if request.user.is_authenticated else None)
    sessions.sign_out(request)
    response = redirect("/")
    # What this browser kept of the person goes with them: pages, pictures, drafts of the recorder.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def step_up(request: HttpRequest) -> HttpResponse:
    """Confirm by passkey, or ask for a code (POST) and type it on the page that follows."""
    user, context = me(request), {"next": next_of(request), "form": CodeForm()}
    if request.method == "POST" and user.email and not user.only_passkeys:
        _send(request, user.email, codes.Purpose.STEP_UP)
        context["is_sent"] = True
    return render(request, "accounts/step_up.html", {**context, "has_passkey": user.passkeys.exists()})


@require_POST
@never_cache
@login_required
def step_up_code(request: HttpRequest) -> HttpResponse:
    user, form = me(request), CodeForm(request.POST)
    if form.is_valid():
        try:
            if user.only_passkeys:
                raise sessions.OnlyPasskeys()
            _by_code(request, user.email, codes.Purpose.STEP_UP, form.cleaned_data["code"])
            _proved(request, user, "email")
            return redirect(next_of(request))
        except Refused as refusal:
            events.told("step_up_refused", user=user, method="email", code=refusal.code)
            show_in(form, refusal, "code")
    context = {"form": form, "next": next_of(request), "is_sent": True, "has_passkey": user.passkeys.exists()}
    return render(request, "accounts/step_up.html", context, status=400)


@require_POST
@login_required
def step_up_passkey_options(request: HttpRequest) -> JsonResponse:
    now = timezone.now()
    throttle.passkey_try(throttle.client_address(request), now)
    return JsonResponse(passkeys.begin_authentication(request.session, user=me(request), now=now))


@require_POST
@login_required
def step_up_passkey(request: HttpRequest) -> JsonResponse:
    now = timezone.now()
    user = passkeys.finish_authentication(request.session, answer=json_of(request), now=now)
    if user != me(request):
        events.told("step_up_refused", user=me(request), method="passkey", code="other_person")
        raise passkeys.PasskeyRefused()
    _proved(request, user, "passkey")
    return JsonResponse({"next": next_of(request)})


def _proved(request: HttpRequest, user: User, method: str) -> None:
    sessions.renew(request)
    stepup.mark(request.session, timezone.now())
    events.told("stepped_up", user=user, method=method)
    messages.success(
        request, _("Thank you. It holds for ten minutes: if you had pressed something, press it once more.")
    )


def _send(request: HttpRequest, email: str, purpose: str) -> None:
    now = timezone.now()
    throttle.email_code(email, throttle.client_address(request), now)
    codes.issue(email=email, purpose=purpose, now=now)
    events.told("code_sent", purpose=purpose)


def _by_code(request: HttpRequest, email: str, purpose: str, digits: str) -> User:
    now = timezone.now()
    throttle.code_try(throttle.client_address(request), now)
    codes.check(email=email, purpose=purpose, digits=digits, now=now)
    user = User.objects.filter(email__iexact=email, is_active=True).first() if email else None
    if user is None:  # nobody was told a code for an address without account; the operator closed it since
        raise codes.CodeWrong()
    return user


def _enter(request: HttpRequest, user: User, method: str, response: HttpResponse) -> HttpResponse:
    request.session.pop(KEPT, None)
    sessions.sign_in(request, user=user, method=method, now=timezone.now())
    return speak(response, user.language)
