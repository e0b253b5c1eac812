"""Who is asking at the API: a session (with CSRF), or a personal access token with scopes.

A view says what a token needs: `scopes = {"GET": "clips:read", "POST": "clips:write"}`. A session needs no
scope. A view that says nothing is closed to tokens: a forgotten line refuses, it doesn't open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import throttle, tokens
from accounts.models import PersonalAccessToken, User
from accounts.refusals import Refused

if TYPE_CHECKING:  # REST framework reads this file while it loads its views
    from rest_framework.views import APIView


class BadToken(exceptions.AuthenticationFailed):
    default_code = "bad_token"
    default_detail = _("This token is unknown, expired or revoked.")


class ScopeMissing(Refused):
    code = "scope_missing"
    message = _("This token may not do that.")
    status = 403

    def __init__(self, scope: str) -> None:
        if not scope:
            super().__init__(hint=_("Only a signed-in person can do it, in the browser."))
            return
        super().__init__(hint=_("Make a token with the scope %(scope)s in settings.") % {"scope": scope})


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer us_…`; `request.auth` is then the token's row."""

    def authenticate(self, request: Request) -> tuple[User, PersonalAccessToken] | None:
        secret = self.secret(request)
        if secret is None:
            return None
        token = tokens.find(secret=secret, now=timezone.now())
        if token is None:
            raise BadToken()
        return token.user, token

    def secret(self, request: Request) -> str | None:
        """The token as the request carries it; None where it carries none."""
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Session(SessionAuthentication):
    """Django's session; every method that writes needs the CSRF token."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SignedIn(BasePermission):
    """Signed in, within the hour's budget, and with the scope that the view names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        throttle.api(request.user, timezone.now())
        require_scope(request, view)
        return True


class AnyoneMayRead(SignedIn):
    """Reads are open to people without an account; writes need one. A token still needs its scope."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS and not request.user.is_authenticated:
            return True
        return super().has_permission(request, view)


def require_scope(request: Request, view: Any) -> None:
    """Raise `ScopeMissing` for a token without the scope; a session may do what its person may."""
    token = request.auth
    if not isinstance(token, PersonalAccessToken):
        return
    scopes: Mapping[str, str] = getattr(view, "scopes", {})
    method = "GET" if request.method in {"HEAD", "OPTIONS"} else str(request.method)
    needed = scopes.get(method, "")
    if not needed or needed not in token.scopes:
        raise ScopeMissing(needed)
