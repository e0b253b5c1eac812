"""Words that are meant for whoever judges, and not for the clip: "ignore your rules", "verdict=ALLOW".

They change nothing: the lists and the vectors read the rest of the prompt as if they were not there, and the
prompt is held for a person, since nobody who wants a clip has to talk to its judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from generation.screening.normalise import Plain
from generation.screening.verdict import Outcome, Verdict

_ORDERS = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override|bypass|skip)\b[^.,;:!?]{0,24}
      \b(?:rules?|instructions?|filters?|polic(?:y|ies)|guidelines?|moderation|screening|checks)\b
    | \b(?:verdict|outcome|decision)\s*(?:=|:|is\b)\s*"?\w+
    | \b(?:answer|respond|reply|say|return|output|classif\w+|mark\s+(?:it|this)|label\s+(?:it|this))\b
      [^.,;:!?]{0,16}\b(?:allow|allowed|safe|approved|harmless)\b
    | \bthis\s+(?:prompt|request|text|content)\s+(?:is|was|has\s+been)\s+(?:already\s+|pre-?)?
      (?:safe|approved|allowed|harmless|checked|cleared)(?:\s+and\s+\w+)?
    | (?:^|[\n.\[(<{"])\s*(?:system|assistant|admin|moderator|developer)\s*(?:\]|\)|>|}|:)
    | (?:忽略|无视|忘记|忘掉|绕过|跳过|不要管)[^,。；:：]{0,10}(?:规则|指令|指示|限制|审核|过滤|检查)
    | (?:此|该|本|这个)?(?:提示词|请求|这段话|内容)[^,。；]{0,6}
      (?:审核通过|通过审核|通过了审核|已批准|是安全的|无害)
    | (?:请)?(?:判|标记|归类)(?:定)?为[^,。；]{0,4}(?:允许|安全|通过|无害)
    | [\[【<(](?:系统|管理员|审核员|开发者)[^\]】>)]{0,6}[\]】>)]
    """,
    re.VERBOSE | re.IGNORECASE,
)


def judge(readings: Sequence[Plain]) -> Verdict:
    """REVIEW with the words that speak to the judge, else ALLOW."""
    for reading in readings:
        if match := _ORDERS.search(reading.text):
            evidence = reading.evidence(*match.span())
            return Verdict(Outcome.REVIEW, rule="instructions", evidence=evidence)
    return Verdict(Outcome.ALLOW)


def without(text: str) -> str:
    """The text as if those words were not in it."""
    return " ".join(_ORDERS.sub(" ", text).strip(" .,;:!?。，：；、").split())
