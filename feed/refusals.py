"""Every way in which this room says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused


class NobodyCalled(Refused):
    """Not there, or hidden from who asks: it looks the same."""

    code = "nobody_called"
    hint = _("Compare the handle with their page; people you know are suggested as you type.")
    status = 404


class NotYourClip(Refused):
    code = "not_your_clip"
    message = _("Only the person who made a clip can publish it.")
    status = 403


class AlreadyPublished(Refused):
    code = "already_published"
    message = _("This clip is published already.")
    hint = _("Open its page to change or delete it.")
    status = 409


class NotThen(Refused):
    code = "not_then"
    message = _("A clip can be published at a moment between a minute and 90 days from now.")
    hint = _("Choose another moment, or publish it at once.")
    status = 422


class BadShare(Refused):
    code = "bad_share"
    message = _("For remixes one can ask at most 30 per cent of what they earn.")
    status = 422


class SharesChanged(Refused):
    code = "shares_changed"
    message = _("What the clips it was made from ask for has changed since you saw it.")
    hint = _("Read it again, and publish it if you still agree. The clip stays as it is.")
    status = 409


class DownloadClosed(Refused):
    code = "download_closed"
    message = _("Its creator does not offer this clip for download.")
    status = 403


class CaptionTooLong(Refused):
    code = "caption_too_long"
    message = _("The caption is longer than 500 characters.")
    hint = _("Shorten it; the prompt stays with the clip anyway.")
    status = 422


class ClipFlashes(Refused):
    code = "clip_flashes"
    message = _("This clip flashes more than three times within a second, which can bring on seizures.")
    hint = _("Make it again with calmer light; a draft is yours to keep.")
    status = 422


class CommentEmpty(Refused):
    code = "comment_empty"
    message = _("There are no words in this comment.")
    status = 422


class CommentTooLong(Refused):
    code = "comment_too_long"
    message = _("A comment has at most 1,000 characters.")
    hint = _("Shorten it, or say it in two.")
    status = 422


class CommentsClosed(Refused):
    code = "comments_closed"
    message = _("The creator closed the comments of this clip.")
    status = 403


class NotYourComment(Refused):
    code = "not_your_comment"
    message = _("Only its author or the creator of the clip can delete a comment.")
    status = 403


class NotYourPost(Refused):
    code = "not_your_post"
    message = _("Only its creator can take a clip down.")
    status = 403


class RemixClosed(Refused):
    code = "remix_closed"
    message = _("The creator does not let others remix this clip.")
    hint = _("Start from words instead.")
    status = 403


class UnknownReason(Refused):
    code = "unknown_reason"
    message = _("This is not one of the reasons for a report.")
    status = 422


class BadCursor(Refused):
    code = "bad_cursor"
    message = _("This page link is not ours, or belongs to another list.")
    hint = _("Start again from the first page.")
    status = 400


class BadRules(Refused):
    code = "bad_rules"
    message = _("These are no rules for a feed.")
    hint = _("A rule has a kind, a subject and an amount from -2 to 2; there are at most 60.")
    status = 422


class BadBeacon(Refused):
    code = "bad_beacon"
    message = _("This is no list of what was watched.")
    status = 400


class BadExperiment(Refused):
    code = "bad_experiment"
    message = _("This is no experiment.")
    hint = _(
        "It needs a new name, what it tries, 1 to 100 percent, and weights from -4 to 4 with known names."
    )
    status = 422


class CannotReply(Refused):
    code = "cannot_reply"
    message = _("This comment is gone, or stands under another clip.")
    status = 409


class MessagesClosed(Refused):
    """One answer for a block, a closed door and an age: none can be told from another."""

    code = "messages_closed"
    message = _("This person can't be written to.")
    hint = _("People can be written to who follow you back, or who take requests.")
    status = 403


class MessagesGuarded(MessagesClosed):
    """Says nothing about whom was written to: the author's own guardian decided it."""

    message = _("Your guardian keeps messages to the two of you.")
    hint = _("Talk to them: they can change that at /settings/guardian.")


class RequestWaits(Refused):
    code = "request_waits"
    message = _("Your request waits for an answer.")
    hint = _("You can write more once it is accepted.")
    status = 409


class MessageEmpty(Refused):
    code = "message_empty"
    message = _("There is nothing in this message.")
    status = 422


class MessageTooLong(Refused):
    code = "message_too_long"
    message = _("A message has at most 2,000 characters.")
    status = 422


class TooManyPeople(Refused):
    code = "too_many_people"
    message = _("A group has at most 20 people, a starter pack 50.")
    status = 422


class NotYourMessage(Refused):
    code = "not_your_message"
    message = _("Only its author can take a message back.")
    status = 403


class BadPack(Refused):
    code = "bad_pack"
    message = _("A starter pack needs a title and at least one person.")
    status = 422


class NotYourself(Refused):
    code = "not_yourself"
    message = _("That is you.")
    status = 422


class NothingToAppeal(Refused):
    code = "nothing_to_appeal"
    message = _("No moderator has decided against this clip.")
    status = 409


class AlreadyAppealed(Refused):
    code = "already_appealed"
    message = _("You have appealed for this clip already.")
    hint = _("Its page says what became of it.")
    status = 409


class AnotherModerator(Refused):
    code = "another_moderator"
    message = _("Somebody else than who decided before looks at an appeal.")
    status = 403


class PublishingPaused(Refused):
    code = "publishing_paused"
    message = _("You can't publish for now: three of your clips broke the rules.")
    hint = _("It is possible again a week after the last strike; each of them can be appealed.")
    status = 403


class BadPush(Refused):
    code = "bad_push"
    message = _("This is no address at which a browser takes news.")


class BrollShowsPeople(Refused):
    code = "broll_shows_people"
    message = _("Only clips that show nobody can be offered as B-roll.")
    hint = _("People in a clip decide about each use themselves; let others remix it instead.")
    status = 409


class BrollFilmed(Refused):
    code = "broll_filmed"
    message = _("What was filmed is shown as it was filmed: nobody makes clips from it.")
    hint = _("Offer a clip that was made here.")
    status = 409


class BadBranch(Refused):
    code = "bad_branch"
    message = _("A playable clip asks one question while it lasts, with 2 to 4 different ways on.")
    status = 422


class BranchElsewhere(Refused):
    code = "branch_elsewhere"
    message = _("A way on leads to another published clip of your own that is being shown.")
    hint = _("Choose another clip for it; one that is withdrawn or off stage leads nowhere.")
    status = 409


class BadSeries(Refused):
    code = "bad_series"
    message = _("A series and each of its episodes has a title, and there are at most 500 episodes.")
    status = 422


class CastTooLarge(Refused):
    code = "cast_too_large"
    message = _("A series has at most 8 people in its cast, each once.")
    status = 422


class CastIsLocked(Refused):
    code = "cast_is_locked"
    message = _("The cast is locked since the first episode.")
    hint = _("Somebody can be written out; whoever is new belongs into a series of their own.")
    status = 409


class NotOfSeries(Refused):
    code = "not_of_series"
    message = _("Only the creator of a series adds to it, and only published clips of their own.")
    status = 403


class WrongLength(Refused):
    code = "wrong_length"
    message = _("An episode lasts 30 to 60 seconds.")
    hint = _("Make it longer or shorter with a storyboard; the clip stays as it is.")
    status = 422


class EpisodeTaken(Refused):
    code = "episode_taken"
    message = _("This clip is an episode already.")
    status = 409


class _AboutSomebody(Refused):
    """`message` names the person it is about."""

    def __init__(self, name: str) -> None:
        super().__init__(message=str(type(self).message) % {"name": name})


class NotInTheCast(_AboutSomebody):
    code = "not_in_the_cast"
    message = _("%(name)s is in this clip and not in the locked cast of the series.")
    hint = _("Make the episode with the cast of the series, or publish the clip on its own.")
    status = 409


class CastEnded(_AboutSomebody):
    code = "cast_ended"
    message = _("%(name)s left the cast, and cannot be in a new episode.")
    hint = _("Go on without them. Episodes that are out are shown for as long as everybody in them agrees.")
    status = 409


class BadBallot(Refused):
    code = "bad_ballot"
    message = _("A vote has a question, 2 to 5 different ways on, and lasts 1 hour to 14 days.")
    status = 422


class BallotIsRunning(Refused):
    code = "ballot_is_running"
    message = _("A vote of this series is running.")
    hint = _("Wait until it closes.")
    status = 409


class BallotIsOver(Refused):
    code = "ballot_is_over"
    message = _("This vote is closed.")
    status = 409


class NotYourVote(Refused):
    code = "not_your_vote"
    message = _("The creator of a series has no vote; where it ends level, they decide.")
    status = 403


class NotLevel(Refused):
    code = "not_level"
    message = _("Only a vote that ended level is decided by hand, and only among the ways that are level.")
    status = 409
