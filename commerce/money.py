"""Money: integer minor units and their currency, always together. It never floats."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

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
    """Read a price such as `19.90`, `1,299.00`, `1.299,00`, `12,50` or `1 299` in `currency`.

    Raises BadMoney for what is written in no one of these ways, is negative, has more decimals than the
    currency, or is too large. `1.200` is refused where the currency has fewer than three decimals: it is two
    prices, a thousand times apart.
    """
    code = currency.strip().upper()
    if code not in CURRENCIES:
        raise BadMoney(f"unknown currency {currency.strip()!r}")
    said = unicodedata.normalize("NFKC", text).strip()  # digits and marks as Chinese keyboards give them
    if len(said) > 32:
        raise BadMoney("the price is too long")
    whole, decimals = _parts(said, code)
    if len(decimals.rstrip("0")) > exponent(code) or len(decimals) == 3 > exponent(code):
        raise BadMoney(f"{code} has {exponent(code)} decimals")
    minor = int(whole + decimals.rstrip("0").ljust(exponent(code), "0"))
    if minor > LARGEST:
        raise BadMoney("the price is too large")
    return Money(minor, code)


def chargeable(text: str, currency: str) -> Money:
    """As `parse`, for a sum that the provider is to move: of a currency with three decimals it moves tens of
    minor units only. Raises BadMoney."""
    money = parse(text, currency)
    if not is_chargeable(money):
        raise BadMoney(f"the last decimal of {money.currency} is a zero")
    return money


def is_chargeable(money: Money) -> bool:
    return exponent(money.currency) < 3 or money.amount % 10 == 0


# Digits, alone or in groups of three, and decimals behind the other mark. No head of a group is a zero.
PLAIN = re.compile(r"(?P<whole>[0-9]+)(?:\.(?P<decimals>[0-9]+))?")
CENTS = re.compile(r"(?P<whole>)\.(?P<decimals>[0-9]+)")
# `1,00,000`, as rupees are written; of other currencies it is a slip, and nobody knows which.
LAKHS = re.compile(r"(?P<whole>[1-9][0-9]?(?:,[0-9]{2})*,[0-9]{3})(?:\.(?P<decimals>[0-9]+))?")
COMMAS = re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.(?P<decimals>[0-9]+))?")
POINTS = re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3})+),(?P<decimals>[0-9]+)")
BLANKS = re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?: [0-9]{3})+)(?:[.,](?P<decimals>[0-9]+))?")
COMMA = re.compile(r"(?P<whole>[0-9]+),(?P<decimals>[0-9]+)")


def _parts(said: str, code: str) -> tuple[str, str]:
    """(whole digits, decimals) of a price; a comma alone stands before decimals only where so many can be."""
    for form in (PLAIN, CENTS, COMMAS, POINTS, BLANKS, COMMA, *([LAKHS] if code == "INR" else [])):
        found = form.fullmatch(said)
        if found is not None and (form is not COMMA or len(found["decimals"]) <= exponent(code)):
            return re.sub("[^0-9]", "", found["whole"]) or "0", found["decimals"] or ""
    if said.startswith("-") or said.lower() in {"nan", "inf", "infinity"}:
        raise BadMoney("a price is zero or more")
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", said):
        raise BadMoney("with an exponent the price is too large to read")
    raise BadMoney(f"{said[:24]!r} is no price")
