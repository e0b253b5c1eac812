"""The moderators' inbox: filed by any room, seen and decided by moderators only, once, with a record that
stays.
"""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts import cases
from accounts.models import Case, CaseEvent, User
from tests.accounts.people import signed_in, text_of

pytestmark = pytest.mark.django_db
done: list[tuple[str, str]] = []


def carry_out(*, case: Case, decision: str, moderator: User, note: str, now: Any) -> None:
    done.append((case.subject, decision))
    if note == "break":
        raise RuntimeError


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    done.clear()
    (tmp_path / "evidence.html").write_text("<p>{{ evidence.words }}, because: {{ case.reason }}</p>")
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**templates, "DIRS": [*templates["DIRS"], tmp_path]}]
    handler = cases.Handler(
        title="A clip was reported",
        template="evidence.html",
        decisions=(
            cases.Decision("keep", "Leave it"),
            cases.Decision("remove", "Take it down", needs_note=True, is_severe=True),
        ),
        apply=carry_out,
        evidence=lambda case: {"words": f"The words of {case.subject}"},
    )
    monkeypatch.setitem(cases._handlers, "report", handler)


@pytest.fixture
def case(carol: User, now: Any) -> Case:
    return cases.file(kind="report", subject="feed.post:1", reason="It is rude", filed_by=carol, now=now)


def test_mod_sees_the_evidence_and_decides(mod: User, case: Case, django_assert_num_queries: Any) -> None:
    browser = signed_in(mod)
    with django_assert_num_queries(4):  # session, person, cases, unread news
        inbox = text_of(browser.get("/cases"))
    assert "A clip was reported" in inbox
    assert "It is rude" in inbox
    page = text_of(browser.get(f"/cases/{case.public_id}"))
    assert "The words of feed.post:1, because: It is rude" in page
    assert "Take it down" in page
    answer = browser.post(f"/cases/{case.public_id}", {"decision": "remove", "note": "Rule 3"})
    assert answer.headers["Location"] == "/cases"
    case.refresh_from_db()
    assert (case.state, case.decision, case.note, case.decided_by) == ("decided", "remove", "Rule 3", mod)
    assert done == [("feed.post:1", "remove")]
    assert [event.action for event in case.events.order_by("pk")] == ["filed", "decided:remove"]
    assert "It is rude" not in text_of(browser.get("/cases"))
    decided = text_of(browser.get("/cases?state=decided"))
    assert "It is rude" in decided and "Take it down" in decided


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_can_tell_that_the_inbox_is_there(
    bob: User, carol: User, case: Case, method: str
) -> None:
    for person in (bob, carol):
        browser = signed_in(person)
        for address in (f"/cases/{case.public_id}", "/api/v1/cases"):
            assert getattr(browser, method)(address, {"decision": "keep"}).status_code in {404, 405}
        assert browser.get("/cases").status_code == 404
        decide = browser.post(
            f"/api/v1/cases/{case.public_id}/decision", {"decision": "keep"}, content_type="application/json"
        )
        assert decide.status_code == 404
    case.refresh_from_db()
    assert (case.state, done) == ("open", [])


def test_a_person_who_is_no_moderator_can_not_decide_even_by_the_action(
    bob: User, case: Case, now: Any
) -> None:
    with pytest.raises(cases.NotAModerator):
        cases.decide(case=case, moderator=bob, decision="keep", now=now)


def test_a_case_is_decided_once(mod: User, case: Case, now: Any) -> None:
    cases.decide(case=case, moderator=mod, decision="keep", now=now)
    with pytest.raises(cases.AlreadyDecided):
        cases.decide(case=case, moderator=mod, decision="remove", note="again", now=now)
    assert done == [("feed.post:1", "keep")]


def test_a_severe_decision_needs_a_note_and_an_unknown_one_is_refused(mod: User, case: Case) -> None:
    browser = signed_in(mod)
    for decision, sentence in (("remove", "needs a note"), ("burn", "can&#x27;t be decided in that way")):
        answer = browser.post(f"/cases/{case.public_id}", {"decision": decision})
        assert (answer.status_code, sentence in text_of(answer)) == (400, True)
    assert done == []


def test_a_decision_that_can_not_be_carried_out_is_not_written(mod: User, case: Case, now: Any) -> None:
    with pytest.raises(RuntimeError):
        cases.decide(case=case, moderator=mod, decision="keep", note="break", now=now)
    case.refresh_from_db()
    assert case.state == "open"
    assert case.events.count() == 1


def test_ten_reports_of_one_thing_are_one_case_with_ten_events(alice: User, case: Case, now: Any) -> None:
    for number in range(9):
        again = cases.file(kind="report", subject="feed.post:1", reason=f"{number}", filed_by=alice, now=now)
        assert again == case
    assert Case.objects.count() == 1
    assert case.events.count() == 10


def test_after_a_decision_the_same_thing_can_be_filed_anew(mod: User, case: Case, now: Any) -> None:
    cases.decide(case=case, moderator=mod, decision="keep", now=now)
    again = cases.file(kind="report", subject="feed.post:1", reason="still rude", filed_by=None, now=now)
    assert again != case


def test_the_record_can_not_be_changed(mod: User, case: Case) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseEvent.objects.update(note="nothing happened")
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseEvent.objects.all()._raw_delete("default")


def test_a_case_whose_room_is_gone_is_listed_and_stays(
    mod: User, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(cases._handlers, "report")
    browser = signed_in(mod)
    assert "It is rude" in text_of(browser.get("/cases"))
    assert "is not installed" in text_of(browser.get(f"/cases/{case.public_id}"))
    assert browser.post(f"/cases/{case.public_id}", {"decision": "keep"}).status_code == 400


def test_mod_decides_over_the_api_too(mod: User, case: Case) -> None:
    browser = signed_in(mod)
    assert browser.get("/api/v1/cases").json()["results"][0]["public_id"] == str(case.public_id)
    answer = browser.post(
        f"/api/v1/cases/{case.public_id}/decision", {"decision": "keep"}, content_type="application/json"
    )
    assert answer.json()["decision"] == "keep"
