"""What the operator leans on: the first account, housekeeping, mail, the admin."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts import age, codes, handles, housekeeping, tokens
from accounts.mail import NoMailServer
from accounts.models import EmailCode, Invite, KeptMail, Notification, PersonalAccessToken, User
from tests.accounts.people import invite_of, signed_in

pytestmark = pytest.mark.django_db


def test_the_first_operator_is_made_on_the_command_line_and_signs_in_by_a_code_shown_there(
    client: Any,
) -> None:
    out = StringIO()
    call_command("make_operator", "olga", "--email", "Olga@example.test", stdout=out)
    client.post("/login", {"email": "olga@example.test"})
    call_command("make_operator", "olga", "--code", stdout=out)
    code = out.getvalue().split("ten minutes: ")[1][:6]
    assert client.post("/login/code", {"code": code}).headers["Location"] == "/"
    assert client.get("/admin/").status_code == 200
    olga = User.objects.get(username="olga")
    assert (olga.is_superuser, olga.is_moderator, olga.has_usable_password()) == (True, True, False)


def test_somebody_who_is_there_becomes_operator(bob: User) -> None:
    call_command("make_operator", "bob", stdout=StringIO())
    bob.refresh_from_db()
    assert bob.is_superuser


def test_the_operator_is_told_the_address_at_which_this_host_was_started(
    bob: User, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    settings.DATA_DIR, out = tmp_path, StringIO()
    (tmp_path / "address").write_text("http://localhost:8110")
    call_command("make_operator", "bob", stdout=out)
    assert "http://localhost:8110/login" in out.getvalue() and str(tmp_path) in out.getvalue()


@pytest.mark.parametrize(
    "arguments",
    [
        ["ghost"],
        ["Gh ost", "--email", "g@example.test"],
        ["ghost", "--email", "no address"],
        ["ghost", "--email", "g@example.test", "--birth-date", "31.1.1990"],
        ["ghost", "--email", "g@example.test", "--birth-date", "1990-02-31"],
    ],
)
def test_an_odd_operator_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("make_operator", *arguments, stdout=StringIO())
    assert not User.objects.exists()


def test_what_has_run_its_time_is_forgotten_and_the_rest_stays(alice: User, now: Any) -> None:
    codes.new_code(email=alice.email, purpose=codes.Purpose.LOG_IN, now=now - timedelta(hours=2))
    codes.new_code(email=alice.email, purpose=codes.Purpose.STEP_UP, now=now)
    tokens.make(user=alice, name="old", scopes=["me:read"], days=1, now=now - timedelta(days=60))
    tokens.make(user=alice, name="new", scopes=["me:read"], days=30, now=now)
    invite_of(alice, now - timedelta(days=60))
    invite_of(alice, now)
    Notification.objects.update(created_at=now - timedelta(days=200))
    assert housekeeping.forget(now)["codes"] == 1
    assert EmailCode.objects.get().purpose == codes.Purpose.STEP_UP
    assert PersonalAccessToken.objects.get().name == "new"
    assert Invite.objects.count() == 1
    assert not Notification.objects.exists()
    assert set(housekeeping.forget(now).values()) == {0}


def test_mail_is_kept_only_by_a_demo(settings: Any) -> None:
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    settings.DEMO = False
    with pytest.raises(NoMailServer):
        mail.send_mail("Code", "123456", None, ["a@example.test"])
    assert not KeptMail.objects.exists()
    settings.DEMO = True
    mail.send_mail("Code", "123456", None, ["a@example.test", "b@example.test"])
    assert KeptMail.objects.count() == 2


def test_every_admin_list_opens_for_the_operator(operator: User) -> None:
    from django.contrib import admin

    browser = signed_in(operator, fresh=True)
    for model in admin.site._registry:
        if model._meta.app_label == "accounts":
            assert browser.get(f"/admin/accounts/{model._meta.model_name}/").status_code == 200, model
    assert browser.post(f"/admin/accounts/user/{operator.pk}/delete/").status_code == 403


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2010, 6, 1), date(2023, 5, 31), 12),
        (date(2010, 6, 1), date(2023, 6, 1), 13),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_changes_on_the_birthday(born: date, day: date, years: int) -> None:
    assert age.age_on(born, day) == years


def test_who_gave_no_birth_date_is_treated_with_care(alice: User, now: Any) -> None:
    assert not age.is_teen(alice, now)
    alice.birth_date = None
    assert age.is_teen(alice, now)
    assert age.age_of(alice, now) is None


def test_the_operator_may_raise_the_age_floor_but_not_lower_it(settings: Any) -> None:
    settings.AGE_FLOOR = 16
    assert age.floor() == 16
    settings.AGE_FLOOR = 5
    assert age.floor() == 13


@pytest.mark.parametrize("handle", ["alice", "a_1", "x" * 30])
def test_ordinary_handles_are_taken(handle: str) -> None:
    handles.check_handle(handle)


@pytest.mark.parametrize("name", ["Zoë O'Neil", "李小龙", "Наташа", "Σοφία", "محمد", "José 2", ""])
def test_ordinary_names_of_any_script_are_taken(name: str) -> None:
    handles.check_name(name)


def test_python_and_the_database_see_the_same_lookalikes(db: None) -> None:
    words = ["b0b", "modern", "vvolf", "a_b_c", "l1l1"]
    for word in words:
        User.objects.create(username=word)
    rows = User.objects.annotate(looks=handles.skeleton_expression()).values_list("username", "looks")
    assert {handle: handles.skeleton(handle) for handle in words} == dict(rows)
