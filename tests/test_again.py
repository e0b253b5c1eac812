"""The second run, on the services, leaves out what proves the same on SQLite, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.test import SimpleTestCase

from accounts.models import User
from config.celery import app
from tests import again

HERE = Path(__file__).resolve().parent


def test_one_that_asks_for_nothing_is_left_out(request: Any) -> None:
    assert not again.runs_again(request.node)


@pytest.mark.django_db
def test_one_with_the_mark_of_the_database_runs_again(request: Any) -> None:
    assert again.runs_again(request.node)
    cache.set("asked", 1)
    assert cache.get("asked") == 1


def test_one_that_asks_for_somebody_with_rows_runs_again(alice: User, request: Any) -> None:
    assert again.runs_again(request.node)


@pytest.mark.again
def test_one_that_says_so_runs_again(request: Any) -> None:
    assert again.runs_again(request.node)
    cache.set("asked", 1)


class TestOfDjango(SimpleTestCase):
    @pytest.fixture(autouse=True)
    def node(self, request: Any) -> None:
        self.item = request.node

    def test_runs_again(self) -> None:
        assert again.runs_again(self.item)


@pytest.mark.parametrize(
    "use",
    [
        lambda: cache.get("asked"),
        lambda: cache.incr("asked"),
        lambda: async_to_sync(get_channel_layer().group_send)("all", {"type": "news"}),
        lambda: app.send_task("config.nothing"),
    ],
    ids=["cache", "counter", "channel", "queue"],
)
def test_one_that_is_left_out_may_not_use_what_is_shared_there(use: Any) -> None:
    cache.clear()
    with pytest.raises(pytest.fail.Exception, match="mark it `again`"):
        use()


def test_the_run_keeps_these_and_their_order(request: Any) -> None:
    ours = [item for item in request.session.items if item.path == request.path]
    left_out = {"nothing_is_left_out", "shared_there", "their_order", "by_itself"}
    wanted = [item for item in ours if not any(name in item.name for name in left_out)]
    assert again.kept(ours) == wanted and 0 < len(wanted) < len(ours)
    alone = [request.node]
    assert again.kept(alone) == alone


@pytest.mark.parametrize(
    ("file", "speaks"),
    [
        ("config/test_upgrade.py", True),  # opens databases of its own
        ("config/test_settings.py", True),  # starts a process that reads the address
        ("services/test_remote_worker.py", True),
        ("model/test_muon.py", False),
    ],
)
def test_a_file_that_speaks_to_the_services_by_itself(file: str, speaks: bool) -> None:
    assert again.names_services(HERE / file) is speaks
