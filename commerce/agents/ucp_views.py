"""The addresses of UCP under `/ucp`, and the profile by which it is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, cast

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import BearerToken
from accounts.idempotency import idempotent
from accounts.models import PersonalAccessToken, User
from commerce.agents import platforms, sessions, signing, ucp
from commerce.agents.edge import AgentView, id_of
from commerce.agents.sessions import Asked, Bad, Status
from commerce.models import AgentSession, Order


class ApiKey(BearerToken):
    """`X-API-Key: us_…`: the same token in the header that UCP's platforms use."""

    def secret(self, request: Request) -> str | None:
        given = request.headers.get("X-API-Key")
        return None if given is None else given.strip()


class Unspoken(Exception):
    """The agent's profile does not name the capability of this address: an outcome, not a failed request."""


class UcpView(AgentView):
    protocol = "ucp"
    authentication_classes = [BearerToken, ApiKey]
    root: ClassVar[str] = ""  # the capability that an address belongs to
    platform: platforms.Platform
    spoken: ucp.Spoken

    def check_version(self, request: Request) -> None:
        """Who asks, and what both speak; a signature, where there is one, has to be good."""
        url = platforms.named(request.headers.get("UCP-Agent", ""))
        self.platform = platforms.resolve(url)
        self.check_signature(request)
        platforms.bind(cast(PersonalAccessToken, request.auth), url, timezone.now())
        self.spoken = platforms.negotiated(self.platform, ucp.VERSION, ucp.CAPABILITIES)
        if self.root and self.root not in self.spoken:
            raise Unspoken

    def check_signature(self, request: Request) -> None:
        if "Signature" not in request.headers and "Signature-Input" not in request.headers:
            return
        try:
            signing.verify(_message(request), self.platform.keys)
        except signing.BadSignature as bad:
            status = 400 if bad.code in {"digest_mismatch", "algorithm_unsupported"} else 401
            said = _("The signature of this request does not hold.")
            raise Bad(bad.code, said, "Signature", status) from None

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Unspoken):
            said = _("Your profile does not name what this address is for.")
            return Response(ucp.error_body("capabilities_incompatible", said, is_final=True))
        return super().handle_exception(exc)

    def error(self, code: str, message: str, *, status: int, param: str = "") -> Response:
        if code == "idempotency_conflict":
            status = 409  # ACP says 422
        body = ucp.error_body(code, message or code, param=param, is_final=status in {401, 403, 404})
        return Response(body, status=status)

    def begin(self, request: Request, asked: Asked, *, is_cart: bool = False) -> AgentSession:
        return sessions.begin(
            protocol=self.protocol,
            agent=cast(User, request.user),
            asked=asked,
            now=timezone.now(),
            is_cart=is_cart,
            profile=self.platform.url,
        )

    def told(self, session: AgentSession, status: int = 200) -> Response:
        session = AgentSession.objects.select_related("order__merchant").get(pk=session.pk)
        return Response(ucp.checkout_body(sessions.look(session, timezone.now()), self.spoken), status=status)

    def told_cart(self, cart: AgentSession, status: int = 200) -> Response:
        cart = AgentSession.objects.select_related("order__merchant").get(pk=cart.pk)
        return Response(ucp.cart_body(sessions.look(cart, timezone.now()), self.spoken), status=status)


def _message(request: Request) -> signing.Message:
    path, _mark, query = request.get_full_path().partition("?")
    headers = {name.lower(): value.strip() for name, value in request.headers.items()}
    body = request._request.body
    return signing.Message(str(request.method), request.get_host().lower(), path, query, headers, body)


class Profile(APIView):
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        if not settings.AGENTS:
            raise Http404
        return Response(ucp.profile(), headers={"Cache-Control": "public, max-age=300"})


@extend_schema(exclude=True)
class Nowhere(UcpView):
    """An address that is none: the error still has the protocol's shape."""

    def get(self, request: Request, rest: str) -> Response:
        raise Http404

    post = put = delete = patch = get


@extend_schema(exclude=True)
class Carts(UcpView):
    root = ucp.CART

    @idempotent("ucp-cart-create", required=True)
    def post(self, request: Request) -> Response:
        asked = ucp.asked(request.data, is_new=True)
        return self.told_cart(self.begin(request, asked, is_cart=True), 201)


@extend_schema(exclude=True)
class Cart(UcpView):
    root = ucp.CART

    def get(self, request: Request, public_id: str) -> Response:
        return self.told_cart(self.session_for(request, public_id, is_cart=True))

    @idempotent("ucp-cart-update", required=True)
    def put(self, request: Request, public_id: str) -> Response:
        cart = self.session_for(request, public_id, is_cart=True)
        asked = ucp.asked(request.data, is_new=False)
        return self.told_cart(sessions.change(session=cart, asked=asked, now=timezone.now()))


@extend_schema(exclude=True)
class CartCancel(UcpView):
    root = ucp.CART

    @idempotent("ucp-cart-cancel", required=True)
    def post(self, request: Request, public_id: str) -> Response:
        cart = self.session_for(request, public_id, is_cart=True)
        return self.told_cart(sessions.cancel(session=cart, now=timezone.now()))


@extend_schema(exclude=True)
class Checkouts(UcpView):
    root = ucp.CHECKOUT

    @idempotent("ucp-create", required=True)
    def post(self, request: Request) -> Response:
        asked = self.of_cart(request) or ucp.asked(request.data, is_new=True)
        return self.told(self.begin(request, asked), 201)

    def of_cart(self, request: Request) -> Asked | None:
        """What a cart holds, where a checkout is made of one: its words count, not the request's."""
        named = request.data.get("cart_id") if isinstance(request.data, dict) else None
        if named is None:
            return None
        cart = self.session_for(request, str(named), is_cart=True)
        said = cast(dict[str, Any], request.data)
        rest = ucp.asked({**said, "line_items": []}, is_new=True)
        return replace(rest, items=cart.items, buyer=cart.buyer or rest.buyer, code=cart.code or rest.code)


@extend_schema(exclude=True)
class Checkout(UcpView):
    root = ucp.CHECKOUT

    def get(self, request: Request, public_id: str) -> Response:
        return self.told(self.session_for(request, public_id))

    @idempotent("ucp-update", required=True)
    def put(self, request: Request, public_id: str) -> Response:
        session = self.session_for(request, public_id)
        asked = ucp.asked(request.data, is_new=False)
        return self.told(sessions.change(session=session, asked=asked, now=timezone.now()))


@extend_schema(exclude=True)
class CheckoutComplete(UcpView):
    """No card is taken here: a session that could be paid hands its buyer over."""

    root = ucp.CHECKOUT

    @idempotent("ucp-complete", required=True)
    def post(self, request: Request, public_id: str) -> Response:
        seen = sessions.look(self.session_for(request, public_id), timezone.now())
        if seen.status in {Status.COMPLETED, Status.CANCELED, Status.EXPIRED, Status.INCOMPLETE}:
            return Response(ucp.checkout_body(seen, self.spoken))
        return Response(ucp.escalated(seen, self.spoken))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Signed, as the protocol recommends for what a completion is answered."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(answer, Response):
            answer.add_post_render_callback(_sign)
        else:  # an answer that was kept for this key
            _sign(answer)
        return answer


@extend_schema(exclude=True)
class CheckoutCancel(UcpView):
    root = ucp.CHECKOUT

    @idempotent("ucp-cancel", required=True)
    def post(self, request: Request, public_id: str) -> Response:
        return self.told(sessions.cancel(session=self.session_for(request, public_id), now=timezone.now()))


@extend_schema(exclude=True)
class OrderDetail(UcpView):
    root = ucp.ORDER

    def get(self, request: Request, public_id: str) -> Response:
        orders = Order.objects.select_related("merchant", "agent_session")
        mine = orders.filter(agent_session__agent_id=request.user.pk, agent_session__protocol="ucp")
        return Response(ucp.order_body(get_object_or_404(mine, public_id=id_of(public_id)), self.spoken))


@extend_schema(exclude=True)
class CatalogSearch(UcpView):
    root = ucp.SEARCH

    def post(self, request: Request) -> Response:
        given = _body(request)
        asked = given.get("pagination")
        pages: dict[str, Any] = asked if isinstance(asked, dict) else {}
        limit, cursor = pages.get("limit", 10), str(pages.get("cursor", "0"))
        if type(limit) is not int or not limit >= 1 or not cursor.isdecimal() or len(cursor) > 18:
            raise Bad("invalid", _("This page does not exist."), "$.pagination")
        query = given.get("query", "")
        if not isinstance(query, str) or len(query) > 200:
            raise Bad("invalid", _("A text of at most %(n)d characters is expected.") % {"n": 200}, "$.query")
        found = ucp.search(query, int(cursor), min(limit, ucp.MOST_FOUND), ucp.filters(given))
        return Response(ucp.search_body(*found, self.spoken))


@extend_schema(exclude=True)
class CatalogLookup(UcpView):
    root = ucp.LOOKUP

    def post(self, request: Request) -> Response:
        ids = _body(request).get("ids")
        is_list = isinstance(ids, list) and 1 <= len(ids) <= ucp.MOST_IDS
        if not is_list or not all(isinstance(one, str) for one in cast(list[Any], ids)):
            raise Bad("invalid", _("A list of 1 to 50 ids is expected."), "$.ids")
        return Response(ucp.lookup_body(*ucp.lookup(cast(list[str], ids)), self.spoken))


@extend_schema(exclude=True)
class CatalogProduct(UcpView):
    root = ucp.LOOKUP

    def post(self, request: Request) -> Response:
        wanted = _body(request).get("id")
        found, _missing = ucp.lookup([wanted]) if isinstance(wanted, str) else ([], [])
        if not found:
            raise Http404
        return Response(ucp.product_body(found[0][0], self.spoken))


def _body(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise Bad("invalid", _("An object is expected."), "$")
    return request.data


def _sign(answer: HttpResponse) -> None:
    kind = answer.headers.get("Content-Type", "")
    at = int(timezone.now().timestamp())
    for name, value in signing.sign_answer(answer.status_code, kind, answer.content, at).items():
        answer[name] = value
