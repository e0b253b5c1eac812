"""The guardian link from both sides: a teen asks and may end it; an adult says yes and sets what holds."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, age, guardians, stepup
from accounts.forms import HandleForm, WardForm
from accounts.models import Guardianship
from accounts.refusals import Refused
from accounts.views.edge import me, show_in


@require_http_methods(["GET", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """A teen's guardian, or the field to ask one; and the teens whom one looks after."""
    user, now = me(request), timezone.now()
    form = HandleForm(request.POST or None)
    if form.is_valid():
        try:
            person = access.person_for(user, form.cleaned_data["handle"].strip().lstrip("@"))
            guardians.ask(teen=user, guardian=person, now=now)
            messages.success(request, _("Asked. Once they say yes, they are your guardian here."))
            return redirect("accounts:guardian")
        except Http404:
            form.add_error("handle", _("Nobody here has this handle."))
        except Refused as refusal:
            show_in(form, refusal, "handle")
    years = age.age_of(user, now)
    context = {
        "form": form,
        "link": guardians.of(user),
        "is_teen": years is not None and years < age.ADULT,
        "wards": (wards := guardians.asked_of(user)),
        "is_asked": any(ward.agreed_at is None for ward in wards),
    }
    return render(request, "accounts/guardian.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def end(request: HttpRequest) -> HttpResponse:
    """The teen wants no guardian, or takes the question back."""
    user, now = me(request), timezone.now()
    link = guardians.of(user)
    if link is None:
        raise Http404
    at = guardians.end(link=link, by=user, now=now)
    if at > now:
        said = _("The link ends on %(day)s. Your guardian is told.")
        messages.success(request, said % {"day": date_format(timezone.localtime(at), "DATETIME_FORMAT")})
    else:
        messages.success(request, _("You have no guardian here."))
    return redirect("accounts:guardian")


@require_POST
@login_required
def stay(request: HttpRequest) -> HttpResponse:
    link = guardians.of(me(request))
    if link is None:
        raise Http404
    guardians.stay(link=link)
    messages.success(request, _("The link stays."))
    return redirect("accounts:guardian")


@require_http_methods(["GET", "POST"])
@login_required
def ward(request: HttpRequest, handle: str) -> HttpResponse:
    """What holds for one teen; changing it wants a fresh proof, so that the teen at the guardian's open
    computer changes nothing."""
    link = _link(request, handle, agreed=True)
    if request.method == "POST":
        stepup.require(request)
    set_ = {name: getattr(link, name) for name in WardForm.base_fields}
    form = WardForm(request.POST if request.method == "POST" else None, initial=set_)
    if form.is_valid():
        guardians.set_limits(link=link, wanted=form.limits(), now=timezone.now())
        messages.success(request, _("Saved. %(name)s is told.") % {"name": link.teen.name})
        return redirect("accounts:ward", handle=handle)
    shown = {"link": link, "form": form, "is_fresh": stepup.is_fresh(request, timezone.now())}
    return render(request, "accounts/ward.html", shown, status=400 if form.errors else 200)


@require_POST
@login_required
def agree(request: HttpRequest, handle: str) -> HttpResponse:
    link = _link(request, handle)
    stepup.require(request)
    guardians.agree(link=link, now=timezone.now())
    messages.success(request, _("You look after %(name)s's account now.") % {"name": link.teen.name})
    return redirect("accounts:ward", handle=handle)


@require_POST
@login_required
def end_ward(request: HttpRequest, handle: str) -> HttpResponse:
    """The adult says no; or stops, after a fresh proof: what ends lifts all that they set."""
    link = _link(request, handle)
    if link.agreed_at is not None:
        stepup.require(request)
    guardians.end(link=link, by=me(request), now=timezone.now())
    messages.success(request, _("You are not their guardian."))
    return redirect("accounts:guardian")


def _link(request: HttpRequest, handle: str, *, agreed: bool = False) -> Guardianship:
    """The link by which I look after this person; else nothing is there."""
    rows = Guardianship.objects.filter(guardian=me(request), teen__username=handle.lower())
    link = rows.select_related("teen", "guardian").first()
    if link is None or (agreed and guardians.in_force(link.teen, timezone.now()) is None):
        raise Http404
    return link
