"""What every page of the shop knows beside its own words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from commerce.models import Merchant


def payments(request: HttpRequest) -> dict[str, Any]:
    """`is_demo_shop`: whether this is a page of the shop while payments go to the stand-in. `has_shop`:
    whether the viewer has one; the database is asked only where a page wants to know."""
    match = request.resolver_match
    is_shop = match is not None and match.app_name == "commerce"
    return {
        "is_demo_shop": settings.STRIPE_STANDIN and is_shop,
        "has_shop": lambda: (
            request.user.is_authenticated and Merchant.objects.filter(owner=request.user).exists()
        ),
    }
