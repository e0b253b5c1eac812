"""What we hold about a person: every table is named, given out, and erased for good."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from accounts import actions, codes, journal, notifications, personal, tokens
from accounts.models import (
    Block,
    CircleMember,
    EmailCode,
    Follow,
    Invite,
    Mute,
    Notification,
    PersonalAccessToken,
    SignIn,
    User,
)
from tests.accounts.people import invite_of, signed_in, text_of

pytestmark = pytest.mark.django_db
ROOMS = {"accounts", "cameos", "generation", "feed", "commerce"} & set(settings.INSTALLED_APPS)


@pytest.fixture(autouse=True)
def own_journal(tmp_path: Path, settings: Any) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"


def models_with_a_path_to_a_person() -> set[type[Model]]:
    """Every model that leads to `User` over foreign keys, however many steps; join tables included."""
    found: set[type[Model]] = {User}
    everything = apps.get_models(include_auto_created=True)
    while True:
        more = {
            model
            for model in everything
            for field in model._meta.get_fields()
            if field.is_relation and field.concrete and field.related_model in found
        }
        if more <= found:
            return found
        found |= more


def test_every_model_that_leads_to_a_person_says_what_erasing_does_to_it() -> None:
    covered = {label for room in personal.registry().values() for label in room.COVERS}
    wanted = {
        model._meta.label
        for model in models_with_a_path_to_a_person()
        if not model._meta.auto_created and model.__module__.split(".")[0] in ROOMS
    }
    assert sorted(wanted - covered) == [], "name them in the COVERS of their app's personal.py"


def test_what_is_named_is_there() -> None:
    known = {model._meta.label for model in apps.get_models()}
    for app, room in personal.registry().items():
        assert set(room.COVERS) <= known, app


def fill(alice: User, bob: User, now: Any) -> None:
    actions.follow(follower=alice, followee=bob, now=now)
    actions.follow(follower=bob, followee=alice, now=now)
    actions.add_to_circle(owner=alice, member=bob, now=now)
    actions.mute(muter=alice, muted=bob, now=now)
    invite_of(alice, now)
    tokens.make(user=alice, name="cli", scopes=["me:read"], days=7, now=now)
    codes.new_code(email=alice.email, purpose=codes.Purpose.LOG_IN, now=now)
    notifications.notify(recipient=alice, kind="followed", data={"name": "Bob"}, now=now)


def test_alice_takes_everything_with_her(alice: User, bob: User, now: Any) -> None:
    fill(alice, bob, now)
    browser = signed_in(alice, fresh=True)
    file = browser.get("/settings/export")
    mine = file.json()["accounts"]
    assert "understudy-alice.json" in file.headers["Content-Disposition"]
    assert (mine["email"], mine["birth_date"]) == ("alice@example.test", "1990-05-17")
    assert (mine["follows"], mine["circle"], mine["mutes"]) == (["bob"], ["bob"], ["bob"])
    assert mine["tokens"] == [{"name": "cli", "scopes": ["me:read"]}]
    assert set(file.json()) == set(personal.registry())


def test_the_file_needs_a_fresh_proof(alice: User) -> None:
    answer = signed_in(alice).get("/settings/export")
    assert answer.headers["Location"] == "/step-up?next=/settings/export"


def test_an_archive_brings_the_name_and_whom_to_keep_away_but_no_way_in(
    alice: User, bob: User, mallory: User, now: Any
) -> None:
    actions.block(blocker=alice, blocked=mallory, now=now)
    actions.change_profile(user=alice, name="Alice A.", bio="Climbs", language="en")
    archive = personal.export_everything(alice)
    personal.import_everything(owner=bob, archive=archive, now=now)
    bob.refresh_from_db()
    assert (bob.display_name, bob.bio) == ("Alice A.", "Climbs")
    assert (bob.username, bob.email) == ("bob", "bob@example.test")
    assert Block.objects.filter(blocker=bob, blocked=mallory).exists()


def test_alice_erases_herself_and_nothing_of_her_is_left(alice: User, bob: User, now: Any) -> None:
    fill(alice, bob, now)
    other = signed_in(alice, fresh=True)
    SignIn.objects.create(
        user=alice, session_key=str(other.session.session_key), method="email", created_at=now
    )
    browser = signed_in(alice, fresh=True)
    wrong = browser.post("/settings/erase", {"handle": "bob"})
    assert (wrong.status_code, "That is not your handle." in text_of(wrong)) == (400, True)

    answer = browser.post("/settings/erase", {"handle": "alice"})

    assert "Your account is erased." in text_of(answer)
    for edge in (Follow, CircleMember, Mute, Block, Invite, PersonalAccessToken, SignIn, EmailCode):
        assert not edge._default_manager.exists(), edge
    assert not Notification.objects.filter(recipient=alice).exists()
    gone = User.objects.get(pk=alice.pk)
    kept = " ".join(str(value) for value in vars(gone).values())
    assert gone.birth_date is None
    assert not gone.is_active
    assert "alice" not in kept.lower()
    assert "1990" not in kept.replace(str(gone.date_joined), "")
    for session in (browser, other):
        assert session.get("/settings").headers["Location"].startswith("/login")


def test_after_a_restore_who_was_erased_is_erased_again(alice: User, bob: User, now: Any) -> None:
    personal.erase_everything(user=alice, now=now)
    backup = {"username": "alice", "email": "alice@example.test", "is_active": True, "erased_at": None}
    User.objects.filter(pk=alice.pk).update(**backup)  # as an older backup has it
    assert journal.replay() == 1
    assert journal.replay() == 1
    alice.refresh_from_db()
    assert alice.erased_at == now
    assert not alice.is_active
    assert alice.email == ""
    bob.refresh_from_db()
    assert bob.is_active


def test_without_the_journal_nothing_is_erased(alice: User, now: Any, settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL_PATH = tmp_path
    with pytest.raises(OSError):
        personal.erase_everything(user=alice, now=now)
    alice.refresh_from_db()
    assert alice.erased_at is None


def test_a_room_that_can_not_erase_undoes_all(
    alice: User, bob: User, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(alice, bob, now)

    def fail(user: User, now: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(personal, "_empty", fail)
    with pytest.raises(RuntimeError):
        personal.erase_everything(user=alice, now=now + timedelta(seconds=1))
    assert Follow.objects.exists()
