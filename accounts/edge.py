"""What a page knows about who asks, for type checkers: behind `login_required` it is a person."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """The request of a view that `login_required` guards."""

    user: User  # type: ignore[assignment]
