"""Headers that Django and django-csp leave to us."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

# The recorder needs camera and microphone on our own pages; nobody else gets either, nor the place.
PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), publickey-credentials-get=(self), geolocation=(), payment=()"
)
# Wallets in the payment provider's frame, where its element stands in our sheet.
WITH_WALLETS = PERMISSIONS_POLICY.replace("payment=()", 'payment=(self "https://js.stripe.com")')
# What people made, opened by itself: it plays and is seen, and nothing in it runs or reaches out.
ALONE = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; sandbox"
)
MEDIA = ("image/", "video/", "audio/", "application/zip", "application/octet-stream", "text/csv", "text/vtt")
KEPT_BY_NOBODY = ("text/html", "application/json")


class Headers:
    """Outermost of ours: the last word about an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = WITH_WALLETS if settings.STRIPE_PUBLISHABLE_KEY else PERMISSIONS_POLICY
        response.headers.setdefault("Permissions-Policy", policy)
        kind = response.headers.get("Content-Type", "")
        if kind.startswith(MEDIA):
            response.headers["Content-Security-Policy"] = ALONE
        if settings.SESSION_COOKIE_NAME in request.COOKIES and kind.startswith(KEPT_BY_NOBODY):
            # A page of somebody signed in stays in no cache, not even the browser's after they left.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class PlainAddresses:
    """No address of ours holds a zero byte: such a page does not exist. (PostgreSQL takes none in a text, and
    would answer with an error of its own.)"""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            raise Http404
        return self.get_response(request)
