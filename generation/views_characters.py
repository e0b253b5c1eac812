"""Pages of a pet, a toy or a drawing that somebody makes their own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import characters, looks
from generation.forms_characters import KINDS, CharacterForm


@require_http_methods(["GET", "POST"])
@login_required
def new(request: SignedInRequest) -> HttpResponse:
    """Name it and say how it looks; then it leads on to who may cast it. `show` only draws what was said."""
    form = CharacterForm(request.POST or None)
    refusal: Refused | None = None
    if request.method == "POST" and "show" not in request.POST and form.is_valid():
        try:
            made = characters.create(
                owner=request.user, name=form.cleaned_data["name"], look=form.look(), now=timezone.now()
            )
        except characters.NameRefused as said:
            form.add_error("name", f"{said.message} {said.hint}".strip())
            refusal = said
        except Refused as said:
            form.add_error(None, f"{said.message} {said.hint}".strip())
            refusal = said
        else:
            told = _("%(name)s is yours, and only you can cast it. Say here who else may.")
            messages.success(request, told % {"name": made.name})
            return redirect(f"{reverse('cameos:grant')}?{urlencode({'of': made.public_id})}")
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "generation/new_character.html", _shown(request, form), status=status)


def _shown(request: SignedInRequest, form: CharacterForm) -> dict[str, Any]:
    look = {field: form[field].value() for field in looks.WORDS}
    return {
        "form": form,
        "kinds": [(title, words.items()) for title, words in KINDS],
        "look": urlencode({field: str(word or "") for field, word in look.items()}),
        "mine": characters.of(request.user),
        "most": characters.MOST,
    }


@require_safe
@login_required
def picture_of_look(request: SignedInRequest) -> HttpResponse:
    """How what the query says would be drawn."""
    look = {field: request.GET.get(field, "") for field in looks.WORDS}
    return _webp(characters.picture(viewer=request.user, look=look, now=timezone.now()))


@require_safe
@login_required
def picture(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """How a character of one's own is drawn."""
    found = characters.one(request.user, public_id)
    return _webp(characters.picture(viewer=request.user, look=found.character or {}, now=timezone.now()))


def _webp(data: bytes) -> HttpResponse:
    return HttpResponse(
        data, content_type="image/webp", headers={"Cache-Control": f"private, max-age={looks.KEPT_S}"}
    )
