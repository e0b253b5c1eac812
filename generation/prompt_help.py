"""Says more of a prompt, here and without asking anybody: what the engine's world has no picture for becomes
the nearest thing that it has, and what nobody said (who, what, where, when, how it is filmed) is said.

Pure: the neighbours are a table, written by hand (vectors of single words call a lion a kite as readily as a
cat). What it changed is told piece by piece, so that a page can show and undo it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation.engines import native_words
from generation.screening import MAX_PROMPT
from model.scene import words

# What this world has no picture for, and the nearest that it has.
NEIGHBOURS = {
    "violin": "guitar", "cello": "guitar", "banjo": "guitar", "piano": "guitar",
    "elephant": "bear", "lion": "cat", "tiger": "cat", "leopard": "cat", "wolf": "dog", "fox": "dog",
    "horse": "bicycle", "motorcycle": "bicycle", "motorbike": "bicycle", "scooter": "skateboard",
    "surfboard": "skateboard", "snowboard": "skateboard", "car": "bicycle", "bus": "bicycle",
    "helicopter": "balloon", "airplane": "kite", "plane": "kite", "rocket": "balloon", "yacht": "boat",
    "hamster": "rabbit", "squirrel": "rabbit", "mouse": "rabbit", "eagle": "bird",
    "owl": "bird", "chicken": "bird", "duck": "bird", "penguin": "bird",
    "office": "room", "church": "temple", "volcano": "mountains",
    "大象": "熊", "狮子": "猫", "老虎": "猫", "狼": "狗", "狐狸": "狗", "马": "自行车",
    "摩托车": "自行车", "汽车": "自行车", "小提琴": "吉他", "钢琴": "吉他",
    "弹钢琴": "弹吉他", "弹琴": "弹吉他", "直升机": "气球",
    "飞机": "风筝", "火箭": "气球",
    "松鼠": "兔子", "老鹰": "鸟", "鸭子": "鸟", "企鹅": "鸟",
    "办公室": "房间", "教堂": "寺庙", "河": "湖边", "火山": "高山",
}  # fmt: skip
# In Chinese the verb before a thing goes with it: (those of what is replaced, that of what comes instead).
VERBS = {"吉他": ("拉", "弹"), "自行车": ("开骑", "骑着")}
# What is added where nothing of the kind is said: (English, Chinese), each a picture of this world.
ADDITIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "kind": (("a woman", "一个女人"), ("a man", "一个男人"), ("a robot", "一个机器人")),
    "verb": (("waving", "挥手"), ("dancing", "跳舞"), ("walking", "走路")),
    "place": (("by the sea", "在海边"), ("on a meadow", "在草地上"), ("in the forest", "在森林里")),
    "time": (("at sunset", "傍晚"), ("in the morning", "清晨"), ("at night", "夜晚")),
    "mood": (("happily", "开心地"), ("calmly", "平静地")),
    "camera": (("slow pan", "镜头平移"), ("camera zooms in", "推镜头"), ("static shot", "固定镜头")),
}  # fmt: skip
ANIMALS = {f"prop:{name}" for name in ("dog", "cat", "bird", "butterfly", "fish", "rabbit")}
TIMELESS = {"place:moon", "place:underwater"}


@dataclass(frozen=True)
class Change:
    """One difference: `before` is empty for what was added."""

    before: str
    after: str
    why: str


@dataclass(frozen=True)
class Rewritten:
    """`text` is the prompt itself where there is nothing to add."""

    text: str
    changes: list[Change]

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "changes": [asdict(change) for change in self.changes]}


def rewrite(prompt: str, names: Sequence[str] = (), engine: str = "native") -> Rewritten:
    """The prompt, said fuller, in its own language. `names`: of the people cast, who count as somebody.
    Words are replaced for engines only that draw this world; the others read any word."""
    chinese = words.is_chinese(prompt)
    said, changes = prompt.strip().rstrip(".,;。，；、 "), list[Change]()
    if engine == "native":
        said, changes = _replaced(said, names, chinese)
    known = {concept.partition(":")[0] for concept in words.known_concepts(said)}
    somebody = bool(names) or "kind" in known or bool(ANIMALS & set(words.known_concepts(said)))
    there = known | ({"kind"} if somebody else set())
    if TIMELESS & set(words.known_concepts(said)):
        there |= {"time"}
    turn = zlib.crc32(prompt.strip().encode())
    added = [_addition(kind, turn, chinese) for kind in ADDITIONS if kind not in there]
    if not said and not names:
        return Rewritten(prompt, [])
    joined = _joined(said, added, chinese)
    if len(joined) > MAX_PROMPT:
        return Rewritten(prompt, [])
    return Rewritten(joined if added or changes else prompt, [*changes, *added])


def _addition(kind: str, turn: int, chinese: bool) -> Change:
    choices = ADDITIONS[kind]
    why = {
        "kind": _("Nobody was in it."),
        "verb": _("Nobody did anything."),
        "place": _("Nothing said where."),
        "time": _("Nothing said when."),
        "mood": _("Nothing said in which mood."),
        "camera": _("Nothing said how it is filmed."),
    }[kind]
    return Change("", choices[turn % len(choices)][chinese], why)


def _joined(said: str, added: Sequence[Change], chinese: bool) -> str:
    comma = "，" if chinese else ", "
    return comma.join(part for part in (said, *(change.after for change in added)) if part)


def _replaced(said: str, names: Sequence[str], chinese: bool) -> tuple[str, list[Change]]:
    changes = []
    for word in native_words.unknown_words(said, names):
        near = _nearest(word)
        if near is None:
            continue
        if chinese:
            before, after = _with_its_verb(said, word, near)
            found = re.search(re.escape(before), said)
        else:
            found = re.search(rf"(?<!\w)(?:an? )?{re.escape(word)}(?!\w)", said, re.IGNORECASE)
            before, after = _with_its_article(found[0] if found else "", word, near)
        if found:
            said = said[: found.end() - len(before)] + after + said[found.end() :]
            changes.append(Change(before, after, _("There is no picture of it yet; this is the nearest.")))
    return said, changes


def _nearest(word: str) -> str | None:
    """What comes instead; of several, several."""
    one = word.casefold()
    if one in NEIGHBOURS:
        return NEIGHBOURS[one]
    for ending in ("s", "es"):
        near = NEIGHBOURS.get(one.removesuffix(ending)) if one.endswith(ending) else None
        if near is not None:
            return near if near.endswith("s") else f"{near}s"
    return None


def _with_its_verb(said: str, word: str, near: str) -> tuple[str, str]:
    theirs, ours = VERBS.get(near, ("", ""))
    for verb in theirs:
        if verb + word in said:
            return verb + word, ours + near
    return word, near


def _with_its_article(found: str, word: str, near: str) -> tuple[str, str]:
    """“an elephant” becomes “a bear”; where the article stays, only the word is told."""
    article = found[: -len(word) - 1]
    right = "an" if near[0] in "aeiou" else "a"
    if article.casefold() in ("", right):
        return found[-len(word) :], near
    return found, f"{article[0]}{right[1:]} {near}"
