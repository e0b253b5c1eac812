"""Sums are exact, whatever the amount, the rates and the currency."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.attribution import ATTRIBUTION_WINDOW, Attribution, Rule, Touch, attribute
from commerce.money import BadMoney, Money, chargeable, parse
from commerce.splits import Rates, Role, Share, split, take_back
from tests.conftest import NOW

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "EUR"])


@st.composite
def rates(draw: st.DrawFn) -> Rates:
    creator = draw(st.integers(0, 10_000))
    owner = draw(st.integers(0, 10_000 - creator))
    platform = draw(st.integers(0, 10_000 - creator - owner))
    owners = tuple(range(10, 10 + draw(st.integers(0, 3))))
    first = draw(st.integers(0, 10_000))
    parents = ((21, first), (22, draw(st.integers(0, 10_000 - first)))) if draw(st.booleans()) else ()
    return Rates(creator, owner, platform, draw(st.sampled_from([None, 7])), owners, parents=parents)


@given(st.integers(0, 10**10), rates(), CURRENCIES)
def test_the_shares_sum_to_what_was_paid(amount: int, terms: Rates, currency: str) -> None:
    shares = split(Money(amount, currency), terms)
    assert sum(share.money.amount for share in shares) == amount
    assert all(share.money.amount >= 0 for share in shares)


@given(st.integers(1, 10**8), rates(), CURRENCIES, st.lists(st.integers(0, 10**8), max_size=6))
def test_any_path_of_refunds_ends_where_one_full_refund_ends(
    amount: int, terms: Rates, currency: str, cuts: list[int]
) -> None:
    paid = Money(amount, currency)
    taken: dict[tuple[Role, int | None], int] = {}
    for total in sorted({cut % (amount + 1) for cut in cuts} | {amount}):
        already = [Share(role, who, Money(sum_, currency)) for (role, who), sum_ in taken.items()]
        for share in take_back(paid, Money(total, currency), already, terms):
            key = (share.role, share.recipient_id)
            taken[key] = taken.get(key, 0) + share.money.amount
    kept = {(share.role, share.recipient_id): share.money.amount for share in split(paid, terms)}
    assert taken == kept


def test_a_refund_larger_than_the_payment_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        take_back(Money(10, "EUR"), Money(11, "EUR"), [], Rates(0, 0, 0, None, ()))


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("19.90", "EUR", 1990), ("1,299.00", "usd", 129900), ("1 299", "JPY", 1299), ("1,299", "JPY", 1299),
     ("12,50", "EUR", 1250), ("0", "USD", 0), ("1.234", "KWD", 1234), ("1.200,00", "EUR", 120000),
     ("1.234.567,8", "EUR", 123456780), ("1 299,00", "EUR", 129900), ("1\u202f299,5", "EUR", 129950),
     ("1,234,567.89", "USD", 123456789), ("12.5000", "EUR", 1250), ("0,125", "KWD", 125),
     (".99", "USD", 99), ("1,00,000.00", "INR", 10_000_000), ("１９９．５", "CNY", 19950)],
)  # fmt: skip
def test_a_price_is_read(text: str, currency: str, minor: int) -> None:
    assert parse(text, currency) == Money(minor, currency.upper())


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [("-3", "EUR", "zero or more"), ("NaN", "EUR", "zero or more"), ("1.999", "EUR", "decimals"),
     ("1.5", "JPY", "decimals"), ("9" * 14, "USD", "too large"), ("free", "USD", "no price"),
     ("5", "DOGE", "unknown currency"), ("9" * 40, "USD", "too long"), ("=1+1", "USD", "no price"),
     ("1e9999", "USD", "too large"), ("1e999999", "USD", "too large"), ("1e3", "USD", "exponent"),
     ("0,125", "USD", "no price"), ("1,2,3.45", "USD", "no price"), ("1_000", "USD", "no price"),
     ("1,00,000", "USD", "no price"),
     ("1.200", "EUR", "decimals"), ("1.000", "JPY", "decimals"), ("1.20,00", "EUR", "no price"),
     ("1 2 3", "EUR", "no price"), ("0,123.00", "EUR", "no price"), ("", "EUR", "no price"),
     (".", "EUR", "no price"), ("١٢", "EUR", "no price")],
)  # fmt: skip
def test_what_is_no_price_is_refused_with_the_reason(text: str, currency: str, why: str) -> None:
    with pytest.raises(BadMoney, match=why):
        parse(text, currency)


def test_of_three_decimals_the_provider_takes_tens_only() -> None:
    assert chargeable("1.230", "KWD") == Money(1230, "KWD")
    assert chargeable("1.23", "EUR") == Money(123, "EUR") and chargeable("7", "JPY") == Money(7, "JPY")
    with pytest.raises(BadMoney, match="zero"):
        chargeable("1.234", "KWD")


def touch(tag: int, product: int, days: float) -> Touch:
    return Touch(tag, product, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("sheet", "touches", "expected"),
    [
        (touch(1, 5, 0), [touch(2, 5, 1)], Attribution(Rule.SHEET, 1)),
        (touch(1, 6, 0), [touch(2, 5, 1)], Attribution(Rule.TAPPED, 2)),
        (None, [touch(2, 5, 3), touch(3, 5, 1)], Attribution(Rule.TAPPED, 3)),
        (None, [Touch(2, 5, NOW - ATTRIBUTION_WINDOW)], Attribution(Rule.TAPPED, 2)),
        (None, [touch(2, 5, 7.01)], Attribution(Rule.NOBODY, None)),
        (None, [touch(2, 6, 1)], Attribution(Rule.NOBODY, None)),
        (None, [touch(2, 5, -1)], Attribution(Rule.NOBODY, None)),
        (None, [], Attribution(Rule.NOBODY, None)),
    ],
)
def test_the_stated_rule_decides_which_clip_earned(
    sheet: Touch | None, touches: list[Touch], expected: Attribution
) -> None:
    assert attribute(product_id=5, sheet_tag=sheet, touches=touches, now=NOW) == expected
