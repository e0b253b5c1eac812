"""The pictures in `docs/pictures/`: what the world holds, and what the trained network makes of prompts.

python -m model.contact_sheets [--only places,people,styles,weather,prompts] [--out docs/pictures]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from model import video
from model.scene import tracks as T
from model.scene import world
from model.scene.draw import Film

LARGEST_BYTES = 300_000
PROMPTS = (
    "a girl in a red coat walks through the city in the rain at night",
    "a panda dances on the beach at sunset",
    "一个宇航员在月球上跳跃",
    "a man with an afro plays the guitar on a stage",
    "a woman in a yellow dress rides a bicycle through the park, poster style",
    "two robots high five in the snow",
)


def grid(frames: list[np.ndarray], columns: int, gap: int = 6) -> np.ndarray:
    """Frames of one size in rows on a light ground."""
    height, width = frames[0].shape[:2]
    rows = -(-len(frames) // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 246, np.uint8)
    for i, frame in enumerate(frames):
        y, x = (i // columns) * (height + gap) + gap, (i % columns) * (width + gap) + gap
        sheet[y : y + height, x : x + width] = frame
    return sheet


def shot(plan: T.Plan, seed: int, at: int = 40, size: tuple[int, int] = (216, 384)) -> np.ndarray:
    """One frame of a simulated plan, drawn at full size and scaled down."""
    film = Film(world.simulate(seed, plan)[0], size=(720, 1280))
    return video.resize(film.frame(at), size)


def _someone(i: int, action: str = "dance", **more: str) -> T.PersonPlan:
    """A different person for every i."""
    pick = {
        "kind": T.KINDS[i % 12], "outfit": T.OUTFITS[i % 8], "top": T.COLOURS[(i * 5) % 8],
        "bottom": T.COLOURS[(i * 3 + 4) % 12], "hair": T.HAIRS[i % 10],
        "hair_colour": T.HAIR_COLOURS[(i * 3) % 8], "skin": T.SKINS[(i * 3 + 1) % 8],
        "accessory": T.ACCESSORIES[(i * 7) % 12], "action": action,
    }  # fmt: skip
    return T.PersonPlan(**{**pick, **more})  # type: ignore[arg-type]


def places() -> np.ndarray:
    """Every place, hours in turn."""
    shots = [
        shot(
            T.Plan(
                T.WorldPlan(place, T.TIMES[i % 4]), [_someone(i, ("wave", "stand", "talk", "cheer")[i % 4])]
            ),
            i,
        )
        for i, place in enumerate(T.PLACES)
    ]
    return grid(shots, 8)


def people() -> np.ndarray:
    """Kinds, outfits, hair and moods, close."""
    shots = []
    for i in range(16):
        plan = T.Plan(
            T.WorldPlan(("meadow", "room", "garden", "city")[i % 4]),
            [_someone(i, "talk", mood=T.MOODS[i % 6])],
        )
        scene, _ = world.simulate(30 + i, plan)
        scene.world[:, T.W["zoom"]] = 1.6
        frame = Film(scene, size=(576, 1024)).frame(30)
        shots.append(video.resize(frame[96:768], (216, 252)))
    return grid(shots, 8)


def styles() -> np.ndarray:
    two = [_someone(0, "wave", kind="woman", outfit="hoodie", top="orange"), _someone(11, "dance")]
    shots = [
        shot(T.Plan(T.WorldPlan(("beach", "city")[row], ("sunset", "day")[row], style=style), two), 5)
        for row in range(2)
        for style in T.STYLES
    ]
    return grid(shots, 8)


def weather() -> np.ndarray:
    shots = [
        shot(T.Plan(T.WorldPlan(place, time, kind), [_someone(i + 5 * row, "walk")]), 60 + i, 30 + 6 * i)
        for row, time in enumerate(("day", "night"))
        for i, (kind, place) in enumerate(
            zip(T.WEATHERS, ("park", "city", "mountains", "forest", "temple", "castle"), strict=True)
        )
    ]
    return grid(shots, 6)


def prompts() -> np.ndarray:
    """Six prompts through the trained network, five moments of each."""
    from model.generate import load

    native, frames = load(), []
    for seed, prompt in enumerate(PROMPTS, 1):
        film = Film(native.motion(native.cast(prompt, seed), 5.0, seed), size=(720, 1280))
        frames += [video.resize(film.frame(i), (189, 336)) for i in (4, 33, 57, 83, 107)]
        print(prompt)
    rows = [frames[i : i + 5] for i in range(0, len(frames), 5)]
    pairs: Iterator[np.ndarray] = (f for a, b in zip(rows[::2], rows[1::2], strict=True) for f in (*a, *b))
    return grid(list(pairs), 10)


SHEETS: dict[str, Callable[[], np.ndarray]] = {
    "places": places, "people": people, "styles": styles, "weather": weather, "prompts": prompts,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the contact sheets of the documentation.")
    parser.add_argument("--only", default=",".join(SHEETS))
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.only.split(","):
        sheet, quality = SHEETS[name](), 90
        while len(data := video.poster(sheet, quality=quality)) > LARGEST_BYTES and quality > 40:
            quality -= 6
        (args.out / f"{name}.jpg").write_bytes(data)
        print(args.out / f"{name}.jpg", sheet.shape, len(data))


if __name__ == "__main__":
    main()
