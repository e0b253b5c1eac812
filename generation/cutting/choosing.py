"""Which moments are kept: each shot gives its best stretch, the films take turns, borders fall on beats.

worth of a moment = sharp, well lit, something moves but the camera does not shake, faces, somebody speaks
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generation.cutting.looking import Floats, Seen
from generation.cutting.shots import spans

SHORTEST_S, LONGEST_S, USUAL_S = 1.0, 6.0, 2.4
SHAKE = 0.012  # of the picture's height between two pictures, at which a moment is worth nothing
WEIGHTS = {"sharp": 1.0, "light": 0.7, "calm": 1.0, "alive": 0.5, "faces": 0.9, "voice": 0.6}


@dataclass(frozen=True)
class Segment:
    """A stretch of one film, in its own seconds."""

    film: int
    start_s: float
    end_s: float
    worth: float = 0.0

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


def worth(seen: Seen) -> Floats:
    """0..1 for each picture of a film."""
    usual = float(np.percentile(seen.sharpness, 80)) or 1.0
    shake = np.hypot(_rough(seen.move[:, 0]), _rough(seen.move[:, 1]))
    moved = np.abs(np.diff(seen.grid, axis=0, prepend=seen.grid[:1])).mean(axis=1)
    parts = {
        "sharp": np.clip(seen.sharpness / usual, 0, 1),
        "light": np.clip(1 - np.abs(seen.light - 0.48) / 0.4, 0, 1),
        "calm": np.clip(1 - shake / SHAKE, 0, 1),
        "alive": np.clip(moved / 0.02, 0, 1),
        "faces": _faces(seen),
        "voice": _voice(seen),
    }
    total = sum(WEIGHTS.values())
    return np.asarray(sum(WEIGHTS[name] * part for name, part in parts.items()) / total, np.float64)


def choose(
    films: Sequence[Seen],
    seconds: float,
    beat_s: float = 0.0,
    fade_s: float = 0.0,
    pieces: Collection[int] = (),
) -> list[Segment]:
    """At most `seconds` of these films (all of them where they are shorter), in the order of films and of
    time; a stretch of each of `pieces` (numbers of films) stands between the others. With `beat_s`, every
    segment but the last lasts whole beats and a fade, where it is as long as one: so each next one begins on
    a beat."""
    *but_last, last = _woven(_chosen(films, seconds, beat_s, pieces), pieces)
    first = [_on_whole_beats(c, beat_s, fade_s) for c in but_last]
    # What beats and fades took is given back where the last film goes on.
    short = seconds - sum(c.seconds - fade_s for c in first) - last.seconds
    end = min(films[last.film].seconds, last.end_s + max(0.0, short))
    start = max(min(last.start_s, end), end - seconds)
    return [*first, replace(last, start_s=start, end_s=end)]


def _on_whole_beats(c: Segment, beat_s: float, fade_s: float) -> Segment:
    beats = int((c.seconds - fade_s) / beat_s + 1e-6) if beat_s > 0 else 0
    return replace(c, end_s=c.start_s + beats * beat_s + fade_s) if beats else c


def _woven(segments: Sequence[Segment], pieces: Collection[int]) -> list[Segment]:
    """Pieces spread between the others; none begins the reel, and none ends it where there is another way."""
    woven = [segment for segment in segments if segment.film not in pieces]
    between = [segment for segment in segments if segment.film in pieces]
    own = len(woven)
    for k in reversed(range(len(between))):
        place = max(1, round((k + 1) * own / (len(between) + 1))) if own else k
        woven.insert(place, between[k])
    return woven


def _chosen(films: Sequence[Seen], seconds: float, beat_s: float, pieces: Collection[int]) -> list[Segment]:
    whole = sum(film.seconds for film in films)
    if whole <= seconds:
        return [Segment(i, 0.0, film.seconds, float(worth(film).mean())) for i, film in enumerate(films)]
    candidates = [c for i, film in enumerate(films) for c in _best_of_shots(i, film, beat_s)]
    for i in pieces:
        of_it = sorted((c for c in candidates if c.film == i), key=lambda c: -c.worth)
        candidates = [c for c in candidates if c not in of_it[1:]]
    if not candidates:
        candidates = [Segment(i, 0.0, min(film.seconds, seconds), 0.0) for i, film in enumerate(films)]
    return _trimmed(_in_turns(candidates, len(films), seconds, pieces), films, seconds, beat_s)


def _best_of_shots(number: int, film: Seen, beat_s: float) -> list[Segment]:
    values = np.concatenate([[0.0], np.cumsum(worth(film))])
    length = max(SHORTEST_S, _on_beat(USUAL_S, beat_s))
    found = []
    for first, last in spans(film):
        start, end = film.times[first], film.times[last - 1] + film.pace
        if end - start < SHORTEST_S:
            continue
        # A long shot gives several stretches, each where it is best.
        count = max(1, int((end - start) // (2 * length)))
        borders = np.linspace(first, last, count + 1).astype(int)
        for low, high in zip(borders, borders[1:], strict=False):
            n = max(1, min(high - low, round(length / film.pace)))
            sums = values[low + n : high + 1] - values[low : high + 1 - n]
            best = low + int(np.argmax(sums))
            begin = float(film.times[best])
            until = min(begin + n * film.pace, float(end))
            if until - begin >= min(SHORTEST_S, film.seconds):
                found.append(Segment(number, begin, until, float(sums.max() / n)))
    return found


def _in_turns(
    candidates: list[Segment], films: int, seconds: float, pieces: Collection[int] = ()
) -> list[Segment]:
    """The best of each film, then the second best, until the time is full; sorted as they were filmed. The
    best of one's own and every piece are there even where they have to be shorter for it (`_trimmed`)."""
    piles = [sorted((c for c in candidates if c.film == i), key=lambda c: -c.worth) for i in range(films)]
    best = sorted(range(films), key=lambda i: -piles[i][0].worth if piles[i] else 0.0)
    own, between = ([i for i in best if (i in pieces) is wanted] for wanted in (False, True))
    order = [*own[:1], *between, *own[1:]]
    owed = {*own[:1], *between} if between else set()
    taken: list[Segment] = []
    total = 0.0
    while seconds - total > SHORTEST_S / 2 and any(piles):  # less is added to what is there
        for i in order:
            fits = seconds - total > SHORTEST_S / 2
            fits |= i in owed and (len(taken) + 1) * SHORTEST_S <= seconds
            if piles[i] and fits:
                taken.append(piles[i].pop(0))
                total += taken[-1].seconds
        owed = set()
    return sorted(taken, key=lambda c: (c.film, c.start_s))


def _trimmed(taken: list[Segment], films: Sequence[Seen], seconds: float, beat_s: float) -> list[Segment]:
    """Made to last exactly `seconds` where the films allow it: too much is taken off the end of the longest,
    too little is added where a film goes on."""
    lengths = [min(LONGEST_S, c.seconds) for c in taken]
    over = sum(lengths) - seconds
    while over > 0.02:
        longest = int(np.argmax(lengths))
        less = min(over, max(lengths[longest] - SHORTEST_S, 0.0))
        if less <= 0:
            break
        less = max(less, 0.0) if not beat_s else min(less, max(beat_s, over % beat_s))
        lengths[longest] -= less
        over -= less
    rooms = _rooms(taken, films)
    for i in np.argsort([-c.worth for c in taken]):
        if over >= -0.02:
            break
        more = min(-over, rooms[i] - lengths[i])
        if more > 0:
            lengths[i] += more
            over += more
    return [
        Segment(c.film, *_placed(c, length, films[c.film]), c.worth)
        for c, length in zip(taken, lengths, strict=True)
        if length > 0.2
    ]


def _rooms(taken: list[Segment], films: Sequence[Seen]) -> list[float]:
    """How long each could last before it meets the next one of the same film."""
    rooms = []
    for i, c in enumerate(taken):
        after = [d.start_s for d in taken[i + 1 :] if d.film == c.film]
        rooms.append((after[0] if after else films[c.film].seconds) - c.start_s)
    return rooms


def _placed(c: Segment, length: float, film: Seen) -> tuple[float, float]:
    start = min(c.start_s, max(0.0, film.seconds - length))
    return start, start + length


def _on_beat(seconds: float, beat_s: float) -> float:
    return max(1, round(seconds / beat_s)) * beat_s if beat_s > 0 else seconds


def _rough(moves: Floats) -> Floats:
    """What is left of a movement when its slow part (a pan) is taken out."""
    window = 9
    slow = np.convolve(np.pad(moves, window // 2, mode="edge"), np.ones(window) / window, "valid")
    return np.abs(moves - slow[: len(moves)])


def _faces(film: Seen) -> Floats:
    there = np.zeros(len(film.times))
    for (index, boxes), after in zip(film.faces, [*(i for i, _ in film.faces[1:]), len(there)], strict=True):
        there[index:after] = min(1.0, sum(b[3] for b in boxes) / 0.3) if boxes else 0.0
    return there


def _voice(film: Seen) -> Floats:
    """How loud it is around each picture, beside the loudest of the film."""
    if not len(film.sound):
        return np.zeros(len(film.times))
    at = np.clip((film.times * 48_000).astype(int), 0, len(film.sound) - 1)
    power = np.concatenate([[0.0], np.cumsum(film.sound.astype(np.float64) ** 2)])
    high = np.minimum(at + 12_000, len(film.sound))
    level = np.sqrt((power[high] - power[np.maximum(at - 12_000, 0)]) / 24_000)
    top = float(level.max())
    return np.asarray(level / top if top > 0.003 else np.zeros(len(at)), np.float64)
