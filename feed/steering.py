"""Words into rules: "fewer dances, more cats, nothing from politics, more from people I know".

The compiler is deterministic and says nothing that the viewer cannot read: each rule is a term of the
published score, or takes away what it names. English and Chinese. docs/algorithms/steering.md is this
file's page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from feed.refusals import BadRules
from feed.text import clean
from feed.topics import topic_of

NEVER = -2.0  # this and less takes away altogether
STRONGEST = 2.0
MOST_RULES = 60
MOST_SUBJECT = 40
MOST_WORDS = 2000


class Kind(StrEnum):
    TOPIC = "topic"  # a topic or #tag of the clip
    WORD = "word"  # a word of its caption or prompt
    KNOWN = "known"  # made by somebody whom the viewer follows or lists as close
    NEW = "new"  # made by somebody else, and seen by few
    AI = "ai"  # made by AI
    HUMAN = "human"  # real footage


@dataclass(frozen=True)
class Rule:
    kind: str
    subject: str = ""
    amount: float = 0.5

    @property
    def text(self) -> str:
        """As it is shown, kept and shared: `more topic:cats +0.5`."""
        verb = "never" if self.amount <= NEVER else "more" if self.amount > 0 else "less"
        named = f"{self.kind}:{self.subject}" if self.subject else self.kind
        return f"{verb} {named}" if self.amount <= NEVER else f"{verb} {named} {self.amount:+g}"

    @property
    def label(self) -> str:
        """What it is about, for people."""
        named = {
            Kind.KNOWN: _("People you know"),
            Kind.NEW: _("New people"),
            Kind.AI: _("Made by AI"),
            Kind.HUMAN: _("Real footage"),
        }
        if self.kind == Kind.TOPIC:
            return f"#{self.subject}"
        return f"“{self.subject}”" if self.kind == Kind.WORD else str(named[Kind(self.kind)])

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "subject": self.subject, "amount": self.amount}


# Longest first: the first that the clause holds counts.
AMOUNTS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (
        1.0,
        (
            "a lot more",
            "lots more",
            "much more",
            "many more",
            "lots of",
            "plenty of",
            "大量",
            "多多",
            "多很多",
        ),
    ),
    (
        -1.0,
        ("a lot less", "a lot fewer", "much less", "far less", "far fewer", "hardly any", "很少", "少很多"),
    ),
    (
        NEVER,
        (
            *(
                "nothing",
                "no more",
                "not any",
                "never",
                "without",
                "none",
                "don't show",
                "do not show",
                "no",
                "hide",
            ),
            *("不要再", "不想看", "不要", "不看", "别再", "别给我", "没有", "拒绝", "别"),
        ),
    ),
    (-0.5, ("fewer", "less", "少一点", "少一些", "少点", "少看", "减少", "少")),
    (
        0.5,
        (
            "more",
            "多一点",
            "多一些",
            "多点",
            "多看",
            "更多",
            "增加",
            "多",
            "show me",
            "i like",
            "i love",
            "想看",
            "喜欢",
        ),
    ),
)
_AMOUNT_OF = {word: amount for amount, words in AMOUNTS for word in words}
_WORDS_OF_AMOUNT = sorted(_AMOUNT_OF, key=lambda word: -len(word))
PEOPLE: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        Kind.KNOWN,
        (
            "people i know",
            "people i follow",
            "my friends",
            "friends",
            "my circle",
            "我认识",
            "我关注",
            "朋友",
            "熟人",
        ),
    ),
    (Kind.NEW, ("new people", "newcomers", "new creators", "strangers", "新人", "新作者", "陌生人")),
    (
        Kind.HUMAN,
        (
            "real footage",
            "human-made",
            "human made",
            "real people",
            "real videos",
            "实拍",
            "真人",
            "真实视频",
        ),
    ),
    (
        Kind.AI,
        (
            "ai-made",
            "ai made",
            "ai clips",
            "ai videos",
            "ai content",
            "generated",
            "ai",
            "人工智能",
            "机器生成",
        ),
    ),
)
_SEPARATORS = re.compile(r"[,;.!?\n，；。！？、]+|\s+(?:but|but also|also|then)\s+|(?:但是|但|而且|并且)")
_ALSO = re.compile(r"(?:^|\s+)(?:and|or)(?:\s+|$)|\s*&\s*|和|以及|跟|或")
_FILLER = re.compile(
    r"^(?:please|i want|i'd like|give me|see|of|from|with|about|on|to see|any|the|in|some"
    r"|posts?|clips?|videos?)\s+"
    r"|^(?:请|我想|给我|来自|关于|一点|一些|点|些|看)"
)
_TAIL = re.compile(
    r"\s+(?:please|clips?|videos?|posts?|stuff|content|things)$"
    r"|(?:的视频|的内容|视频|内容|的人|的|吧|了)$"
)


def compile_words(words: str) -> list[Rule]:
    """Rules in the order of the words; the last word on a subject counts. No words, no rules."""
    found: dict[tuple[str, str], Rule] = {}
    amount = 0.5
    for clause in _SEPARATORS.split(clean(words[:MOST_WORDS]).lower()):
        for piece in _ALSO.split(clause or ""):
            said, rest = _amount_in(piece.strip())
            amount = amount if said is None else said
            rule = _rule_about(rest, amount)
            if rule is not None:
                found.pop((rule.kind, rule.subject), None)
                found[rule.kind, rule.subject] = rule
    return list(found.values())[:MOST_RULES]


def _amount_in(clause: str) -> tuple[float | None, str]:
    for word in _WORDS_OF_AMOUNT:
        pattern = rf"(?<![\w'-]){re.escape(word)}(?![\w'-])" if word.isascii() else re.escape(word)
        if match := re.search(pattern, clause):
            return _AMOUNT_OF[word], f"{clause[: match.start()]} {clause[match.end() :]}".strip()
    return None, clause


def _rule_about(rest: str, amount: float) -> Rule | None:
    for kind, words in PEOPLE:
        for word in words:
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", rest) if word.isascii() else word in rest:
                return Rule(kind, "", amount)
    subject = _bare(rest).lstrip("#＃")
    if not subject or len(subject) > MOST_SUBJECT:
        return None
    topic = topic_of(subject)
    return Rule(Kind.TOPIC, topic, amount) if topic else Rule(Kind.WORD, subject, amount)


def _bare(rest: str) -> str:
    before = None
    while before != rest:
        before, rest = rest, _TAIL.sub("", _FILLER.sub("", rest.strip())).strip()
    return rest


def read(given: Any) -> list[Rule]:
    """Rules from JSON (a list of `{"kind", "subject", "amount"}`), as kept or shared; raises BadRules."""
    if not isinstance(given, list) or len(given) > MOST_RULES:
        raise BadRules()
    return list({(rule.kind, rule.subject): rule for rule in map(_read_one, given)}.values())


def _read_one(given: Any) -> Rule:
    match given:
        case {"kind": str(kind), "subject": str(subject), "amount": int() | float() as amount}:
            tidy = clean(subject[: 4 * MOST_SUBJECT]).lower()
            needs_subject = kind in {Kind.TOPIC, Kind.WORD}
            fits = kind in set(Kind) and bool(tidy) == needs_subject and len(tidy) <= MOST_SUBJECT
            # JSON holds whole numbers that no float does: they are clamped before they are one.
            is_number = isinstance(amount, int) or math.isfinite(amount)
            if fits and is_number and not isinstance(amount, bool):
                return Rule(kind, tidy, float(max(-STRONGEST, min(amount, STRONGEST))))
    raise BadRules()


def applies(
    rule: Rule, *, topics: tuple[str, ...], words: str, is_known: bool, is_little: bool, is_ai: bool
) -> bool:
    """Whether a clip is what the rule is about."""
    match rule.kind:
        case Kind.TOPIC:
            return rule.subject in topics
        case Kind.WORD:
            return holds_word(words, rule.subject)
        case Kind.KNOWN:
            return is_known
        case Kind.NEW:
            return is_little and not is_known
        case Kind.AI:
            return is_ai
    return not is_ai


def holds_word(words: str, wanted: str) -> bool:
    """`cat` is no part of `catalogue`; Chinese has no spaces, so there any place counts."""
    if not wanted.isascii():
        return wanted in words
    return re.search(rf"(?<!\w){re.escape(wanted)}s?(?!\w)", words) is not None


def as_lines(rules: list[Rule]) -> Iterator[str]:
    return (rule.text for rule in rules)
