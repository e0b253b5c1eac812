"""The operator's view of this room. Secrets and the books can be read, never written, here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import announcements, house, sessions, throttle
from accounts.models import (
    Announcement,
    Block,
    BookPosting,
    BookTransaction,
    Budget,
    Case,
    CaseEvent,
    CircleMember,
    Follow,
    Guardianship,
    HousePage,
    Invite,
    Mute,
    Notification,
    Passkey,
    PersonalAccessToken,
    SignIn,
    User,
)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Announcement)
class AnnouncementAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What everybody reads at the top of pages, for a time."""

    list_display = ("text", "begins_at", "ends_at")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._told()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._told()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Announcement]) -> None:
        super().delete_queryset(request, queryset)
        self._told()

    def _told(self) -> None:
        announcements.refresh(timezone.now())
        announcements.forget()


@admin.register(HousePage)
class HousePageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Terms, privacy, imprint and house rules. A change is a new version; the newest stands."""

    list_display = ("kind", "made_at", "made_by")
    list_filter = ("kind",)
    fields = ("kind", "text", "text_zh")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Adding begins from what stands (`?kind=terms`)."""
        row = house.page(request.GET.get("kind", ""))
        return (
            {"kind": row.kind, "text": row.text, "text_zh": row.text_zh}
            if row
            else {"kind": request.GET.get("kind", house.Kind.RULES)}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.made_at, obj.made_by = timezone.now(), request.user
        super().save_model(request, obj, form, change)
        house.refresh()
        house.forget()


@admin.register(Budget)
class BudgetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """How often people may do things here, where that differs from the usual. Deleting one brings the usual
    back; all hold within a quarter of a minute in every process."""

    list_display = ("name", "most", "seconds", "usual")
    fields = ("name", "most", "seconds")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "name":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        choices = [
            (name, f"{name} ({self._told(*throttle.usual(name))})") for name in sorted(throttle.BUDGETS)
        ]
        return forms.ChoiceField(label=db_field.verbose_name, choices=choices)

    @admin.display(description=_("Usually"))
    def usual(self, row: Budget) -> str:
        known = row.name in throttle.BUDGETS
        return self._told(*throttle.usual(row.name)) if known else str(_("no such budget any more"))

    @staticmethod
    def _told(most: int, seconds: int) -> str:
        return str(_("%(most)d in %(minutes)g min")) % {"most": most, "minutes": seconds / 60}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._tell()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._tell()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Budget]) -> None:
        super().delete_queryset(request, queryset)
        self._tell()

    @staticmethod
    def _tell() -> None:
        throttle.refresh()
        throttle.forget()


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Roles and closing. Accounts are emptied by their person (`/settings/erase`), never deleted here."""

    list_display = ("username", "display_name", "is_active", "is_moderator", "is_superuser", "date_joined")
    list_filter = ("is_active", "is_moderator", "is_staff")
    search_fields = ("username", "display_name", "email")
    fields = (
        "username",
        "display_name",
        "email",
        "birth_date",
        "language",
        "bio",
        "is_active",
        "is_moderator",
        "is_staff",
        "is_superuser",
        "invited_by",
        "date_joined",
        "erased_at",
    )
    readonly_fields = ("username", "invited_by", "date_joined", "erased_at")

    actions = ("end_sessions",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("End every session of these people"))
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        ended = sum(sessions.end_all(user) for user in people)
        self.message_user(request, _("Sessions that ended: %(count)d.") % {"count": ended})


@admin.register(Invite)
class InviteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "inviter", "uses_left", "expires_at")
    raw_id_fields = ("inviter",)


@admin.register(Follow, Block, Mute, CircleMember, Notification)
class EdgeAdmin(ReadOnly):
    list_display = ("__str__", "created_at")


@admin.register(SignIn)
class SignInAdmin(ReadOnly):
    list_display = ("user", "device", "method", "created_at")
    exclude = ("session_key",)


@admin.register(Passkey)
class PasskeyAdmin(ReadOnly):
    list_display = ("user", "name", "created_at", "last_used_at")
    exclude = ("credential",)


@admin.register(PersonalAccessToken)
class TokenAdmin(ReadOnly):
    list_display = ("user", "name", "created_at", "expires_at", "revoked_at")
    exclude = ("digest",)


@admin.register(Case)
class CaseAdmin(ReadOnly):
    list_display = ("kind", "subject", "state", "decision", "created_at")
    list_filter = ("kind", "state")


@admin.register(CaseEvent)
class CaseEventAdmin(ReadOnly):
    list_display = ("case", "action", "by", "at")


@admin.register(BookTransaction)
class BookTransactionAdmin(ReadOnly):
    list_display = ("reference", "kind", "at")
    search_fields = ("reference",)


@admin.register(BookPosting)
class BookPostingAdmin(ReadOnly):
    list_display = ("transaction", "account", "amount")
    list_select_related = ("transaction", "account")


@admin.register(Guardianship)
class GuardianshipAdmin(ReadOnly):
    """Which adults look after which teens. Deleting one ends it at once, where somebody is pressed."""

    list_display = ("teen", "guardian", "asked_at", "agreed_at", "ends_at")
    search_fields = ("teen__username", "guardian__username")
    list_select_related = ("teen", "guardian")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
