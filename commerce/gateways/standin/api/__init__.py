"""The part of Stripe's API that the product uses, one function an endpoint, over one transaction."""

from commerce.gateways.standin.api.accounts import create_account, create_account_link, finish_onboarding
from commerce.gateways.standin.api.asking import (
    CARDS,
    TOKEN_METHODS,
    ApiError,
    Json,
    Params,
    found,
    wanted,
    whole,
)
from commerce.gateways.standin.api.checkouts import (
    LONGEST_LIFE_S,
    SMALLEST_LIFE_S,
    create_session,
    expire_if_late,
    expire_session,
    get_session,
    pay,
)
from commerce.gateways.standin.api.disputes import (
    WINNING,
    close_dispute,
    decide_dispute,
    list_disputes,
    open_dispute,
    update_dispute,
)
from commerce.gateways.standin.api.intents import (
    cancel_intent,
    charge_intent,
    create_intent,
    get_intent,
    grant_token,
)
from commerce.gateways.standin.api.routes import ROUTES, route
from commerce.gateways.standin.api.subscriptions import (
    cancel_subscription,
    change_card,
    create_portal,
    create_product,
    detach_method,
    list_invoices,
    update_subscription,
)
from commerce.gateways.standin.api.transfers import create_refund, create_transfer, reverse_transfer

__all__ = [
    "ApiError",
    "CARDS",
    "Json",
    "LONGEST_LIFE_S",
    "Params",
    "ROUTES",
    "SMALLEST_LIFE_S",
    "TOKEN_METHODS",
    "WINNING",
    "cancel_intent",
    "cancel_subscription",
    "change_card",
    "charge_intent",
    "close_dispute",
    "create_account",
    "create_account_link",
    "create_intent",
    "create_portal",
    "create_product",
    "create_refund",
    "create_session",
    "create_transfer",
    "decide_dispute",
    "detach_method",
    "expire_if_late",
    "expire_session",
    "finish_onboarding",
    "found",
    "get_intent",
    "get_session",
    "grant_token",
    "list_disputes",
    "list_invoices",
    "open_dispute",
    "pay",
    "reverse_transfer",
    "route",
    "update_dispute",
    "update_subscription",
    "wanted",
    "whole",
]
