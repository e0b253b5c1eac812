"""A text or a transcript becomes the script of a short explainer: sentences in their order and in their own
words, put together into shots with a picture each.

    text -> without timecodes, numbers of cues and stage directions; who speaks is kept ("Anna: …")
         -> sentences, each at most as long as a line of the script
         -> those that fit into the wished length: the first, and those that say most of what the others say
         -> shots of one to three lines; pictures are dealt to them in their order

Which sentences: a walk over sentences that share words, started more often at the beginning (after LexRank,
Erkan and Radev 2004, with term weights by how few sentences have a word). Nothing is written anew:
what is said is what stood there.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation import script

MOST_TEXT = 20_000
LINE = script.MOST_LETTERS
SHOT_S = 9.0  # about how long a picture stands
TITLE_S = 2.6
REST_S = 0.2  # after the last word of a shot
DAMPED, ROUNDS = 0.85, 30
NUMBER, TIMES = re.compile(r"^\s*\d+\s*$"), re.compile(r"^\s*[\d:.,]+\s*-->")
# The head of a WebVTT file, and its blocks that nobody says.
HEAD = re.compile(r"^\ufeff?WEBVTT.*(?:\n(?!.*-->).*\S.*)*")
ASIDE = re.compile(r"^(?:NOTE|STYLE|REGION)(?:[ \t].*)?(?:\n.*\S.*)*$", re.MULTILINE)
TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
CLOCK = re.compile(r"^\s*" + TIME + r"(?![\w:])|[\[(]" + TIME + r"[\])]")
STAGE = re.compile(
    r"[\[(](?:music|musik|applause|laugh\w*|inaudible|crosstalk|音乐|笑声|掌声)[^\])]*[\])]", re.IGNORECASE
)
SPEAKER = re.compile(
    r"^\s*(?:<v\s+(?P<tag>[^>]{1,40})>|(?P<name>[^\W\d_][\w .'’-]{0,38})\s*[:：])\s*(?P<rest>.*)$"
)
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
# Where a sentence may end, with what closes it: signs of alphabets only before a blank ("3.5", "U.S.").
END = re.compile(r"[。！？]+[.!?…。！？]*[\"”’)）』」]*|[.!?…]+[\"”’)）』」]*(?=[\s\u4e00-\u9fff“「『]|$)")
# Dots that end a word and no sentence: after a letter alone, and after these (before what they stand before).
LETTER = re.compile(r"(?<![^\W\d_])(?!I)[A-Za-zÀ-ž]\.$")
TITLES = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|Gen|Sen|Rev|vs|cf)\.$", re.IGNORECASE)
BEFORE_NUMBERS = re.compile(
    r"\b(?:No|Nos|Nr|Fig|Vol|pp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$", re.IGNORECASE
)
BEFORE_SMALL = re.compile(
    r"\b(?:etc|approx|ca|al|incl|dept|est|inc|ltd|co|jr|sr)\.$|[\"”’)）』」]$", re.IGNORECASE
)
WORD = re.compile(r"[\u4e00-\u9fff]|[^\W\d_\u4e00-\u9fff]{2,}")  # Chinese has no blanks: each sign
# How a sentence begins that goes on from the one before it, and how many words are too few to stand alone.
LEANS = re.compile(
    r"[\"“‘'(]*(?:(?:it|its|they|their|them|he|his|she|her|this|that|these|those|there|then|so|but|and|or|nor|yet|"
    r"thus|hence|therefore|however|instead|otherwise|besides|also|one of|both|neither|such|here|now)\b"
    r"|[它他她这那此该其]|于是|然后|但|而|因此|所以|因为|不过|可是|同时|另外|此外|接着|后来|还|也)",
    re.IGNORECASE,
)
POINTS = re.compile(r"\b(?:it|them|him|her|this|that|these|those|they)\b", re.IGNORECASE)
SHORT, SHORT_CHINESE = 3, 7
# Words that every text of a language has. Others than English: those with Latin letters that are read most.
ENGLISH, *OTHERS = (
    frozenset(words.split())
    for words in (
        "the of and to in a is that it for as with was on are this be by or have from at not but they you we "
        "an which can has will their more one when what there so if how his her its do your",
        "der die das und ist nicht ein eine einen den dem des mit von zu auf für sich es ich wir sie im",
        "le la les des et est une un du que pour dans qui pas sur au ce il elle nous vous avec",
        "el la los las de y que en un una por con para es se del no su lo como más",
        "il lo la gli le di e che un una per con è non si del della sono in questo",
        "o a os as de e que um uma do da em por com para não se no na mais",
        "de het een en van dat is niet op te zijn voor met die aan er ook",
        "och att det som en är på för med av den till inte jag vi ett",
        "i w na z się nie to że do jest co jak o po",
        "ve bir bu için ile da de çok olarak var",
    )
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sentence:
    who: str
    text: str

    @property
    def seconds(self) -> float:
        return script.says_s(self.text) + script.GAP_S


def language(text: str) -> str:
    """ "en", "zh", or "" for any other."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return ""
    chinese = len(script.CHINESE.findall(text)) / len(letters)
    if chinese > 0.3:
        return "zh" if not re.search(r"[\u3040-\u30ff\uac00-\ud7af]", text) else ""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if not all(ord(letter) < 0x250 for letter in letters):
        return ""
    known = sum(word in ENGLISH for word in words)
    others = max(sum(word in those for word in words) for those in OTHERS)
    return "en" if known > others or (known and known == others and text.isascii()) else ""


def is_read_as_english(lines: Sequence[str]) -> bool:
    """Whether a voice that speaks English can say lines of a dialogue: those that are Chinese it leaves out,
    and a few words that every language might have ("Hello!") are tried."""
    text = " ".join(line for line in lines if not script.CHINESE.search(line))
    words = re.findall(r"[^\W\d_]+", text.casefold())
    tells = any(word in known for word in words for known in (ENGLISH, *OTHERS))
    return language(text) == "en" or bool(words and not tells and "".join(words).isascii())


def sentences(text: str) -> list[Sentence]:
    """What is said, by whom ("" where it does not say), without what only a player needs."""
    rows = [STAGE.sub(" ", row).strip() for row in _said(text)]
    labels = sum(_speaks(row) is not None for row in rows)
    found: list[Sentence] = []
    who, heap = "", ""
    for row in [*rows, ""]:
        speaks = _speaks(row) if labels > 1 else None  # one colon is no conversation
        if speaks or not row or BULLET.match(row):
            found += _split(who, heap)
            heap = ""
        if speaks:
            who, row = speaks
        row = BULLET.sub("", row)
        heap = f"{heap} {row}" if heap and not script.CHINESE.search(heap[-1:]) else heap + row
    return found


def _said(text: str) -> list[str]:
    """The rows of a text, of a transcript without its clocks. One time of day is no transcript."""
    text = text.replace("\r\n", "\n")
    if HEAD.match(text):
        text = ASIDE.sub("", HEAD.sub("", text))
    rows = text.splitlines()
    timed = [TIMES.match(row) is not None for row in rows]
    numbered = [
        bool(NUMBER.match(row)) and after for row, after in zip(rows, [*timed[1:], False], strict=False)
    ]
    rows = [row for row, *cue in zip(rows, timed, numbered, strict=True) if not any(cue)]
    if any(timed) or sum(CLOCK.search(row) is not None for row in rows) > 1:
        rows = [CLOCK.sub(" ", row) for row in rows]
    return rows


def _speaks(row: str) -> tuple[str, str] | None:
    """A name and what follows it, where a row begins with one."""
    match = SPEAKER.match(row)
    if match is None or match["rest"].startswith("//"):
        return None
    name = (match["tag"] or match["name"]).strip()
    return (name, match["rest"]) if len(name.split()) <= 3 else None


def _split(who: str, text: str) -> list[Sentence]:
    """Sentences as they stand there; what has neither letter nor number says nothing."""
    text = re.sub(r"\s+", " ", text).strip()
    found = [match.end() for match in END.finditer(text)]
    ends = [at for at in found if _ends(text[max(0, at - 12) : at], text[at : at + 2].strip())]
    parts = (text[a:b].strip() for a, b in itertools.pairwise([0, *ends, len(text)]))
    pieces = [piece for part in parts for piece in _short(part)]
    return [Sentence(who, piece) for piece in pieces if any(map(str.isalnum, piece))]


def _ends(before: str, after: str) -> bool:
    """Whether a sentence ends between these, and not only a word that is written short."""
    if LETTER.search(before) or TITLES.search(before):
        return not after
    if BEFORE_NUMBERS.search(before) and after[:1].isdigit():
        return False
    return not (BEFORE_SMALL.search(before) and after[:1].islower())


def _short(text: str) -> list[str]:
    """A sentence that is too long for a line, in pieces: at a comma, else at a blank, else anywhere."""
    pieces = []
    while len(text) > LINE:
        cut = max(text.rfind(mark, LINE // 3, LINE) for mark in (", ", "; ", " – ", " - ", "，", "；", "、"))
        cut = cut + 1 if cut > 0 else text.rfind(" ", LINE // 3, LINE) + 1 or LINE
        pieces.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*pieces, text] if text else pieces


def chosen(said: Sequence[Sentence], seconds: float, letters: int) -> list[Sentence]:
    """As many as can be said in `seconds` and `letters`, in their order. All of them where they fit."""
    if _fits(said, seconds, letters):
        return list(said)
    weights = _weights(said)
    kept: set[int] = set()
    for k in sorted(range(len(said)), key=lambda k: (k != 0, -weights[k], k)):
        more = kept | set(_with_what_it_leans_on(said, k))
        if _fits([said[i] for i in sorted(more)], seconds, letters):
            kept = more
    return [said[k] for k in sorted(kept)]


def _with_what_it_leans_on(said: Sequence[Sentence], k: int) -> list[int]:
    """A sentence, and before it those without which nobody knows what it speaks of."""
    first = k
    while first and leans(said[first].text):
        first -= 1
    return list(range(first, k + 1))


def leans(text: str) -> bool:
    """Whether a sentence goes on from the one before it: "They were made of silk." "Please do not!\""""
    words = WORD.findall(text.casefold())
    if script.CHINESE.search(text):
        is_short = len(words) <= SHORT_CHINESE
    else:
        is_short = len(words) <= (2 * SHORT if POINTS.search(text) else SHORT)
    return is_short or bool(LEANS.match(text))


def _fits(said: Sequence[Sentence], seconds: float, letters: int) -> bool:
    if sum(len(s.text) + len(s.who) + 3 for s in said) > letters:
        return False
    return sum(shot["seconds"] for shot in shots(said, "", 0)) <= seconds


def _weights(said: Sequence[Sentence]) -> Floats:
    """How much of what is said each sentence says; they sum to 1."""
    bags = [Counter(WORD.findall(sentence.text.casefold())) for sentence in said]
    spread = Counter(word for bag in bags for word in bag if word not in ENGLISH)
    place = {word: k for k, word in enumerate(spread)}
    terms = np.zeros((len(bags), max(1, len(place))))
    for k, bag in enumerate(bags):
        for word in bag.keys() & place.keys():
            terms[k, place[word]] = bag[word] * math.log(1 + len(bags) / spread[word])
    terms /= np.maximum(np.linalg.norm(terms, axis=1, keepdims=True), 1e-9)
    near = terms @ terms.T
    np.fill_diagonal(near, 0)
    near /= np.maximum(near.sum(axis=1, keepdims=True), 1e-9)
    start = 1 / (2 + np.arange(len(said)))
    start /= start.sum()
    weight = start
    for _round in range(ROUNDS):
        weight = (1 - DAMPED) * start + DAMPED * weight @ near
    return weight


def shots(said: Sequence[Sentence], title: str, pictures: int) -> list[dict[str, Any]]:
    """The script: `lines` of each shot, its `seconds`, and its `picture`: the number of one that was brought,
    or -1 for a card. They last whole seconds together."""
    groups: list[list[Sentence]] = []
    for sentence in said:
        now = groups[-1] if groups else []
        full = len(now) >= script.MOST_LINES or sum(s.seconds for s in now) + sentence.seconds > SHOT_S
        if not groups or full:
            groups.append([sentence])
        else:
            now.append(sentence)
    made: list[dict[str, Any]] = []
    if title:
        made.append({"prompt": title, "seconds": TITLE_S, "picture": -1, "title": title})
    for number, group in enumerate(groups):
        lines = [{"who": "", "name": sentence.who, "text": sentence.text} for sentence in group]
        picture = number * pictures // len(groups) if pictures else -1
        if pictures > len(groups):
            picture = number
        seconds = round(script.needs_s(lines) + REST_S, 2)
        made.append({"prompt": "", "seconds": seconds, "picture": picture, "lines": lines})
    whole = math.ceil(round(sum(shot["seconds"] for shot in made), 2))
    if made:
        made[-1]["seconds"] = round(made[-1]["seconds"] + whole - sum(shot["seconds"] for shot in made), 2)
    return made


def says(sentence: str, title: str) -> bool:
    """Whether a sentence is its title word for word, so that no card of its own is needed."""
    return WORD.findall(sentence.casefold()) == WORD.findall(title.casefold())


def sentences_of(made: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    """The other way round, for who asks for the same again."""
    return [
        Sentence(str(line.get("name", "")), str(line["text"]))
        for shot in made
        for line in shot.get("lines", ())
    ]
