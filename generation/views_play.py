"""Pages of playing a clip live: start, the page itself, and a face that is given out once."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.edge import SignedInRequest
from generation import access, playing
from generation.states import State


@require_POST
@login_required
def start(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    clip = access.clip_for(request.user, public_id)
    row = playing.start(maker=request.user, clip=clip, now=timezone.now())
    name = "generation:play" if row.state == State.PLAYING else "generation:generation"
    return redirect(name, public_id=row.public_id)


@require_safe
@login_required
def play(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.generation_for(request.user, public_id)
    if row.state != State.PLAYING:
        return redirect("generation:generation", public_id=public_id)
    return render(request, "generation/play.html", {"row": row, "actions": playing.ACTIONS})


@require_GET
@login_required
def face(request: SignedInRequest, public_id: UUID, token: str) -> HttpResponse:
    """The picture of somebody's head, once, to the person who plays; nobody keeps it."""
    row = access.generation_for(request.user, public_id)
    picture = playing.take_face(row, token, timezone.now())
    answer = HttpResponse(picture, content_type="image/webp")
    answer["Cache-Control"] = "no-store"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
