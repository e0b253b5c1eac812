"""The books: every transaction sums to zero, is written once, and stays."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import books
from accounts.models import BookPosting, BookTransaction

pytestmark = pytest.mark.django_db

ALICE, BOB = ("credits:alice", "CRD"), ("credits:bob", "CRD")


def move(amount: int, reference: str, now: datetime) -> BookTransaction:
    return books.post(reference=reference, kind="gift", at=now, postings={ALICE: -amount, BOB: amount})


def test_what_leaves_one_account_arrives_at_the_other(now: datetime) -> None:
    move(30, "gift:1", now)
    move(12, "gift:2", now)
    assert (books.balance(*ALICE), books.balance(*BOB)) == (-42, 42)
    assert books.balances(prefix="credits:") == {ALICE: -42, BOB: 42}
    assert books.unbalanced() == []


def test_posting_the_same_reference_twice_moves_once(now: datetime) -> None:
    assert move(30, "gift:1", now) == move(30, "gift:1", now)
    assert books.balance(*BOB) == 30


def test_the_same_reference_with_another_amount_is_refused(now: datetime) -> None:
    move(30, "gift:1", now)
    with pytest.raises(books.ReferenceTaken):
        move(31, "gift:1", now)
    assert books.balance(*BOB) == 30


@pytest.mark.parametrize(
    "postings",
    [
        {},
        {ALICE: 0},
        {ALICE: 5},
        {ALICE: 5, BOB: -4},
        {ALICE: 5, BOB: -5, ("credits:carol", "CRD"): 0},
        {ALICE: 5, ("credits:bob", "EUR"): -5},
        {ALICE: 0.5, BOB: -0.5},
        {ALICE: True, BOB: -1},
    ],
)
def test_what_does_not_balance_is_not_written(postings: dict[tuple[str, str], int], now: datetime) -> None:
    with pytest.raises(books.Unbalanced):
        books.post(reference="odd", kind="gift", at=now, postings=postings)
    assert not BookTransaction.objects.exists()


def test_nobody_changes_or_deletes_what_was_posted(now: datetime) -> None:
    written = move(30, "gift:1", now)
    with pytest.raises(IntegrityError), transaction.atomic():
        BookPosting.objects.filter(transaction=written).update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        BookPosting.objects.filter(transaction=written)._raw_delete("default")
    with pytest.raises(IntegrityError), transaction.atomic():
        BookTransaction.objects.filter(pk=written.pk).update(reference="other")
    assert books.balance(*BOB) == 30


def test_the_database_itself_refuses_a_sum_other_than_zero_on_postgresql(now: datetime) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no deferred triggers; `books.post` keeps the sum there")
    written = move(30, "gift:1", now)
    posting = written.postings.first()
    assert posting is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        BookPosting.objects.create(transaction=written, account=posting.account, amount=1)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_spender_sees_the_balance_it_holds(now: datetime) -> None:
    move(30, "gift:1", now)
    with transaction.atomic():
        assert books.lock(*BOB) == 30
        assert books.lock("credits:new", "CRD") == 0
