"""What both adapters' addresses share: the flag, the token, the size of a body, errors in their own shape."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.api_auth import BearerToken
from accounts.models import PersonalAccessToken
from accounts.parsing import Nested, unwritable_at
from accounts.refusals import Refused
from commerce.agents.sessions import Bad
from commerce.models import AgentSession

LARGEST_BODY = 256 * 1024
SCOPE = "agents:buy"
CODES = {
    "idempotency_key_missing": "idempotency_key_required",
    "out_of_stock": "out_of_stock",
    "capacity_full": "out_of_stock",
    "payment_unavailable": "payment_unavailable",
}


class HasAgentToken(BasePermission):
    """A token with the scope that the address names; a browser's session is none."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        scope = getattr(view, "scopes", {}).get(request.method, SCOPE)
        if not isinstance(token, PersonalAccessToken) or scope not in token.scopes:
            return False
        throttle.api(token.user, timezone.now())
        return True


def id_of(text: str) -> UUID:
    """An id as it stands in an address. Raises Http404 for what is no id of ours."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


class AgentView(APIView):
    """An adapter's address; subclasses say how an error looks."""

    authentication_classes = [BearerToken]
    permission_classes = [HasAgentToken]
    parser_classes = [Nested]  # `check_body` names the place
    scopes = {"GET": SCOPE, "POST": SCOPE, "PUT": SCOPE}
    protocol: ClassVar[str]
    largest: ClassVar[int] = LARGEST_BODY

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.AGENTS:
            raise Http404
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.largest:
            said = _("The request is larger than %(n)d KB.") % {"n": self.largest // 1024}
            raise Bad("payload_too_large", said, status=413)
        self.check_version(request)
        if request.method in {"POST", "PUT", "PATCH"}:
            self.check_body(request)

    def check_body(self, request: Request) -> None:
        """What can be neither kept nor sent back is refused by its place. Raises Bad."""
        place = unwritable_at(request.data)
        if place is not None:
            raise Bad("invalid", _("This text has a character that cannot be kept."), place[:200])

    def check_version(self, request: Request) -> None:
        raise NotImplementedError

    def error(self, code: str, message: str, *, status: int, param: str = "") -> Response:
        raise NotImplementedError

    def handle_exception(self, exc: Exception) -> Response:
        """Every refusal in the protocol's shape; what is no refusal is a fault, and stays one."""
        answer = self._told(exc)
        answer.exception = True
        return answer

    def _told(self, exc: Exception) -> Response:
        if isinstance(exc, Bad):
            return self.error(exc.code, str(exc.message), status=exc.status, param=exc.param)
        if isinstance(exc, Refused):
            answer = self.error(CODES.get(exc.code, exc.code), str(exc.message), status=exc.status)
            for name, value in exc.headers().items():
                answer[name] = value
            return answer
        if isinstance(exc, Http404 | exceptions.NotFound):
            return self.error("not_found", _("There is nothing here for you."), status=404)
        if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            return self.error("unauthorized", _("A token for agents is needed."), status=401)
        if isinstance(exc, exceptions.PermissionDenied):
            status = 403 if self.request.auth else 401
            return self.error("unauthorized", _("A token for agents is needed."), status=status)
        if isinstance(exc, exceptions.ParseError | exceptions.UnsupportedMediaType):
            return self.error("invalid_json", _("The body is no JSON object."), status=400)
        if isinstance(exc, exceptions.APIException):
            return self.error("invalid", str(exc.detail), status=exc.status_code)
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Ids of a request come back with its answer."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name in ("Idempotency-Key", "Request-Id"):
            if value := request.headers.get(name, "")[:255]:
                answer[name] = value
        return answer

    def session_for(self, request: Request, public_id: str, *, is_cart: bool = False) -> AgentSession:
        """The agent's own session; another's is as absent as none, and as an id that none of ours can be."""
        rows = AgentSession.objects.select_related("order__merchant", "agent")
        return get_object_or_404(
            rows,
            public_id=id_of(public_id),
            protocol=self.protocol,
            agent_id=request.user.pk,
            is_cart=is_cart,
        )
