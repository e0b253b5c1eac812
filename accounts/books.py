"""Double entry in whole minor units: the only way that credits and money move.

A transaction is a set of postings in one currency that sums to zero. Its `reference` makes posting it twice
harmless. Nothing is ever changed or taken out (triggers in the database refuse it); a mistake is posted
back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts import chain
from accounts.chain import canonical
from accounts.models import BookAccount, BookPosting, BookTransaction

__all__ = [
    "Unbalanced",
    "ReferenceTaken",
    "balance",
    "balances",
    "canonical",
    "chain",
    "lock",
    "post",
    "unbalanced",
]

Key = tuple[str, str]  # (account code, currency)


class Unbalanced(ValueError):
    """The postings don't sum to zero, mix currencies, or say nothing. A fault of the caller, never of a
    person.
    """


class ReferenceTaken(ValueError):
    """The reference was posted before with other amounts."""


def post(*, reference: str, kind: str, at: datetime, postings: Mapping[Key, int]) -> BookTransaction:
    """Write a transaction once. The same reference and amounts again returns the first; other amounts raise
    `ReferenceTaken`.
    """
    _check(postings)
    try:
        with transaction.atomic():
            written = BookTransaction.objects.create(reference=reference, kind=kind, at=at)
            accounts = {key: _account(key) for key in sorted(postings)}
            BookPosting.objects.bulk_create(
                BookPosting(transaction=written, account=accounts[key], amount=postings[key])
                for key in sorted(postings)
            )
            return written
    except IntegrityError:
        return _same_again(reference, postings)


def balance(code: str, currency: str) -> int:
    """The sum of everything posted to an account; 0 for one that was never used."""
    rows = BookPosting.objects.filter(account__code=code, account__currency=currency)
    return rows.aggregate(total=Sum("amount"))["total"] or 0


def balances(*, prefix: str) -> dict[Key, int]:
    """Every account whose code starts with `prefix`, in one query."""
    rows = BookPosting.objects.filter(account__code__startswith=prefix)
    totals = rows.values_list("account__code", "account__currency").annotate(total=Sum("amount"))
    return {(code, currency): total for code, currency, total in totals}


def lock(code: str, currency: str) -> int:
    """Hold an account until the transaction ends and return its balance: what a spender does before
    posting.
    """
    account = _account((code, currency))
    BookAccount.objects.select_for_update().get(pk=account.pk)
    return balance(code, currency)


def unbalanced() -> list[str]:
    """References whose postings don't sum to zero: always empty, or something wrote around this module."""
    rows = BookTransaction.objects.annotate(total=Sum("postings__amount")).exclude(total=0)
    return list(rows.values_list("reference", flat=True))


def _check(postings: Mapping[Key, int]) -> None:
    if len(postings) < 2 or any(type(amount) is not int or amount == 0 for amount in postings.values()):
        raise Unbalanced("A transaction has at least two postings, each a whole number other than 0.")
    if len({currency for _code, currency in postings}) != 1:
        raise Unbalanced("A transaction has one currency.")
    if sum(postings.values()) != 0:
        raise Unbalanced("The postings of a transaction sum to zero.")


def _account(key: Key) -> BookAccount:
    return BookAccount.objects.get_or_create(code=key[0], currency=key[1])[0]


def _same_again(reference: str, postings: Mapping[Key, int]) -> BookTransaction:
    written = BookTransaction.objects.get(reference=reference)
    rows = written.postings.values_list("account__code", "account__currency", "amount")
    if {(code, currency): amount for code, currency, amount in rows} != dict(postings):
        raise ReferenceTaken(reference)
    return written
