"""What every endpoint asks with: parameters, errors, and the test cards."""

from __future__ import annotations

from typing import Any

from commerce.gateways.standin.store import Session

CARDS = {
    "4242424242424242": "succeeds",
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000002500003155": "authentication_required",
    "4000000000000259": "disputed",
    "4000000000000341": "card_declined",  # can be left for later, and is declined when it is charged
}
# What a shared payment token stands for, by the test payment method that it was granted for.
TOKEN_METHODS = {
    "pm_card_visa": "succeeds",
    "pm_card_chargeDeclined": "card_declined",
    "pm_card_authenticationRequired": "authentication_required",
    "pm_card_createDispute": "disputed",
}
Params = dict[str, Any]
Json = dict[str, Any]


class ApiError(Exception):
    """What Stripe would answer in its `error` object."""

    def __init__(self, message: str, *, status: int = 400, code: str = "", kind: str = "", param: str = ""):
        super().__init__(message)
        self.status = status
        self.body = {
            "error": {
                "type": kind or "invalid_request_error",
                "message": message,
                **({"code": code} if code else {}),
                **({"param": param} if param else {}),
            }
        }


def wanted(params: Params, name: str) -> Any:
    if not params.get(name):
        raise ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return params[name]


def whole(value: object, name: str, least: int = 0) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name) from None
    if number < least:
        raise ApiError(f"This value must be at least {least}.", code="parameter_invalid_integer", param=name)
    return number


def found(session: Session, kind: str, object_id: str) -> Json:
    body = session.get(kind, object_id)
    if body is None:
        raise ApiError(f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param="id")
    return body
