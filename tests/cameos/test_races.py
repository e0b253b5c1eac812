"""Two at once: the last of a count, one chain, one revocation. Needs a database with rows to lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from cameos import consent, ledger, revocation
from cameos.consent import ConsentDenied, Reason
from cameos.models import LedgerEntry, LikenessGrant, LikenessUse, PermitRecord
from tests.cameos.making import ask, generation_by, grant, likeness_of, sealed
from tests.conftest import person

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer: nothing to race"),
]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run all in threads that start together; results or exceptions, in order."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=10)
            results[number] = act()
        except Exception as error:
            results[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@pytest.fixture(autouse=True)
def own_journal(settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"


def test_six_ask_for_two_and_two_get_them(alice: User, now: datetime) -> None:
    likeness = likeness_of(alice, now)
    grant(likeness, now, count_limit=2)
    makers = [person(f"maker{n}") for n in range(6)]
    results = at_once(*(lambda maker=maker: ask(likeness, maker, now) for maker in makers))
    refused = [r.reason for r in results if isinstance(r, ConsentDenied)]
    assert refused == [Reason.COUNT_SPENT] * 4
    assert LikenessGrant.objects.get().count_taken == 2 and PermitRecord.objects.count() == 2


def test_one_generation_asked_for_twice_at_once_takes_one(alice: User, bob: User, now: datetime) -> None:
    likeness = likeness_of(alice, now)
    grant(likeness, now, count_limit=5)
    generation = generation_by(bob, now, cast=[likeness])
    results = at_once(*[lambda: ask(likeness, bob, now, generation=generation)] * 3)
    assert len({permit.record_id for permit in results}) == 1
    assert LikenessGrant.objects.get().count_taken == 1


def test_one_chain_stays_one_chain(alice: User, now: datetime) -> None:
    likeness = likeness_of(alice, now)

    def append_five() -> None:
        for number in range(5):
            ledger.append(cameo=likeness, kind="frozen", body={"n": number}, details={}, now=now)

    assert at_once(*[append_five] * 4) == [None] * 4
    entries = LedgerEntry.objects.filter(cameo=likeness).values_list("previous_hash", "body", "hash")
    assert len(entries) == 21 and ledger.chain.first_break(entries) is None


def test_a_clip_sealed_while_alice_revokes_is_never_shown(alice: User, bob: User, now: datetime) -> None:
    for _ in range(5):
        likeness = likeness_of(person(f"owner{LikenessGrant.objects.count()}"), now)
        grant(likeness, now)
        at_once(
            lambda c=likeness: sealed(bob, [c], now),
            lambda c=likeness: revocation.revoke(cameo=c, owner=c.owner, now=now),
        )
        assert not LikenessUse.objects.filter(cameo=likeness).exclude(state="ended").exists()
        assert consent.in_force(likeness, now) is None
