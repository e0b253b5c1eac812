"""The first page of a new host: its address, keys, mail and engines, and who runs it.

It is there only while nobody is operator, and only for whoever knows the code in KEYS_DIR/first_run: who can
read that file, or the terminal that prints its address, runs the machine anyway. Once there is an operator
the code is deleted and the page is a 404 for everybody.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actions, sessions, throttle
from accounts.forms import EmailForm, OperatorForm
from accounts.refusals import Refused
from accounts.views.edge import show_in, speak
from accounts.views.joining import FIELD_OF
from config import doctor
from config.doctor import Finding
from config.host_secret import host_secret
from generation import queue
from generation.engines import base as engines

KNOWN = "first_run"
# Which card of the page a finding of the doctor belongs to; the others stand under "What else".
PART_OF = {
    "keys": {"keys_open", "folder_keys_dir", "journal", "likeness_host_keys"},
    "mail": {"mail"},
    "engines": {"weights", "package", "diffusers_folder", "remote_videos", "workers"},
    "address": {"allowed_hosts", "trusted_proxies"},
}
HERE_ANYWAY = {"operator"}  # that is what this page is for


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code of this host"),
        max_length=200,
        help_text=gettext_lazy("`manage.py first_run` prints it on the machine."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@dataclass(frozen=True)
class Part:
    """One card: what is so, and what is wrong with it."""

    facts: list[tuple[str, str]]
    findings: list[Finding]


def address(site: str) -> str:
    """Where the page is, with the code; "" once there is an operator."""
    return "" if actions.has_operator() else f"{site}/first-run?code={host_secret(_path())}"


@require_http_methods(["GET", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    if actions.has_operator():
        raise Http404
    if not _knows(request):
        return _door(request)
    form = OperatorForm(
        request.POST if "handle" in request.POST else None, initial={"language": get_language() or "en"}
    )
    if form.is_valid():
        try:
            return _begun(request, form)
        except Refused as refusal:
            show_in(form, refusal, FIELD_OF.get(refusal.code, "email"))
    letter = EmailForm(request.POST if "try_mail" in request.POST else None, prefix="mail")
    if letter.is_valid():
        _try_mail(request, letter.cleaned_data["email"])
        return redirect("first-run")
    parts, rest = looked_over(request)
    shown = {
        "form": form,
        "letter": letter,
        "parts": parts,
        "rest": rest,
        "has_mail": bool(settings.EMAIL_HOST),
    }
    status = 400 if form.errors or letter.errors else 200
    return render(request, "first_run.html", shown, status=status)


def looked_over(request: HttpRequest) -> tuple[dict[str, Part], list[Finding]]:
    """Each card by its name, and what the doctor finds beside them."""
    found = [finding for finding in doctor.examine() if finding.code not in HERE_ANYWAY]
    parts = {
        name: Part(facts, [finding for finding in found if finding.code in PART_OF[name]])
        for name, facts in _facts(request).items()
    }
    told = set().union(*PART_OF.values())
    return parts, [finding for finding in found if finding.code not in told]


def _facts(request: HttpRequest) -> dict[str, list[tuple[str, str]]]:
    came_by = f"{request.scheme}://{request.get_host()}"
    keys = Path(settings.KEYS_DIR)
    mail = settings.EMAIL_HOST or (_("kept at /mail, as this is a demo") if settings.DEMO else _("none"))
    alive = queue.workers_alive(queue.clock())
    return {
        "address": [
            (_("People reach it at"), settings.SITE_URL),
            (_("You came by"), came_by),
        ],
        "keys": [
            (_("Folder"), str(keys)),
            (_("Files there"), str(sum(path.is_file() for path in keys.rglob("*")))),
            (_("Journal of what was taken back"), str(settings.JOURNAL_PATH)),
        ],
        "mail": [(_("Mail server"), str(mail)), (_("Mails come from"), str(settings.DEFAULT_FROM_EMAIL))],
        "engines": [
            (_("Engines"), ", ".join(str(entry.title) for entry in engines.entries().values())),
            (_("Workers that gave a sign of life"), str(alive)),
        ],
    }


def _door(request: HttpRequest) -> HttpResponse:
    """The code, from the printed address or typed. What it opens stays in this browser's session."""
    given = request.GET.get("code") or request.POST.get("code") or ""
    form = CodeForm({"code": given} if given or request.method == "POST" else None)
    if form.is_valid():
        throttle.code_try(throttle.client_address(request), timezone.now())
        if hmac.compare_digest(form.cleaned_data["code"].strip().encode(), host_secret(_path()).encode()):
            request.session.cycle_key()
            request.session[KNOWN] = _mark()
            return redirect("first-run")
        form.add_error("code", _("That is not the code of this host."))
    return render(request, "first_run_code.html", {"form": form}, status=400 if form.errors else 200)


def _knows(request: HttpRequest) -> bool:
    return hmac.compare_digest(str(request.session.get(KNOWN, "")), _mark())


def _mark() -> str:
    """What the session remembers: made anew whenever the code is."""
    return hashlib.sha256(host_secret(_path()).encode()).hexdigest()


def _begun(request: HttpRequest, form: OperatorForm) -> HttpResponse:
    """The operator is there, signed in, and the page is over."""
    now = timezone.now()
    user = actions.first_operator(newcomer=form.newcomer(""), now=now)
    _path().unlink(missing_ok=True)
    request.session.pop(KNOWN, None)
    sessions.sign_in(request, user=user, method="first_run", now=now)
    messages.success(
        request, _("This host is yours to run. Add a passkey now, so that you come in without a mail.")
    )
    return speak(redirect("accounts:settings"), user.language)


def _try_mail(request: HttpRequest, to: str) -> None:
    throttle.email_code(to, throttle.client_address(request), timezone.now())
    try:
        EmailMessage(_("Understudy sends mail"), _("This host can send mail to you."), to=[to]).send()
    except OSError as no:
        messages.error(request, _("The mail could not be sent: %(why)s") % {"why": str(no)[:200]})
    else:
        messages.success(request, _("Sent. Look into your mailbox."))


def _path() -> Path:
    return Path(settings.KEYS_DIR) / "first_run"
