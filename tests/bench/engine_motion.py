"""Gravity, restitution, feet, jerk, borders, edits and diversity, beside the simulator's own."""

import json

import torch

from model import generate
from model.evaluate import learned_judge, motions
from model.evaluate_verbs import diversity, edits, seams, ways
from tests.bench.bench_engine import rounded

CLIPS, BORDERS, WAYS, EDITS = 120, 8, 60, 40


def main() -> None:
    torch.set_num_threads(1)
    native, steps = generate.load(), generate.MOTION_STEPS
    found = motions(native, learned_judge(), CLIPS, 901, steps)
    found |= seams(native, BORDERS, 902, steps)
    found |= ways(native, WAYS, 904, steps)
    found |= edits(native, EDITS, 903, steps)
    found |= diversity(native, 12, steps)
    print(json.dumps(rounded(found), ensure_ascii=False))


if __name__ == "__main__":
    main()
