"""Published clips and what people do with them."""

from feed.models.branch import BranchPoint, BranchWay
from feed.models.broll import BrollLicence
from feed.models.finding import Preferences, SearchWord, Trend
from feed.models.moderation import Appeal, Strike
from feed.models.post import Hashtag, Post, RemixShare, one_less
from feed.models.push import PushSubscription
from feed.models.ranking import Experiment, ExperimentLeft, RankerVersion, RankingNote, Slate
from feed.models.reaction import Comment, CommentEdit, Like, NotInterested, Report, ReportReason
from feed.models.removal import RemovalEvent, RemovalRequest
from feed.models.schedule import Scheduled
from feed.models.series import (
    Ballot,
    BallotOption,
    BallotVote,
    Entitlement,
    Episode,
    Series,
    SeriesCast,
)
from feed.models.social import Conversation, Message, Repost, StarterPack, Talker
from feed.models.steering import Steering
from feed.models.watch import Watch

__all__ = [
    "Appeal",
    "Ballot",
    "BallotOption",
    "BallotVote",
    "BranchPoint",
    "BranchWay",
    "BrollLicence",
    "Comment",
    "CommentEdit",
    "Conversation",
    "Entitlement",
    "Episode",
    "Experiment",
    "ExperimentLeft",
    "Hashtag",
    "Like",
    "Message",
    "NotInterested",
    "Post",
    "Preferences",
    "PushSubscription",
    "RankerVersion",
    "RankingNote",
    "RemovalEvent",
    "RemovalRequest",
    "RemixShare",
    "Report",
    "ReportReason",
    "Repost",
    "SearchWord",
    "Series",
    "SeriesCast",
    "Slate",
    "Scheduled",
    "StarterPack",
    "Steering",
    "Strike",
    "Talker",
    "Trend",
    "Watch",
    "one_less",
]
