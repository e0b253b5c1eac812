"""Templates: a clip's structure used again with one's own cast, products and words.

A structure is what a storyboard holds, with numbers where people were and blanks in square brackets where
words change. Filling one makes a draft of a storyboard, to be read and made as any other: its words are
judged and everybody cast is asked then, not before. docs/making.md says it for people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from cameos.models import Cameo
from generation import access, actions, drafts, products, wordless
from generation.models import Clip, ClipTemplate, ComposeDraft
from generation.refusals import (
    BadTemplate,
    BlankEmpty,
    ParentNotRemixable,
    ProductGone,
    SourceHidesItsWords,
)
from generation.storyboard import MOST_SHOTS

BLANK = re.compile(r"\[([^\[\]\n]{1,30})\]")
PRODUCT, TOPIC, PERSON = "product", "topic", "person"
MOST_BLANKS, LONGEST_WORDS, MOST_SLOTS = 12, 80, 8
NAMED = re.compile(r"\[\s*person ([1-8])\s*\]", re.IGNORECASE)  # PERSON, of MOST_SLOTS


# --- Structures --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Structure:
    """What can be filled: a template of somebody's, or one of the host's own (`BUILT_IN`)."""

    key: str
    title: str
    shots: list[dict[str, Any]]
    aspect: str = "9:16"
    product: str = ""
    by: str = ""  # the maker of the clip it is taken from
    labels: Mapping[str, str] = field(default_factory=dict)  # a blank in the reader's words, by its name

    @property
    def slots(self) -> int:
        """How many people it is for."""
        return 1 + max((slot for shot in self.shots for slot in shot["cast"]), default=-1)

    @property
    def blanks(self) -> list[str]:
        """The names of its blanks, each once, in the order in which they come; those of people are their
        slots."""
        people = {f"{PERSON} {slot + 1}" for slot in range(self.slots)}
        return [name for name in blanks_in(self.shots) if name not in people]

    @property
    def seconds(self) -> int:
        return sum(shot["seconds"] for shot in self.shots)


def _shot(
    prompt: str | Promise, seconds: int = 5, camera: str = "", begin: str = "", cast: int = 0
) -> dict[str, Any]:
    people = list(range(cast))
    return {
        "prompt": prompt,
        "seconds": seconds,
        "camera": camera,
        "begin": begin,
        "cast": people,
        "lines": [],
    }


BUILT_IN = {
    "unboxing": (
        gettext_lazy("Unboxing"),
        (
            _shot(gettext_lazy("a closed box with [product] stands on a table"), 3, "zoom_in"),
            _shot(gettext_lazy("a person opens the box and takes out [product]"), 5, cast=1),
            _shot(gettext_lazy("[product] on the table, seen from all sides"), 5, "orbit"),
            _shot(gettext_lazy("a person holds [product] and smiles"), 4, "zoom_in", cast=1),
        ),
    ),
    "before-after": (
        gettext_lazy("Before and after"),
        (
            _shot(gettext_lazy("a person is tired, [before]"), 5, cast=1),
            _shot(gettext_lazy("a person finds [product]"), 4, "zoom_in", cast=1),
            _shot(gettext_lazy("a person dances with joy, [after]"), 6, "follow", "cut", cast=1),
        ),
    ),
    "three-reasons": (
        gettext_lazy("Three reasons"),
        (
            _shot(gettext_lazy("a person points at [topic]"), 4, cast=1),
            _shot(gettext_lazy("first: [first reason]"), 5, "pan", "cut"),
            _shot(gettext_lazy("second: [second reason]"), 5, "pan", "cut"),
            _shot(gettext_lazy("third: [third reason]"), 5, "pan", "cut"),
            _shot(gettext_lazy("a person waves goodbye"), 3, "zoom_out", cast=1),
        ),
    ),
    "two-meet": (
        gettext_lazy("Two people meet"),
        (
            _shot(gettext_lazy("a person walks through [place]"), 5, "follow", cast=1),
            _shot(gettext_lazy("two people meet in [place] and talk about [topic]"), 8, cast=2),
            _shot(gettext_lazy("two people dance in [place]"), 6, "zoom_out", cast=2),
        ),
    ),
}


def built_in() -> list[Structure]:
    """The host's own in the reader's language; blanks keep the names that they have in the source."""
    return [_translated(key, title, shots) for key, (title, shots) in BUILT_IN.items()]


def _translated(key: str, title: str | Promise, shots: Sequence[Mapping[str, Any]]) -> Structure:
    labels: dict[str, str] = {}
    told = []
    for shot in shots:
        with override("en"):
            source = blanks_in([{"prompt": str(shot["prompt"])}])
        prompt = str(shot["prompt"])
        names = _names_of(blanks_in([{"prompt": prompt}]), source)
        labels |= {name: label for label, name in names.items() if label != name}
        told.append({**shot, "prompt": _renamed(prompt, names)})
    return Structure(key, str(title), told, labels=labels)


def _names_of(shown: Sequence[str], source: Sequence[str]) -> dict[str, str]:
    """The source's name of each blank of a translation. Those that were translated match in their order: a
    draft begun in one language is then filled in another."""
    left = iter(name for name in source if name not in shown)
    return {label: label if label in source else next(left, label) for label in shown}


def _renamed(prompt: str, names: Mapping[str, str]) -> str:
    def named(blank: re.Match[str]) -> str:
        shown = blank.group(1).strip().lower()
        return f"[{names.get(shown, shown)}]"

    return BLANK.sub(named, prompt)


def structure_of(template: ClipTemplate) -> Structure:
    return Structure(
        key=str(template.public_id),
        title=template.title,
        shots=template.shots,
        aspect=template.aspect,
        product=template.product,
        by=template.source.maker.name,
    )


def host_own(key: str) -> Structure | None:
    return next((one for one in built_in() if one.key == key), None)


def structure_for(viewer: User, key: str) -> Structure:
    """The template of this key: one of the host's own, or one that `viewer` may see. 404 for neither."""
    return host_own(key) or structure_of(access.template_for(viewer, key))


def blanks_in(shots: Sequence[Mapping[str, Any]]) -> list[str]:
    found = [name.strip().lower() for shot in shots for name in BLANK.findall(shot["prompt"])]
    return list(dict.fromkeys(name for name in found if name))[:MOST_BLANKS]


def people_in(prompt: str) -> list[int]:
    """The slots of those people whom words name by their number: [person 1] is slot 0."""
    return list(dict.fromkeys(int(number) - 1 for number in NAMED.findall(prompt)))


# --- From a clip -------------------------------------------------------------------------------------------


def shots_of(clip: Clip, viewer: Any) -> list[dict[str, Any]]:
    """The structure of a clip: its storyboard, or the one shot that it is; people as numbers, in the order in
    which they come. What was made without words has none. Raises `SourceHidesItsWords`,
    `ParentNotRemixable`."""
    mine = clip.maker_id == viewer.pk
    if clip.prompt_hidden and not mine:
        raise SourceHidesItsWords()
    if not mine and not actions.remixable(clip, viewer):
        raise ParentNotRemixable()
    made_by: Any = getattr(clip, "generation", None)
    told = list(made_by.how.get("shots", [])) if made_by else []
    uses = list(clip.uses.select_related("cameo").order_by("pk"))
    cast = [str(use.cameo.public_id) for use in uses]
    if not told:
        seconds = max(2, min(20, round(clip.duration_ms / 1000)))
        words = "" if clip.prompt in wordless.SENTENCES else clip.prompt
        told = [{"prompt": words, "seconds": seconds, "cast": cast}]
    order = list(dict.fromkeys(key for shot in told for key in shot.get("cast", ())))
    names = {
        use.cameo.name: order.index(str(use.cameo.public_id))
        for use in uses
        if str(use.cameo.public_id) in order
    }
    return [
        {
            "prompt": _nameless(str(shot["prompt"]), names),
            "seconds": int(shot["seconds"]),
            "camera": str(shot.get("camera", "")),
            "begin": str(shot.get("begin", "")),
            "cast": [order.index(key) for key in shot.get("cast", ())],
            "lines": [],  # what was said belongs to whoever was heard
        }
        for shot in told
    ][:MOST_SHOTS]


NO_SIGN_BEFORE, NO_SIGN_AFTER = r"(?<![^\W_\u4e00-\u9fff])", r"(?![^\W_\u4e00-\u9fff])"


def _nameless(prompt: str, names: Mapping[str, int]) -> str:
    """Whoever was named becomes the person of their slot; longest names first, and Chinese has no blanks."""
    for name, slot in sorted(names.items(), key=lambda one: -len(one[0])):
        slot_name = f"[{PERSON} {slot + 1}]"
        prompt = re.sub(
            NO_SIGN_BEFORE + re.escape(name) + NO_SIGN_AFTER, slot_name, prompt, flags=re.IGNORECASE
        )
    return prompt


@transaction.atomic
def keep(
    *,
    clip: Clip,
    maker: User,
    title: str,
    prompts: Sequence[str],
    product: str = "",
    is_shared: bool = False,
    now: datetime,
) -> ClipTemplate:
    """A template of a clip that the maker may see. `prompts`: the words of each shot, with blanks; who is
    named there as [person 1] is to be cast. Only the clip's own maker shares one. Raises `BadTemplate`,
    `SourceHidesItsWords`."""
    shots = shots_of(clip, maker)
    title, *prompts = (" ".join(words.replace("\0", "").split()) for words in (title, *prompts))
    title = title[:80]
    if not title or len(prompts) != len(shots) or any(not words.strip() for words in prompts):
        raise BadTemplate()
    for shot, words in zip(shots, prompts, strict=True):
        shot["prompt"] = words[:500]
        shot["cast"] += [slot for slot in people_in(shot["prompt"]) if slot not in shot["cast"]]
    if product and products.one(maker, product, now) is None:
        raise ProductGone()
    made_by: Any = getattr(clip, "generation", None)
    return ClipTemplate.objects.create(
        maker=maker,
        source=clip,
        title=title,
        shots=shots,
        aspect=made_by.aspect if made_by else "9:16",
        product=product,
        is_shared=is_shared and clip.maker_id == maker.pk,
        created_at=now,
    )


@transaction.atomic
def delete(*, template: ClipTemplate, by: User, now: datetime) -> None:
    """Its maker throws it away. Twice is once."""
    ClipTemplate.objects.filter(pk=template.pk, maker=by, deleted_at=None).update(deleted_at=now)


# --- Filling -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filling:
    """One's own: a likeness for each slot (None leaves it empty), words for each blank, and a product whose
    title stands in the blank `product`."""

    cast: list[Cameo | None] = field(default_factory=list)
    words: Mapping[str, str] = field(default_factory=dict)
    product: str = ""


def fill(*, structure: Structure, maker: User, filling: Filling, now: datetime) -> ComposeDraft:
    """A draft of a storyboard, which shows the product itself. Raises `ProductGone` where it is not on sale
    or not the maker's to show (another one, or words, can stand in its place), and `BlankEmpty`."""
    words = {name.lower(): _clean(said) for name, said in filling.words.items()}
    for slot in range(structure.slots):
        cameo = filling.cast[slot] if slot < len(filling.cast) else None
        words[f"{PERSON} {slot + 1}"] = _clean(cameo.name) if cameo else _("a person")
    if filling.product:
        found = products.one(maker, filling.product, now)
        if found is None:
            raise ProductGone()
        words[PRODUCT] = _clean(found.title)
    missing = [name for name in structure.blanks if not words.get(name)]
    if missing:
        raise BlankEmpty([label_of(name, structure.labels) for name in missing])
    return drafts.storyboard(
        maker=maker,
        shots=[_filled(shot, words, filling.cast) for shot in structure.shots],
        aspect=structure.aspect,
        product=filling.product,
        now=now,
    )


def _filled(
    shot: Mapping[str, Any], words: Mapping[str, str], cast: Sequence[Cameo | None]
) -> dict[str, Any]:
    chosen = [cast[slot] for slot in shot["cast"] if slot < len(cast)]
    prompt = BLANK.sub(lambda blank: words.get(blank.group(1).strip().lower(), ""), shot["prompt"])
    return {
        **shot,
        "prompt": " ".join(prompt.split()),
        "cast": list(dict.fromkeys(str(cameo.public_id) for cameo in chosen if cameo is not None)),
    }


def _clean(said: str) -> str:
    """No blank of a blank, one line, at most `LONGEST_WORDS` characters."""
    return " ".join(said.replace("[", " ").replace("]", " ").split())[:LONGEST_WORDS]


def with_labels(prompt: str, labels: Mapping[str, str]) -> str:
    """The words of a shot as they are shown, each blank as the form asks for it."""

    def shown(blank: re.Match[str]) -> str:
        name = blank.group(1).strip().lower()
        label = label_of(name, labels)
        return f"[{name if label.lower() == name else label}]"

    return BLANK.sub(shown, prompt)


def label_of(blank: str, labels: Mapping[str, str]) -> str:
    """A blank as a form asks for it; names that its maker made up stand as they are."""
    said = labels.get(blank, blank)
    return {PRODUCT: _("Product"), TOPIC: _("Topic")}.get(blank, said[:1].upper() + said[1:])
