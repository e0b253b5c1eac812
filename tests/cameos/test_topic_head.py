"""The head that judges meaning: it ships, it fits the topics there are, and it can be trained again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cameos import topic_head
from cameos.topic_training import Examples, fit, measure


def test_the_head_that_ships_is_for_the_topics_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    head = topic_head.load()
    assert head.probe.shape == (384, len(topic_head.CODES)) and head.phrase.shape == (4,)
    topic_head.load.cache_clear()
    monkeypatch.setattr(topic_head, "CODES", ("weather",))
    with pytest.raises(ValueError, match="train_topics"):
        topic_head.load()


@pytest.fixture
def clear_cut() -> Examples:
    """Two topics and two phrases that lie in directions of their own, and sentences of neither."""
    rng = np.random.default_rng(7)

    def around(direction: int, count: int) -> Any:
        rows = rng.normal(0, 0.02, (count, 16))
        rows[:, 0] += 1
        rows[:, direction] += 0.6
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    topics, none, phrases = [around(1, 12), around(2, 12)], around(5, 12), [around(3, 6), around(4, 6)]
    return Examples(
        anchors=[around(1, 4), around(2, 4)],
        everyday=around(5, 8),
        said=np.concatenate([*topics, none]),
        about=np.array([0] * 12 + [1] * 12 + [-1] * 12),
        wanted=np.concatenate([around(3, 1), around(4, 1)]),
        phrase_said=np.concatenate([*phrases, none]),
        phrase_about=np.array([0] * 6 + [1] * 6 + [-1] * 12),
    )


def test_what_can_be_told_apart_is_told_apart(clear_cut: Examples) -> None:
    found = measure(clear_cut)
    assert found["topic_missed"] == 0 and found["topic_falsely_refused"] == 0
    assert found["phrase_missed"] == 0
    head = fit(clear_cut)
    differing = topic_head.differences(clear_cut.said, clear_cut.anchors, clear_cut.everyday)
    told = head.topics(clear_cut.said, differing)
    assert (told[:12, 0] > told[:12, 1]).all() and (told[12:24, 1] > told[12:24, 0]).all()
