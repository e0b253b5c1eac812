"""Division and taking back, over random amounts, rates and currencies."""

import random
from typing import Any

from commerce.money import CURRENCIES, Money
from commerce.splits import Rates, split, take_back


def measure(is_quick: bool) -> dict[str, Any]:
    chance, off = random.Random(4), 0
    codes = sorted(CURRENCIES)
    for _ in range(5_000 if is_quick else 100_000):
        code = chance.choice(codes)
        paid = Money(chance.choice([0, 1, 2, 3, 99, chance.randrange(10**9)]), code)
        cuts = sorted(chance.choices(range(10_001), k=3))
        owners = tuple(range(chance.randrange(4)))
        rates = Rates(cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], chance.choice([None, 7]), owners)
        shares = split(paid, rates)
        is_off = sum(share.money.amount for share in shares) != paid.amount
        first = Money(chance.randint(0, paid.amount), code)
        back = take_back(paid, first, [], rates)
        rest = take_back(paid, paid, back, rates)
        left = {(share.role, share.recipient_id): share.money.amount for share in shares}
        for share in (*back, *rest):
            left[(share.role, share.recipient_id)] -= share.money.amount
        off += is_off or any(left.values()) or any(share.money.amount < 0 for share in shares)
    return {"split_off": off}
