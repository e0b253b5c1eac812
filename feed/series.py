"""Series: a bible, a locked cast, episodes in their order, and votes that close into the next brief.

What may be seen of an episode is its post's own rule (`Post.objects.visible_to`): a withdrawn likeness hides
it there, and here its place stays empty. docs/algorithms/series.md has the rules with their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from accounts import notifications
from accounts.models import User
from accounts.social import Viewer
from cameos import consent
from cameos.models import Cameo, LikenessUse, Purpose
from cameos.refusals import ConsentDenied
from feed import prices, text
from feed.models import (
    Ballot,
    BallotOption,
    BallotVote,
    Episode,
    Post,
    Series,
    SeriesCast,
)
from feed.refusals import (
    BadBallot,
    BadSeries,
    BallotIsOver,
    BallotIsRunning,
    CastEnded,
    CastIsLocked,
    CastTooLarge,
    EpisodeTaken,
    NotInTheCast,
    NotLevel,
    NotOfSeries,
    NotYourVote,
    WrongLength,
)

SHORTEST_MS, LONGEST_MS, TOLERANCE_MS = 30_000, 60_000, 500
MOST_CAST, MOST_EPISODES = 8, 500
LEAST_OPTIONS, MOST_OPTIONS = 2, 5
SHORTEST_VOTE, LONGEST_VOTE = timedelta(hours=1), timedelta(days=14)


# --- Making one --------------------------------------------------------------------------------------------


@transaction.atomic
def begin(
    *, creator: User, title: str, teaser: str = "", bible: str = "", cast: Sequence[Cameo] = (), now: datetime
) -> Series:
    """A series without episodes. Everybody in the cast must let this creator use them in series. Raises
    `BadSeries`, `CastTooLarge`, `ConsentDenied`."""
    made = Series(creator=creator, created_at=now, **_words(title, teaser, bible))
    made.save()
    _set_cast(made, cast, now)
    return made


@transaction.atomic
def change(
    *,
    series: Series,
    by: User,
    title: str,
    teaser: str,
    bible: str,
    cast: Sequence[Cameo] | None = None,
    now: datetime,
) -> Series:
    """Its words, whenever; its cast until the first episode (`CastIsLocked`)."""
    _own(series, by)
    for name, value in _words(title, teaser, bible).items():
        setattr(series, name, value)
    series.save(update_fields=["title", "teaser", "bible"])
    if cast is not None:
        here = list(series.cast.filter(left_at=None).values_list("cameo", flat=True))
        if [cameo.pk for cameo in cast] != here:
            if series.locked_at is not None:
                raise CastIsLocked()
            _set_cast(series, cast, now)
    return series


def _words(title: str, teaser: str, bible: str) -> dict[str, str]:
    title = text.clean(title[:400]).replace("\n", " ")[:80]
    if not title:
        raise BadSeries()
    lines = [text.clean(line) for line in bible[:8000].splitlines()]
    return {
        "title": title,
        "teaser": text.clean(teaser[:1200])[:280],
        "bible": "\n".join(lines).strip()[:4000],
    }


def _set_cast(series: Series, cast: Sequence[Cameo], now: datetime) -> None:
    if len(cast) > MOST_CAST or len({cameo.pk for cameo in cast}) != len(cast):
        raise CastTooLarge()
    for cameo in cast:
        _check_castable(cameo, series.creator, now)
    series.cast.all().delete()
    SeriesCast.objects.bulk_create(
        SeriesCast(series=series, cameo=cameo, position=position) for position, cameo in enumerate(cast)
    )
    for owner in {cameo.owner for cameo in cast} - {series.creator}:
        notifications.notify(
            recipient=owner,
            kind="in_series",
            data={"name": series.creator.name, "title": series.title},
            url=series.get_absolute_url(),
            now=now,
        )


def _check_castable(cameo: Cameo, creator: User, now: datetime) -> None:
    reason = _why_not(cameo, creator, now)
    if reason is not None:
        raise ConsentDenied(reason, name=cameo.name)


def _why_not(cameo: Cameo, creator: User, now: datetime) -> Any:
    return consent.may_cast(cameo=cameo, requester=creator, now=now, purpose=Purpose.SERIES)


def standing(series: Series, now: datetime) -> list[Cameo]:
    """Those of the cast who permit it now: nobody else is named to others."""
    gone = {cameo.pk for cameo, _why in ended(series, now)}
    members = series.cast.filter(left_at=None).select_related("cameo__owner")
    return [member.cameo for member in members if member.cameo_id not in gone]


def ended(series: Series, now: datetime) -> list[tuple[Cameo, str]]:
    """Those of the cast who do not permit it any more, each with the sentence why: they are to be written
    out."""
    found = []
    for member in series.cast.filter(left_at=None).select_related("cameo__owner"):
        reason = _why_not(member.cameo, series.creator, now)
        if reason is not None:
            found.append((member.cameo, str(ConsentDenied(reason, name=member.cameo.name).message)))
    return found


@transaction.atomic
def write_out(*, series: Series, by: User, cameo: Cameo, now: datetime) -> None:
    """Somebody is in no episode from now on; those that are out stay what they are. Twice is once."""
    _own(series, by)
    series.cast.filter(cameo=cameo, left_at=None).update(left_at=now)


@transaction.atomic
def delete(*, series: Series, by: User, now: datetime) -> None:
    """The series is gone; its clips stay clips, paid ones for whoever paid."""
    _own(series, by)
    Ballot.objects.filter(series=series, state=Ballot.State.OPEN).update(
        state=Ballot.State.UNVOTED, closed_at=now
    )
    Series.objects.filter(pk=series.pk).update(deleted_at=now)


@transaction.atomic
def add_episode(
    *, series: Series, by: User, post: Post, title: str, cliffhanger: str = "", now: datetime
) -> Episode:
    """Put a published clip of one's own next in the order; the first locks the cast. Raises `WrongLength`,
    `NotInTheCast`, `CastEnded`, `EpisodeTaken`, `ConsentDenied`."""
    _own(series, by)
    Series.objects.select_for_update().get(pk=series.pk)
    if post.creator_id != by.pk or post.state != Post.State.LIVE:
        raise NotOfSeries()
    _check_length(post)
    _check_cast(series, post, now)
    title = text.clean(title[:400]).replace("\n", " ")[:80]
    last = series.episodes.aggregate(last=Max("number"))["last"] or 0
    if not title or last >= MOST_EPISODES:
        raise BadSeries()
    try:
        with transaction.atomic():
            made = Episode.objects.create(
                series=series,
                post=post,
                number=last + 1,
                title=title,
                cliffhanger=text.clean(cliffhanger[:800])[:200],
                added_at=now,
            )
    except IntegrityError:
        raise EpisodeTaken() from None
    if series.locked_at is None:
        series.locked_at = now
        series.save(update_fields=["locked_at"])
    return made


def _check_length(post: Post) -> None:
    if not SHORTEST_MS - TOLERANCE_MS <= post.clip.duration_ms <= LONGEST_MS + TOLERANCE_MS:
        raise WrongLength()


def _check_cast(series: Series, post: Post, now: datetime) -> None:
    cast = {member.cameo_id: member for member in series.cast.all()}
    uses = LikenessUse.objects.filter(clip=post.clip_id).select_related("cameo__owner")
    for use in uses:
        member = cast.get(use.cameo_id)
        if member is None:
            raise NotInTheCast(use.cameo.name)
        if use.is_ended or member.left_at is not None:
            raise CastEnded(use.cameo.name)
        _check_castable(use.cameo, series.creator, now)


@transaction.atomic
def change_episode(*, episode: Episode, by: User, title: str, cliffhanger: str) -> Episode:
    _own(episode.series, by)
    episode.title = text.clean(title[:400]).replace("\n", " ")[:80] or episode.title
    episode.cliffhanger = text.clean(cliffhanger[:800])[:200]
    episode.save(update_fields=["title", "cliffhanger"])
    return episode


def to_add(series: Series, now: datetime) -> QuerySet[Post]:
    """The creator's own published clips that can be put next: in no series, as long as an episode, and with
    nobody outside the cast. The newest first."""
    here = series.cast.filter(left_at=None).values("cameo")
    others = LikenessUse.objects.filter(clip=OuterRef("clip")).exclude(cameo__in=here)
    lengths = SHORTEST_MS - TOLERANCE_MS, LONGEST_MS + TOLERANCE_MS
    rows = Post.objects.visible_to(series.creator, now).filter(creator=series.creator, episode=None)
    fitting = rows.filter(~Exists(others), clip__duration_ms__range=lengths)
    return fitting.select_related("clip").order_by("-pk")


# --- What comes next ---------------------------------------------------------------------------------------


@transaction.atomic
def open_ballot(
    *, episode: Episode, by: User, question: str, options: Sequence[str], closes_at: datetime, now: datetime
) -> Ballot:
    """Ask those who saw the episode what happens next: 2 to 5 ways, 1 hour to 14 days. One at a time. Raises
    `BadBallot`, `BallotIsRunning`."""
    _own(episode.series, by)
    question = text.clean(question[:800]).replace("\n", " ")[:200]
    ways = [text.clean(way[:800]).replace("\n", " ")[:200] for way in options if way.strip()]
    ways = [way for way in dict.fromkeys(ways) if way]
    if not question or not LEAST_OPTIONS <= len(ways) <= MOST_OPTIONS:
        raise BadBallot()
    if not SHORTEST_VOTE <= closes_at - now <= LONGEST_VOTE:
        raise BadBallot()
    try:
        with transaction.atomic():
            made = Ballot.objects.create(
                episode=episode,
                series=episode.series,
                question=question,
                opened_at=now,
                closes_at=closes_at,
            )
    except IntegrityError:
        raise BallotIsRunning() from None
    BallotOption.objects.bulk_create(
        BallotOption(ballot=made, position=position, words=way) for position, way in enumerate(ways)
    )
    return made


@transaction.atomic
def vote(*, ballot: Ballot, person: User, position: int, now: datetime) -> BallotVote:
    """One voice a person, changed until it closes; the creator has none. The caller has checked that the
    person may see the episode. Raises `BallotIsOver`, `NotYourVote`, `BadBallot`."""
    held = Ballot.objects.select_for_update(of=("self",)).select_related("series").get(pk=ballot.pk)
    if held.state != Ballot.State.OPEN or held.closes_at <= now:
        raise BallotIsOver()
    if held.series.creator_id == person.pk:
        raise NotYourVote()
    option = held.options.filter(position=position).first()
    if option is None:
        raise BadBallot()
    given, _new = BallotVote.objects.update_or_create(
        ballot=held, person=person, defaults={"option": option, "at": now}
    )
    return given


def close_due(now: datetime) -> int:
    """Count the votes whose time is over; how many. Run by the beat, twice does no harm."""
    due = Ballot.objects.filter(state=Ballot.State.OPEN, closes_at__lte=now).order_by("closes_at", "pk")
    return sum(_close(pk, now) for pk in list(due.values_list("pk", flat=True)[:100]))


@transaction.atomic
def _close(pk: int, now: datetime) -> bool:
    held = Ballot.objects.select_for_update(of=("self",)).select_related("series__creator").get(pk=pk)
    if held.state != Ballot.State.OPEN:
        return False
    options = list(held.options.annotate(given=Count("votes")))
    for option in options:
        BallotOption.objects.filter(pk=option.pk).update(vote_count=option.given)
    held.state, held.winner = counted(options)
    held.closed_at = now
    held.save(update_fields=["state", "winner", "closed_at"])
    notifications.notify(
        recipient=held.series.creator,
        kind="ballot_closed",
        data={
            "title": held.series.title,
            "state": held.state,
            "words": held.winner.words if held.winner else "",
        },
        url=f"/series/{held.series.public_id}/edit",
        now=now,
    )
    return True


def counted(options: Sequence[Any]) -> tuple[Ballot.State, Any]:
    """The outcome by each option's `given`: most voices win; level ones are TIED, none at all UNVOTED."""
    most = max(option.given for option in options)
    best = [option for option in options if option.given == most]
    if most == 0:
        return Ballot.State.UNVOTED, None
    return (Ballot.State.DECIDED, best[0]) if len(best) == 1 else (Ballot.State.TIED, None)


@transaction.atomic
def break_tie(*, ballot: Ballot, by: User, position: int) -> Ballot:
    """The creator decides among the ways that are level. Raises `NotLevel`."""
    _own(ballot.series, by)
    held = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    level = {option.position: option for option in level_options(held)}
    if held.state != Ballot.State.TIED or position not in level:
        raise NotLevel()
    held.state, held.winner, held.is_tie_broken = Ballot.State.DECIDED, level[position], True
    held.save(update_fields=["state", "winner", "is_tie_broken"])
    return held


def level_options(ballot: Ballot) -> list[BallotOption]:
    """The ways that share the most voices of a tied vote."""
    options = list(ballot.options.all())
    most = max((option.vote_count or 0 for option in options), default=0)
    return [option for option in options if option.vote_count == most and most]


@dataclass(frozen=True)
class Brief:
    """What the next episode begins from. `outcome` names what the last vote came to: "decided", "tied",
    "unvoted", "open", or "" where none was held. `ended` are those of the cast to be written out first."""

    number: int
    bible: str
    open_end: str  # the cliff-hanger of the last episode
    beat: str  # what happens next, where a vote or its tie was decided; a later vote without one leaves it
    outcome: str
    level: list[str] = field(default_factory=list)
    cast: list[Cameo] = field(default_factory=list)
    ended: list[tuple[Cameo, str]] = field(default_factory=list)

    @property
    def beats(self) -> list[str]:
        """The sentences that the next storyboard begins with."""
        return [words for words in (self.open_end, self.beat) if words]


def brief(series: Series, now: datetime) -> Brief:
    last = series.episodes.order_by("-number").first()
    votes = (
        series.ballots.filter(episode=last) if last else series.ballots.none()
    )  # earlier ones are answered
    held = votes.order_by("-opened_at", "-pk").first()
    decided = votes.exclude(winner=None).select_related("winner").order_by("-opened_at", "-pk").first()
    return Brief(
        number=last.number + 1 if last else 1,
        bible=series.bible,
        open_end=last.cliffhanger if last else "",
        beat=decided.winner.words if decided and decided.winner else "",
        outcome=held.state if held else "",
        level=[option.words for option in level_options(held)]
        if held and held.state == Ballot.State.TIED
        else [],
        cast=standing(series, now),
        ended=ended(series, now),
    )


def _own(series: Series, by: User) -> None:
    if series.creator_id != by.pk or series.deleted_at is not None:
        raise NotOfSeries()


# --- Reading -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One line of the list of episodes. `state` is "open" (to be watched), "paid" (to be bought) or, for the
    creator alone, "gone" (nobody is served it)."""

    episode: Episode
    state: str
    price: str = ""


def episodes(viewer: Viewer, series: Series, now: datetime) -> list[Shown]:
    """Those that the viewer may see or buy, in order; the creator is told of all."""
    rows = list(series.episodes.select_related("post__clip", "post__creator"))
    ids = [row.post_id for row in rows]
    seen = set(Post.objects.visible_to(viewer, now).filter(pk__in=ids).values_list("pk", flat=True))
    sold = set(Post.objects.offered_to(viewer, now).filter(pk__in=ids).values_list("pk", flat=True))
    costs = prices.told("see", ids)
    mine = viewer.pk == series.creator_id
    found = []
    for row in rows:
        state = "open" if row.post_id in seen else "paid" if row.post_id in sold else "gone"
        if state != "gone" or mine:
            found.append(Shown(row, state, costs.get(row.post_id, "")))
    return found


def ballot_for(viewer: Viewer, series: Series, now: datetime) -> Ballot | None:
    """The last vote, for whoever may see the episode that it is about."""
    visible = Post.objects.visible_to(viewer, now).values("pk")
    rows = series.ballots.filter(episode__post__in=visible).select_related("episode", "winner")
    return rows.order_by("-opened_at", "-pk").first()


def voted(ballot: Ballot, viewer: Viewer) -> int | None:
    """The place of the way that the viewer voted for."""
    if viewer.pk is None:
        return None
    given = ballot.votes.filter(person=viewer.pk).select_related("option").first()
    return given.option.position if given else None


def of(viewer: Viewer, creator: User) -> list[Series]:
    """A person's series that have an episode which the viewer may see; one's own all."""
    rows = Series.objects.visible_to(viewer).filter(creator=creator).order_by("-pk")
    return list(rows[:50])


def next_of(viewer: Viewer, episode: Episode, now: datetime) -> Episode | None:
    """The next episode that the viewer may see."""
    visible = Post.objects.visible_to(viewer, now).values("pk")
    return episode.series.episodes.filter(number__gt=episode.number, post__in=visible).first()
