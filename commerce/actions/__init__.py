"""The shop's intentions, one function each."""

from commerce.actions.checkout import open_payment, release_holds, start_checkout, sync
from commerce.actions.payment import mark_paid, record_refund, refund

__all__ = [
    "mark_paid",
    "open_payment",
    "record_refund",
    "refund",
    "release_holds",
    "start_checkout",
    "sync",
]
