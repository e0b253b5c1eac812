"""From the release to a verified likeness: through the API, the worker and the moderators' inbox."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import cases
from accounts.models import Case, Notification, User
from cameos import capture_actions, capture_check, faces, recordings, references, release, revocation
from cameos.challenge import START_WITHIN, UPLOAD_WITHIN, Asked, draw, steps
from cameos.intake import uploads
from cameos.models import Cameo, CameoCapture, Challenge, LedgerEntry, Reference, ReleaseAgreement, Upload
from cameos.verdicts import CaptureVerdict, Outcome, Reason
from model.scene.faces import FaceSprites
from tests.cameos import takes
from tests.cameos.making import likeness_of
from tests.cameos.takes import watched_once  # noqa: F401

TUS = {"Tus-Resumable": "1.0.0"}
Answer = Any


@pytest.fixture(autouse=True)
def fresh_budgets() -> None:
    """Budgets are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def client(alice: User) -> Client:
    """Alice's browser, after she agreed to the release."""
    browser = Client()
    browser.force_login(alice)
    browser.post(reverse("cameos:release"), {"agree": "on"})
    return browser


def challenge_of(client: Client, asked: Asked = takes.ASKED) -> Challenge:
    """A fresh challenge, started, whose draw is the one that the rendered recording answers."""
    nonce = client.post(reverse("cameos:api-challenges")).json()["nonce"]
    client.post(reverse("cameos:api-challenge-start", args=[nonce]))
    drawn = Challenge.objects.get(nonce=nonce)
    drawn.movements, drawn.numbers = [str(m) for m in asked.movements], list(asked.numbers)
    drawn.save()
    return drawn


def uploaded(client: Client, data: bytes) -> str:
    metadata = f"purpose {base64.b64encode(b'capture').decode()}"
    headers = {**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": metadata}
    place = client.post(reverse("cameos:api-uploads"), headers=headers)["Location"]
    for start in range(0, len(data), 1 << 20):
        client.patch(
            place,
            data[start : start + (1 << 20)],
            content_type="application/offset+octet-stream",
            headers={**TUS, "Upload-Offset": str(start)},
        )
    return str(place.rsplit("/", 1)[1])


def hand_in(client: Client, drawn: Challenge, upload: str, note: str = "") -> Answer:
    body = {"nonce": drawn.nonce, "upload": upload, "human_note": note}
    return client.post(reverse("cameos:api-captures"), body, content_type="application/json")


def check(answer: Answer) -> CameoCapture:
    """What the worker does."""
    made = CameoCapture.objects.get(public_id=answer.json()["id"])
    capture_check.run(made.pk, timezone.now())
    made.refresh_from_db()
    return made


def asked(client: Client, made: CameoCapture) -> Any:
    return client.get(reverse("cameos:api-capture", args=[made.public_id])).json()


# The release and the challenge


def test_nothing_is_recorded_before_the_release(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)

    page = browser.get(reverse("cameos:capture"))
    refused = browser.post(reverse("cameos:api-challenges"))

    assert page["Location"] == reverse("cameos:release")
    assert (refused.status_code, refused.json()["code"]) == (409, "release_missing")


def test_agreeing_keeps_the_hash_of_the_words_shown(client: Client, alice: User) -> None:
    kept = ReleaseAgreement.objects.get(user=alice)

    assert (kept.version, kept.language, len(kept.text_sha256)) == (release.VERSION, "en", 64)
    assert client.get(reverse("cameos:capture")).status_code == 200


def test_a_box_not_ticked_is_no_agreement(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)

    assert "nothing is recorded" in browser.post(reverse("cameos:release"), {}).content.decode()
    assert not ReleaseAgreement.objects.exists()


def test_an_agreement_can_be_taken_back(client: Client, alice: User) -> None:
    client.post(reverse("cameos:release-withdraw"))

    assert release.in_force(alice) is None
    assert client.post(reverse("cameos:api-challenges")).json()["code"] == "release_missing"


def test_teens_and_people_of_unknown_age_are_not_recorded(alice: User, client: Client) -> None:
    for born in (None, date(timezone.now().year - 15, 1, 1)):
        User.objects.filter(pk=alice.pk).update(birth_date=born)
        assert client.post(reverse("cameos:api-challenges")).json()["code"] == "too_young"


def test_the_operator_names_the_countries(alice: User, settings: Any) -> None:
    settings.CAPTURE_COUNTRIES = ("DE", "FR")
    browser = Client()
    browser.force_login(alice)

    elsewhere = browser.post(reverse("cameos:release"), {"agree": "on", "country": "--"})
    assert elsewhere.status_code == 403
    assert not ReleaseAgreement.objects.exists()

    browser.post(reverse("cameos:release"), {"agree": "on", "country": "FR"})
    assert ReleaseAgreement.objects.get().country == "FR"


def test_a_challenge_is_random_and_says_each_step(client: Client) -> None:
    given = client.post(reverse("cameos:api-challenges")).json()

    assert given["start_within_s"] == START_WITHIN.total_seconds()
    assert [s["kind"] for s in given["steps"]].count("say") == 3
    assert all(s["sentence"] for s in given["steps"])
    assert len({draw() for _ in range(40)}) > 30
    assert all(2 <= len(draw().movements) <= 4 for _ in range(40))
    assert [s.kind for s in steps(takes.ASKED)][-1] == "end"


def test_recording_has_to_start_within_a_minute(client: Client, alice: User) -> None:
    nonce = client.post(reverse("cameos:api-challenges")).json()["nonce"]
    Challenge.objects.update(issued_at=timezone.now() - START_WITHIN - timedelta(seconds=1))

    late = client.post(reverse("cameos:api-challenge-start", args=[nonce]))

    assert (late.status_code, late.json()["code"]) == (409, "challenge_over")
    assert Challenge.objects.get().started_at is None


def test_a_challenge_starts_once(client: Client) -> None:
    nonce = client.post(reverse("cameos:api-challenges")).json()["nonce"]
    start = reverse("cameos:api-challenge-start", args=[nonce])

    assert [client.post(start).status_code for _ in range(2)] == [204, 409]


def test_a_new_challenge_makes_the_old_one_void(client: Client) -> None:
    first = client.post(reverse("cameos:api-challenges")).json()["nonce"]
    client.post(reverse("cameos:api-challenges"))

    assert client.post(reverse("cameos:api-challenge-start", args=[first])).status_code == 409


def test_bob_cannot_answer_alices_challenge(client: Client, bob: User) -> None:
    drawn = challenge_of(client)
    browser = Client()
    browser.force_login(bob)
    browser.post(reverse("cameos:release"), {"agree": "on"})

    stolen = hand_in(browser, drawn, uploaded(browser, b"x" * 9))

    assert stolen.json()["code"] == "challenge_over"
    assert not CameoCapture.objects.exists()


# Handing in


def test_a_recording_that_has_not_arrived_is_not_checked(client: Client, alice: User) -> None:
    drawn = challenge_of(client)
    upload = uploads.begin(owner=alice, purpose="capture", size=10, now=timezone.now())

    assert hand_in(client, drawn, str(upload.public_id)).json()["code"] == "upload_not_ready"
    drawn.refresh_from_db()
    assert drawn.used_at is None


def test_an_upload_may_finish_next_morning_but_not_the_day_after(client: Client) -> None:
    drawn = challenge_of(client)
    upload = uploaded(client, b"a film, let us say")
    drawn.started_at = timezone.now() - UPLOAD_WITHIN - timedelta(minutes=1)
    drawn.save()
    assert hand_in(client, drawn, upload).json()["code"] == "challenge_over"

    drawn.started_at = timezone.now() - timedelta(hours=14)
    drawn.save()
    assert hand_in(client, drawn, upload).status_code == 201


def test_a_challenge_is_answered_once_even_from_two_tabs(client: Client) -> None:
    drawn = challenge_of(client)
    first, second = uploaded(client, b"one"), uploaded(client, b"two")

    assert hand_in(client, drawn, first).status_code == 201
    assert hand_in(client, drawn, second).json()["code"] == "challenge_used"
    assert hand_in(client, challenge_of(client), first).json()["code"] == "challenge_used"
    assert CameoCapture.objects.count() == 1


def test_what_is_no_film_is_sent_back_with_its_name_and_erased(client: Client, alice: User) -> None:
    upload = uploaded(client, b"no film at all" * 9)
    path = uploads.path_of(Upload.objects.get())
    made = check(hand_in(client, challenge_of(client), upload))

    assert (made.state, made.reasons) == ("retry", ["unknown_kind"])
    assert asked(client, made)["reasons"][0]["hint"]
    assert not Upload.objects.exists()
    assert not path.exists()
    assert not Reference.objects.exists()
    assert Notification.objects.filter(recipient=alice, kind="likeness_checked").count() == 1


# The verdict


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_alice_records_and_her_likeness_exists(client: Client, alice: User) -> None:
    made = check(hand_in(client, challenge_of(client), uploaded(client, takes.honest().data)))

    cameo = Cameo.objects.get(owner=alice)
    kinds = set(Reference.objects.filter(cameo=cameo).values_list("kind", flat=True))
    assert (made.state, made.reasons) == ("verified", [])
    assert (cameo.state, cameo.assurance) == ("verified", "basic")
    assert kinds == {"face", "face_vector", "voice", "voice_vector"}
    assert not Upload.objects.exists()
    assert LedgerEntry.objects.filter(cameo=cameo, kind="likeness_verified").count() == 1
    assert "basic" in client.get(reverse("cameos:capture")).content.decode()

    capture_check.run(made.pk, timezone.now())  # Twice does no harm.
    assert LedgerEntry.objects.filter(cameo=cameo, kind="likeness_verified").count() == 1
    assert client.post(reverse("cameos:api-challenges")).json()["code"] == "already_verified"


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_what_is_sealed_is_what_the_renderer_reads(client: Client, alice: User) -> None:
    from cameos import vault

    check(hand_in(client, challenge_of(client), uploaded(client, takes.honest().data)))

    rows = {row.kind: row for row in Reference.objects.select_related("cameo")}
    opened = {
        kind: vault.open(row.cameo, bytes(row.sealed), f"reference {kind}") for kind, row in rows.items()
    }
    assert FaceSprites.from_bytes(opened["face"]).rest.pixels.shape[2] == 4
    assert np.frombuffer(opened["face_vector"], "<f4").shape == (128,)
    assert np.frombuffer(opened["voice_vector"], "<f4").shape == (256,)


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_the_wrong_numbers_make_nothing(client: Client, alice: User) -> None:
    drawn = challenge_of(client, Asked(takes.ASKED.movements, (9, 2, 5)))
    made = check(hand_in(client, drawn, uploaded(client, takes.honest().data)))

    assert (made.state, made.reasons) == ("retry", ["wrong_numbers"])
    assert Cameo.objects.get(owner=alice).state == "pending"
    assert not Reference.objects.exists()
    assert not Upload.objects.exists()


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_a_recording_used_before_is_recognised_on_another_account(client: Client, bob: User) -> None:
    check(hand_in(client, challenge_of(client), uploaded(client, takes.honest().data)))
    thief = Client()
    thief.force_login(bob)
    thief.post(reverse("cameos:release"), {"agree": "on"})

    made = check(hand_in(thief, challenge_of(thief), uploaded(thief, takes.honest().data)))

    assert (made.state, made.reasons) == ("retry", ["seen_before", "like_another"])
    assert Cameo.objects.get(owner=bob).state == "pending"


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_lips_that_move_little_are_sent_back_once_before_a_person_looks(client: Client) -> None:
    """Whoever mumbled mends it in half a minute; whoever cannot move their mouth more meets a moderator."""
    faint = CaptureVerdict(Outcome.REVIEW, (Reason.LIPS_FAINT,), ())
    seen = []
    for _time in range(2):
        answer = hand_in(client, challenge_of(client), uploaded(client, takes.honest().data))
        made = CameoCapture.objects.get(public_id=answer.json()["id"])
        made = capture_actions.record_verdict(made=made, verdict=faint, material=None, now=timezone.now())
        told = asked(client, made)
        seen.append((told["state"], told["reasons"][0]["hint"], Case.objects.filter(kind="capture").count()))

    assert seen == [
        ("retry", "Come closer, into good light, open your mouth well, and record again.", 0),
        ("review", "A person will look at it. You will be told.", 1),
    ]


# A person looks at it


def under_review(client: Client, note: str = "I cannot turn my head.") -> CameoCapture:
    drawn = challenge_of(client, Asked(("right", "left"), (4, 1, 7)))  # type: ignore[arg-type]
    return check(hand_in(client, drawn, uploaded(client, takes.honest().data), note))


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_who_cannot_turn_the_head_is_decided_by_a_person(client: Client, alice: User, mod: User) -> None:
    made = under_review(client)
    case = Case.objects.get(kind="capture")
    assert (made.state, made.reasons) == ("review", ["wrong_movements", "asked_for_human"])
    assert not Upload.objects.exists()
    assert takes.honest().data[:64] not in recordings.sealed_path(made).read_bytes()

    desk = Client()
    desk.force_login(mod)
    page = desk.get(f"/cases/{case.public_id}").content.decode()
    for shown in ("I cannot turn my head.", f"/likeness/captures/{made.public_id}/recording",
                  "Turn your head to your right", "digit by digit: 4", "not the ones asked for"):  # fmt: skip
        assert shown in page
    silent = desk.post(f"/cases/{case.public_id}", {"decision": "reject", "note": " "})
    assert silent.status_code == 400 and "This decision needs a note" in silent.content.decode()
    assert f"/likeness/captures/{made.public_id}/recording" in silent.content.decode(), "beside the evidence"

    cases.decide(case=case, moderator=mod, decision="accept", now=timezone.now())
    made.refresh_from_db()
    assert made.state == "accepted"
    capture_check.run(made.pk, timezone.now())

    cameo = Cameo.objects.get(owner=alice)
    assert (cameo.state, cameo.assurance) == ("verified", "reviewed")
    assert not recordings.sealed_path(made).exists()
    assert LedgerEntry.objects.filter(cameo=cameo, kind="capture_reviewed").count() == 1


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_a_twin_reads_on_the_page_why_a_person_looks_and_learns_of_whom_from_nobody(
    client: Client, alice: User, bob: User
) -> None:
    from skimage.data import astronaut

    picture, now = astronaut(), timezone.now()
    vector = faces.embed(picture, faces.find(picture)[0]).astype("<f4").tobytes()
    references.store(likeness_of(bob, now), Reference.Kind.FACE_VECTOR, vector, now)
    made = check(hand_in(client, challenge_of(client), uploaded(client, takes.honest().data)))

    page = client.get(reverse("cameos:capture")).content.decode()
    assert (made.state, made.reasons) == ("review", ["like_another"])
    assert "as twins do" in page and "A person will look at your recording." in page
    assert bob.name not in page and bob.username not in page
    assert Case.objects.filter(kind="capture").count() == 1
    assert Cameo.objects.get(owner=alice).state != "verified"


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_no_moderator_vouches_for_themself(client: Client, alice: User, mod: User) -> None:
    """Else whoever moderates could make a reviewed likeness of any face that moves."""
    alice.is_moderator = True
    alice.save()
    made = under_review(client)
    case = Case.objects.get(kind="capture")

    with pytest.raises(cases.OwnCase):
        cases.decide(case=case, moderator=alice, decision="accept", now=timezone.now())

    case.refresh_from_db()
    made.refresh_from_db()
    assert (case.state, made.state) == ("open", "review")
    cases.decide(case=case, moderator=mod, decision="accept", now=timezone.now())


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
@pytest.mark.parametrize("moment", ["before the check", "during the check", "before the references"])
def test_who_erases_while_a_recording_is_looked_at_stays_erased(
    moment: str, client: Client, alice: User, mod: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def erase() -> None:
        cameo = Cameo.objects.get(owner=alice)
        revocation.erase(cameo=cameo, owner=alice, now=timezone.now())

    if moment == "before the references":
        made = under_review(client)
        cases.decide(case=Case.objects.get(), moderator=mod, decision="accept", now=timezone.now())
        erase()
    else:
        handed = hand_in(client, challenge_of(client), uploaded(client, takes.honest().data))
        made = CameoCapture.objects.get(public_id=handed.json()["id"])
        judge = capture_check.capture.check
        late = lambda *given, **more: (judge(*given, **more), erase())[0]  # noqa: E731
        monkeypatch.setattr(capture_check.capture, "check", late)
        if moment == "before the check":
            erase()
    capture_check.run(made.pk, timezone.now())

    made.refresh_from_db()
    assert (made.state, made.reasons) == ("retry", ["outrun"])
    assert Cameo.objects.get(owner=alice).state == "erased"
    assert not Reference.objects.exists()
    assert not Upload.objects.exists()
    assert not recordings.sealed_path(made).exists()


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_a_second_recording_never_changes_the_face_of_a_likeness(
    client: Client, alice: User, mod: User
) -> None:
    """Two are handed in before either is judged: the first that passes is the likeness, whoever is in the
    other."""
    under_review(client)
    CameoCapture.objects.update(picture_hashes={})  # The test has one film; another one is not seen before.
    check(hand_in(client, challenge_of(client), uploaded(client, takes.honest().data)))
    kept = {row.kind: bytes(row.sealed) for row in Reference.objects.all()}
    assert Cameo.objects.get(owner=alice).assurance == "basic"

    cases.decide(case=Case.objects.get(), moderator=mod, decision="accept", now=timezone.now())
    waiting = CameoCapture.objects.get(state="accepted")
    capture_check.run(waiting.pk, timezone.now())

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reasons) == ("retry", ["outrun"])
    assert {row.kind: bytes(row.sealed) for row in Reference.objects.all()} == kept
    assert Cameo.objects.get(owner=alice).assurance == "basic"


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_only_a_moderator_and_alice_see_the_recording_and_only_while_it_waits(
    client: Client, carol: User, mod: User
) -> None:
    made = under_review(client)
    address = reverse("cameos:recording", args=[made.public_id])
    browsers = {person: Client() for person in (carol, mod)}
    for person, browser in browsers.items():
        browser.force_login(person)

    part = browsers[mod].get(address, headers={"Range": "bytes=0-99"})
    assert (part.status_code, b"".join(part)) == (206, takes.honest().data[:100])  # type: ignore[arg-type]
    assert client.get(address).status_code == 200
    assert browsers[carol].get(address).status_code == 404

    case = Case.objects.get(kind="capture")
    cases.decide(case=case, moderator=mod, decision="reject", note="a mask", now=timezone.now())
    made.refresh_from_db()
    assert made.state == "rejected"
    assert browsers[mod].get(address).status_code == 404
    assert not Reference.objects.exists()


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_a_recording_nobody_looked_at_for_a_fortnight_is_erased(client: Client) -> None:
    made = under_review(client)

    capture_actions.sweep(timezone.now() + release.REVIEW_KEPT + timedelta(minutes=1))

    made.refresh_from_db()
    assert (made.state, made.reasons) == ("retry", ["nobody_decided"])
    assert not recordings.sealed_path(made).exists()


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_erasing_the_likeness_leaves_nothing_of_the_recording(client: Client, alice: User) -> None:
    made = check(hand_in(client, challenge_of(client), uploaded(client, takes.honest().data)))
    assert made.picture_hashes

    revocation.erase(cameo=made.cameo, owner=alice, now=timezone.now())

    made.refresh_from_db()
    assert (made.picture_hashes, made.numbers) == ({}, {})


def test_a_check_that_never_ends_lets_the_person_record_again(client: Client) -> None:
    hand_in(client, challenge_of(client), uploaded(client, b"a film"))

    capture_actions.sweep(timezone.now() + capture_actions.CHECK_WITHIN + timedelta(minutes=1))

    made = CameoCapture.objects.get()
    assert (made.state, made.reasons) == ("retry", ["unusable"])
    assert not Upload.objects.exists()
