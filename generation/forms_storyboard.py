"""The storyboard's form: a row a shot, moved, added and taken away by buttons that work without scripts.

shot-0-prompt shot-0-seconds shot-0-camera shot-0-begin shot-0-cast…     rows, in their order
add, remove=N, up=N, down=N, split                                      buttons that ask for no clip
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation import composing, script, speakers, storyboard
from generation.forms_verbs import VerbForm
from generation.refusals import CannotMake
from generation.screening import MAX_PROMPT
from generation.states import Verb
from generation.storyboard import MOST_SHOTS, SHOT_S

USUAL_S = 5
CAMERAS = (
    ("", _("As the words say")), ("static", _("Still")), ("pan", _("Pan")), ("zoom_in", _("Zoom in")),
    ("zoom_out", _("Zoom out")), ("follow", _("Follow")), ("orbit", _("Round them")),
    ("handheld", _("By hand")), ("crane", _("Crane")),
)  # fmt: skip
BEGINNINGS = (("", _("Goes on from the last picture")), ("fade", _("Fades in")), ("cut", _("Cut")))
BUTTONS = ("add", "remove", "up", "down", "split")


@dataclass
class ShotRow:
    """One shot as it is typed."""

    prompt: str = ""
    seconds: int = USUAL_S
    camera: str = ""
    begin: str = ""
    cast: tuple[str, ...] = ()
    says: str = ""  # lines as they are typed

    def as_how(self, names: Mapping[str, str] | None = None) -> dict[str, Any]:
        """`names`: folded name -> key of those who are cast."""
        return {
            "lines": script.lines_of(self.says, names or {}),
            "prompt": self.prompt,
            "seconds": self.seconds,
            "camera": self.camera,
            "begin": self.begin,
            "cast": list(self.cast),
        }


def rows_of(sent: QueryDict) -> list[ShotRow]:
    """The rows of a form, in the order of their numbers, whatever is missing between them."""
    parts = (name.split("-")[1] for name in sent if name.startswith("shot-"))
    numbers = sorted({n for part in parts if (n := whole(part)) is not None})

    def typed(n: int, name: str) -> list[str]:
        """Without zero bytes, which no field of a form lets through and PostgreSQL keeps in no JSON."""
        return [said.replace("\0", "") for said in sent.getlist(f"shot-{n}-{name}")] or [""]

    return [
        ShotRow(
            typed(n, "prompt")[-1][: 4 * MAX_PROMPT],
            _seconds(typed(n, "seconds")[-1]),
            typed(n, "camera")[-1][:20],
            typed(n, "begin")[-1][:20],
            tuple(key for key in typed(n, "cast")[:8] if key),
            typed(n, "says")[-1][:2000],
        )
        for n in numbers[: 2 * MOST_SHOTS]
    ]


def row_of(shot: Mapping[str, Any]) -> ShotRow:
    """A row from what stands in `how`."""
    said = (shot["prompt"], shot["seconds"], shot.get("camera", ""), shot.get("begin", ""))
    return ShotRow(*said, tuple(shot.get("cast", ())), script.typed(shot.get("lines", ())))


def changed(rows: list[ShotRow], sent: QueryDict) -> list[ShotRow]:
    """The rows after a button of theirs was pressed. Raises `CannotMake` for a script of too many shots."""
    rows = list(rows)
    if "add" in sent and len(rows) < MOST_SHOTS:
        rows.append(ShotRow())
    if "split" in sent:
        lines = [split(line) for line in sent.get("shots", "").splitlines() if line.strip()]
        rows = [*(row for row in rows if row.prompt.strip()), *lines]
        storyboard.check_count(rows)
    at = _place(sent, "remove", len(rows))
    if at is not None:
        del rows[at]
    for name, step in (("up", -1), ("down", 1)):
        at = _place(sent, name, len(rows))
        if at is not None and 0 <= at + step < len(rows):
            rows.insert(at + step, rows.pop(at))
    return rows


def _place(sent: QueryDict, name: str, count: int) -> int | None:
    value = whole(sent.get(name, ""))
    return value if value is not None and value < count else None


def _seconds(value: str) -> int:
    low, high = SHOT_S
    said = whole(value)
    return USUAL_S if said is None else min(high, max(low, said))


def whole(text: str) -> int | None:
    """A number of a few digits, as fields and rows have them; Python itself refuses endless ones."""
    return int(text[:6]) if text.isdecimal() else None


def split(line: str) -> ShotRow:
    """A line of a script: words, and "| 4" for four seconds."""
    words, _bar, seconds = line.rpartition("|")
    if words and seconds.strip().isdecimal():
        return ShotRow(words.strip(), _seconds(seconds.strip()))
    return ShotRow(line.strip())


class StoryboardForm(VerbForm):
    """Rows, and what all of them share. `shots`: a script to be split into rows."""

    asks = ("aspect", "seed", "product")

    # The series of which it is an episode.
    series = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    voice = forms.ChoiceField(
        label=_("Voices"),
        required=False,
        choices=(
            (speakers.AS_NEAR_AS_ALLOWED, _("As near to theirs as each allows")),
            (speakers.STOCK, _("Stock voices that are nobody's")),
            (speakers.SILENT, _("None: captions alone")),
        ),
    )
    shots = forms.CharField(
        label=_("Or a whole script"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 4 * MAX_PROMPT}),
        help_text=_("One sentence a line, each a shot; end a line with “| 4” for four seconds."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        rows = kwargs.pop("rows", None) or [ShotRow(), ShotRow()]
        super().__init__(*args, **{"verb": Verb.STORYBOARD} | kwargs)
        sent = self.data if isinstance(self.data, QueryDict) else QueryDict()
        self.rows = rows_of(sent) if self.is_bound else rows
        self.refusal: CannotMake | None = None  # of a button that was pressed

    def pressed(self) -> bool:
        """Whether a button was pressed that only changes rows; then it is done."""
        if not self.is_bound or not any(name in self.data for name in BUTTONS):
            return False
        try:
            self.rows = changed(self.rows, self.data)  # type: ignore[arg-type]
        except CannotMake as said:
            self.refusal = said
        return True

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        lines = [split(line) for line in (fields.get("shots") or "").splitlines() if line.strip()]
        told = [row for row in self.rows if row.prompt.strip()]
        if lines and not told:
            self.rows = told = lines
        return fields

    def how(self) -> dict[str, Any]:
        names = names_of([key for row in self.rows for key in row.cast])
        told: dict[str, Any] = {"shots": [row.as_how(names) for row in self.rows if row.prompt.strip()]}
        told |= {name: self.cleaned_data[name] for name in ("voice", "series") if self.cleaned_data[name]}
        return told | self.shown()

    def wishes(self, verb: str) -> dict[str, Any]:
        """Everybody who is in any shot is cast, in the order in which they come."""
        cast = dict.fromkeys(key for row in self.rows for key in row.cast)
        return super().wishes(verb) | {"cast": list(cast)}

    @property
    def total(self) -> int:
        """Seconds of all shots that have words; of all of them while none has."""
        told = [row for row in self.rows if row.prompt.strip()]
        return sum(row.seconds for row in told or self.rows)

    def cameras(self) -> Any:
        return CAMERAS

    def beginnings(self) -> Any:
        return BEGINNINGS


def names_of(keys: Sequence[str]) -> dict[str, str]:
    """Folded name -> key of those cast, for lines like "Alice: Hello"."""
    return {cameo.name.casefold(): str(cameo.public_id) for cameo in composing.chosen_cast(keys)}


def name_of(index: int) -> str:
    return gettext("Shot %(n)d") % {"n": index + 1}
