"""How the two ways to sign in at the API stand in its schema. Importing this registers them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api_auth.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A personal access token with scopes."}


class OurSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "accounts.api_auth.Session"
    name = "session"
    priority = 1
