"""Accounts of those who are paid (v2), and where they say who they are."""

from __future__ import annotations

from datetime import UTC, datetime

from commerce.gateways.standin.api.asking import Json, Params, found, wanted
from commerce.gateways.standin.store import Session


def create_account(session: Session, params: Params, base_url: str) -> Json:
    return session.put(
        {
            "id": session.new_id("acct"),
            "object": "v2.core.account",
            "applied_configurations": ["recipient"],
            "configuration": {"recipient": _recipient("restricted")},
            "contact_email": params.get("contact_email"),
            "created": _moment(session),
            "dashboard": params.get("dashboard"),
            "display_name": params.get("display_name"),
            "livemode": False,
            "metadata": params.get("metadata", {}),
        }
    )


def _recipient(status: str) -> Json:
    return {
        "capabilities": {"stripe_balance": {"stripe_transfers": {"status": status, "status_details": []}}}
    }


def create_account_link(session: Session, params: Params, base_url: str) -> Json:
    account = found(session, "v2.core.account", wanted(params, "account"))
    onboarding = (wanted(params, "use_case").get("account_onboarding")) or {}
    link = {
        "id": session.new_id("link"),
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": _moment(session),
        "return_url": wanted(onboarding, "return_url"),
    }
    session.put(link)
    link["url"] = f"{base_url}/onboard/{link['id']}"
    return session.put(link)


def finish_onboarding(session: Session, link_id: str) -> str | None:
    """The person said who they are: the account can be paid. Where they go back to; None for no such link."""
    link = session.get("v2.core.account_link", link_id)
    if link is None:
        return None
    account = found(session, "v2.core.account", link["account"])
    account["configuration"]["recipient"] = _recipient("active")
    session.emit("v2.core.account.updated", session.put(account))
    return str(link["return_url"])


def _moment(session: Session) -> str:
    return datetime.fromtimestamp(session.now, UTC).isoformat().replace("+00:00", "Z")
