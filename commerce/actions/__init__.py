"""The shop's intentions, one function each."""

from commerce.actions.checkout import Buyer, cancel_order, open_payment, release_holds, start_checkout, sync
from commerce.actions.merchants import (
    add_source,
    apply_file,
    begin_applying,
    bring_file,
    dry_run,
    open_shop,
    remove_source,
    set_stock,
)
from commerce.actions.payment import mark_paid, record_refund, refund
from commerce.actions.tags import Place, agree, decline, propose_tag, remove_tag, touch

__all__ = [
    "Buyer",
    "Place",
    "add_source",
    "agree",
    "apply_file",
    "begin_applying",
    "bring_file",
    "cancel_order",
    "decline",
    "dry_run",
    "mark_paid",
    "open_payment",
    "open_shop",
    "propose_tag",
    "record_refund",
    "refund",
    "release_holds",
    "remove_source",
    "remove_tag",
    "set_stock",
    "start_checkout",
    "sync",
    "touch",
]
