"""Licences of models as data: where a host may not run one, the clause is said, and nothing is guessed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from generation import actions, catalogue, credits, hand
from generation.catalogue import Stated
from generation.engines import base as engines
from generation.engines.base import Entry
from generation.engines.families import FAMILIES
from generation.models import Generation
from generation.refusals import CannotMake
from generation.states import State
from tests.generation import swatch
from tests.generation.conftest import Ask

BIG, SMALL = 20_000_000, 0


@pytest.mark.parametrize(
    ("key", "host", "kind"),
    [
        ("understudy", Stated(), ""),
        ("wan", Stated("DE", BIG, 10**9), ""),
        ("mochi", Stated(), ""),
        ("cogvideox-2b", Stated(), ""),
        ("hunyuanvideo", Stated(), "territory"),
        ("hunyuanvideo", Stated("DE", SMALL, 5), "territory"),
        ("hunyuanvideo", Stated("GB", SMALL, 5), "territory"),
        ("hunyuanvideo", Stated("KR", SMALL, 5), "territory"),
        ("hunyuanvideo", Stated("US", SMALL, 5), ""),
        ("hunyuanvideo", Stated("US", SMALL, None), "users"),
        ("hunyuanvideo", Stated("US", SMALL, 100_000_000), "users"),
        ("ltx", Stated("DE", 9_999_999), ""),
        ("ltx", Stated("DE", 10_000_000), "revenue"),
        ("ltx", Stated("DE"), "revenue"),
        ("ltx-2", Stated("DE", 9_999_999), ""),
        ("ltx-2", Stated("DE", 10_000_000), "revenue"),
        ("cogvideox-5b", Stated("DE", 1, 5), "register"),
        ("cogvideox-5b", Stated("DE", 0, 5), ""),
        ("cogvideox-5b", Stated("DE", 0, 1_000_000), "users"),
        ("stable-video-diffusion", Stated("DE", 1_000_000, 5), "revenue"),
        ("stable-video-diffusion", Stated("DE", 500, 5), "register"),
        ("stable-video-diffusion", Stated("DE", BIG, 5, ("stable-video-diffusion",)), ""),
        ("hunyuanvideo", Stated("DE", BIG, 5, ("hunyuanvideo",)), ""),
    ],
)
def test_each_limit_is_asked(key: str, host: Stated, kind: str) -> None:
    found = catalogue.objection(catalogue.rows()[key], host)
    assert (found.kind if found else "") == kind
    if found:
        assert found.message and found.hint
        assert found.clause == catalogue.rows()[key].clause.get(kind), "the clause is told"


def test_every_limit_of_a_row_names_its_clause() -> None:
    for row in catalogue.rows().values():
        limits = {
            "territory": row.excluded,
            "revenue": row.revenue_usd,
            "users": row.monthly_users,
            "register": row.register,
        }
        assert {kind for kind, limit in limits.items() if limit} <= set(row.clause), row.key
        assert row.url.startswith("https://") and row.licence


def test_every_row_says_when_it_was_read_and_from_what() -> None:
    for row in catalogue.rows().values():
        assert row.read_on is not None and row.read_from in {"text", "publisher", "report"}, row.key
        if row.read_from == "publisher":
            assert row.licence == "Apache-2.0" and not row.has_limits, "a word is enough for a known licence"


def test_every_class_of_the_engine_has_a_row() -> None:
    """A pipeline that this host can run and nobody read the licence of would run on a guess."""
    known = {name for row in catalogue.rows().values() for name in row.classes}
    assert set(FAMILIES) <= known


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Any:
    """`folder("HunyuanVideoPipeline")`: a host whose diffusers engine has that class."""

    def put(class_name: str, name: str = "weights", **wishes: Any) -> Path:
        place = tmp_path / name
        place.mkdir()
        (place / "model_index.json").write_text(json.dumps({"_class_name": class_name}))
        (place / "understudy.json").write_text(json.dumps(wishes))
        settings.DIFFUSERS_FOLDER = str(place)
        return place

    return put


@pytest.mark.django_db
def test_a_folder_is_known_by_its_name_or_by_word_and_else_by_the_strictest_row(folder: Any) -> None:
    folder("CogVideoXPipeline", "THUDM--CogVideoX-2b")
    assert catalogue.model_of("diffusers") == catalogue.rows()["cogvideox-2b"]
    folder("CogVideoXPipeline", "mine")
    assert catalogue.model_of("diffusers") == catalogue.rows()["cogvideox-5b"], "no guess allows more"
    folder("CogVideoXPipeline", "said", model="cogvideox-2b")
    assert catalogue.model_of("diffusers") == catalogue.rows()["cogvideox-2b"]
    folder("LTX2Pipeline", "sound")
    assert catalogue.model_of("diffusers") == catalogue.rows()["ltx-2"]
    for name, key in (
        ("Wan-AI--Wan2.1-T2V-1.3B-Diffusers", "wan-1-3b"),
        ("Wan-AI--Wan2.1-T2V-14B-Diffusers", "wan"),
        ("Wan-AI--Wan2.2-TI2V-5B-Diffusers", "wan-5b"),
        ("Wan-AI--Wan2.2-T2V-A14B-Diffusers", "wan-a14b"),
        ("kites", "wan"),
    ):
        folder("WanPipeline", name)
        assert catalogue.model_of("diffusers") == catalogue.rows()[key], "each size asks for its own card"
    folder("SomethingNewPipeline", "new")
    assert catalogue.model_of("diffusers") is None and catalogue.objection_to("diffusers") is None


def test_a_model_that_the_licence_does_not_allow_here_is_refused_with_the_clause(
    ask: Ask, bob: User, folder: Any, now: datetime, client: Client
) -> None:
    folder("HunyuanVideoPipeline")
    actions.state_host(country="FR", revenue_usd=0, monthly_users=3, agreed=[], now=now)
    before = credits.balance(bob)
    with pytest.raises(CannotMake) as refused:
        ask(bob, engine="diffusers", seconds=5)
    assert "outside the territory is unlicensed" in str(refused.value.message)
    assert refused.value.code == "engine_not_licensed"
    assert not Generation.objects.exists() and credits.balance(bob) == before
    client.force_login(bob)
    assert "diffusers" not in client.get("/create").content.decode(), "what is refused is not offered"
    actions.state_host(country="US", revenue_usd=0, monthly_users=3, agreed=[], now=now)
    assert ask(bob, engine="diffusers", seconds=5).state == State.QUEUED
    page = client.get("/engines").content.decode()
    assert "Powered by Tencent Hunyuan" in page, "notices are shown"


def test_a_worker_asks_again_and_the_credits_come_back(
    ask: Ask, bob: User, folder: Any, now: datetime
) -> None:
    folder("HunyuanVideoPipeline")
    actions.state_host(country="US", revenue_usd=0, monthly_users=3, agreed=[], now=now)
    before = credits.balance(bob)
    row = ask(bob, engine="diffusers", seconds=5)
    actions.state_host(country="KR", revenue_usd=0, monthly_users=3, agreed=[], now=now)
    hand.drain()
    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "engine_not_licensed")
    assert credits.balance(bob) == before


@pytest.mark.django_db
def test_settings_state_it_before_the_page_does(folder: Any, settings: Any, now: datetime) -> None:
    folder("StableVideoDiffusionPipeline")
    settings.OPERATOR_COUNTRY, settings.OPERATOR_REVENUE_USD = "us", 0
    assert catalogue.objection_to("diffusers") is None
    actions.state_host(country="US", revenue_usd=BIG, monthly_users=None, agreed=["nonsense"], now=now)
    assert catalogue.stated() == Stated("US", BIG, None, ())
    found = catalogue.objection_to("diffusers")
    assert found is not None and found.kind == "revenue"


def test_manage_check_says_which_engine_nobody_may_use(db: None, folder: Any, capsys: Any) -> None:
    folder("HunyuanVideoPipeline")
    call_command("check")
    told = capsys.readouterr().err
    assert "diffusers is refused" in told
    for name, key in (
        ("Wan-AI--Wan2.1-T2V-1.3B-Diffusers", "wan-1-3b"),
        ("Wan-AI--Wan2.1-T2V-14B-Diffusers", "wan"),
        ("Wan-AI--Wan2.2-TI2V-5B-Diffusers", "wan-5b"),
        ("Wan-AI--Wan2.2-T2V-A14B-Diffusers", "wan-a14b"),
        ("kites", "wan"),
    ):
        folder("WanPipeline", name)
        assert catalogue.model_of("diffusers") == catalogue.rows()[key], "each size asks for its own card"
    folder("SomethingNewPipeline", "new")
    call_command("check")
    assert "not in the catalogue" in capsys.readouterr().err


def test_only_the_operator_states_where_the_host_is(bob: User, client: Client, settings: Any) -> None:
    asked = {"country": "jp", "revenue_usd": "0", "monthly_users": "12", "agreed": ["ltx"]}
    client.force_login(bob)
    assert client.post("/engines/statement", asked).status_code == 404
    assert "Where this host is" not in client.get("/engines").content.decode()
    bob.is_superuser = True
    bob.save()
    assert "Where this host is" in client.get("/engines").content.decode()


def test_the_api_tells_what_each_engine_does_and_what_speaks_against_it(
    client: Client, folder: Any, db: None
) -> None:
    folder("HunyuanVideoPipeline")
    told = {row["name"]: row for row in client.get("/api/v1/engines").json()}
    assert told["native"]["refused"] is None and told["native"]["licence"]["licence"] == "Apache-2.0"
    assert told["diffusers"]["refused"]["kind"] == "territory"
    assert told["swatch"]["licence"] is None


def test_the_cutting_room_is_under_the_licence_of_the_house(db: None) -> None:
    assert catalogue.model_of("studio") == catalogue.model_of("native") is not None
    assert catalogue.objection_to("studio") is None


def test_an_engine_that_a_test_adds_is_none_of_the_catalogues(db: None) -> None:
    entry: Entry = swatch.ENGINES["swatch"]
    assert engines.entry("swatch") == entry and catalogue.model_of("swatch") is None
    catalogue.refuse("swatch")
