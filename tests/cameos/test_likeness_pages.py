"""Alice's own pages: what she reads, what she presses, and that nobody else gets there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts import stepup
from accounts.models import User
from cameos import consent, terms
from cameos.models import Audience, Cameo, CameoCapture, Challenge, LedgerEntry, LikenessGrant, LikenessUse
from generation.models import Clip
from tests.cameos.making import OPEN, block, grant, likeness_of, sealed, use_in
from tests.conftest import person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FORM = {
    "audience": "named",
    "people": "@bob",
    "purposes": ["generate", "remix"],
    "show_me_first": "on",
    "companions": "anyone",
    "topics_refused": ["gambling"],
    "refused_words": "clowns",
    "wishes": "in a hat",
}


@pytest.fixture
def today() -> datetime:
    return timezone.now()


@pytest.fixture
def likeness(alice: User, today: datetime) -> Cameo:
    return likeness_of(alice, today - 3 * DAY)


def signed_in(user: User, *, fresh: bool = True) -> Client:
    client = Client()
    client.force_login(user)
    if fresh:
        session = client.session
        stepup.mark(session, timezone.now())
        session.save()
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_somebody_without_a_likeness_is_told_what_one_is(bob: User) -> None:
    page = text_of(signed_in(bob).get("/likeness"))
    assert "/likeness/release" in page and "Freeze" not in page


@pytest.mark.parametrize("page", ["grant", "grant/history", "price", "ledger", "revoke", "erase"])
def test_a_page_about_a_drawing_says_which(page: str, likeness: Cameo, alice: User, today: datetime) -> None:
    from cameos import actions

    fox = actions.create_character(owner=alice, name="Fox", character={}, now=today)
    client = signed_in(alice)
    assert "Fox" in text_of(client.get(f"/likeness/{page}?of={fox.public_id}"))
    assert "Fox" not in text_of(client.get(f"/likeness/{page}?of={likeness.public_id}"))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("checking", "Your recording is being checked."),
        ("review", "A person will look at your recording."),
        ("retry", "See why, and record again"),
        ("rejected", "See why, and record again"),
    ],
)
def test_whose_recording_is_on_its_way_reads_how_it_stands(
    state: str, told: str, alice: User, today: datetime
) -> None:
    pending = Cameo.objects.create(owner=alice, name="Alice", created_at=today)
    CameoCapture.objects.create(
        cameo=pending,
        state=state,
        challenge=Challenge.objects.create(user=alice, nonce="n", movements=[], numbers=[], issued_at=today),
        created_at=today,
    )
    page = text_of(signed_in(alice).get("/likeness"))
    assert told in page and 'href="/likeness/capture"' in page


def test_who_only_has_a_drawing_finds_the_way_to_their_own_likeness(alice: User, today: datetime) -> None:
    from cameos import actions

    actions.create_character(owner=alice, name="Fox", character={}, now=today)
    client = signed_in(alice)
    assert "Record your own likeness" in text_of(client.get("/likeness"))
    likeness_of(alice, today)
    assert "Record your own likeness" not in text_of(client.get("/likeness"))


def test_a_new_likeness_is_open_to_nobody_and_says_so(likeness: Cameo, alice: User) -> None:
    page = text_of(signed_in(alice).get("/likeness"))
    assert "Only you can make clips with yourself." in page


def test_the_page_says_in_sentences_who_may_do_what(likeness: Cameo, alice: User) -> None:
    client = signed_in(alice)
    person("bob")
    assert client.post("/likeness/grant", FORM).status_code == 302
    page = text_of(client.get("/likeness"))
    for sentence in (
        "Bob may cast you, and nobody else.",
        "For: new clips and remixes.",
        "without your yes it is not published.",
        "Your voice may not be used, and clips may not be commercial.",
        "Never about: gambling or “clowns”.",
        "Added to every prompt: “in a hat”.",
    ):
        assert sentence.replace("“", "“") in page


def test_opening_without_a_fresh_proof_leads_over_step_up_and_keeps_the_form(
    likeness: Cameo, alice: User, bob: User
) -> None:
    client = signed_in(alice, fresh=False)
    response = client.post("/likeness/grant", FORM)
    assert response.headers["Location"].startswith("/step-up?next=/likeness/grant")
    assert not LikenessGrant.objects.exists()
    page = text_of(client.get("/likeness/grant"))
    assert "in a hat" in page and "@bob" in page


def test_what_was_filled_in_for_a_drawing_never_becomes_a_grant_of_the_person(
    likeness: Cameo, alice: User, today: datetime
) -> None:
    from cameos import actions

    fox = actions.create_character(owner=alice, name="Fox", character={}, now=today)
    client = signed_in(alice, fresh=False)
    response = client.post(
        f"/likeness/grant?of={fox.public_id}", FORM | {"audience": "everyone", "people": ""}
    )
    back = parse_qs(urlsplit(response.headers["Location"]).query)["next"][0]
    assert back == f"/likeness/grant?of={fox.public_id}"
    assert "in a hat" in text_of(client.get(back))
    assert "in a hat" not in text_of(client.get(f"/likeness/grant?of={likeness.public_id}"))


def test_only_me_means_nobody_else_though_names_still_stand_there(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    grant(likeness, today, audience=Audience.NAMED, people=[bob])
    client = signed_in(alice)
    preview = client.post("/likeness/grant/preview", FORM | {"audience": "only_me"})
    assert "Bob" not in text_of(preview)
    client.post("/likeness/grant", FORM | {"audience": "only_me"})
    assert consent.may_cast(cameo=likeness, requester=bob, now=timezone.now()) is not None
    sent = {"audience": "only_me", "people": ["bob"], "purposes": ["generate"]}
    client.put("/api/v1/likeness/grant", sent, content_type="application/json")
    assert consent.may_cast(cameo=likeness, requester=bob, now=timezone.now()) is not None
    assert "Only you can make clips with yourself." in text_of(client.get("/likeness"))


def test_a_clip_that_somebody_else_in_it_hides_is_not_called_public(
    likeness: Cameo, alice: User, bob: User, carol: User, today: datetime
) -> None:
    from feed.models import Post

    hers = likeness_of(carol, today - 3 * DAY)
    for cameo in (likeness, hers):
        grant(cameo, today)
    clip = sealed(bob, [likeness, hers], today)
    Post.objects.create(clip=clip, creator=bob, published_at=today)
    client, address = signed_in(alice), f"/likeness/uses/{use_in(clip, likeness).public_id}"
    assert "Everybody</a>" in text_of(client.get(address)) and "Public" in text_of(client.get("/likeness"))
    signed_in(carol).post(f"/likeness/uses/{use_in(clip, hers).public_id}/hide")
    assert "Everybody</a>" not in text_of(client.get(address))
    page = text_of(client.get("/likeness"))
    assert "Public" not in page and "Not shown now" in page


def test_a_teen_is_not_offered_what_will_be_refused(today: datetime) -> None:
    teen = person("tilly", birth_date=(today - 15 * 366 * DAY).date())
    likeness_of(teen, today - 3 * DAY)
    page = text_of(signed_in(teen).get("/likeness/grant"))
    everyone = page.partition('value="everyone"')[2]
    assert everyone.startswith(" disabled") and "Under 18 a likeness is never open to everyone." in everyone
    refused = signed_in(teen).post("/likeness/grant", FORM | {"audience": "everyone", "people": ""})
    assert refused.status_code == 400


def test_a_draft_says_what_it_is_and_gives_way_to_what_counts(
    likeness: Cameo, alice: User, bob: User
) -> None:
    client = signed_in(alice, fresh=False)
    client.post("/likeness/grant", FORM)
    page = text_of(client.get("/likeness/grant"))
    assert "Thank you." not in page and "None of it counts" in page
    assert "in a hat" not in text_of(client.get("/likeness/grant?anew=1"))
    assert "in a hat" not in text_of(client.get("/likeness/grant"))
    client.post("/likeness/grant", FORM)
    session = client.session
    an_hour_ago = (timezone.now() - timedelta(hours=1)).isoformat()
    session["likeness_grant_draft"] = session["likeness_grant_draft"] | {"at": an_hour_ago}
    session.save()
    assert "in a hat" not in text_of(client.get("/likeness/grant"))


def test_opening_to_everyone_waits_and_the_page_says_until_when(likeness: Cameo, alice: User) -> None:
    client = signed_in(alice)
    client.post("/likeness/grant", FORM | {"audience": "everyone", "people": ""})
    page = text_of(client.get("/likeness"))
    assert "Only you can make clips with yourself." in page
    assert "more is allowed" in page and "Everybody with an account here may cast you." in page


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"people": "@nobody-here"}, "Nobody here is called nobody-here."),
        ({"audience": "friends"}, "Select a valid choice"),
        ({"people": ""}, "Nobody is named."),
        ({"use_from": "2030-01-02", "use_until": "2030-01-01"}, "The end lies before the start."),
        ({"show_until": "2020-01-01"}, "This day is over already."),
        ({"use_from": "2099-01-02", "show_until": "2099-01-01"}, "before new clips may begin"),
        ({"count_limit": "-1"}, "greater than or equal to 0"),
        ({"use_until": "tomorrow"}, "Enter a valid date."),
    ],
)
def test_what_cannot_be_saved_is_said_beside_its_field(
    changed: dict[str, str], told: str, likeness: Cameo, alice: User, bob: User
) -> None:
    response = signed_in(alice).post("/likeness/grant", FORM | changed)
    assert response.status_code == 400
    assert told in response.content.decode()
    assert not LikenessGrant.objects.exists()


def test_a_form_round_trip_changes_nothing(likeness: Cameo, alice: User, bob: User, today: datetime) -> None:
    from cameos.forms import GrantForm, initial_of

    saved = grant(
        likeness,
        today,
        people=[bob],
        use_until=datetime.fromisoformat("2099-05-02T00:00:00+00:00"),
        count_limit=4,
        refused_words="clowns, snakes",
    )
    before = terms.of(saved)
    data = {name: value for name, value in initial_of(before, alice).items() if value not in (None, False)}
    form = GrantForm(data, owner=alice)
    assert form.is_valid(), form.errors
    assert form.terms() == before


def test_who_blocked_alice_looks_like_nobody_in_the_editor(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    """Absent and hidden look the same; whom she blocked herself she is told of."""
    block(bob, alice, today)
    told = {
        name: signed_in(alice).post("/likeness/grant", FORM | {"people": f"@{name}"})
        for name in ("bob", "nobody")
    }
    assert all(page.status_code == 400 for page in told.values())
    for name, page in told.items():
        assert f"Nobody here is called {name}." in page.content.decode()
        assert "blocked" not in page.content.decode()
    refused = signed_in(alice).put(
        "/api/v1/likeness/grant", {"audience": "named", "people": ["bob"]}, content_type="application/json"
    )
    assert refused.status_code == 400 and "unknown: bob" in refused.content.decode()


def test_the_editor_opens_though_somebody_named_is_blocked(
    likeness: Cameo, alice: User, bob: User, carol: User, today: datetime
) -> None:
    grant(likeness, today, audience="named", people=[bob, carol])
    block(alice, bob, today)
    page = signed_in(alice).get("/likeness/grant").content.decode()
    assert 'value="@carol"' in page


def test_naming_one_person_takes_one_field(likeness: Cameo, alice: User, bob: User, today: datetime) -> None:
    client = signed_in(alice)
    page = client.post("/likeness/people", {"handle": "@bob"}, follow=True)
    assert "Bob may cast you now." in text_of(page)
    assert consent.may_cast(cameo=likeness, requester=bob, now=timezone.now()) is None
    page = client.post("/likeness/people/remove", {"handle": "bob", "also_existing": "on"}, follow=True)
    assert "Bob can no longer cast you." in text_of(page)
    assert consent.may_cast(cameo=likeness, requester=bob, now=timezone.now()) is not None


def test_naming_without_a_fresh_proof_keeps_the_name(likeness: Cameo, alice: User, bob: User) -> None:
    client = signed_in(alice, fresh=False)
    response = client.post("/likeness/people", {"handle": "bob"})
    assert response.headers["Location"].startswith("/step-up?next=%2Flikeness")
    assert 'value="bob"' in text_of(client.get("/likeness?name=bob"))


def test_waiting_clips_come_first_and_one_press_approves(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    grant(likeness, today, show_me_first=True)
    clip = sealed(bob, [likeness], today)
    client, use = signed_in(alice), use_in(clip, likeness)
    page = text_of(client.get("/likeness"))
    assert page.index("One clip waits for your word") < page.index("Who may cast you</h2>")
    page = text_of(client.get(f"/likeness/uses/{use.public_id}"))
    assert str(use.entry_id) in page and "Approve" in page
    client.post(f"/likeness/uses/{use.public_id}/approve")
    assert use_in(clip, likeness).state == LikenessUse.State.LIVE
    again = client.post(f"/likeness/uses/{use.public_id}/approve")
    assert again.status_code == 409


def test_declining_and_taking_down(likeness: Cameo, alice: User, bob: User, today: datetime) -> None:
    grant(likeness, today)
    LikenessGrant.objects.update(show_me_first=True)
    waiting = sealed(bob, [likeness], today)
    LikenessGrant.objects.update(show_me_first=False)
    live = sealed(bob, [likeness], today)
    client = signed_in(alice)
    client.post(f"/likeness/uses/{use_in(waiting, likeness).public_id}/decline")
    client.post(f"/likeness/uses/{use_in(live, likeness).public_id}/delete")
    assert set(LikenessUse.objects.values_list("ended_reason", flat=True)) == {"declined", "deleted"}
    page = text_of(client.get(f"/likeness/uses/{use_in(live, likeness).public_id}"))
    assert "You took it down" in page and "<video" not in page


@pytest.mark.parametrize("verb", ["GET", "approve", "decline", "delete"])
def test_the_maker_and_strangers_find_nothing_at_alices_use(
    verb: str, likeness: Cameo, bob: User, carol: User, today: datetime
) -> None:
    grant(likeness, today, show_me_first=True)
    use = use_in(sealed(bob, [likeness], today), likeness)
    for somebody in (bob, carol):
        client, address = signed_in(somebody), f"/likeness/uses/{use.public_id}"
        response = client.get(address) if verb == "GET" else client.post(f"{address}/{verb}")
        assert response.status_code == 404
    assert use_in(use.clip, likeness).is_waiting


def test_freezing_is_one_tap_and_lifting_asks_who_you_are(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    grant(likeness, today)
    sealed(bob, [likeness], today)
    client = signed_in(alice, fresh=False)
    page = client.post("/likeness/freeze", follow=True)
    assert "Your likeness is frozen" in text_of(page)
    assert not Clip.objects.visible_to(bob).exists()
    assert client.post("/likeness/unfreeze").headers["Location"].startswith("/step-up")
    likeness.refresh_from_db()
    assert likeness.is_frozen
    signed_in(alice).post("/likeness/unfreeze")
    likeness.refresh_from_db()
    assert not likeness.is_frozen


def test_revoking_is_one_page_and_one_press(likeness: Cameo, alice: User, bob: User, today: datetime) -> None:
    grant(likeness, today)
    sealed(bob, [likeness], today)
    client = signed_in(alice, fresh=False)
    assert "One clip by somebody else shows you now." in text_of(client.get("/likeness/revoke"))
    page = text_of(client.post("/likeness/revoke", follow=True))
    assert "Only you can make clips with yourself." in page and "You took everything back" in page


def test_erasing_needs_a_fresh_proof_and_answers_with_a_receipt(
    likeness: Cameo, alice: User, today: datetime
) -> None:
    client = signed_in(alice, fresh=False)
    assert client.post("/likeness/erase").headers["Location"].startswith("/step-up")
    page = text_of(signed_in(alice).post("/likeness/erase"))
    receipt = LedgerEntry.objects.get(kind="erased")
    assert receipt.hash in page and "likeness_verified" in page
    assert "/likeness/release" in text_of(client.get("/likeness"))


def test_the_ledger_is_read_and_downloaded(likeness: Cameo, alice: User, bob: User, today: datetime) -> None:
    grant(likeness, today)
    sealed(bob, [likeness], today)
    client = signed_in(alice)
    page = client.get("/likeness/ledger")
    assert "A clip with you was finished" in text_of(page)
    response = client.get("/likeness/ledger/file")
    name = response["Content-Disposition"].split('"')[1]
    assert f"verify_ledger.py {name}" in text_of(page) and b'download="verify_ledger.py"' in page.content
    assert "attachment" in response.headers["Content-Disposition"]
    assert "no-store" in response.headers["Cache-Control"]
    assert len(json.loads(response.content)["entries"]) == 4


def test_heads_are_for_anybody_and_name_nobody(likeness: Cameo, alice: User) -> None:
    from cameos import ledger

    ledger.publish_head(timezone.now().date(), timezone.now())
    body = Client().get("/ledger/heads").content.decode()
    assert json.loads(body)["heads"] and str(likeness.pseudonym) not in body and "alice" not in body


def test_a_drawn_character_has_a_page_of_its_own(likeness: Cameo, alice: User, today: datetime) -> None:
    from cameos import actions

    fox = actions.create_character(owner=alice, name="Fox", character={"hair": 1}, now=today)
    client = signed_in(alice)
    assert "Fox" in text_of(client.get("/likeness"))
    page = text_of(client.get(f"/likeness?of={fox.public_id}"))
    assert "Drawn character" in page
    client.post(f"/likeness/grant?of={fox.public_id}", FORM | {"audience": "everyone", "people": ""})
    assert LikenessGrant.objects.get().cameo == fox
    assert client.get("/likeness?of=nonsense").status_code == 404


def test_many_clips_cost_no_more_queries(
    likeness: Cameo, alice: User, bob: User, today: datetime, django_assert_max_num_queries: Any
) -> None:
    grant(likeness, today)
    for _ in range(6):
        sealed(bob, [likeness], today)
    client = signed_in(alice)
    client.get("/likeness")
    with django_assert_max_num_queries(31):
        client.get("/likeness")


def test_hiding_a_clip_is_one_press_and_so_is_showing_it_again(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    grant(likeness, today)
    use = use_in(sealed(bob, [likeness], today), likeness)
    client, address = signed_in(alice), f"/likeness/uses/{use.public_id}"
    assert "You hid this clip" in text_of(client.post(f"{address}/hide", follow=True))
    makers_page = text_of(signed_in(bob).get(f"/clips/{use.clip.public_id}"))
    assert "Only its maker and the people in it see it now." in makers_page
    assert "Hidden" in text_of(client.get("/likeness"))
    assert client.post(f"{address}/hide").status_code == 409
    assert "Hide this clip" in text_of(client.post(f"{address}/show", follow=True))


def test_what_one_act_reached_is_listed_clip_by_clip(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    from cameos.models import Ending

    grant(likeness, today)
    sealed(bob, [likeness], today)
    client = signed_in(alice)
    client.post("/likeness/revoke")
    ending = Ending.objects.get()
    page = text_of(client.get(f"/likeness/endings/{ending.public_id}"))
    assert "By Bob" in page and "Files are going" in page
    Clip.objects.update(files_purged_at=today)
    assert "Files gone" in text_of(client.get(f"/likeness/endings/{ending.public_id}"))


def test_every_version_of_the_grant_stays_readable(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    grant(likeness, today)
    client = signed_in(alice)
    client.post("/likeness/grant", FORM)
    page = text_of(client.get("/likeness/grant/history"))
    assert page.index("Version 2") < page.index("Version 1")
    assert (
        "In force" in page and "Replaced" in page and "Everybody with an account here may cast you." in page
    )


def test_an_old_version_says_how_many_clips_it_allowed_and_not_what_was_left(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    grant(likeness, today, count_limit=3)
    sealed(bob, [likeness], today)
    client = signed_in(alice)
    assert "At most 2 more clips." in text_of(client.get("/likeness/grant/history"))
    client.post("/likeness/grant", FORM | {"count_limit": "1"})
    page = text_of(client.get("/likeness/grant/history"))
    assert "At most 1 more clip." in page and "At most 3 more clips." in page
    LikenessGrant.objects.update(count_taken=F("count_limit"))
    assert "No more clips: the number you allowed is used up." in text_of(client.get("/likeness"))


def test_the_ledger_names_people_and_leads_to_the_clip(
    likeness: Cameo, alice: User, bob: User, today: datetime, django_assert_max_num_queries: Any
) -> None:
    grant(likeness, today, people=[bob], minimum_age=18, show_me_first=True)
    use = use_in(sealed(bob, [likeness], today), likeness)
    client = signed_in(alice)
    page = text_of(client.get("/likeness/ledger"))
    for told in ("Asked by", "Made by", "Bob (@bob)", f'href="/likeness/uses/{use.public_id}"', "(UTC)"):
        assert told in page, told
    assert "Everyone" in page and "New clips, Remixes" in page and "grant version" not in page
    for _ in range(5):
        sealed(bob, [likeness], today)
    with django_assert_max_num_queries(40):
        client.get("/likeness/ledger")


def test_a_licence_is_not_accepted_while_there_is_nothing_to_name_anybody_in(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    """They would pay for what cannot count, and be paid back."""
    from cameos.models import Licence

    owner, maker = signed_in(alice), signed_in(bob)
    owner.post("/likeness/price", {"fee": "4.50", "currency": "EUR", "share": "0"})
    maker.post(f"/likeness/ask/{likeness.public_id}", {"clip_count": "2"})
    licence = Licence.objects.get()
    for door in ("", "/api/v1"):
        refused = owner.post(f"{door}/likeness/licences/{licence.public_id}/accept")
        assert refused.status_code == 409 and "nobody can be named in it" in refused.content.decode()
    licence.refresh_from_db()
    assert licence.state == Licence.State.ASKED
    grant(likeness, today, audience=Audience.ONLY_ME)
    owner.post(f"/likeness/licences/{licence.public_id}/accept")
    licence.refresh_from_db()
    assert licence.state == Licence.State.ACCEPTED


def test_whom_alice_blocked_finds_no_likeness_at_its_address(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    client = signed_in(bob)
    here, nowhere = (f"/api/v1/castable/{name}" for name in (likeness.public_id, uuid4()))
    assert client.get(here).status_code == 200
    block(alice, bob, today)
    hidden, absent = client.get(here), client.get(nowhere)
    assert (
        (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, hidden.content)
    )


FIVE = [
    ("May Carol make a clip with me?", "Bob may cast you, and nobody else."),
    ("May Bob publish it before I saw it?", "You see each clip first"),
    ("May he use my voice?", "Your voice may not be used"),
    ("May he sell something with it?", "clips may not be commercial"),
    ("May it be about gambling?", "Never about: gambling"),
]


@pytest.mark.parametrize(("question", "answer"), FIVE, ids=[question for question, _ in FIVE])
def test_a_fresh_reader_finds_the_answer_on_the_page(
    question: str, answer: str, likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    client = signed_in(alice)
    asked = {"audience": "named", "people": "@bob", "purposes": ["generate"], "show_me_first": "on"}
    client.post("/likeness/grant", asked | {"companions": "anyone", "topics_refused": ["gambling"]})
    page = text_of(client.get("/likeness"))
    assert page.count(answer) == 1, f"{question} is not answered once"


def test_a_price_is_set_asked_for_accepted_and_shows_what_came_of_it(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    from cameos import licences
    from cameos.models import Licence

    grant(likeness, today)
    owner, maker = signed_in(alice), signed_in(bob)
    owner.post("/likeness/price", {"fee": "4.50", "currency": "EUR", "share": "12.5", "friends_free": "on"})
    assert "4.50 EUR" in text_of(owner.get("/likeness"))
    assert "4.50 EUR for each clip." in text_of(maker.get(f"/likeness/ask/{likeness.public_id}"))
    maker.post(f"/likeness/ask/{likeness.public_id}", {"clip_count": "2", "words": "a birthday"})
    assert "One request waits for you" in text_of(owner.get("/likeness"))
    licence = Licence.objects.get()
    page = text_of(owner.post(f"/likeness/licences/{licence.public_id}/accept", follow=True))
    assert "Waits for the payment" in page and "9.00 EUR" in page
    licences.paid(licence=licence, amount=900, currency="EUR", reference="pi_1", now=timezone.now())
    assert "Paid" in text_of(maker.get("/likeness/licences"))
    assert "9.00 EUR" in text_of(owner.get("/likeness"))
    assert owner.post("/likeness/price", {"fee": "-1", "currency": "EUR", "share": "1"}).status_code == 400


def test_friends_who_allow_it_are_one_tap_away(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    client = signed_in(bob)
    assert "Nobody yet" in text_of(client.get("/likeness/friends"))
    grant(likeness, today)
    assert f"/create?cast={likeness.public_id}" in text_of(client.get("/likeness/friends"))


# --- The API -----------------------------------------------------------------------------------------------


def test_the_api_says_what_the_page_says(likeness: Cameo, alice: User, bob: User, today: datetime) -> None:
    client = signed_in(alice)
    sent = {"audience": "named", "people": ["bob"], "purposes": ["generate"], "also_existing": True}
    saved = client.put("/api/v1/likeness/grant", sent, content_type="application/json")
    assert saved.status_code == 200 and saved.json()["terms"]["people"] == ["bob"]
    seen = client.get("/api/v1/likeness").json()
    assert seen["grant"]["version"] == 1 and seen["sentences"][0] == "Bob may cast you, and nobody else."
    may = signed_in(bob).get(f"/api/v1/castable/{likeness.public_id}").json()
    assert may["reason"] is None
    carol = signed_in(person("carol")).get(f"/api/v1/castable/{likeness.public_id}").json()
    assert carol["reason"] == "audience" and "Alice" in carol["message"]
    assert [c["name"] for c in signed_in(bob).get("/api/v1/castable").json()] == ["Alice"]


def test_the_api_refuses_by_name(likeness: Cameo, alice: User, today: datetime) -> None:
    client = signed_in(alice, fresh=False)
    wider = client.put("/api/v1/likeness/grant", {"audience": "everyone"}, content_type="application/json")
    assert (wider.status_code, wider.json()["code"]) == (403, "step_up_required")
    unknown = client.put(
        "/api/v1/likeness/grant",
        {"audience": "named", "people": ["nobody-here"]},
        content_type="application/json",
    )
    assert unknown.status_code == 400


def test_a_use_is_decided_over_the_api(likeness: Cameo, alice: User, bob: User, today: datetime) -> None:
    grant(likeness, today, show_me_first=True)
    first, second = (use_in(sealed(bob, [likeness], today), likeness) for _ in range(2))
    client = signed_in(alice)
    assert len(client.get("/api/v1/likeness/uses").json()["results"]) == 2
    assert client.post(f"/api/v1/likeness/uses/{first.public_id}/approve").json()["state"] == "live"
    assert client.post(f"/api/v1/likeness/uses/{second.public_id}/decline").json()["state"] == "ended"
    assert client.delete(f"/api/v1/likeness/uses/{first.public_id}").json() == {
        "reason": "deleted",
        "use_count": 1,
    }
    assert signed_in(bob).get(f"/api/v1/likeness/uses/{first.public_id}").status_code == 404
    assert len(client.get("/api/v1/likeness/ledger").json()["entries"]) > 5


def test_castable_lists_everybody_the_gate_lets_through_and_nobody_else(
    likeness: Cameo, alice: User, bob: User, today: datetime
) -> None:
    from cameos import queries

    own = likeness_of(bob, today)
    for name, values in {
        "Anna": {},
        "Ben": {"audience": Audience.CIRCLE},
        "Cleo": {"audience": "mutuals"},
    }.items():
        grant(likeness_of(person(name.lower()), today - 3 * DAY), today, **values)
    assert [c.name for c in queries.castable(bob, today)] == [own.name, "Anna"]
    assert OPEN.show_me_first is False
