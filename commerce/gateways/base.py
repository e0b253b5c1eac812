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
class SavedCard:
    """A payment method that its owner left for later, with the customer that it belongs to."""

    customer_id: str
    payment_method_id: str


@dataclass(frozen=True)
class Checkout:
    """A payment page: `url` is where the buyer goes, None once it is over; `client_secret` is what the
    provider's script pays it by inside our own page."""

    session_id: str
    url: str | None
    is_open: bool
    is_paid: bool
    total: Money
    email: str
    payment_intent_id: str
    order_reference: str
    client_secret: str = ""
    subscription_id: str = ""
    is_complete: bool = False

    def as_payment(self) -> Payment:
        return Payment(
            self.payment_intent_id, self.order_reference, self.is_paid, False, self.total, self.email
        )


@dataclass(frozen=True)
class DisputeState:
    """`state` is "open", "won" or "lost"."""

    dispute_id: str
    money: Money
    state: str
    reason: str


@dataclass(frozen=True)
class Payment:
    """A payment as the provider sees it now, with what went back of it."""

    payment_intent_id: str
    order_reference: str
    is_paid: bool
    asks_for_proof: bool  # the bank wants its customer to confirm
    total: Money
    email: str = ""
    charge_id: str = ""
    refunded: int = 0
    disputes: tuple[DisputeState, ...] = ()
    card: SavedCard | None = None  # what can be charged again, where its owner agreed to that


@dataclass(frozen=True)
class Setup:
    """A page on which a card is left for later; `card` once that happened."""

    session_id: str
    url: str | None
    is_open: bool
    card: SavedCard | None


@dataclass(frozen=True)
class Invoice:
    """One bill of a subscription. `is_paid` with a sum of nothing is paid without a payment."""

    invoice_id: str
    subscription_id: str
    money: Money
    is_paid: bool
    attempts: int
    payment_intent_id: str
    reason: str  # "subscription_create", "subscription_cycle" or "subscription_update"


@dataclass(frozen=True)
class Subscription:
    """`status` is the provider's: "active", "past_due", "incomplete", "canceled", "unpaid" and so on."""

    subscription_id: str
    reference: str
    status: str
    period_start: datetime
    period_end: datetime
    ends_with_period: bool
    plan_reference: str


class Declined(Exception):
    """The card did not pay; the message is the provider's code."""


@dataclass(frozen=True)
class Account:
    account_id: str
    is_ready: bool


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
        save_card: bool = False,
        in_page: bool = False,
    ) -> Checkout:
        """`save_card` keeps the card for a later charge; `in_page` pays inside our own page instead of the
        provider's."""
        ...

    def checkout(self, session_id: str) -> Checkout: ...

    def close_checkout(self, session_id: str) -> Checkout: ...

    def payment(self, payment_intent_id: str) -> Payment: ...

    def pay_with_token(
        self, *, order_reference: str, money: Money, token: str, email: str, key: str
    ) -> Payment:
        """Charge a shared payment token at once. Raises Declined."""
        ...

    def open_setup(
        self, *, reference: str, currency: str, success_url: str, cancel_url: str, email: str, key: str
    ) -> Setup:
        """A page on which somebody leaves a card; nothing is charged."""
        ...

    def setup(self, session_id: str) -> Setup: ...

    def charge_saved(
        self, *, order_reference: str, money: Money, card: SavedCard, email: str, key: str
    ) -> Payment:
        """Charge a saved card while its owner is away. Raises Declined."""
        ...

    def forget_card(self, card: SavedCard) -> None: ...

    def open_subscription(
        self,
        *,
        reference: str,
        plan_reference: str,
        title: str,
        money: Money,
        every: str,
        success_url: str,
        cancel_url: str,
        email: str,
        key: str,
    ) -> Checkout:
        """A page on which a subscription begins. `every` is "month" or "year"."""
        ...

    def subscription(self, subscription_id: str) -> Subscription: ...

    def change_subscription(
        self, subscription_id: str, *, plan_reference: str, title: str, money: Money, every: str, key: str
    ) -> Subscription:
        """Another plan from now on; the provider works out what the rest of the period costs or gives."""
        ...

    def end_subscription(self, subscription_id: str, *, at_once: bool, key: str) -> Subscription: ...

    def keep_subscription(self, subscription_id: str, *, key: str) -> Subscription:
        """It was to end with its period, and renews after all."""
        ...

    def invoices(self, subscription_id: str) -> Sequence[Invoice]:
        """The last hundred, newest first."""
        ...

    def card_page(self, subscription_id: str, *, return_url: str, key: str) -> str:
        """Where the subscriber changes the card that is charged."""
        ...

    def cancel_payment(self, payment_intent_id: str) -> Payment: ...

    def refunded(self, payment_intent_id: str) -> Money: ...

    def refund(self, *, payment_intent_id: str, money: Money, key: str) -> Refund: ...

    def open_account(self, *, email: str, name: str, key: str) -> Account: ...

    def account(self, account_id: str) -> Account: ...

    def onboarding_url(self, account_id: str, *, return_url: str, refresh_url: str) -> str: ...

    def transfer(self, *, money: Money, account_id: str, charge_id: str, group: str, key: str) -> str:
        """Send money on; the transfer's id."""
        ...

    def reverse_transfer(self, transfer_id: str, *, money: Money, key: str) -> None: ...

    def event(self, payload: bytes, signature: str) -> Event: ...
