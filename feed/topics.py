"""What a clip is about, read from its own words: the tags of its caption and a small vocabulary.

These are the topics that "why this" names and that ranking counts. Text vectors say more, and are used beside
them when the vector process answers; nothing here waits for it.
"""

from __future__ import annotations

import re

from feed.text import hashtags

# topic: words that show it. One-word topics are shown to people as #topic.
VOCABULARY: dict[str, tuple[str, ...]] = {
    "rain": ("rain", "rainy", "umbrella", "storm", "雨"),
    "snow": ("snow", "snowy", "winter", "snowman", "雪"),
    "night": ("night", "stars", "moon", "moonlit", "夜"),
    "sunset": ("sunset", "dusk", "evening", "日落", "黄昏"),
    "beach": ("beach", "sea", "shore", "ocean", "waves", "海"),
    "city": ("city", "street", "town", "rooftop", "城"),
    "forest": ("forest", "woods", "trees", "森林"),
    "mountain": ("mountain", "mountains", "hill", "hills", "山"),
    "desert": ("desert", "dunes", "沙漠"),
    "park": ("park", "garden", "meadow", "公园"),
    "space": ("space", "planet", "rocket", "太空"),
    "dance": ("dance", "dances", "dancing", "spins", "twirls", "跳舞"),
    "walk": ("walk", "walks", "walking", "strolls", "走"),
    "run": ("run", "runs", "running", "races", "跑"),
    "jump": ("jump", "jumps", "jumping", "hops", "跳"),
    "juggle": ("juggle", "juggles", "juggling"),
    "wave": ("wave", "waving", "greets", "挥手"),
    "music": ("sings", "song", "guitar", "drum", "music", "唱"),
    "cats": ("cat", "cats", "kitten", "猫"),
    "dogs": ("dog", "dogs", "puppy", "狗"),
    "birds": ("bird", "birds", "parrot", "owl", "鸟"),
    "food": ("cook", "cooks", "cake", "soup", "tea", "coffee", "吃"),
    "sport": ("ball", "skate", "skates", "football", "球"),
    "balloon": ("balloon", "balloons", "kite", "气球"),
    "duo": ("together", "friends", "two", "一起"),
}

_TOPIC_OF = {word: topic for topic, words in VOCABULARY.items() for word in words}
MOST_TOPICS = 8


def topics_of(prompt: str, caption: str) -> list[str]:
    """Tags first, then vocabulary topics in the order in which the words mention them."""
    words = f"{caption} {prompt}".lower()
    found = list(hashtags(caption))
    found += [_TOPIC_OF[word] for word in re.findall(r"[a-z]+", words) if word in _TOPIC_OF]
    found += [topic for word, topic in _TOPIC_OF.items() if not word.isascii() and word in words]
    return list(dict.fromkeys(found))[:MOST_TOPICS]


def topic_of(word: str) -> str | None:
    """The topic that a word of the vocabulary shows, in one or many; none for other words."""
    return next(
        (
            _TOPIC_OF[form]
            for form in (word, word.removesuffix("s"), word.removesuffix("es"))
            if form in _TOPIC_OF
        ),
        word if word in VOCABULARY else None,
    )
