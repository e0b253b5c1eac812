"""Headers that Django and django-csp leave to us."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# The recorder needs camera and microphone on our own pages; nobody else gets either, nor the place.
PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), publickey-credentials-get=(self), geolocation=(), payment=()"
)


class PermissionsPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response
