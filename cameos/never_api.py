"""The recorder's requests for somebody without an account: who asks is what this browser began.

No account, no token: the session holds the entry, and every request that writes wants the CSRF token.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import throttle
from cameos import capture_api
from cameos.capture_access import visitor_of
from cameos.intake import api as intake_api
from cameos.models import NeverMe


class Visitor(APIView):
    """Comes before a view of the recorder: its person is the visitor, and nobody else gets in."""

    authentication_classes = ()
    permission_classes = ()

    @method_decorator(csrf_protect)
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def who(self, request: Request) -> NeverMe:
        entry = visitor_of(request._request)
        if entry is None:
            raise NotFound()
        return entry

    def spend(self, request: Request) -> None:
        throttle.visitor(throttle.client_address(request._request), timezone.now())


class ChallengesView(Visitor, capture_api.ChallengesView):
    pass


class StartView(Visitor, capture_api.StartView):
    pass


class CapturesView(Visitor, capture_api.CapturesView):
    pass


class CaptureView(Visitor, capture_api.CaptureView):
    pass


class UploadsView(Visitor, intake_api.UploadsView):
    place = "cameos:api-never-me-upload"


class UploadView(Visitor, intake_api.UploadView):
    place = "cameos:api-never-me-upload"
