"""The ledger as its owner reads it: every entry in words, with people by name and a way to each clip."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cameos import ledger, wording
from cameos.models import LedgerEntry, LikenessUse
from cameos.models.licence import told
from cameos.topic_words import TOPICS

Text = str | Promise

NAMES: dict[str, Text] = {
    "assurance": gettext_lazy("Assurance"),
    "version": gettext_lazy("Version"),
    "effective_at": gettext_lazy("Counts from"),
    "audience": gettext_lazy("Who"),
    "people": gettext_lazy("People named"),
    "purposes": gettext_lazy("What for"),
    "purpose": gettext_lazy("What for"),
    "commercial": gettext_lazy("Commercial"),
    "voice": gettext_lazy("With your voice"),
    "companions": gettext_lazy("Beside you"),
    "show_me_first": gettext_lazy("Shown to you first"),
    "provisional": gettext_lazy("Shown to you first"),
    "minimum_age": gettext_lazy("Age from"),
    "use_from": gettext_lazy("New clips from"),
    "use_until": gettext_lazy("New clips until"),
    "show_until": gettext_lazy("Taken down at"),
    "count_limit": gettext_lazy("At most so many more clips"),
    "topics_refused": gettext_lazy("Never about"),
    "refused_words": gettext_lazy("Also never about"),
    "wishes": gettext_lazy("Always"),
    "grant_version": gettext_lazy("Version of your permission"),
    "requester": gettext_lazy("Asked by"),
    "maker": gettext_lazy("Made by"),
    "clip": gettext_lazy("Clip"),
    "clips": gettext_lazy("Clips"),
    "count": gettext_lazy("Clips"),
    "use": gettext_lazy("Its page"),
    "use_entry": gettext_lazy("Entry of the clip"),
    "use_entries": gettext_lazy("Entries of the clips"),
    "generation": gettext_lazy("Making"),
    "grant": gettext_lazy("Permission"),
    "ending": gettext_lazy("Act"),
    "state": gettext_lazy("How it stood"),
    "reason": gettext_lazy("Why"),
    "decision": gettext_lazy("Decision"),
    "note": gettext_lazy("Note"),
    "fee": gettext_lazy("For each clip"),
    "share_bp": gettext_lazy("Share of sales"),
    "friends_free": gettext_lazy("Free for your circle"),
    "licence": gettext_lazy("Licence"),
    "case": gettext_lazy("Case"),
}
# Said by another fact of the same entry.
SILENT = frozenset({"people_count", "grants_count", "currency", "key", "release"})
VALUES: dict[str, Text] = {
    **{code: words[0] for code, words in wording.AUDIENCES.items()},
    **{code: words[0] for code, words in wording.PURPOSES.items()},
    **{topic: entry.label for topic, entry in TOPICS.items()},
}
FOR_FIELD: dict[str, dict[str, Text]] = {
    "companions": {code: words[0] for code, words in wording.COMPANY.items()},
    "audience": VALUES,
    "purpose": VALUES,
    "purposes": VALUES,
    "topics_refused": VALUES,
    "assurance": {
        "basic": gettext_lazy("basic"),
        "reviewed": gettext_lazy("reviewed by a person"),
        "drawn": gettext_lazy("drawn"),
    },
    "state": {
        "provisional": gettext_lazy("waiting for your word"),
        "live": gettext_lazy("allowed"),
        "ended": gettext_lazy("ended"),
    },
}
MOMENTS = frozenset({"effective_at", "use_from", "use_until", "show_until"})
PEOPLE = frozenset({"requester", "maker", "people"})


@dataclass(frozen=True)
class Fact:
    """`url` leads to the page of a clip with the owner; empty where there is none."""

    name: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class Line:
    title: str
    facts: list[Fact]


def of(entries: Sequence[LedgerEntry]) -> list[Line]:
    """The readable side of each entry, in their order, with two queries for all of them. Details of an erased
    likeness are gone."""
    opened = [_facts(entry) for entry in entries]
    known = _Known.in_all(entries, opened)
    return [Line(_title(entry), _told(facts, known)) for entry, facts in zip(entries, opened, strict=True)]


def _title(entry: LedgerEntry) -> str:
    words = wording.EVENTS if entry.cameo.is_person else wording.EVENTS_DRAWN
    return str(words.get(entry.kind, entry.kind))


@dataclass(frozen=True)
class _Known:
    """Names of people by their public id, and of the owner's uses by that of the clip."""

    people: dict[str, str]
    uses: dict[str, str]

    @classmethod
    def in_all(cls, entries: Sequence[LedgerEntry], opened: Sequence[dict[str, Any]]) -> _Known:
        people = {name for facts in opened for key in PEOPLE for name in _each(facts.get(key))}
        clips = {name for facts in opened for key in ("clip", "clips") for name in _each(facts.get(key))}
        found = User.objects.filter(public_id__in=people, erased_at=None)
        mine = LikenessUse.objects.filter(
            cameo__in={entry.cameo_id for entry in entries}, clip__public_id__in=clips
        )
        return cls(
            {str(person.public_id): f"{person.name} (@{person.username})" for person in found},
            {str(clip): str(use) for clip, use in mine.values_list("clip__public_id", "public_id")},
        )


def _facts(entry: LedgerEntry) -> dict[str, Any]:
    opened = ledger.details_of(entry) or {}
    facts: dict[str, Any] = json.loads(entry.body)["facts"]
    return facts | {name: kept["value"] for name, kept in opened.items()}


def _told(facts: dict[str, Any], known: _Known) -> list[Fact]:
    lines = []
    for name, value in facts.items():
        if name in SILENT or _says_nothing(name, value):
            continue
        label = str(NAMES.get(name, name.replace("_", " ")))
        if name in ("clip", "clips", "use"):
            lines += [Fact(label, item, _page(name, item, known)) for item in _each(value)]
        else:
            lines.append(Fact(label, _said(name, value, facts, known)))
    return lines


def _says_nothing(name: str, value: Any) -> bool:
    return value in ("", None, []) or (name in ("minimum_age", "grant_version") and not value)


def _page(name: str, item: str, known: _Known) -> str:
    use = item if name == "use" else known.uses.get(item, "")
    return reverse("cameos:use", args=[use]) if use else ""


def _said(name: str, value: Any, facts: dict[str, Any], known: _Known) -> str:
    if name == "fee":
        return told(int(value), str(facts.get("currency", "")))
    if name == "share_bp":
        return f"{value / 100:g} %"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in MOMENTS:
        return _("%(moment)s (UTC)") % {
            "moment": date_format(datetime.fromisoformat(value), "DATETIME_FORMAT")
        }
    words = known.people if name in PEOPLE else FOR_FIELD.get(name, {})
    return ", ".join(str(words.get(item, item)) for item in _each(value))


def _each(value: Any) -> Iterable[str]:
    if value in ("", None):
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
