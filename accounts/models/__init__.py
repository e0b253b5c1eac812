"""People, who knows whom, and the rows that every app leans on."""

from accounts.models.books import BookAccount, BookPosting, BookTransaction
from accounts.models.cases import Case
from accounts.models.notification import Notification
from accounts.models.person import Block, CircleMember, Follow, Invite, Mute, User
from accounts.models.requests import IdempotencyRecord, PersonalAccessToken

__all__ = [
    "Block",
    "BookAccount",
    "BookPosting",
    "BookTransaction",
    "Case",
    "CircleMember",
    "Follow",
    "IdempotencyRecord",
    "Invite",
    "Mute",
    "Notification",
    "PersonalAccessToken",
    "User",
]
