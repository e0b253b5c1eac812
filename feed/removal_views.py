"""Pages of the 48-hour clock: asking, and looking how far it is. No account is needed for either."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import cases, throttle
from accounts.refusals import Refused
from feed import removals, transparency
from feed.models import Post, RemovalRequest


class RemovalForm(forms.Form):
    clip = forms.CharField(
        label=_("Address of the clip"),
        max_length=300,
        help_text=_("Copy it from your browser; it has /p/ in it."),
        widget=forms.URLInput(attrs={"inputmode": "url"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail"), help_text=_("We write there what was done. It is kept for half a year.")
    )
    statement = forms.CharField(
        label=_("What is it about?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Who is shown, and that this person did not agree."),
    )
    honest = forms.BooleanField(
        label=_("I am this person or act for them, and what I say is true to the best of my knowledge.")
    )


@require_http_methods(["GET", "POST"])
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Absent, hidden and foreign clips get the same sentence."""
    form = RemovalForm(request.POST or None, initial={"clip": request.GET.get("clip", "")[:300]})
    if form.is_valid():
        now = timezone.now()
        throttle.removal(throttle.client_address(request), now)
        try:
            made = removals.ask(
                post=_named(form.cleaned_data["clip"]),
                email=form.cleaned_data["email"],
                statement=form.cleaned_data["statement"],
                now=now,
            )
            return redirect("feed:removal", public_id=made.public_id)
        except Refused as refusal:
            form.add_error("clip", f"{refusal.message} {refusal.hint}".strip())
    return render(request, "feed/removal_ask.html", {"form": form}, status=400 if form.errors else 200)


@require_GET
@never_cache
def clock(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return render(request, "feed/removal.html", {"request_": _one(public_id), "now": timezone.now()})


@require_GET
@never_cache
def proof(request: HttpRequest, public_id: UUID) -> HttpResponse:
    response = JsonResponse(removals.proof(_one(public_id)), json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="removal-{public_id}.json"'
    return response


@require_GET
def transparency_page(request: HttpRequest) -> HttpResponse:
    """What moderation did in a year, for everybody."""
    year, listed = _year(request)
    told = transparency.report(year)
    for row in told["notices"]:
        handler = cases.handler_of(row["kind"])
        row["title"] = handler.title if handler else row["kind"]
        row["named"] = [(_label(handler, code), n) for code, n in row["decisions"].items()]
    return render(request, "feed/transparency.html", {"told": told, "years": listed})


@require_GET
def transparency_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse(transparency.report(_year(request)[0]), json_dumps_params={"indent": 1})


def _year(request: HttpRequest) -> tuple[int, list[int]]:
    listed = transparency.years(timezone.now())
    asked = request.GET.get("year", str(listed[0]))
    if asked not in map(str, listed):
        raise Http404
    return int(asked), listed


def _label(handler: cases.Handler | None, code: str) -> str:
    known = handler.decision(code) if handler else None
    return str(known.label) if known else code


class NoSuchClip(Refused):
    code = "no_such_clip"
    message = _("There is no clip of this host at this address.")
    hint = _("It looks like https://…/p/ and then letters and digits.")


def _named(address: str) -> Post:
    public_id = address.strip().partition("/p/")[2].strip("/").partition("/")[0].partition("?")[0]
    try:
        found = Post.objects.filter(public_id=UUID(public_id), state=Post.State.LIVE).first()
    except ValueError:
        found = None
    if found is None:
        raise NoSuchClip()
    return found


def _one(public_id: UUID) -> RemovalRequest:
    found = RemovalRequest.objects.filter(public_id=public_id).select_related("post").first()
    if found is None:
        raise Http404
    return found
