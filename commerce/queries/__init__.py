"""Reads over several aggregates: rates that an order line freezes, receipts, earnings, what a sheet shows."""

from commerce.queries.accounts import (
    RETURN_WINDOW,
    Account,
    Coming,
    accounts_of,
    coming,
    earnings,
    payable_on,
    statement,
)
from commerce.queries.members import SUPPORT_DAYS, memberships_of, plans_counted, plans_had_by, supporters
from commerce.queries.plots import (
    PLOT_DAYS,
    Bar,
    ClipSales,
    ProductSales,
    earned_by_clip,
    earned_by_day,
    sales_by_clip,
    sales_by_day,
    sales_by_product,
)
from commerce.queries.rates import depicted_owner_ids, line_rates, platform_percent, prices_of, rates_of
from commerce.queries.receipts import Earned, ReceiptLine, hold_ends_at, left, needs_parcel, receipt
from commerce.queries.shelves import Choice, Shelf, as_schema, offers, shelf
from commerce.queries.standings import Standing, offer_shown, offer_standing, offers_of, pledges_of

__all__ = [
    "Account",
    "Bar",
    "Choice",
    "ClipSales",
    "Coming",
    "Earned",
    "PLOT_DAYS",
    "RETURN_WINDOW",
    "ProductSales",
    "ReceiptLine",
    "SUPPORT_DAYS",
    "Shelf",
    "Standing",
    "accounts_of",
    "as_schema",
    "coming",
    "depicted_owner_ids",
    "earned_by_clip",
    "earned_by_day",
    "earnings",
    "hold_ends_at",
    "left",
    "line_rates",
    "memberships_of",
    "needs_parcel",
    "offer_shown",
    "offer_standing",
    "offers",
    "offers_of",
    "payable_on",
    "plans_counted",
    "plans_had_by",
    "platform_percent",
    "pledges_of",
    "prices_of",
    "rates_of",
    "receipt",
    "sales_by_clip",
    "sales_by_day",
    "sales_by_product",
    "shelf",
    "statement",
    "supporters",
]
