"""`fuzz_crashes`: of what once crashed a parser, and of what is nearly right, how much still does."""

from __future__ import annotations

from pathlib import Path


def figures() -> dict[str, object]:
    from tests.fuzz.targets import SEEDS, TARGETS, attempt

    kept = [path for path in (Path(__file__).parent.parent / "fuzz" / "kept").rglob("*") if path.is_file()]
    cases = [(path.parent.name, path.read_bytes()) for path in kept]
    seeds = [(name, seed) for name in TARGETS for seed in SEEDS.get(name, [b""])]
    cases += [(name, seed[:cut]) for name, seed in seeds for cut in range(len(seed) + 1)]
    crashes = 0
    for name, data in cases:
        try:
            attempt(name, data)
        except Exception as error:
            crashes += 1
            print(f"{name}: {type(error).__name__} for {data[:40]!r}")
    return {"fuzz_cases": len(cases), "fuzz_crashes": crashes}
