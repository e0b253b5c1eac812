"""What the shop asks of a payment provider, in our own words. Callers never see a provider's object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from commerce.money import Money


class GatewayError(Exception):
    """The provider could not be asked or said no; `retryable` tells which."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class BadSignature(Exception):
    """A webhook that the provider did not sign, or signed long ago."""


@dataclass(frozen=True)
class CheckoutLine:
    title: str
    unit_price: Money
    quantity: int


@dataclass(frozen=True)
class Checkout:
    """A hosted payment page: `url` is where the buyer goes, None once it is over."""

    session_id: str
    url: str | None
    is_open: bool
    is_paid: bool
    total: Money
    email: str
    payment_intent_id: str
    order_reference: str


@dataclass(frozen=True)
class Event:
    event_id: str
    kind: str
    subject: dict[str, Any]


@dataclass(frozen=True)
class Refund:
    refund_id: str
    money: Money


class Gateway(Protocol):
    """One payment provider. Every method may raise GatewayError; writes take an idempotency key."""

    name: str

    def open_checkout(
        self,
        *,
        lines: Sequence[CheckoutLine],
        order_reference: str,
        success_url: str,
        cancel_url: str,
        email: str,
        expires_at: datetime,
        key: str,
    ) -> Checkout: ...

    def checkout(self, session_id: str) -> Checkout: ...

    def close_checkout(self, session_id: str) -> Checkout: ...

    def refunded(self, payment_intent_id: str) -> Money: ...

    def refund(self, *, payment_intent_id: str, money: Money, key: str) -> Refund: ...

    def event(self, payload: bytes, signature: str) -> Event: ...
