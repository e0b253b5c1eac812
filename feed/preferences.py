"""What a person wishes of the feed and its news."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from feed.models import Preferences, Trend


@transaction.atomic
def change(*, person: User, now: datetime, **wishes: Any) -> Preferences:
    """Keep these wishes; what is not named stays. Off the boards means at once."""
    kept, _ = Preferences.objects.update_or_create(person=person, defaults=wishes)
    if wishes.get("on_boards") is False:
        Trend.objects.filter(person=person).delete()
    return kept
