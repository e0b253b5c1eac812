"""The only way from (viewer, id) to an upload; somebody else's is not there."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request

from accounts.models import User
from cameos.models import Upload
from cameos.recorded import Recorded, uploads_of


def person(request: Request) -> User:
    """Who asks at the API; its permission class has let nobody else through."""
    return cast(User, request.user)


def upload_for(viewer: Recorded, public_id: UUID) -> Upload:
    """The viewer's own upload. Raises `Http404`."""
    upload = uploads_of(viewer).filter(public_id=public_id).first()
    if upload is None:
        raise Http404
    return upload
