"""Looking for faces: how fast among 100,000, and how well on the packaged photographs.

face_search_ms    one face among 100,000 enrolled and never-me vectors, the fastest of `ROUNDS`
face_false_stop   share of clean pictures (their person is not enrolled) that the search would stop
face_miss         share of pictures of somebody enrolled that it would neither stop nor hold
…_bound           the upper end of a 95 % interval; `identities`, `pictures`: how few they are of

The gallery is 100,000 synthetic vectors drawn around the packaged embeddings: each at a distance from one
of them that is spread as `search.APART` and `SPREAD` say, in a random direction. So false stops and misses
at that size are what the assumption says; only the time is a measurement of 100,000. Both are also given
for the few who are really there (`…_few`).
"""

from __future__ import annotations

import json
import time
from typing import Any

SIZE, ROUNDS = 100_000, 41


def measure() -> dict[str, Any]:
    """Needs Django set up, no rows."""
    import numpy as np

    from cameos import face_curve

    seen = face_curve.look(face_curve.packaged())
    centres = np.stack([one.vector for one in seen if one.condition == "as it is" and one.vector is not None])
    gallery = drawn(centres, SIZE)
    people = sorted({one.person for one in seen})
    few, many = quality(seen, np.zeros((0, 128), np.float32)), quality(seen, gallery)
    return {
        "face_search_ms": round(search_ms(gallery, centres[0]), 2),
        "face_false_stop": many["false_stop"].share,
        "face_false_stop_bound": many["false_stop"].bound,
        "face_miss": round(many["miss"].share, 3),
        "face_miss_bound": many["miss"].bound,
        "face_false_stop_few": few["false_stop"].share,
        "face_miss_few": round(few["miss"].share, 3),
        "identities": len(people),
        "pictures": len(seen),
        "face_gallery": len(gallery),
    }


def drawn(centres: Any, count: int, seed: int = 5) -> Any:
    """`count` vectors around these, each as far from its own as two people are."""
    import numpy as np

    from cameos import search

    rng = np.random.default_rng(seed)
    ways = rng.standard_normal((count, centres.shape[1])).astype(np.float32)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    far = rng.normal(search.APART, search.SPREAD, count).astype(np.float32)
    return centres[rng.integers(0, len(centres), count)] + ways * far[:, None]


def search_ms(gallery: Any, face: Any) -> float:
    from cameos.search import FaceIndex, thresholds

    index = FaceIndex(gallery, tuple(range(1, len(gallery) + 1)))
    bound = thresholds(len(gallery)).hold
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        index.near(face[None], bound)
        took.append((time.perf_counter() - start) * 1000)
    return min(took)


def quality(seen: Any, gallery: Any) -> dict[str, Any]:
    """Each person once as enrolled (their first picture as it is), and once as somebody who is not."""
    import numpy as np

    from cameos.face_curve import Share
    from cameos.search import thresholds

    stops = misses = clean = enrolled = 0
    first: dict[str, Any] = {}
    for one in seen:
        if one.condition == "as it is" and one.vector is not None:
            first.setdefault(one.person, one)
    for one in seen:
        others = [other.vector for person, other in first.items() if person != one.person]
        known = np.concatenate([*(other[None] for other in others), gallery])
        if not len(known):
            continue
        bounds = thresholds(len(known) + 1)
        if one.vector is not None:
            clean += 1
            stops += bool(np.linalg.norm(known - one.vector, axis=1).min() <= bounds.stop)
        if one is not first[one.person]:
            enrolled += 1
            own = first[one.person].vector
            misses += one.vector is None or bool(np.linalg.norm(own - one.vector) > bounds.hold)
    return {"false_stop": Share(stops, clean), "miss": Share(misses, enrolled)}


def main() -> None:
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    print(json.dumps(measure()))


if __name__ == "__main__":
    main()
