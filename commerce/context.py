"""What every page of the shop knows beside its own words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def payments(request: HttpRequest) -> dict[str, Any]:
    """`is_demo_shop`: whether this is a page of the shop while payments go to the stand-in."""
    match = request.resolver_match
    return {"is_demo_shop": settings.STRIPE_STANDIN and match is not None and match.app_name == "commerce"}
