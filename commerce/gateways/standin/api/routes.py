"""Which address is whose."""

from __future__ import annotations

import re
from collections.abc import Callable

from commerce.gateways.standin.api.accounts import create_account, create_account_link
from commerce.gateways.standin.api.asking import ApiError, Json, Params, found
from commerce.gateways.standin.api.checkouts import create_session, expire_session, get_session
from commerce.gateways.standin.api.disputes import close_dispute, list_disputes, update_dispute
from commerce.gateways.standin.api.intents import cancel_intent, create_intent, get_intent, grant_token
from commerce.gateways.standin.api.subscriptions import (
    cancel_subscription,
    create_portal,
    create_product,
    detach_method,
    list_invoices,
    update_subscription,
)
from commerce.gateways.standin.api.transfers import create_refund, create_transfer, reverse_transfer
from commerce.gateways.standin.store import Session


def _reader(kind: str) -> Callable[[Session, Params, str, str], Json]:
    return lambda session, params, base_url, object_id: found(session, kind, object_id)


def _lister(kind: str) -> Callable[[Session, Params, str], Json]:
    def listed(session: Session, params: Params, base_url: str) -> Json:
        return {"object": "list", "data": session.all(kind), "has_more": False, "url": f"/v1/{kind}s"}

    return listed


ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Json]]] = [
    (method, re.compile(f"^/v1/{path}$"), function)
    for method, path, function in (
        ("POST", "checkout/sessions", create_session),
        ("GET", r"checkout/sessions/(\w+)", get_session),
        ("POST", r"checkout/sessions/(\w+)/expire", expire_session),
        ("POST", r"payment_methods/(\w+)/detach", detach_method),
        ("POST", "products", create_product),
        ("GET", r"subscriptions/(\w+)", _reader("subscription")),
        ("POST", r"subscriptions/(\w+)", update_subscription),
        ("DELETE", r"subscriptions/(\w+)", cancel_subscription),
        ("GET", "invoices", list_invoices),
        ("POST", "billing_portal/sessions", create_portal),
        ("POST", "payment_intents", create_intent),
        ("GET", r"payment_intents/(\w+)", get_intent),
        ("POST", r"payment_intents/(\w+)/cancel", cancel_intent),
        ("POST", "test_helpers/shared_payment/granted_tokens", grant_token),
        ("GET", "disputes", list_disputes),
        ("GET", r"disputes/(\w+)", _reader("dispute")),
        ("POST", r"disputes/(\w+)", update_dispute),
        ("POST", r"disputes/(\w+)/close", close_dispute),
        ("GET", r"charges/(\w+)", _reader("charge")),
        ("POST", "refunds", create_refund),
        ("GET", r"refunds/(\w+)", _reader("refund")),
        ("POST", "transfers", create_transfer),
        ("GET", r"transfers/(\w+)", _reader("transfer")),
        ("POST", r"transfers/(\w+)/reversals", reverse_transfer),
        ("GET", "events", _lister("event")),
        ("GET", r"events/(\w+)", _reader("event")),
    )
] + [
    (method, re.compile(f"^/v2/core/{path}$"), function)
    for method, path, function in (
        ("POST", "accounts", create_account),
        ("GET", r"accounts/(\w+)", _reader("v2.core.account")),
        ("POST", "account_links", create_account_link),
    )
]


def route(method: str, path: str) -> tuple[Callable[..., Json], tuple[str, ...]]:
    for wanted_method, pattern, function in ROUTES:
        match = pattern.match(path)
        if match and wanted_method == method:
            return function, match.groups()
    raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404)
