"""Headers that Django and django-csp leave to us."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# The recorder needs camera and microphone on our own pages; nobody else gets either, nor the place.
PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), publickey-credentials-get=(self), geolocation=(), payment=()"
)
# Wallets in the payment provider's frame, where its element stands in our sheet.
WITH_WALLETS = PERMISSIONS_POLICY.replace("payment=()", 'payment=(self "https://js.stripe.com")')


class PermissionsPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = WITH_WALLETS if settings.STRIPE_PUBLISHABLE_KEY else PERMISSIONS_POLICY
        response.headers.setdefault("Permissions-Policy", policy)
        return response
