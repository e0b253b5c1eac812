"""Judges a text against what a grant refuses: named topics first by their words, then all by meaning.

    words      a listed word of a refused topic, or all words of a refused phrase, in one sentence: REFUSED
    meaning    the head of `topic_head` on text vectors: sure REFUSED; unsure UNSURE, with the sentence, and
               the owner is asked; else passed

Vectors are those of multilingual-e5-small from the vector process (`model.text`). With that process away a
text that words alone do not refuse is UNAVAILABLE, never allowed, unless the grant refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cameos import topic_head
from cameos.models import LikenessGrant
from cameos.topic_words import EVERYDAY, TOPICS
from model import text as vectors

FIRST_TIMEOUT_S = 20.0  # the first question of a process also asks for the vectors of all topics

_SENTENCE = re.compile(r"[^.!?;。！？；\n]+")
_PHRASE = re.compile(r"[^,;，；、\n]+")
_WORD = re.compile(r"[a-z0-9']+|[\u4e00-\u9fff]+")
_IDLE = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "anything",
        "at",
        "be",
        "in",
        "is",
        "it",
        "me",
        "my",
        "no",
        "not",
        "nothing",
        "of",
        "on",
        "or",
        "please",
        "that",
        "the",
        "things",
        "to",
        "with",
        "without",
    ]
)


class Verdict(StrEnum):
    ALLOWED = "allowed"
    REFUSED = "refused"
    UNSURE = "unsure"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class TopicVerdict:
    """`topic` is a topic's code or the owner's own phrase; `sentence` the part of the text it is about."""

    verdict: Verdict
    topic: str = ""
    sentence: str = ""


ALLOWED = TopicVerdict(Verdict.ALLOWED)
UNAVAILABLE = TopicVerdict(Verdict.UNAVAILABLE)


def judge(text: str, grant: LikenessGrant | None) -> TopicVerdict:
    """What the grant says to this text. Asks the vector process; never raises for its absence."""
    topics = [code for code in grant.topics_refused if code in TOPICS] if grant else []
    phrases = phrases_of(grant.refused_words) if grant else []
    sentences = sentences_of(text)
    if not sentences or not (topics or phrases):
        return ALLOWED
    return _by_words(sentences, topics, phrases) or _by_meaning(sentences, topics, phrases)


def judge_words(text: str, grant: LikenessGrant) -> TopicVerdict:
    """The part of the verdict that needs no vectors: REFUSED or ALLOWED."""
    topics = [code for code in grant.topics_refused if code in TOPICS]
    return _by_words(sentences_of(text), topics, phrases_of(grant.refused_words)) or ALLOWED


def sentences_of(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.findall(text) if part.strip()]


def phrases_of(words: str) -> list[str]:
    """The owner's own refusals: separated by commas, semicolons or lines."""
    return [part.strip() for part in _PHRASE.findall(words) if part.strip()]


def _by_words(sentences: Sequence[str], topics: Sequence[str], phrases: Sequence[str]) -> TopicVerdict | None:
    for sentence in sentences:
        for code in topics:
            if _pattern(TOPICS[code].words).search(sentence.lower()):
                return TopicVerdict(Verdict.REFUSED, code, sentence)
        for phrase in phrases:
            if _says(sentence, phrase):
                return TopicVerdict(Verdict.REFUSED, phrase, sentence)
    return None


def _by_meaning(sentences: Sequence[str], topics: Sequence[str], phrases: Sequence[str]) -> TopicVerdict:
    try:
        anchors, everyday = _anchors()
        asked = vectors.embed([*sentences, *phrases], query=True)
    except vectors.Unavailable:
        return UNAVAILABLE
    said, wanted = asked[: len(sentences)], asked[len(sentences) :]
    by_topic = topic_head.load().topics(said, topic_head.differences(said, list(anchors.values()), everyday))
    chosen = by_topic[:, [topic_head.CODES.index(code) for code in topics]]
    scores = np.concatenate([chosen, _of_phrases(said, wanted, everyday)], axis=1)
    sure = [topic_head.SURE] * len(topics) + [topic_head.PHRASE_SURE] * len(phrases)
    unsure = [topic_head.UNSURE] * len(topics) + [topic_head.PHRASE_UNSURE] * len(phrases)
    names = [*topics, *phrases]
    for verdict, bounds in ((Verdict.REFUSED, sure), (Verdict.UNSURE, unsure)):
        for sentence, found in zip(sentences, scores, strict=True):
            told = zip(names, found, bounds, strict=True)
            over = {name: float(score) for name, score, bound in told if score >= bound}
            if over:
                best = max(over, key=over.__getitem__)
                return TopicVerdict(verdict, best, sentence)
    return ALLOWED


def _of_phrases(
    said: NDArray[np.float32], wanted: NDArray[np.float32], everyday: NDArray[np.float32]
) -> NDArray[np.floating]:
    if not len(wanted):
        return np.zeros((len(said), 0))
    plain, common = (topic_head.nearest(everyday, rows, 3) for rows in (said, wanted))
    return topic_head.load().phrases(said @ wanted.T, plain, common)


@lru_cache(maxsize=1)
def _anchors() -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """Vectors of each topic's sentences and of everyday ones; asked for once a process."""
    listed = [(code, sentence) for code, topic in TOPICS.items() for sentence in topic.sentences]
    texts = [sentence for _, sentence in listed] + list(EVERYDAY)
    found = vectors.embed(texts, query=True, timeout_s=FIRST_TIMEOUT_S)
    codes = np.array([code for code, _ in listed])
    return {code: found[: len(codes)][codes == code] for code in TOPICS}, found[len(codes) :]


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_expression(word) for word in words))


def _expression(word: str) -> str:
    if not word.isascii():
        return re.escape(word)
    return rf"\b{re.escape(word.rstrip('*'))}" + (r"\w*" if word.endswith("*") else r"\b")


def _says(sentence: str, phrase: str) -> bool:
    """True when every word of the phrase that carries meaning stands in the sentence, by its stem."""
    wanted = {_stem(word) for word in _WORD.findall(phrase.lower())} - _IDLE
    said = {_stem(word) for word in _WORD.findall(sentence.lower())}
    return bool(wanted) and all(word in said or (not word.isascii() and word in sentence) for word in wanted)


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.isascii() and word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
