"""Disputes."""

from __future__ import annotations

from commerce.gateways.standin.api.asking import ApiError, Json, Params, found
from commerce.gateways.standin.store import Session

WINNING = "winning_evidence"


def open_dispute(session: Session, charge: Json, amount: int | None = None) -> Json:
    """The buyer's bank takes the payment back until it has decided."""
    dispute = {
        "id": session.new_id("dp"),
        "object": "dispute",
        "amount": charge["amount"] if amount is None else amount,
        "charge": charge["id"],
        "created": int(session.now),
        "currency": charge["currency"],
        "evidence": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
    session.put(charge | {"disputed": True})
    session.emit("charge.dispute.created", session.put(dispute))
    return dispute


def update_dispute(session: Session, params: Params, base_url: str, dispute_id: str) -> Json:
    """Evidence decides at once, as in Stripe's own test mode: one word wins, anything else loses."""
    dispute = found(session, "dispute", dispute_id)
    if dispute["status"] != "needs_response":
        raise ApiError("This dispute is already closed.")
    evidence = params.get("evidence") or {}
    text = evidence.get("uncategorized_text")
    if text and params.get("submit", "true") == "true":
        return decide_dispute(session, dispute | {"evidence": evidence}, is_won=text == WINNING)
    return session.put(dispute | {"evidence": evidence})


def close_dispute(session: Session, params: Params, base_url: str, dispute_id: str) -> Json:
    dispute = found(session, "dispute", dispute_id)
    if dispute["status"] != "needs_response":
        raise ApiError("This dispute is already closed.")
    return decide_dispute(session, dispute, is_won=False)


def decide_dispute(session: Session, dispute: Json, *, is_won: bool) -> Json:
    decided = session.put(dispute | {"status": "won" if is_won else "lost"})
    session.emit("charge.dispute.closed", decided)
    return decided


def list_disputes(session: Session, params: Params, base_url: str) -> Json:
    intent = params.get("payment_intent")
    rows = [row for row in session.all("dispute") if not intent or row["payment_intent"] == intent]
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/disputes"}
