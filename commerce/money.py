"""Money: integer minor units and their currency, always together. It never floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# ISO 4217 minor units where they are not 2. Stripe counts the same way, save that it rounds three-decimal
# currencies to a multiple of ten.
EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
TWO_DECIMALS = {
    "AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "INR", "MXN",
    "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "ZAR",
}  # fmt: skip
CURRENCIES = frozenset(TWO_DECIMALS | EXPONENTS.keys())
LARGEST = 10**11  # minor units; the provider refuses more than eight digits before the point anyway


class BadMoney(ValueError):
    """A sum that cannot be read; the message says why in one phrase."""


@dataclass(frozen=True, order=True)
class Money:
    """`amount` minor units of `currency` (ISO 4217, upper case)."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise BadMoney(f"unknown currency {self.currency!r}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def times(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def share(self, basis_points: int) -> Money:
        """The floor of `basis_points` / 10,000 of this sum."""
        return Money(self.amount * basis_points // 10_000, self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise BadMoney(f"{self.currency} and {other.currency} do not add")

    def decimal(self) -> Decimal:
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal():,.{exponent(self.currency)}f} {self.currency}"


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency, 2)


def parse(text: str, currency: str) -> Money:
    """Read a price such as `19.90`, `1,299.00` or `1 299` in `currency`.

    Raises BadMoney for what is no number, is negative, has more decimals than the currency, or is too large.
    """
    code = currency.strip().upper()
    if code not in CURRENCIES:
        raise BadMoney(f"unknown currency {currency.strip()!r}")
    cleaned = text.strip().replace("\u00a0", "").replace(" ", "")
    cleaned = (
        cleaned.replace(",", "")
        if "." in cleaned or _groups_thousands(cleaned)
        else cleaned.replace(",", ".")
    )
    if len(cleaned) > 24:
        raise BadMoney("the price is too long")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise BadMoney(f"{text.strip()[:24]!r} is no price") from None
    if not value.is_finite() or value < 0:
        raise BadMoney("a price is zero or more")
    minor = value.scaleb(exponent(code))
    if minor != minor.to_integral_value():
        raise BadMoney(f"{code} has {exponent(code)} decimals")
    if minor > LARGEST:
        raise BadMoney("the price is too large")
    return Money(int(minor), code)


def _groups_thousands(text: str) -> bool:
    head, *groups = text.split(",")
    return (
        bool(groups) and 1 <= len(head) <= 3 and all(len(group) == 3 for group in groups) and text != text[:1]
    )
