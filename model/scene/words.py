"""Prompts -> concept tokens. No torch: pages use it to say which words the world does not know.

Words of both languages become the concepts of `lexicon.py`, longest phrase first, so a synonym means
exactly what its neighbour means, and a word outside the lexicon is *told* rather than guessed.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from model.scene import lexicon

MAX_TOKENS = 48  # a longer prompt is cut after so many concepts
MAX_PROMPT = 4000  # characters read
PAD, UNKNOWN, ENGLISH, CHINESE = 0, 1, 2, 3
SECTIONS = {
    "place": lexicon.PLACES,
    "time": lexicon.TIMES,
    "weather": lexicon.WEATHERS,
    "camera": lexicon.CAMERAS,
    "style": lexicon.STYLES,
    "kind": lexicon.KINDS,
    "colour": lexicon.COLOURS,
    "outfit": lexicon.OUTFITS,
    "hair": lexicon.HAIRS,
    "haircolour": lexicon.HAIR_ONLY,
    "skin": lexicon.SKINS,
    "accessory": lexicon.ACCESSORIES,
    "mood": lexicon.MOODS,
    "energy": lexicon.ENERGY,
    "verb": lexicon.VERBS,
    "prop": lexicon.PROPS,
    "say": lexicon.STRUCTURE,
}
CONCEPTS = ("pad", "unknown", "english", "chinese") + tuple(
    f"{s}:{name}" for s, table in SECTIONS.items() for name in table
)
CONCEPT_ID = {name: i for i, name in enumerate(CONCEPTS)}

_DOUBLING = {
    "run",
    "sit",
    "swim",
    "spin",
    "jog",
    "hop",
    "skip",
    "nap",
    "clap",
    "drop",
    "hug",
    "sip",
    "jam",
    "strum",
    "hum",
    "chat",
    "flip",
    "hit",
    "slap",
    "snap",
    "let",
    "get",
    "cut",
    "put",
    "step",
    "stop",
    "beg",
    "grin",
    "strut",
}
_PAST = {
    "run": "ran",
    "sit": "sat",
    "swim": "swam",
    "spin": "spun",
    "stand": "stood",
    "sleep": "slept",
    "think": "thought",
    "sing": "sang",
    "fly": "flew",
    "read": "read",
    "drink": "drank",
    "take": "took",
    "do": "did",
    "give": "gave",
    "throw": "threw",
    "shake": "shook",
    "bring": "brought",
    "hold": "held",
    "hang": "hung",
    "ride": "rode",
    "go": "went",
    "wear": "wore",
    "beat": "beat",
    "fall": "fell",
    "lie": "lay",
    "let": "let",
    "keep": "kept",
    "tell": "told",
    "say": "said",
    "have": "had",
    "creep": "crept",
    "strike": "struck",
    "fight": "fought",
    "hit": "hit",
    "speak": "spoke",
    "meet": "met",
}
_PLURAL = {
    "woman": "women",
    "man": "men",
    "lady": "ladies",
    "kid": "kids",
    "child": "children",
    "puppy": "puppies",
    "kitty": "kitties",
    "bunny": "bunnies",
    "wife": "wives",
    "teddy": "teddies",
    "granny": "grannies",
    "somebody": "somebody",
    "someone": "someone",
    "anyone": "anyone",
    "people": "people",
}


def third(verb: str) -> str:
    """walks, catches, flies: of the first word of a phrase."""
    head, _, rest = verb.partition(" ")
    if re.search(r"(s|x|z|ch|sh|o)$", head):
        head += "es"
    elif re.search(r"[^aeiou]y$", head):
        head = head[:-1] + "ies"
    else:
        head = {"have": "has"}.get(head, head + "s")
    return f"{head} {rest}".strip()


def going(verb: str) -> str:
    """walking, running, lying."""
    head, _, rest = verb.partition(" ")
    if head.endswith("ie"):
        head = head[:-2] + "ying"
    elif head in _DOUBLING:
        head += head[-1] + "ing"
    elif head.endswith("e") and not head.endswith(("ee", "oe")) and head != "be":
        head = head[:-1] + "ing"
    else:
        head += "ing"
    return f"{head} {rest}".strip()


def _past(verb: str) -> str:
    head, _, rest = verb.partition(" ")
    if head in _PAST:
        head = _PAST[head]
    elif head in _DOUBLING:
        head += head[-1] + "ed"
    elif re.search(r"[^aeiou]y$", head):
        head = head[:-1] + "ied"
    else:
        head += "d" if head.endswith("e") else "ed"
    return f"{head} {rest}".strip()


def plural(noun: str) -> str:
    head, _, last = noun.rpartition(" ")
    if last in _PLURAL:
        last = _PLURAL[last]
    elif re.search(r"(s|x|z|ch|sh)$", last):
        last += "es"
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    elif not last.endswith("man"):
        last += "s"
    else:
        last = last[:-3] + "men"
    return f"{head} {last}".strip()


def is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def phrases(section: str, name: str, chinese: bool) -> list[str]:
    """The ways to say a concept in one language, base forms."""
    every = SECTIONS[section][name].split("|")
    return [p for p in every if is_chinese(p) == chinese or (chinese and p == "T恤")]


@cache
def _tables() -> tuple[dict[tuple[str, ...], str], dict[str, str], int, int]:
    english: dict[tuple[str, ...], str] = {}
    chinese: dict[str, str] = {}
    for section, table in SECTIONS.items():
        for name, said in table.items():
            for phrase in said.split("|"):
                concept = f"{section}:{name}"
                if is_chinese(phrase):
                    chinese.setdefault(phrase, concept)
                    continue
                forms = [phrase]
                if section == "verb":
                    forms += [third(phrase), going(phrase), _past(phrase)]
                if section in ("kind", "prop", "outfit", "accessory", "place", "say"):
                    forms.append(plural(phrase))
                for form in forms:
                    english.setdefault(tuple(_words(form)), concept)
    for concept, said in lexicon.HEARD.items():
        for phrase in said.split("|"):
            if is_chinese(phrase):
                chinese.setdefault(phrase, concept)
            else:
                english.setdefault(tuple(_words(phrase)), concept)
    for word in lexicon.UNSHOWN_ZH:
        chinese.setdefault(word, "unknown")
    longest = max(map(len, english))
    return english, chinese, longest, max(map(len, chinese))


_PICTURE = "[\u2600-\u27bf\U0001f000-\U0001faff]"
_JOINED = (
    "[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]+"  # what makes one picture of several, and shades of skin
)
_WORD = re.compile(rf"@[\w.-]+|[a-z0-9]+(?:['-][a-z0-9]+)*|[\u4e00-\u9fff]+|[^\W\d_]+|{_PICTURE}")


def _words(text: str) -> list[str]:
    text = re.sub(_JOINED, "", text.lower())
    return _WORD.findall(re.sub(_PICTURE, lambda found: _spelled(found.group()), text))


def _spelled(picture: str) -> str:
    return f" {lexicon.PICTURES[picture]} " if picture in lexicon.PICTURES else f" {picture} "


def _chinese(run: str) -> list[tuple[str, str | None]]:
    _, table, _, longest = _tables()
    out: list[tuple[str, str | None]] = []
    i, lost = 0, ""
    while i < len(run):
        for size in range(min(longest, len(run) - i), 0, -1):
            piece = run[i : i + size]
            if piece in table or piece in lexicon.EMPTY_ZH:
                if lost:
                    _lose(out, lost)
                    lost = ""
                out.append((piece, table.get(piece)))
                i += size
                break
        else:
            lost += run[i]
            i += 1
    if lost:
        _lose(out, lost)
    return out


def _lose(out: list[tuple[str, str | None]], word: str) -> None:
    """Notes an unknown word, with the adjective that belongs to its name: an elephant is 大象."""
    if out and out[-1] in (("大", None), ("小", None), ("老", None)):
        word = out.pop()[0] + word
    out.append((word, "unknown"))


def concepts(prompt: str) -> list[tuple[str, str | None]]:
    """(words, concept) in the order of the prompt; None for words that carry no picture, "unknown"
    for words outside the world."""
    english, _, longest, _ = _tables()
    words = _words(prompt[:MAX_PROMPT].replace("’", "'"))
    out: list[tuple[str, str | None]] = []
    i = 0
    while i < len(words):
        if is_chinese(words[i]):
            out += _chinese(words[i])
            i += 1
            continue
        if words[i].startswith("@"):
            out.append((words[i], "kind:person"))
            i += 1
            continue
        for size in range(min(longest, len(words) - i), 0, -1):
            concept = english.get(tuple(words[i : i + size]))
            if concept:
                out.append((" ".join(words[i : i + size]), concept))
                i += size
                break
        else:
            word = words[i]
            split = [english.get((part,)) for part in word.split("-")] if "-" in word else [None]
            if all(split):
                out += [(word, c) for c in split]
            else:
                empty = word in lexicon.EMPTY or word.isdigit() or (len(word) == 1 and word.isascii())
                out.append((word, None if empty else "unknown"))
            i += 1
    return _who_is_meant(out)


def _who_is_meant(said: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """A cat is a pet beside somebody; where nobody else is named, the cat is who acts."""
    if any(concept and concept.startswith("kind:") for _, concept in said):
        return said
    at = next((i for i, (_, concept) in enumerate(said) if concept == "prop:cat"), None)
    acts = any(concept and concept.startswith("verb:") for _, concept in said[(at or 0) + 1 :])
    if at is None or not acts:
        return said
    return [*said[:at], (said[at][0], "kind:cat"), *said[at + 1 :]]


def unknown_words(prompt: str) -> list[str]:
    """Words of the prompt that the world has no picture for, in order, each once."""
    return list(dict.fromkeys(words for words, concept in concepts(prompt) if concept == "unknown"))


def known_concepts(prompt: str) -> list[str]:
    """Concepts that the prompt names, in order ("place:beach", "verb:walk", ...)."""
    return [c for _, c in concepts(prompt) if c and c != "unknown"]


def tokenize(prompts: list[str]) -> np.ndarray:
    """Concept ids [B, L], L <= MAX_TOKENS, padded with 0; the first says the language."""
    rows = []
    for prompt in prompts:
        ids = [CHINESE if is_chinese(prompt) else ENGLISH]
        ids += [CONCEPT_ID[c] for _, c in concepts(prompt) if c and c != "unknown"]
        rows.append(ids[:MAX_TOKENS])
    out = np.zeros((len(rows), max(map(len, rows), default=1)), np.int64)
    for i, ids in enumerate(rows):
        out[i, : len(ids)] = ids
    return out
