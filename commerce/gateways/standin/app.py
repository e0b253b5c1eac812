"""The stand-in as one WSGI application, and the guard that keeps it out of production."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from commerce.gateways.standin import api, element, pages
from commerce.gateways.standin.deliver import Courier
from commerce.gateways.standin.form import BadForm, parse
from commerce.gateways.standin.store import Session, Store

LARGEST_BODY = 256 * 1024
KEY_PREFIX = "sk_test_standin"
REASONS = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    413: "Too Large",
}
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Answer = tuple[int, list[tuple[str, str]], bytes]


class StandInRefused(RuntimeError):
    """The stand-in was asked to serve a host that did not ask for it."""


def refuse_in_production(*, secret_key: str, named: bool) -> None:
    """Serve only where the operator named the stand-in and no real key is set; raises StandInRefused."""
    if not named:
        raise StandInRefused("The stand-in for Stripe runs only when it is named: set STRIPE_STANDIN=1.")
    if secret_key and not secret_key.startswith(KEY_PREFIX):
        raise StandInRefused("A real Stripe key is set: unset STRIPE_STANDIN, or the key.")


class StandIn:
    """Mount it under `base_url`'s path; `start_courier` begins to send webhooks to `webhook_url`."""

    def __init__(self, *, path: Path, base_url: str, webhook_url: str, webhook_secret: str) -> None:
        self.store = Store(path)
        self.base_url = base_url.rstrip("/")
        self.courier = Courier(self.store, url=webhook_url, secret=webhook_secret)

    def start_courier(self) -> None:
        self.courier.start()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        start_response(
            f"{status} {REASONS.get(status, 'Error')}", [*headers, ("Content-Length", str(len(body)))]
        )
        return [body]

    def _answer(self, environ: Environ) -> Answer:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        if size > LARGEST_BODY:
            return 413, [("Content-Type", "text/plain")], b"too large"
        body = environ["wsgi.input"].read(size).decode("utf-8", "replace")
        path = environ.get("PATH_INFO", "")
        if path.startswith(("/v1/", "/v2/")):
            return self._api(environ, path, body)
        if path == "/stripe.js":
            return 200, [("Content-Type", "text/javascript; charset=utf-8")], element.SCRIPT.encode()
        if path == "/element.js":
            return 200, [("Content-Type", "text/javascript; charset=utf-8")], element.INSIDE.encode()
        if path.startswith("/element/"):
            return self._element(environ, path.removeprefix("/element/"), body)
        if path.startswith("/cards/"):
            return self._cards(environ, path.removeprefix("/cards/"), body)
        if path.startswith("/onboard/"):
            return self._onboard(environ, path.removeprefix("/onboard/"))
        if path.startswith("/pay/"):
            return self._pay(environ, path.removeprefix("/pay/"), body)
        return 404, [("Content-Type", "text/plain")], b"not found"

    def _api(self, environ: Environ, path: str, body: str) -> Answer:
        if not environ.get("HTTP_AUTHORIZATION", "").startswith(f"Bearer {KEY_PREFIX}"):
            error = api.ApiError("Invalid API Key provided.", status=401)
            return _json(401, json.dumps(error.body))
        method, key = environ["REQUEST_METHOD"], environ.get("HTTP_IDEMPOTENCY_KEY", "")
        request = hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()
        with self.store.transaction() as session:
            kept = session.answer(key) if method == "POST" and key else None
            if kept is not None:
                return _replay(kept, request)
            given = body or environ.get("QUERY_STRING", "")
            status, text = self._perform(session, method, path, given)
            if method == "POST" and key and status < 500:
                session.keep_answer(key, request, status, text)
        return _json(status, text)

    def _perform(self, session: Session, method: str, path: str, body: str) -> tuple[int, str]:
        try:
            function, arguments = api.route(method, path)
            params = _json_body(body) if path.startswith("/v2/") else parse(body)
            return 200, json.dumps(function(session, params, self.base_url, *arguments))
        except api.ApiError as error:
            return error.status, json.dumps(error.body)
        except BadForm as error:
            return 400, json.dumps(api.ApiError(str(error)).body)

    def _pay(self, environ: Environ, session_id: str, body: str) -> Answer:
        with self.store.transaction() as session:
            checkout = session.get("checkout.session", session_id)
            checkout = checkout and api.expire_if_late(session, checkout)
        say = _words(environ, checkout)
        if not checkout or checkout["status"] == "expired":
            return _html(404, pages.over(say))
        if checkout["status"] == "complete":
            return _return_to_shop(checkout)
        if environ["REQUEST_METHOD"] != "POST":
            return _html(200, pages.payment(checkout, say))
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        return self._try_to_pay(checkout, say, fields)

    def _onboard(self, environ: Environ, link_id: str) -> Answer:
        """The page on which somebody tells who they are; here, one button."""
        say = pages.words(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        if environ["REQUEST_METHOD"] != "POST":
            return _html(200, pages.onboarding(say))
        with self.store.transaction() as session:
            address = api.finish_onboarding(session, link_id)
        if address is None:
            return _html(404, pages.over(say))
        return 303, [("Location", address), ("Content-Type", "text/plain")], b""

    def _cards(self, environ: Environ, portal_id: str, body: str) -> Answer:
        """The page on which a subscriber leaves another card."""
        error = ""
        with self.store.transaction() as session:
            portal = session.get("billing_portal.session", portal_id)
            say = _words(environ, portal)
            if portal is None:
                return _html(404, pages.over(say))
            if environ["REQUEST_METHOD"] == "POST":
                fields = {name: values[0] for name, values in parse_qs(body).items()}
                told = api.change_card(session, portal_id, fields.get("card", ""))
                if "/" in told:
                    return 303, [("Location", told), ("Content-Type", "text/plain")], b""
                error = told
        return _html(200, pages.card(say, error=error))

    def _element(self, environ: Environ, session_id: str, body: str) -> Answer:
        """The frame inside the shop's own page that takes the card, and what its button asks."""
        given = parse_qs(body or environ.get("QUERY_STRING", ""))
        fields = {name: values[0] for name, values in given.items()}
        # The frame is told its language in its address, as the real script is, and asks on in the same.
        say = pages.words(environ.get("HTTP_ACCEPT_LANGUAGE", ""), fields.get("locale"))
        with self.store.transaction() as session:
            checkout = session.get("checkout.session", session_id)
            if checkout is None or checkout["client_secret"] != fields.get("secret"):
                return _json(404, json.dumps(api.ApiError("No such session.").body))
            if environ["REQUEST_METHOD"] != "POST":
                return _framed(pages.element(checkout, say))
            if fields.get("confirmed") == "no":
                outcome = "not_authenticated"
            else:
                outcome = api.pay(
                    session,
                    session_id,
                    card=fields.get("card", ""),
                    email=fields.get("email", ""),
                    authenticated=fields.get("confirmed") == "yes",
                )
        words = say.get(outcome, say["over"])
        return _json(
            200, json.dumps({"outcome": outcome, "message": words, "return": checkout["return_url"]})
        )

    def _try_to_pay(self, checkout: dict[str, Any], say: dict[str, str], fields: dict[str, str]) -> Answer:
        card, email = fields.get("card", ""), fields.get("email", "")
        if "@" not in email:
            return _html(200, pages.payment(checkout, say, error="email_missing"))
        if fields.get("confirmed") == "no":
            return _html(200, pages.payment(checkout, say, error="not_authenticated", email=email))
        with self.store.transaction() as session:
            outcome = api.pay(
                session,
                checkout["id"],
                card=card,
                email=email,
                authenticated=fields.get("confirmed") == "yes",
            )
        if outcome == "paid":
            return _return_to_shop(checkout)
        if outcome == "authenticate":
            return _html(200, pages.confirmation(say, card=card, email=email))
        if outcome == "expired":
            return _html(404, pages.over(say))
        return _html(200, pages.payment(checkout, say, error=outcome, email=email))


def _words(environ: Environ, session: dict[str, Any] | None) -> dict[str, str]:
    return pages.words(environ.get("HTTP_ACCEPT_LANGUAGE", ""), (session or {}).get("locale"))


def _return_to_shop(checkout: dict[str, Any]) -> Answer:
    address = checkout["success_url"].replace("{CHECKOUT_SESSION_ID}", checkout["id"])
    return 303, [("Location", address), ("Content-Type", "text/plain")], b""


def _replay(kept: tuple[str, int, str], request: str) -> Answer:
    known, status, text = kept
    if known != request:
        error = api.ApiError(
            "An idempotency key can only be used again with the same parameters it was first used with.",
            kind="idempotency_error",
        )
        return _json(400, json.dumps(error.body))
    return _json(status, text, ("Idempotent-Replayed", "true"))


def _json_body(body: str) -> dict[str, Any]:
    """The body of a v2 request; its GETs carry a query, of which nothing is needed."""
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _json(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    return status, [("Content-Type", "application/json"), *headers], text.encode()


def _framed(text: str) -> Answer:
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; "
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy + "frame-ancestors 'self'"),
    ]
    return 200, headers, text.encode()


def _html(status: int, text: str) -> Answer:
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)]
    return status, headers, text.encode()
