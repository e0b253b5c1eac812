"""attr_accuracy by field, and the prompts in free wording, English and Chinese, by plan and motion."""

import json

import torch

from model import generate
from model.evaluate import attributes, learned_judge
from model.evaluate_prompts import free_prompts
from tests.bench.bench_engine import rounded

PROMPTS = 240  # held-out combinations


def main() -> None:
    torch.set_num_threads(1)
    native, judge, steps = generate.load(), learned_judge(), generate.MOTION_STEPS
    found = attributes(native, judge, PROMPTS, 900, steps) | free_prompts(native, judge, 900, steps)
    found["weights_mb"] = round(generate.WEIGHTS.stat().st_size / 1e6, 2)
    print(json.dumps(rounded(found), ensure_ascii=False))


if __name__ == "__main__":
    main()
