"""Published clips and what people do with them."""

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
    "RankerVersion",
    "RankingNote",
    "Report",
    "ReportReason",
    "Slate",
    "Scheduled",
    "Steering",
    "Watch",
    "one_less",
]
