"""A person's own settings: profile, ways in, tokens, blocks, what we hold, and the way out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, codes, events, passkeys, personal, sessions, stepup, throttle, tokens
from accounts.forms import CodeForm, EmailForm, EraseForm, ProfileForm, TokenForm
from accounts.models import Block, Mute, SignIn
from accounts.refusals import Refused
from accounts.views.edge import json_of, me, show_in, speak

NEW_EMAIL = "new_email"


@require_http_methods(["GET", "POST"])
@login_required
def settings_page(request: HttpRequest) -> HttpResponse:
    user = me(request)
    form = ProfileForm(
        request.POST or None, initial={"name": user.display_name, "bio": user.bio, "language": user.language}
    )
    if form.is_valid():
        try:
            actions.change_profile(user=user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return speak(redirect("accounts:settings"), user.language)
        except Refused as refusal:
            show_in(form, refusal, "name")
    context = {
        "form": form,
        "email_form": EmailForm(),
        "passkeys": user.passkeys.order_by("pk"),
        "sign_ins": SignIn.objects.filter(user=user).order_by("-pk")[:50],
        "this_session": request.session.session_key,
        "is_fresh": stepup.is_fresh(request, timezone.now()),
    }
    return render(request, "accounts/settings.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def email(request: HttpRequest) -> HttpResponse:
    """A code to the new address; it counts once the code came back."""
    stepup.require(request)
    form = EmailForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", _("This is no e-mail address."))
    address, now = codes.normal(form.cleaned_data["email"]), timezone.now()
    throttle.email_code(address, throttle.client_address(request), now)
    codes.issue(email=address, purpose=codes.Purpose.NEW_EMAIL, now=now)
    request.session[NEW_EMAIL] = address
    return redirect("accounts:email-confirm")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def email_confirm(request: HttpRequest) -> HttpResponse:
    stepup.require(request)
    address = request.session.get(NEW_EMAIL)
    if not address:
        return redirect("accounts:settings")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            throttle.code_try(throttle.client_address(request), timezone.now())
            codes.check(
                email=address,
                purpose=codes.Purpose.NEW_EMAIL,
                digits=form.cleaned_data["code"],
                now=timezone.now(),
            )
            actions.set_email(user=me(request), email=address)
            del request.session[NEW_EMAIL]
            events.told("email_changed", user=me(request))
            _end_others(request)
            messages.success(request, _("Your address is %(email)s now.") % {"email": address})
            return redirect("accounts:settings")
        except Refused as refusal:
            show_in(form, refusal, "code")
    context = {"form": form, "email": address}
    return render(request, "accounts/email_confirm.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def passkey_options(request: HttpRequest) -> JsonResponse:
    stepup.require(request)
    user = me(request)
    options = passkeys.begin_registration(
        request.session,
        public_id=user.public_id,
        handle=user.username,
        name=user.name,
        known=list(user.passkeys.all()),
        now=timezone.now(),
    )
    return JsonResponse(options)


@require_POST
@login_required
def passkey_add(request: HttpRequest) -> JsonResponse:
    stepup.require(request)
    user, now = me(request), timezone.now()
    verified = passkeys.finish_registration(
        request.session, public_id=user.public_id, answer=json_of(request), now=now
    )
    device = sessions.device_of(request.headers.get("User-Agent", ""))
    passkeys.add(user=user, verified=verified, name=device, now=now)
    events.told("passkey_added", user=user)
    return JsonResponse({"next": "/settings"})


@require_POST
@login_required
def passkey_remove(request: HttpRequest, passkey_id: int) -> HttpResponse:
    stepup.require(request)
    if not passkeys.remove(user=me(request), passkey_id=passkey_id):
        raise Http404
    events.told("passkey_removed", user=me(request))
    _end_others(request)
    messages.success(request, _("The passkey is gone."))
    return redirect("accounts:settings")


@require_POST
@login_required
def only_passkeys(request: HttpRequest) -> HttpResponse:
    """Codes by e-mail open this account no more, or open it again."""
    stepup.require(request)
    user = passkeys.only(user=me(request), on=request.POST.get("on") == "1")
    events.told("only_passkeys", user=user, on=int(user.only_passkeys))
    _end_others(request)
    messages.success(request, _("Saved."))
    return redirect("accounts:settings")


def _end_others(request: HttpRequest) -> None:
    """A way in changed: whoever came in by the old one does so anew."""
    if ended := sessions.end_others(request, user=me(request)):
        messages.info(request, _("Other sessions that ended: %(count)d.") % {"count": ended})


@require_POST
@login_required
def session_end(request: HttpRequest, sign_in_id: int) -> HttpResponse:
    stepup.require(request)
    sign_in = SignIn.objects.filter(user=me(request), pk=sign_in_id).first()
    if sign_in is None:
        raise Http404
    sign_in.end()
    return redirect("accounts:settings")


@require_POST
@login_required
def sessions_end(request: HttpRequest) -> HttpResponse:
    stepup.require(request)
    ended = sessions.end_others(request, user=me(request))
    messages.success(request, _("Other sessions that ended: %(count)d.") % {"count": ended})
    return redirect("accounts:settings")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def tokens_page(request: HttpRequest) -> HttpResponse:
    """The list, and the form. A new token is shown on the page that answers the form, and never again."""
    user, form, secret = me(request), TokenForm(request.POST or None), ""
    if request.method == "POST":
        stepup.require(request)
    if form.is_valid():
        _token, secret = tokens.make(user=user, **form.cleaned_data, now=timezone.now())
        events.told("token_made", user=user)
        form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "tokens": user.tokens.filter(revoked_at=None).order_by("-pk"),
        "scopes": tokens.SCOPES,
        "now": timezone.now(),
    }
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    if not tokens.revoke(user=me(request), token_id=token_id, now=timezone.now()):
        raise Http404
    events.told("token_revoked", user=me(request))
    messages.success(request, _("The token is revoked."))
    return redirect("accounts:tokens")


@require_GET
@login_required
def avoided(request: HttpRequest) -> HttpResponse:
    """Whom I blocked and muted."""
    user = me(request)
    context = {
        "blocks": Block.objects.filter(blocker=user).select_related("blocked").order_by("-pk")[:500],
        "mutes": Mute.objects.filter(muter=user).select_related("muted").order_by("-pk")[:500],
    }
    return render(request, "accounts/avoided.html", context)


@require_GET
@never_cache
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """Everything we hold about the person, as one JSON file."""
    stepup.require(request)
    user = me(request)
    throttle.export(user, timezone.now())
    events.told("exported", user=user)
    response = JsonResponse(
        personal.export_everything(user), json_dumps_params={"indent": 1, "ensure_ascii": False}
    )
    response["Content-Disposition"] = f'attachment; filename="understudy-{user.username}.json"'
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def erase(request: HttpRequest) -> HttpResponse:
    stepup.require(request)
    user, form = me(request), EraseForm(request.POST or None)
    if form.is_valid():
        if form.cleaned_data["handle"].strip().lower() == user.username:
            events.told("erased", user=user)
            sessions.sign_out(request)
            personal.erase_everything(user=user, now=timezone.now())
            return render(request, "accounts/erased.html")
        form.add_error("handle", _("That is not your handle."))
    return render(request, "accounts/erase.html", {"form": form}, status=400 if form.errors else 200)
