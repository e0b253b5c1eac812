"""What moderators look at of a case that is about a clip."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.edge import SignedInRequest
from feed import moderation
from generation import showing


@require_safe
@login_required
def media(request: SignedInRequest, case: UUID, rendition: UUID) -> HttpResponseBase:
    """A file of the clip, decided anew at every request; nobody else can tell that it is there."""
    found = access.case_for(request.user, case)
    return showing.file_answer(request, moderation.rendition_of(found, rendition, timezone.now()))
