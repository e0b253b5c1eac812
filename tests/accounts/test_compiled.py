"""Statements that are compiled once: the writes among them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import compiled
from accounts.models import User

pytestmark = pytest.mark.django_db
RENAME = "UPDATE accounts_user SET display_name = %s || ' %%' WHERE id = %s"


def test_a_write_by_hand_puts_each_value_in_its_place(alice: User, bob: User) -> None:
    for name in ("one", "it's $1", "three", "four"):  # often enough to be prepared
        compiled.write(RENAME, [name, alice.pk])
        assert User.objects.get(pk=alice.pk).display_name == f"{name} %"
    assert "%" not in User.objects.get(pk=bob.pk).display_name


def test_whoever_counts_statements_sees_it(alice: User) -> None:
    with CaptureQueriesContext(connection) as seen:
        compiled.write(RENAME, ["seen", alice.pk])
    assert len(seen) == 1 and "display_name" in seen[0]["sql"]


def test_what_the_database_refuses_is_django_s_error(alice: User, bob: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        compiled.write("UPDATE accounts_user SET username = %s WHERE id = %s", [bob.username, alice.pk])
    assert User.objects.get(pk=alice.pk).username == "alice"
