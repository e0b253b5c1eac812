"""Who lives in the town, what is published there, and how much each person truly likes each clip.

A person's taste is a share of each topic; a clip has two topics and a quality. Everything is drawn from the
seed, so that a bench can make the same town again beside its rows and ask for the truth, which no row tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feed.topics import VOCABULARY

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

TOPICS = tuple(VOCABULARY)
MOST_TEXTS = 20_000
DAY = 86_400.0

_DOES = ("walks", "runs", "jumps", "spins", "waves", "juggles", "sings", "sleeps", "flies", "paints")
_WHO = ("a cat", "a fox", "two friends", "a robot", "an old sailor", "a small dragon", "a baker", "a clown")
_HOW = ("slowly", "in a hurry", "backwards", "under a lantern", "without a sound", "for the first time")
_ZH = ("慢慢", "快快", "一个人", "在灯下", "又一次")


@dataclass(frozen=True)
class Town:
    """Rows are numbered from 0. Times are days before the town's last moment."""

    tastes: Floats  # people, topics: sums to 1
    activity: Floats  # people: share of all watching
    creator: Numbers  # clips: who published it
    topics: Numbers  # clips, 2
    quality: Floats  # clips
    age: Floats  # clips: days ago
    text: Numbers  # clips: which of the texts
    is_ai: NDArray[np.bool_]

    def wanted(self, person: Numbers, clip: Numbers) -> Floats:
        """How much of the clip this person truly wants to watch, 0 to 1."""
        first, second = self.topics[clip, 0], self.topics[clip, 1]
        fits = 0.75 * self.tastes[person, first] + 0.25 * self.tastes[person, second]
        return np.asarray(1.0 / (1.0 + np.exp(-(5.0 * fits + 0.6 * self.quality[clip] - 1.3))), np.float32)


def settle(people: int, clips: int, days: float, seed: int) -> Town:
    """The town of these numbers. A tenth of the people publish, few of them much."""
    draw = np.random.default_rng([seed, 1])
    tastes = draw.gamma(0.25, 1.0, (people, len(TOPICS))).astype(np.float32) + 1e-6
    tastes /= tastes.sum(axis=1, keepdims=True)
    activity = draw.lognormal(0.0, 1.0, people)
    makers = draw.permutation(people)[: max(1, people // 10)]
    often = 1.0 / np.arange(1, len(makers) + 1) ** 0.6
    creator = makers[_weighted(draw, often, clips)]
    first = _by_taste(draw, tastes[creator])
    second = np.where(
        draw.random(clips) < 0.5, _by_taste(draw, tastes[creator]), draw.integers(0, len(TOPICS), clips)
    )
    of_topic = MOST_TEXTS // len(TOPICS)
    return Town(
        tastes=tastes,
        activity=(activity / activity.sum()).astype(np.float32),
        creator=creator.astype(np.int64),
        topics=np.stack([first, second], axis=1),
        quality=draw.standard_normal(clips).astype(np.float32),
        age=np.sort(draw.random(clips) * days).astype(np.float32)[::-1].copy(),
        text=first * of_topic + draw.integers(0, of_topic, clips),
        is_ai=draw.random(clips) < 0.85,
    )


def watched(town: Town, events: int, seed: int) -> tuple[Numbers, Numbers, Floats, Floats, NDArray[np.bool_]]:
    """(people, clips, days ago, watched fractions, liked): each person met each clip once at most. Three of
    five meetings are with a clip of a topic of theirs, the others with any."""
    draw = np.random.default_rng([seed, 2])
    clips = len(town.creator)
    person = _weighted(draw, town.activity, events)
    weight = np.exp(0.7 * town.quality)
    clip = _weighted(draw, weight, events)
    own = np.flatnonzero(draw.random(events) < 0.6)
    order = np.argsort(town.topics[:, 0], kind="stable")
    begins = np.searchsorted(town.topics[order, 0], np.arange(len(TOPICS) + 1))
    topic = _by_taste(draw, town.tastes[person[own]])
    span = np.maximum(begins[topic + 1] - begins[topic], 1)
    place = np.minimum(begins[topic] + (draw.random(len(own)) * span).astype(np.int64), clips - 1)
    clip[own] = order[place]
    once = np.sort(np.unique(person * clips + clip, return_index=True)[1])
    person, clip = person[once], clip[once]
    wanted = town.wanted(person, clip)
    fraction = np.clip(wanted + 0.25 * draw.standard_normal(len(once)), 0.02, 1.0)
    ago = town.age[clip] * draw.random(len(once))
    return (
        person,
        clip,
        ago.astype(np.float32),
        fraction.astype(np.float32),
        draw.random(len(once)) < 0.3 * wanted**2,
    )


def follows(town: Town, each: int, seed: int) -> tuple[Numbers, Numbers]:
    """(followers, followed): creators whose taste is the follower's, and some whom everybody follows."""
    draw = np.random.default_rng([seed, 3])
    people = len(town.tastes)
    makers, clips = np.unique(town.creator, return_counts=True)
    favourite = town.tastes[makers].argmax(axis=1)
    by_topic = [makers[favourite == topic] for topic in range(len(TOPICS))]
    follower = np.repeat(np.arange(people), each)
    famous = makers[_weighted(draw, clips.astype(np.float64), len(follower))]
    topic = _by_taste(draw, town.tastes[follower])
    sizes = np.array([len(own) for own in by_topic])
    flat = np.concatenate(by_topic) if len(makers) else makers
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    alike = flat[
        np.minimum(
            starts[topic] + (draw.random(len(follower)) * np.maximum(sizes[topic], 1)).astype(np.int64),
            len(flat) - 1,
        )
    ]
    followed = np.where(draw.random(len(follower)) < 0.7, alike, famous)
    once = np.unique((follower * people + followed)[follower != followed])
    return once // people, once % people


def text_of(number: int) -> tuple[str, str]:
    """(caption, prompt) of one of the at most 20,000 texts; every seventh is Chinese."""
    of_topic = MOST_TEXTS // len(TOPICS)
    topic, rest = TOPICS[min(number // of_topic, len(TOPICS) - 1)], number % of_topic
    shown = VOCABULARY[topic][rest % len(VOCABULARY[topic])]
    who, does, how = _WHO[rest % 8], _DOES[(rest // 8) % 10], _HOW[(rest // 80) % 6]
    if rest % 7 == 0:
        zh = VOCABULARY[topic][-1]
        return f"{zh}，{_ZH[rest % 5]}看 {rest} #{topic}", f"{who} {does}, {zh}"
    return f"{who} {does} {how}, take {rest} #{topic}", f"{who} {does} {how}, {shown}"


def _weighted(draw: np.random.Generator, weights: NDArray[np.floating], count: int) -> Numbers:
    edges = np.cumsum(np.asarray(weights, np.float64))
    return np.minimum(np.searchsorted(edges, draw.random(count) * edges[-1]), len(edges) - 1).astype(np.int64)


def _by_taste(draw: np.random.Generator, tastes: Floats) -> Numbers:
    edges = np.cumsum(tastes, axis=1)
    return np.minimum(
        (edges < draw.random(len(tastes))[:, None] * edges[:, -1:]).sum(axis=1), tastes.shape[1] - 1
    ).astype(np.int64)
