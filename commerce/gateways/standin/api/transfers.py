"""Money that goes back, and on."""

from __future__ import annotations

from commerce.gateways.standin.api.asking import ApiError, Json, Params, found, wanted, whole
from commerce.gateways.standin.store import Session


def create_refund(session: Session, params: Params, base_url: str) -> Json:
    intent = found(session, "payment_intent", wanted(params, "payment_intent"))
    if not intent["latest_charge"]:
        raise ApiError("This PaymentIntent does not have a successful charge to refund.")
    charge = found(session, "charge", intent["latest_charge"])
    left = charge["amount"] - charge["amount_refunded"]
    if any(row["charge"] == charge["id"] and row["status"] != "won" for row in session.all("dispute")):
        raise ApiError("This charge has been charged back.", code="charge_disputed")
    amount = whole(params.get("amount", left), "amount", least=1 if left else 0)
    if not left:
        raise ApiError("Charge has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise ApiError(
            f"Refund amount ({amount}) is greater than unrefunded amount ({left}).", param="amount"
        )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    refund = {
        "id": session.new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": int(session.now),
        "currency": charge["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": intent["id"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }
    session.put(refund)
    session.emit("charge.refunded", session.put(charge))
    return refund


def create_transfer(session: Session, params: Params, base_url: str) -> Json:
    amount = whole(wanted(params, "amount"), "amount", least=1)
    transfer = {
        "id": session.new_id("tr"),
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "created": int(session.now),
        "currency": wanted(params, "currency").lower(),
        "destination": wanted(params, "destination"),
        "metadata": params.get("metadata", {}),
        "reversed": False,
        "source_transaction": params.get("source_transaction"),
        "transfer_group": params.get("transfer_group"),
    }
    source = params.get("source_transaction")
    if source:
        charge = found(session, "charge", source)
        moved = sum(t["amount"] for t in session.all("transfer") if t["source_transaction"] == source)
        if moved + amount > charge["amount"]:
            raise ApiError("The transfers of a charge cannot exceed it.", code="transfers_not_allowed")
    session.emit("transfer.created", session.put(transfer))
    return transfer


def reverse_transfer(session: Session, params: Params, base_url: str, transfer_id: str) -> Json:
    transfer = found(session, "transfer", transfer_id)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = whole(params.get("amount", left), "amount", least=1)
    if amount > left:
        raise ApiError("The reversal is larger than what is left of the transfer.", param="amount")
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    session.emit("transfer.reversed", session.put(transfer))
    return session.put(
        {
            "id": session.new_id("trr"),
            "object": "transfer_reversal",
            "amount": amount,
            "created": int(session.now),
            "currency": transfer["currency"],
            "metadata": params.get("metadata", {}),
            "transfer": transfer["id"],
        }
    )
