"""patches_loss_ratio with commit and fit, from the committed training log; pace of the shipped patches."""

import json
import time

import torch

from model import patches, scaling


def main() -> None:
    torch.set_num_threads(1)
    found = scaling.kept()
    painter = patches.load()
    begun = time.perf_counter()
    clip = painter.paint(["a panda waves at the beach"], [1])[0]
    spent = time.perf_counter() - begun
    found["patches_seconds_per_second"] = round(spent * painter.pixels.fps / len(clip), 2)
    found["patches_weights_mb"] = round(
        sum(path.stat().st_size for path in (patches.NETWORK, patches.CODE)) / 1e6, 2
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
