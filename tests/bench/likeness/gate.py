"""The gate's own time.

gate_decide_us   one decision with every condition asked, rows and the verdict about the words given: median
permit_ms        a whole permit, from the question to its committed receipt: p95 of `PERMITS`, each of another
                 generation; `permit_cpu_ms` is the same in CPU time, for a machine that has other work
"""

from __future__ import annotations

import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

DECISIONS, PERMITS = 3000, 200
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def measure() -> dict[str, Any]:
    """Needs `_ground.database`."""
    from cameos.models import Purpose
    from tests.cameos.making import generation_by, grant, likeness_of, take_close
    from tests.conftest import person

    alice, bob = person("alice"), person("bob")
    cameo = likeness_of(alice, NOW)
    take_close(alice, bob, NOW)
    until = NOW + timedelta(days=9)
    terms = {"audience": "circle", "companions": "circle", "minimum_age": 18, "use_until": until}
    given = grant(cameo, NOW, count_limit=10_000, **terms)
    took = [_permit_ms(cameo, bob, generation_by(bob, NOW, cast=[cameo])) for _ in range(PERMITS)]
    return {
        "gate_decide_us": round(statistics.median(_decide_us(cameo, bob, given, Purpose.GENERATE))),
        "permit_ms": round(_p95([wall for wall, _ in took]), 1),
        "permit_cpu_ms": round(_p95([cpu for _, cpu in took]), 1),
    }


def _decide_us(cameo: Any, bob: Any, given: Any, purpose: str) -> list[float]:
    from cameos import consent, topics
    from cameos.consent import Brief, Question

    facts = {"grant": given, "is_blocked": False, "is_close": True, "is_named": False, "is_paid": True}
    took = []
    for _ in range(DECISIONS):
        question = Question(cameo, bob, purpose, Brief("a walk"), NOW, topics.ALLOWED)
        question.__dict__.update(facts)
        start = time.perf_counter()
        assert consent.decide(question) is None and not question.is_provisional
        took.append((time.perf_counter() - start) * 1e6)
    return took


def _permit_ms(cameo: Any, bob: Any, job: Any) -> tuple[float, float]:
    from cameos import consent
    from cameos.consent import Brief
    from cameos.models import Purpose

    wall, cpu = time.perf_counter(), time.process_time()
    consent.permit(
        cameo=cameo, requester=bob, purpose=Purpose.GENERATE, brief=Brief(job.prompt), generation=job, now=NOW
    )
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]


def main() -> None:
    from tests.bench.likeness import _ground

    with _ground.database():
        print(json.dumps(measure()))


if __name__ == "__main__":
    main()
