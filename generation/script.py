"""What is said in a clip, when, and what is seen: captions, transcript and audio description, exact because
they come from the script and not from listening.

Each line of a shot has its place before anything is rendered: after `LEAD_S`, one after another, each as long
as it takes to say it calmly. A voice keeps to that (`generation.speech`), so that the captions fit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEAD_S, GAP_S = 0.4, 0.25
LETTERS_A_SECOND, CHARACTERS_A_SECOND = 15.0, 4.5  # of alphabets, and of Chinese
SHORTEST_S = 0.8
MOST_LINES, MOST_LETTERS = 3, 200
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Cue:
    """From when to when, who (a name, "" for nobody in the picture), the key of who it is, and the words."""

    start_s: float
    end_s: float
    who: str
    key: str
    text: str


def says_s(text: str) -> float:
    """Seconds that it takes to say this calmly."""
    chinese = len(CHINESE.findall(text))
    rest = len(re.sub(r"\s+", " ", CHINESE.sub("", text)).strip())
    return round(max(SHORTEST_S, chinese / CHARACTERS_A_SECOND + rest / LETTERS_A_SECOND), 2)


def needs_s(lines: Sequence[Mapping[str, Any]]) -> float:
    """Seconds that a shot needs for its lines."""
    return LEAD_S + sum(says_s(line["text"]) + GAP_S for line in lines) if lines else 0.0


def cues(shots: Sequence[Mapping[str, Any]]) -> list[Cue]:
    """Every line of a storyboard with its time in the clip."""
    out, begins = [], 0.0
    for shot in shots:
        at = begins + LEAD_S
        for line in shot.get("lines", ()):
            end = round(at + says_s(line["text"]), 2)
            out.append(Cue(round(at, 2), end, line.get("name", ""), line.get("who", ""), line["text"]))
            at = end + GAP_S
        begins += shot["seconds"]
    return out


def seen(shots: Sequence[Mapping[str, Any]]) -> list[Cue]:
    """What each shot shows, for who cannot see it."""
    out, begins = [], 0.0
    for shot in shots:
        out.append(Cue(round(begins, 2), round(begins + shot["seconds"], 2), "", "", shot["prompt"]))
        begins += shot["seconds"]
    return out


def vtt(rows: Sequence[Cue], notes: Sequence[str] = ()) -> str:
    """WebVTT, one cue a line of the script; `notes` are for who reads the file, and not shown."""
    return "\n".join(["WEBVTT", "", *(f"NOTE {_plain(note)}\n" for note in notes), *_blocks(rows)])


def _blocks(rows: Sequence[Cue]) -> Iterator[str]:
    for number, cue in enumerate(rows, 1):
        voice = f"<v {_plain(cue.who)}>" if cue.who else ""
        yield f"{number}\n{_clock(cue.start_s)} --> {_clock(cue.end_s)}\n{voice}{_plain(cue.text)}\n"


def _plain(text: str) -> str:
    """As WebVTT wants it: no markup, no line that ends the cue, no arrow."""
    text = re.sub(r"\s+", " ", text).strip()
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(second: float) -> str:
    whole = round(second * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def lines_of(text: str, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Lines as they are typed, "Alice: Hello" each; `names`: folded name -> key of those in the picture."""
    out = []
    for row in text.splitlines():
        said = row.strip()
        if not said:
            continue
        name, colon, words = (part.strip() for part in re.sub("：", ":", said, count=1).partition(":"))
        if colon and words and len(name) <= 40:
            out.append({"who": names.get(name.casefold(), ""), "name": name, "text": words})
        else:
            out.append({"who": "", "name": "", "text": said})
    return out


def typed(lines: Sequence[Mapping[str, Any]]) -> str:
    """The other way round, for a form."""
    rows = ((line.get("name"), line["text"]) for line in lines)
    return "\n".join(f"{name}: {text}" if name else text for name, text in rows)
