"""Published clips and what people do with them."""

from feed.models.post import Hashtag, Post, one_less
from feed.models.reaction import Comment, Like, NotInterested, Report, ReportReason
from feed.models.steering import Steering
from feed.models.watch import Watch

__all__ = [
    "Comment",
    "Hashtag",
    "Like",
    "NotInterested",
    "Post",
    "Report",
    "ReportReason",
    "Steering",
    "Watch",
    "one_less",
]
