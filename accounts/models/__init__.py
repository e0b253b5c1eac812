"""People, who knows whom, and the rows that every app leans on."""

from accounts.models.announcement import Announcement
from accounts.models.books import BookAccount, BookPosting, BookTransaction
from accounts.models.budget import Budget
from accounts.models.cases import Case, CaseEvent
from accounts.models.guardian import Guardianship
from accounts.models.hooks import Hook, HookPiece
from accounts.models.house import HousePage
from accounts.models.notification import Notification
from accounts.models.person import Block, CircleMember, Follow, Invite, Mute, User
from accounts.models.proof import EmailCode, KeptMail, Passkey, SignIn
from accounts.models.requests import IdempotencyRecord, PersonalAccessToken

__all__ = [
    "Announcement",
    "Block",
    "BookAccount",
    "BookPosting",
    "BookTransaction",
    "Budget",
    "Case",
    "CaseEvent",
    "CircleMember",
    "EmailCode",
    "Follow",
    "Guardianship",
    "Hook",
    "HookPiece",
    "HousePage",
    "IdempotencyRecord",
    "Invite",
    "KeptMail",
    "Mute",
    "Notification",
    "Passkey",
    "PersonalAccessToken",
    "SignIn",
    "User",
]
