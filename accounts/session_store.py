"""Sessions as Django keeps them, read by a statement that is compiled once: a request reads one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from accounts import compiled
from accounts.models import User

ALIAS = "default"


class SessionStore(db.SessionStore):
    """Writes, expiry and keys are Django's own; only the way to the row is shorter."""

    def _get_session_from_db(self) -> Any:
        def build() -> QuerySet[Any, Any]:
            rows = self.model.objects.filter(session_key=compiled.word(0), expire_date__gt=compiled.NOW)
            return rows.values_list("session_key", "session_data", "expire_date")

        values = compiled.Values(None, timezone.now(), words=[self.session_key or ""])
        for row in compiled.run("session", build, values):
            return self.model(session_key=row[0], session_data=row[1], expire_date=row[2])
        self._session_key = None
        return None


class Backend(ModelBackend):
    """The person of a session, by a statement that is compiled once."""

    def get_user(self, user_id: Any) -> User | None:
        values = compiled.Values(int(user_id), timezone.now())
        for row in compiled.run("user", _of_viewer, values):
            user = User.from_db(ALIAS, FIELDS, row)
            return user if self.user_can_authenticate(user) else None
        return None


FIELDS = [field.attname for field in User._meta.concrete_fields]


def _of_viewer() -> QuerySet[User, Any]:
    return User.objects.filter(pk=compiled.VIEWER.pk).values_list(*FIELDS)
