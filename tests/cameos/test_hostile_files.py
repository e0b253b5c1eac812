"""A dozen of the hostile files that `make bench-trust` opens all of: the costly, the lying and the luring."""

from pathlib import Path

import pytest

from cameos.intake import sandbox
from cameos.intake.kinds import FilmLimits
from cameos.intake.refusals import IntakeRefused
from tests.hostile import films, pictures
from tests.hostile.case import Case

CASES = {case.name: case for case in (*pictures.cases(), *films.cases())}
NAMES = (
    "scans.jpg",
    "bomb-12000.png",
    "text-bomb-zTXt.png",
    "exif-loop.jpg",
    "webp-canvas.webp",
    "list.mp4",
    "elsewhere.mp4",
    "deep.mp4",
    "stts-endless.mp4",
    "index-1.mp4",
)


def answer(case: Case, folder: Path) -> str:
    path = case.write(folder)
    try:
        (sandbox.decode_picture if case.task == "picture" else sandbox.decode_video)(path)
    except IntakeRefused as refusal:
        return refusal.reason.value
    return "taken"


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_gets_a_name_and_nothing_more(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    said = answer(case, tmp_path)
    assert said in case.reasons or (said == "taken" and case.taken), said


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    every = [case.name for case in (*pictures.cases(), *films.cases())]
    assert len(every) == len(set(every)) >= 150


def test_a_small_file_may_not_cost_minutes(tmp_path: Path) -> None:
    path = tmp_path / "black.mp4"
    path.write_bytes(films.silent(frames=60, noise=False))
    with pytest.raises(IntakeRefused) as refused:
        sandbox.decode_video(path, FilmLimits(free_pixels=500_000, max_pixels_per_byte=100))
    assert refused.value.reason == "implausible_length"
    assert len(sandbox.decode_video(path, FilmLimits(max_pixels_per_byte=100)).stamps) == 60
