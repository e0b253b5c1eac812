"""A series: its locked cast, its episodes in order, and votes on what comes next."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from accounts.models import Block, Notification, User
from cameos import consent, revocation
from cameos.models import Cameo, LikenessGrant, LikenessUse, PermitRecord
from cameos.refusals import ConsentDenied
from feed import entitlements, series
from feed.models import Ballot, BallotVote, Entitlement, Episode, Post, Series, SeriesCast
from feed.refusals import (
    BadBallot,
    BadSeries,
    BallotIsOver,
    BallotIsRunning,
    CastEnded,
    CastIsLocked,
    EpisodeTaken,
    NotInTheCast,
    NotLevel,
    NotOfSeries,
    NotYourVote,
    WrongLength,
)
from generation import actions
from generation.models import Clip, ComposeDraft, Generation
from generation.refusals import CannotMake
from tests.conftest import NOW, person
from tests.feed.conftest import MakePost

NOBODY = AnonymousUser()
DAY = timedelta(days=1)
MakeEpisode = Callable[..., Episode]


@pytest.fixture
def granted(likeness: Cameo) -> Cameo:
    """Alice lets everybody cast her, in series too."""
    LikenessGrant.objects.create(
        cameo=likeness,
        version=1,
        audience="everyone",
        purposes=["generate", "series"],
        created_at=NOW - DAY,
        effective_at=NOW - DAY,
    )
    return likeness


@pytest.fixture
def show(bob: User) -> Series:
    return series.begin(creator=bob, title="Tightrope", bible="Never indoors.", now=NOW)


@pytest.fixture
def long_post(make_post: MakePost) -> Callable[..., Post]:
    def make(maker: User, seconds: float = 40, **fields: object) -> Post:
        post = make_post(maker, **fields)
        Clip.objects.filter(pk=post.clip_id).update(duration_ms=round(seconds * 1000))
        return Post.objects.select_related("clip", "creator").get(pk=post.pk)

    return make


@pytest.fixture
def make_episode(show: Series, bob: User, long_post: Callable[..., Post]) -> MakeEpisode:
    def make(title: str = "The rope", cliffhanger: str = "", **fields: object) -> Episode:
        post = long_post(bob, **fields)
        return series.add_episode(
            series=show, by=bob, post=post, title=title, cliffhanger=cliffhanger, now=NOW
        )

    return make


def ballot(episode: Episode, *ways: str) -> Ballot:
    return series.open_ballot(
        episode=episode,
        by=episode.series.creator,
        question="What now?",
        options=ways or ("He falls", "He flies"),
        closes_at=NOW + DAY,
        now=NOW,
    )


# --- Episodes and the cast ---------------------------------------------------------------------------------


def test_episodes_stand_in_their_order(
    show: Series, bob: User, carol: User, make_episode: MakeEpisode
) -> None:
    first, second = make_episode("The rope"), make_episode("The wind")
    assert [one.number for one in (first, second)] == [1, 2]
    assert [shown.state for shown in series.episodes(carol, show, NOW)] == ["open", "open"]
    assert series.next_of(carol, first, NOW) == second and series.next_of(carol, second, NOW) is None


@pytest.mark.parametrize(
    ("seconds", "fits"), [(29, False), (29.6, True), (30, True), (60.4, True), (61, False)]
)
def test_an_episode_lasts_half_a_minute_to_a_minute(
    make_episode: MakeEpisode, seconds: float, fits: bool
) -> None:
    if fits:
        make_episode(seconds=seconds)
        return
    with pytest.raises(WrongLength):
        make_episode(seconds=seconds)
    assert not Episode.objects.exists()


def test_one_clip_is_one_episode(show: Series, bob: User, make_episode: MakeEpisode) -> None:
    episode = make_episode()
    with pytest.raises(EpisodeTaken):
        series.add_episode(series=show, by=bob, post=episode.post, title="Again", now=NOW)
    with pytest.raises(BadSeries):
        make_episode("  \u200b ")


def test_nobody_else_adds_to_it(show: Series, carol: User, long_post: Callable[..., Post]) -> None:
    with pytest.raises(NotOfSeries):
        series.add_episode(series=show, by=carol, post=long_post(carol), title="Mine", now=NOW)
    with pytest.raises(NotOfSeries):
        series.add_episode(series=show, by=show.creator, post=long_post(carol), title="Hers", now=NOW)


def test_only_who_permits_series_is_cast(bob: User, likeness: Cameo) -> None:
    LikenessGrant.objects.create(
        cameo=likeness,
        version=1,
        audience="everyone",
        purposes=["generate"],
        created_at=NOW,
        effective_at=NOW,
    )
    with pytest.raises(ConsentDenied) as denied:
        series.begin(creator=bob, title="Tightrope", cast=[likeness], now=NOW)
    assert "Alice" in str(denied.value.message)
    assert not Series.objects.exists() and not Notification.objects.filter(kind="in_series").exists()


def test_the_first_episode_locks_the_cast(
    show: Series, bob: User, granted: Cameo, make_episode: MakeEpisode
) -> None:
    words = {"title": "Tightrope", "teaser": "", "bible": ""}
    series.change(series=show, by=bob, cast=[granted], now=NOW, **words)
    assert Notification.objects.get(kind="in_series").recipient == granted.owner
    make_episode(cast=(granted,))
    show.refresh_from_db()
    with pytest.raises(CastIsLocked):
        series.change(series=show, by=bob, cast=[], now=NOW, **words)
    series.change(series=show, by=bob, now=NOW, **words | {"title": "Rope"})
    assert show.title == "Rope"


def test_whoever_is_not_in_the_cast_is_in_no_episode(make_episode: MakeEpisode, granted: Cameo) -> None:
    make_episode()
    with pytest.raises(NotInTheCast) as said:
        make_episode(cast=(granted,))
    assert "Alice" in str(said.value.message)


def test_alice_leaves_in_mid_season(
    bob: User,
    carol: User,
    alice: User,
    granted: Cameo,
    long_post: Callable[..., Post],
    make_post: MakePost,
    client: Client,
) -> None:
    """Her episodes go at the next read, the brief says so, and the series goes on without her."""
    show = series.begin(creator=bob, title="Tightrope", cast=[granted], now=NOW)
    client.force_login(carol)
    with_her, late = long_post(bob, cast=(granted,)), long_post(bob, cast=(granted,))
    series.add_episode(series=show, by=bob, post=with_her, title="One", now=NOW)
    series.add_episode(series=show, by=bob, post=long_post(bob), title="Two", now=NOW)
    assert series.brief(show, NOW).cast == [granted]
    assert f"<bdi>{granted.name}</bdi>" in client.get(show.get_absolute_url()).content.decode()
    LikenessUse.objects.update(grant=granted.grants.get())
    revocation.revoke(cameo=granted, owner=alice, now=NOW)
    assert [shown.episode.title for shown in series.episodes(carol, show, NOW)] == ["Two"]
    assert [shown.state for shown in series.episodes(bob, show, NOW)] == ["gone", "open"]
    for address in (show.get_absolute_url(), f"/api/v1{show.get_absolute_url()}"):
        assert granted.name not in client.get(address).content.decode(), address
    brief = series.brief(show, NOW)
    assert brief.cast == [] and [cameo for cameo, _why in brief.ended] == [granted]
    late.refresh_from_db()
    with pytest.raises((CastEnded, NotOfSeries)):
        series.add_episode(series=show, by=bob, post=late, title="Three", now=NOW)
    series.write_out(series=show, by=bob, cameo=granted, now=NOW)
    series.write_out(series=show, by=bob, cameo=granted, now=NOW)
    assert series.brief(show, NOW).ended == []
    assert series.add_episode(series=show, by=bob, post=long_post(bob), title="Three", now=NOW).number == 3


def test_whoever_was_written_out_stays_out(bob: User, granted: Cameo, long_post: Callable[..., Post]) -> None:
    show = series.begin(creator=bob, title="Tightrope", cast=[granted], now=NOW)
    post = long_post(bob, cast=(granted,))
    series.write_out(series=show, by=bob, cameo=granted, now=NOW)
    with pytest.raises(CastEnded):
        series.add_episode(series=show, by=bob, post=post, title="One", now=NOW)


def test_a_series_without_an_episode_is_its_creators(show: Series, bob: User, carol: User) -> None:
    assert list(Series.objects.visible_to(bob)) == [show]
    assert not Series.objects.visible_to(carol).exists() and not Series.objects.visible_to(NOBODY).exists()


def test_a_block_hides_the_series_in_both_directions(
    show: Series, bob: User, carol: User, make_episode: MakeEpisode, client: Client
) -> None:
    make_episode()
    client.force_login(carol)
    assert client.get(show.get_absolute_url()).status_code == 200
    Block.objects.create(blocker=bob, blocked=carol, created_at=NOW)
    assert client.get(show.get_absolute_url()).status_code == 404
    Block.objects.update(blocker=carol, blocked=bob)
    assert client.get(show.get_absolute_url()).status_code == 404


# --- Paid episodes: the rule of who sees what --------------------------------------------------------------


def test_a_paid_episode_is_there_for_whoever_paid(
    show: Series, bob: User, carol: User, make_episode: MakeEpisode, client: Client
) -> None:
    post = make_episode().post
    entitlements.lock(post)
    assert [shown.state for shown in series.episodes(carol, show, NOW)] == ["paid"]
    for viewer in (carol, NOBODY):
        assert not Post.objects.visible_to(viewer, NOW).exists()
        assert not Clip.objects.visible_to(viewer, NOW).filter(pk=post.clip_id).exists()
        assert Post.objects.offered_to(viewer, NOW).get() == post
    assert Post.objects.visible_to(bob, NOW).exists() and not Post.objects.offered_to(bob, NOW).exists()
    client.force_login(carol)
    poster = f"/media/{post.clip.renditions.first().public_id}"
    assert client.get(post.get_absolute_url()).url == f"/unlock/{post.public_id}"
    assert client.get(poster).status_code == 404
    entitlements.grant(post=post, person=carol, reference="order:1", now=NOW)
    entitlements.grant(post=post, person=carol, reference="order:1", now=NOW)
    assert Entitlement.objects.count() == 1
    assert client.get(post.get_absolute_url()).status_code == 200
    assert [shown.state for shown in series.episodes(carol, show, NOW)] == ["open"]
    assert not Post.objects.visible_to(NOBODY, NOW).exists()
    assert entitlements.end(reference="order:1", now=NOW) and not entitlements.end(
        reference="order:1", now=NOW
    )
    assert client.get(post.get_absolute_url()).status_code == 302
    Post.objects.update(state=Post.State.HIDDEN)
    assert client.get(post.get_absolute_url()).status_code == 404


def test_paying_reaches_nothing_that_is_hidden_otherwise(
    show: Series, bob: User, carol: User, make_episode: MakeEpisode
) -> None:
    post = make_episode().post
    entitlements.lock(post)
    entitlements.grant(post=post, person=carol, reference="order:1", now=NOW)
    Block.objects.create(blocker=bob, blocked=carol, created_at=NOW)
    assert not Post.objects.visible_to(carol, NOW).exists()
    Block.objects.all().delete()
    Entitlement.objects.all().delete()
    Post.objects.update(state=Post.State.HIDDEN)
    assert not Post.objects.offered_to(carol, NOW).exists()


def test_a_free_reader_finds_no_trace_of_a_paid_clip(
    bob: User, carol: User, make_episode: MakeEpisode, client: Client
) -> None:
    post = make_episode(caption="tightrope walking").post
    entitlements.lock(post)
    client.force_login(carol)
    for address in ("/latest", "/u/bob", "/search?q=tightrope", "/api/v1/feed/latest", "/u/bob/atom.xml"):
        assert str(post.public_id) not in client.get(address).content.decode(), address


# --- Votes -------------------------------------------------------------------------------------------------


def test_most_voices_decide_the_next_brief(
    show: Series, bob: User, carol: User, alice: User, make_episode: MakeEpisode
) -> None:
    asked = ballot(make_episode(cliffhanger="The rope tears"))
    series.vote(ballot=asked, person=carol, position=0, now=NOW)
    series.vote(ballot=asked, person=carol, position=1, now=NOW)
    series.vote(ballot=asked, person=alice, position=1, now=NOW)
    assert BallotVote.objects.count() == 2 and series.close_due(NOW) == 0
    assert series.close_due(NOW + DAY) == 1 and series.close_due(NOW + DAY) == 0
    brief = series.brief(show, NOW)
    assert (brief.number, brief.outcome, brief.beats) == (2, "decided", ["The rope tears", "He flies"])
    assert Notification.objects.filter(recipient=bob, kind="ballot_closed").count() == 1
    with pytest.raises(BallotIsOver):
        series.vote(ballot=asked, person=carol, position=0, now=NOW)


def test_a_tie_is_the_creators_among_those_that_are_level(
    show: Series, bob: User, carol: User, alice: User, make_episode: MakeEpisode
) -> None:
    asked = ballot(make_episode(), "He falls", "He flies", "He sings")
    series.vote(ballot=asked, person=carol, position=0, now=NOW)
    series.vote(ballot=asked, person=alice, position=2, now=NOW)
    series.close_due(NOW + DAY)
    brief = series.brief(show, NOW)
    assert (brief.outcome, brief.beat, brief.level) == ("tied", "", ["He falls", "He sings"])
    asked.refresh_from_db()
    with pytest.raises(NotLevel):
        series.break_tie(ballot=asked, by=bob, position=1)
    with pytest.raises(NotOfSeries):
        series.break_tie(ballot=asked, by=carol, position=0)
    series.break_tie(ballot=asked, by=bob, position=2)
    brief = series.brief(show, NOW)
    assert (brief.outcome, brief.beat) == ("decided", "He sings")
    with pytest.raises(NotLevel):
        series.break_tie(ballot=asked, by=bob, position=0)


def test_without_voters_the_next_beat_is_the_creators(show: Series, make_episode: MakeEpisode) -> None:
    asked = ballot(make_episode())
    series.close_due(NOW + DAY)
    brief = series.brief(show, NOW)
    assert (brief.outcome, brief.beat, brief.level) == ("unvoted", "", [])
    asked.refresh_from_db()
    assert asked.winner is None and [option.vote_count for option in asked.options.all()] == [0, 0]


def test_what_was_decided_stays_where_a_later_vote_brings_nothing(
    show: Series, bob: User, carol: User, make_episode: MakeEpisode, client: Client
) -> None:
    episode = make_episode()
    series.vote(ballot=ballot(episode), person=carol, position=1, now=NOW)
    series.close_due(NOW + DAY)
    ballot(episode, "At night", "At noon")
    brief = series.brief(show, NOW)
    assert (brief.outcome, brief.beats) == ("open", ["He flies"])
    client.force_login(bob)
    page = client.get(f"/series/{show.public_id}/edit").content.decode()
    assert "He flies" in page and "The vote is running." in page
    series.close_due(NOW + DAY)
    brief = series.brief(show, NOW)
    assert (brief.outcome, brief.beats) == ("unvoted", ["He flies"])
    assert "Nobody voted" not in client.get(f"/series/{show.public_id}/edit").content.decode()


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ((0, 0), "unvoted"),
        ((1, 0), "decided"),
        ((2, 2, 1), "tied"),
        ((3, 2, 3), "tied"),
        ((0, 5, 4), "decided"),
    ],
)
def test_the_outcome_by_the_voices(given: tuple[int, ...], state: str) -> None:
    options = [SimpleNamespace(given=one) for one in given]
    found, winner = series.counted(options)
    assert found == state
    assert (winner is None) is (state != "decided") and (winner is None or winner.given == max(given))


def test_a_vote_for_the_last_episode_alone_makes_the_brief(
    show: Series, carol: User, make_episode: MakeEpisode
) -> None:
    asked = ballot(make_episode())
    series.vote(ballot=asked, person=carol, position=0, now=NOW)
    series.close_due(NOW + DAY)
    make_episode("The fall")
    assert series.brief(show, NOW).beat == ""


def test_one_vote_at_a_time_and_in_bounds(bob: User, make_episode: MakeEpisode) -> None:
    episode = make_episode()
    asked = {"episode": episode, "by": bob, "question": "?", "now": NOW}
    for options, closes_in in (
        (["a"], DAY),
        (["a", "a"], DAY),
        (list("abcdef"), DAY),
        (["a", "b"], 15 * DAY),
    ):
        with pytest.raises(BadBallot):
            series.open_ballot(options=options, closes_at=NOW + closes_in, **asked)
    made = ballot(episode)
    with pytest.raises(BallotIsRunning):
        ballot(episode)
    with pytest.raises(NotYourVote):
        series.vote(ballot=made, person=bob, position=0, now=NOW)
    with pytest.raises(BadBallot):
        series.vote(ballot=made, person=person("dora"), position=7, now=NOW)


def test_who_may_not_see_the_episode_has_no_vote(
    show: Series, carol: User, make_episode: MakeEpisode, client: Client
) -> None:
    episode = make_episode()
    ballot(episode)
    entitlements.lock(episode.post)
    client.force_login(carol)
    assert client.post(f"/series/{show.public_id}/vote", {"way": "0"}).status_code == 404
    assert not BallotVote.objects.exists()


# --- Pages -------------------------------------------------------------------------------------------------


def test_bob_makes_a_series_on_the_pages(
    bob: User, carol: User, granted: Cameo, long_post: Callable[..., Post], client: Client
) -> None:
    client.force_login(bob)
    assert "No series yet" in client.get("/series").content.decode()
    assert client.post("/series", {"title": ""}).status_code == 422
    answer = client.post(
        "/series", {"title": "Tightrope", "bible": "Outdoors", "cast": [str(granted.public_id)]}
    )
    show = Series.objects.get()
    edit = f"/series/{show.public_id}/edit"
    assert answer.url == edit
    post = long_post(bob, cast=(granted,))
    sent = {"do": "episode", "post": str(post.public_id), "title": "The rope", "cliffhanger": "It tears"}
    assert client.post(edit, sent).status_code == 302
    assert (
        client.post(
            edit, {"do": "ballot", "question": "And now?", "ways": "Up\nDown", "days": "3"}
        ).status_code
        == 302
    )
    assert "And now?" in client.get(edit).content.decode()
    client.force_login(carol)
    page = client.get(f"/series/{show.public_id}").content.decode()
    assert "The rope" in page and "Outdoors" not in page and "And now?" in page
    assert client.post(f"/series/{show.public_id}/vote", {"way": "1"}).status_code == 302
    assert "Change my vote" in client.get(f"/series/{show.public_id}").content.decode()
    assert client.get(edit).status_code == 404
    assert f'href="/series/{show.public_id}"' in client.get("/u/bob").content.decode()
    card = client.get(post.get_absolute_url()).content.decode()
    assert f'Episode 1 of <a href="/series/{show.public_id}">Tightrope</a>' in card


def test_the_brief_becomes_a_storyboard(
    show: Series, bob: User, carol: User, make_episode: MakeEpisode, client: Client
) -> None:
    asked = ballot(make_episode(cliffhanger="The rope tears"))
    series.vote(ballot=asked, person=carol, position=1, now=NOW)
    series.close_due(NOW + DAY)
    client.force_login(bob)
    answer = client.post(f"/series/{show.public_id}/edit", {"do": "next"})
    draft = ComposeDraft.objects.get()
    assert answer.url == f"/create/storyboard?draft={draft.public_id}"
    assert [shot["prompt"] for shot in draft.wishes["shots"]][:2] == ["The rope tears", "He flies"]
    assert sum(shot["seconds"] for shot in draft.wishes["shots"]) == 30
    assert "The rope tears" in client.get(answer.url).content.decode()
    client.force_login(carol)
    assert client.get(answer.url).status_code == 404


def test_a_brief_casts_no_more_than_a_clip_can_show(bob: User, granted: Cameo, client: Client) -> None:
    LikenessGrant.objects.filter(cameo=granted).update(purposes=["series"])
    more = [
        Cameo.objects.create(owner=bob, name=f"Bob {n}", kind="character", state="verified", created_at=NOW)
        for n in range(4)
    ]
    show = series.begin(creator=bob, title="Crowd", cast=[granted, *more], now=NOW)
    client.force_login(bob)
    answer = client.post(f"/series/{show.public_id}/edit", {"do": "next"})
    shots = ComposeDraft.objects.get().wishes["shots"]
    assert {tuple(shot["cast"]) for shot in shots} == {
        tuple(str(cameo.public_id) for cameo in [granted, *more[:2]])
    }
    page = client.get(answer.url).content.decode()
    assert page.count(f'value="{granted.public_id}" checked') == len(shots), "series are what she allows"
    assert "picker__no " not in page and "An episode of “Crowd”" in page
    LikenessGrant.objects.filter(cameo=granted).update(purposes=["generate"])
    page = client.get(answer.url).content.decode()
    assert f'value="{granted.public_id}"' not in page and page.count("picker__no ") == len(shots)


# --- What a storyboard is made for

SHOTS = [{"prompt": "a woman waves", "seconds": 15}, {"prompt": "she jumps", "seconds": 15}]


def storyboard(maker: User, cast: list[Cameo], **how: object) -> Generation:
    return actions.request_generation(
        maker=maker, prompt="", verb="storyboard", cast=cast, how={"shots": SHOTS} | how, now=NOW
    )


@pytest.mark.parametrize(
    ("purposes", "is_episode", "outcome"),
    [
        (["series"], True, ("QUEUED", "")),
        (["generate"], True, ("REFUSED", "purpose")),
        (["series"], False, ("REFUSED", "purpose")),
        (["generate"], False, ("QUEUED", "")),
    ],
)
def test_the_gate_is_asked_for_what_a_storyboard_is_made_for(
    vectors: str,
    bob: User,
    granted: Cameo,
    purposes: list[str],
    is_episode: bool,
    outcome: tuple[str, str],
) -> None:
    show = series.begin(creator=bob, title="Tightrope", cast=[granted], now=NOW)
    LikenessGrant.objects.filter(cameo=granted).update(purposes=purposes)
    made = storyboard(bob, [granted], **({"series": str(show.public_id)} if is_episode else {}))
    assert (made.state, made.refusal_rule) == outcome
    records = list(PermitRecord.objects.filter(generation=made).values_list("purpose", flat=True))
    assert records == (["series" if is_episode else "generate"] if made.state == "QUEUED" else [])


def test_who_stops_allowing_series_ends_an_episode_that_waits(
    vectors: str, bob: User, granted: Cameo
) -> None:
    show = series.begin(creator=bob, title="Tightrope", cast=[granted], now=NOW)
    made = storyboard(bob, [granted], series=str(show.public_id))
    consent.recheck(generation=made, now=NOW)
    LikenessGrant.objects.filter(cameo=granted).update(purposes=["generate"])
    with pytest.raises(ConsentDenied, match="purpose"):
        consent.recheck(generation=made, now=NOW)


def test_an_episode_is_of_ones_own_series_with_its_cast_alone(
    vectors: str, bob: User, carol: User, granted: Cameo
) -> None:
    shows = [series.begin(creator=who, title="One", now=NOW) for who in (bob, carol, bob)]
    series.delete(series=shows[2], by=bob, now=NOW)
    for show, code in zip(shows, ("not_in_the_cast", "series_gone", "series_gone"), strict=True):
        with pytest.raises(CannotMake) as said:
            storyboard(bob, [granted], series=str(show.public_id))
        assert said.value.code == code
    with pytest.raises(CannotMake):
        storyboard(bob, [], series="no-number")
    assert not Generation.objects.exists()


def test_a_shot_of_an_episode_again_is_for_the_series_too(
    vectors: str, bob: User, granted: Cameo, make_post: MakePost
) -> None:
    show = series.begin(creator=bob, title="Tightrope", cast=[granted], now=NOW)
    made = storyboard(bob, [granted], series=str(show.public_id))
    clip = make_post(bob, cast=(granted,)).clip
    Clip.objects.filter(pk=clip.pk).update(material_path="clips/material.npz")
    Generation.objects.filter(pk=made.pk).update(state="READY", clip=clip)
    clip.refresh_from_db()
    again = actions.request_generation(
        maker=bob, prompt="", verb="retake", cast=[], parent=clip, how={"shot": 1}, now=NOW
    )
    assert (again.state, again.how["series"]) == ("QUEUED", str(show.public_id))
    assert PermitRecord.objects.get(generation=again).purpose == "series"


def test_the_storyboards_page_asks_for_the_series_that_it_began_with(
    vectors: str, bob: User, granted: Cameo, client: Client
) -> None:
    LikenessGrant.objects.filter(cameo=granted).update(purposes=["series"])
    other = Cameo.objects.create(owner=bob, kind="character", name="Pip", state="VERIFIED", created_at=NOW)
    show = series.begin(creator=bob, title="Tightrope", cast=[granted], now=NOW)
    client.force_login(bob)
    page = client.get(client.post(f"/series/{show.public_id}/edit", {"do": "next"}).url).content.decode()
    assert f'name="series" value="{show.public_id}"' in page
    assert str(granted.public_id) in page and str(other.public_id) not in page  # not in its cast
    sent = {
        "aspect": "9:16",
        "series": str(show.public_id),
        "shot-0-prompt": "a woman waves",
        "shot-0-seconds": "15",
        "shot-0-cast": str(granted.public_id),
        "shot-1-prompt": "she jumps",
        "shot-1-seconds": "15",
    }
    assert client.post("/create/storyboard", sent | {"keep": "1"}).status_code == 302
    assert ComposeDraft.objects.latest("pk").wishes["series"] == str(show.public_id)
    assert client.post("/create/storyboard", sent).status_code == 302
    assert PermitRecord.objects.get().purpose == "series"


def test_only_what_can_be_an_episode_is_offered_for_one(
    show: Series, bob: User, granted: Cameo, long_post: Callable[..., Post], client: Client
) -> None:
    fits, with_alice = long_post(bob), long_post(bob, cast=(granted,))
    for seconds in (5, 90):
        long_post(bob, seconds=seconds)
    assert list(series.to_add(show, NOW)) == [fits]
    SeriesCast.objects.create(series=show, cameo=granted, position=0)
    assert list(series.to_add(show, NOW)) == [with_alice, fits]


def test_words_of_an_episode_are_changed_on_its_page(
    show: Series, bob: User, make_episode: MakeEpisode, client: Client
) -> None:
    episode = make_episode(cliffhanger="It tears")
    client.force_login(bob)
    edit = f"/series/{show.public_id}/edit"
    assert 'value="It tears"' in client.get(edit).content.decode()
    sent = {"do": "change", "number": "1", "title": "The wire", "cliffhanger": "It holds"}
    assert client.post(edit, sent).status_code == 302
    episode.refresh_from_db()
    assert (episode.title, episode.cliffhanger) == ("The wire", "It holds")
    assert client.post(edit, sent | {"number": "9"}).status_code == 404


def test_the_api_tells_and_asks(
    bob: User, carol: User, long_post: Callable[..., Post], client: Client
) -> None:
    client.force_login(bob)
    made = client.post("/api/v1/series", {"title": "Tightrope"}, "application/json")
    address = f"/api/v1/series/{made.json()['id']}"
    post = long_post(bob)
    added = client.post(
        f"{address}/episodes", {"post": str(post.public_id), "title": "One"}, "application/json"
    )
    assert (added.status_code, added.json()["number"]) == (201, 1)
    short = long_post(bob, seconds=5)
    refused = client.post(
        f"{address}/episodes", {"post": str(short.public_id), "title": "Two"}, "application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_length")
    assert client.get(f"{address}/brief").json()["number"] == 2
    client.force_login(carol)
    told = client.get(address).json()
    assert [one["state"] for one in told["episodes"]] == ["open"] and told["ballot"] is None
    assert client.put(f"{address}/vote", {"way": 0}, "application/json").status_code == 404
    assert client.delete(address).status_code == 404
