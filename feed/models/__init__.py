"""Published clips and what people do with them."""

from feed.models.finding import Preferences, SearchWord, Trend
from feed.models.post import Hashtag, Post, one_less
from feed.models.ranking import Experiment, ExperimentLeft, RankerVersion, RankingNote, Slate
from feed.models.reaction import Comment, Like, NotInterested, Report, ReportReason
from feed.models.schedule import Scheduled
from feed.models.steering import Steering
from feed.models.watch import Watch

__all__ = [
    "Comment",
    "Experiment",
    "ExperimentLeft",
    "Hashtag",
    "Like",
    "NotInterested",
    "Post",
    "Preferences",
    "RankerVersion",
    "RankingNote",
    "Report",
    "ReportReason",
    "SearchWord",
    "Slate",
    "Scheduled",
    "Steering",
    "Trend",
    "Watch",
    "one_less",
]
