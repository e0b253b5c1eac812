"""Who gets what of one order line. Pure: sums in, sums out (`docs/algorithms/shop.md`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from commerce.money import Money


class Role(StrEnum):
    MERCHANT = "merchant"
    CREATOR = "creator"
    PARENT = "parent"  # the creator of a clip that the clip is a remix of
    OWNER = "owner"
    PLATFORM = "platform"
    TAX = "tax"


@dataclass(frozen=True)
class Rates:
    """Snapshot of an agreement, in basis points of the line's price, with the people it pays.

    `owner_ids` are the people depicted; they divide `owner_bp` evenly, unless `owner_bps` says what is each
    one's. Where nobody is depicted or nothing
    was attributed, the share stays with the merchant. `parents` are (person, basis points of the creator's
    share): what the creator of a remix agreed to pass on.
    """

    creator_bp: int
    owner_bp: int
    platform_bp: int
    creator_id: int | None
    owner_ids: tuple[int, ...]
    owner_bps: tuple[int, ...] = ()  # each person's own part, where their price cards ask for one
    parents: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        owners = sum(self.owner_bps) if self.owner_bps else self.owner_bp
        parts = (self.creator_bp, owners, self.platform_bp, *self.owner_bps)
        if self.owner_bps and len(self.owner_bps) != len(self.owner_ids):
            raise ValueError("a part for each person, or for none")
        parts = parts[:3] if min(parts) >= 0 else parts
        if any(part < 0 for part in parts) or sum(parts) > 10_000:
            raise ValueError("rates are zero or more and at most the whole price")
        passed = [part for _person, part in self.parents]
        if any(part < 0 for part in passed) or sum(passed) > 10_000:
            raise ValueError("parents get zero or more and at most the whole share of the creator")


@dataclass(frozen=True)
class Share:
    role: Role
    recipient_id: int | None  # None: the platform, or the merchant whose id the caller knows
    money: Money


def split(paid: Money, rates: Rates) -> list[Share]:
    """Divide `paid`: each share floored, the remainder to the merchant. The shares sum to `paid` exactly."""
    shares = [Share(Role.PLATFORM, None, paid.share(rates.platform_bp))]
    shares += _creator_shares(paid, rates)
    shares += _owner_shares(paid, rates)
    rest = paid.amount - sum(share.money.amount for share in shares)
    return [Share(Role.MERCHANT, None, Money(rest, paid.currency)), *shares]


def _creator_shares(paid: Money, rates: Rates) -> list[Share]:
    """The creator's share, less what goes on to the creators of the clips that theirs is a remix of."""
    if rates.creator_id is None:
        return []
    earned = paid.share(rates.creator_bp)
    passed = [Share(Role.PARENT, person, earned.share(part)) for person, part in rates.parents]
    rest = earned.amount - sum(share.money.amount for share in passed)
    return [Share(Role.CREATOR, rates.creator_id, Money(rest, paid.currency)), *passed]


def _owner_shares(paid: Money, rates: Rates) -> list[Share]:
    if not rates.owner_ids:
        return []
    if rates.owner_bps:
        each_own = zip(rates.owner_ids, rates.owner_bps, strict=True)
        return [Share(Role.OWNER, owner_id, paid.share(part)) for owner_id, part in each_own]
    each = Money(paid.share(rates.owner_bp).amount // len(rates.owner_ids), paid.currency)
    return [Share(Role.OWNER, owner_id, each) for owner_id in rates.owner_ids]


def take_back(paid: Money, refunded: Money, already: Sequence[Share], rates: Rates) -> list[Share]:
    """What each share gives back when `refunded` in total of `paid` has gone back to the buyer.

    Each takes share(refunded in total) - share(already taken back), so that any path of partial refunds ends
    where one full refund ends: at nothing left for anybody.
    """
    if not 0 <= refunded.amount <= paid.amount:
        raise ValueError("a refund is at most what was paid")
    taken = {(share.role, share.recipient_id): share.money.amount for share in already}
    return [
        Share(
            share.role,
            share.recipient_id,
            Money(share.money.amount - taken.get((share.role, share.recipient_id), 0), paid.currency),
        )
        for share in split(refunded, rates)
    ]
