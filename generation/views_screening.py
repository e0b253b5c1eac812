"""Pages about what is let through: the operator's desk, the guarded names, and asking a person to look
again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import moderator_only, operator_only
from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import access, appeals, desk
from generation.forms import AppealForm, GuardForm, LevelsForm, NameRequestForm
from generation.models import GuardedName, HeldPictures
from generation.screening import levels


@require_http_methods(["GET", "POST"])
@login_required
def operate(request: SignedInRequest) -> HttpResponse:
    """The operator's desk: levels, names, the log, what the red-team set found, and what is not checked."""
    operator_only(request.user)
    form = LevelsForm(request.POST or None, current=levels.current())
    if request.method == "POST" and form.is_valid():
        changed = levels.set_levels(by=request.user, wanted=form.cleaned_data, now=timezone.now())
        messages.success(request, _("Kept.") if changed else _("Nothing was different."))
        return redirect("generation:operate-screening")
    return render(request, "generation/operate_screening.html", desk.page(form, GuardForm()))


@require_POST
@login_required
def guard(request: SignedInRequest) -> HttpResponse:
    operator_only(request.user)
    form = GuardForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            levels.add_name(by=request.user, rule=wanted["rule"], line=wanted["names"], now=timezone.now())
            messages.success(request, _("Guarded from now on."))
        except Refused as said:
            messages.error(request, str(said.message))
    return redirect("generation:operate-screening")


@require_POST
@login_required
def unguard(request: SignedInRequest, pk: int) -> HttpResponse:
    operator_only(request.user)
    name = get_object_or_404(GuardedName, pk=pk)
    levels.drop_name(by=request.user, name=name, now=timezone.now())
    messages.success(request, _("Guarded no more."))
    return redirect("generation:operate-screening")


@require_safe
@login_required
def held_sound(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """What a moderator has to hear, while it waits for them."""
    moderator_only(request.user)
    held = get_object_or_404(HeldPictures.objects.exclude(sound=b""), generation__public_id=public_id)
    answer = HttpResponse(bytes(held.sound), content_type="audio/mp4")
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
@login_required
def names(request: SignedInRequest) -> HttpResponse:
    """Ask that a name be guarded here."""
    form = NameRequestForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            appeals.ask_to_guard(
                by=request.user, rule=wanted["rule"], line=wanted["names"], why=wanted["why"],
                now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("A moderator will read it, and you get word."))
            return redirect("generation:names")
        except Refused as said:
            refusal = said
    status = refusal.status if refusal else 200
    context = {"form": form, "refusal": refusal, "wishes": desk.wishes_of(request.user)}
    return render(request, "generation/names.html", context, status=status)


@require_POST
@login_required
def appeal(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.generation_for(request.user, public_id)
    form = AppealForm(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    appeals.appeal(generation=row, by=request.user, words=words, now=timezone.now())
    messages.success(request, _("A moderator will look at it, and you get word. It costs nothing."))
    return redirect("generation:generation", public_id=public_id)
