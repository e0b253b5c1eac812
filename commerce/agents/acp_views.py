"""The addresses of ACP under `/acp`, and its discovery document."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from commerce.agents import acp, sessions
from commerce.agents.edge import AgentView
from commerce.agents.sessions import Bad
from commerce.models import AgentSession


class AcpView(AgentView):
    protocol = "acp"

    def check_version(self, request: Request) -> None:
        version = request.headers.get("API-Version", "")
        if version != acp.VERSION:
            code = "unsupported_api_version" if version else "missing_api_version"
            raise Bad(code, _("Send API-Version: %(version)s.") % {"version": acp.VERSION}, "API-Version")

    def error(self, code: str, message: str, *, status: int, param: str = "") -> Response:
        kind = "service_unavailable" if status == 503 else "invalid_request"
        if status in {402, 409} and not code.startswith("idempotency"):
            kind = "processing_error"
        return Response(acp.error_body(code, message or code, param=param, kind=kind), status=status)

    def told(self, session: AgentSession, status: int = 200) -> Response:
        session = AgentSession.objects.select_related("order__merchant").get(pk=session.pk)
        return Response(acp.session_body(sessions.look(session, timezone.now())), status=status)

    def told_cart(self, session: AgentSession, status: int = 200) -> Response:
        return Response(acp.cart_body(sessions.look(session, timezone.now())), status=status)


class Discovery(APIView):
    """What this host can do, for agents that never were here."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        if not settings.AGENTS:
            raise Http404
        return Response(acp.discovery())


@extend_schema(exclude=True)
class Nowhere(AcpView):
    """An address that is none: the error still has the protocol's shape."""

    def get(self, request: Request, rest: str) -> Response:
        raise Http404

    post = put = delete = patch = get


@extend_schema(exclude=True)
class Sessions(AcpView):
    @idempotent("acp-create", required=True)
    def post(self, request: Request) -> Response:
        asked = acp.session_asked(request.data, is_new=True)
        agent = cast(User, request.user)
        made = sessions.begin(protocol=self.protocol, agent=agent, asked=asked, now=timezone.now())
        return self.told(made, 201)


@extend_schema(exclude=True)
class Session(AcpView):
    def get(self, request: Request, public_id: str) -> Response:
        return self.told(self.session_for(request, public_id))

    @idempotent("acp-update", required=True)
    def post(self, request: Request, public_id: str) -> Response:
        session = self.session_for(request, public_id)
        asked = acp.session_asked(request.data, is_new=False)
        return self.told(sessions.change(session=session, asked=asked, now=timezone.now()))


@extend_schema(exclude=True)
class SessionComplete(AcpView):
    """Pays. It asks the provider, so the answer is kept after the effect, which can be gone on with."""

    @idempotent("acp-complete", required=True, atomic=False)
    def post(self, request: Request, public_id: str) -> Response:
        session = self.session_for(request, public_id)
        token, asked = acp.token_of(request.data)
        now = timezone.now()
        if session.state == AgentSession.State.OPEN:
            session = sessions.change(session=session, asked=asked, now=now)
        elif session.state != AgentSession.State.PAYING:
            raise Bad("conflict", _("This session is over already."), status=409)
        return self.told(sessions.pay(session=session, token=token, now=now))


@extend_schema(exclude=True)
class SessionCancel(AcpView):
    @idempotent("acp-cancel", required=True)
    def post(self, request: Request, public_id: str) -> Response:
        session = self.session_for(request, public_id)
        return self.told(sessions.cancel(session=session, now=timezone.now()))


@extend_schema(exclude=True)
class Carts(AcpView):
    @idempotent("acp-cart-create", required=True)
    def post(self, request: Request) -> Response:
        asked = acp.session_asked(request.data, is_new=True, needs_currency=False)
        agent, now = cast(User, request.user), timezone.now()
        return self.told_cart(
            sessions.begin(protocol=self.protocol, agent=agent, asked=asked, now=now, is_cart=True), 201
        )


@extend_schema(exclude=True)
class Cart(AcpView):
    def get(self, request: Request, public_id: str) -> Response:
        return self.told_cart(self.session_for(request, public_id, is_cart=True))

    @idempotent("acp-cart-update", required=True)
    def put(self, request: Request, public_id: str) -> Response:
        session = self.session_for(request, public_id, is_cart=True)
        asked = acp.session_asked(request.data, is_new=True, needs_currency=False)
        return self.told_cart(sessions.change(session=session, asked=asked, now=timezone.now()))


@extend_schema(exclude=True)
class CartCancel(AcpView):
    @idempotent("acp-cart-cancel", required=True)
    def post(self, request: Request, public_id: str) -> Response:
        session = self.session_for(request, public_id, is_cart=True)
        return self.told_cart(sessions.cancel(session=session, now=timezone.now()))
