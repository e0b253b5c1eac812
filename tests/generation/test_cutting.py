"""The cutting room: cuts are found, faces stay inside, hands are held still."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from cameos.intake import sandbox
from cameos.intake.kinds import StreamLimits
from generation.cutting import choosing, colour, framing, looking, shots
from generation.cutting.looking import Seen
from tests.generation import films

FPS = 30.0


def seen_of(pictures: list[np.ndarray], fps: float = FPS) -> Seen:
    return looking.of_pictures((k / fps, picture) for k, picture in enumerate(pictures))


def scenes(*lengths: int) -> list[np.ndarray]:
    return [
        picture
        for seed, length in enumerate(lengths, 1)
        for picture, _ in films.frames(length / FPS, seed=seed, size=(320, 180), shake=1.0)
    ]


def test_cuts_are_found_to_the_picture_and_a_flash_is_none() -> None:
    pictures = scenes(40, 25, 50)
    pictures[20] = np.minimum(255, pictures[20].astype(int) + 110).astype(np.uint8)
    assert shots.cuts(seen_of(pictures)) == [40, 65]
    assert shots.spans(seen_of(pictures)) == [(0, 40), (40, 65), (65, 115)]


def test_a_pan_and_a_still_have_no_cuts() -> None:
    wide = films.room(5, (960, 180))
    pan = [np.ascontiguousarray(wide[:, k * 6 : k * 6 + 320]) for k in range(90)]
    assert shots.cuts(seen_of(pan)) == []
    assert shots.cuts(seen_of([pan[0]] * 30)) == []


def test_a_reel_lasts_as_asked_takes_turns_and_keeps_the_order() -> None:
    ones = [seen_of(scenes(150)), seen_of(scenes(1, 150)[1:]), seen_of(scenes(1, 1, 150)[2:])]
    chosen = choosing.choose(ones, 8.0)
    assert sum(c.seconds for c in chosen) == pytest.approx(8.0, abs=0.05)
    assert {c.film for c in chosen} == {0, 1, 2}
    assert [(c.film, c.start_s) for c in chosen] == sorted((c.film, c.start_s) for c in chosen)
    for a, b in zip(chosen, chosen[1:], strict=False):
        assert a.film != b.film or a.end_s <= b.start_s + 1e-6


@pytest.mark.parametrize("fade", [0.0, 0.4])
def test_with_music_each_next_one_begins_on_a_beat(fade: float) -> None:
    beat = 60 / 122
    for count in (1, 3):
        chosen = choosing.choose([seen_of(scenes(150)) for _ in range(count)], 9.0, beat, fade)
        begins = np.cumsum([c.seconds - fade for c in chosen[:-1]])
        assert np.abs(begins / beat - np.round(begins / beat)).max(initial=0) < 1e-6
        assert len(chosen) >= count


def test_less_film_than_asked_is_all_of_it() -> None:
    only = seen_of(scenes(45))
    assert [(c.start_s, round(c.end_s, 2)) for c in choosing.choose([only], 10.0)] == [(0.0, 1.5)]


@pytest.mark.parametrize(("pieces", "seconds", "there"), [(2, 5.0, 2), (4, 6.0, 4), (6, 5.0, 4)])
def test_ones_own_film_is_there_however_many_pieces_are_cut_in(
    pieces: int, seconds: float, there: int
) -> None:
    seen = [seen_of(scenes(60))] * (1 + pieces)
    chosen = choosing.choose(seen, seconds, pieces=range(1, 1 + pieces))
    assert chosen[0].film == 0 and len({c.film for c in chosen[1:]} - {0}) == there
    assert sum(c.seconds for c in chosen) == pytest.approx(seconds, abs=0.05)


def test_a_blurred_stretch_is_left_out() -> None:
    pictures = scenes(180)
    pictures[:90] = [cv2.GaussianBlur(p, (0, 0), 6) for p in pictures[:90]]
    chosen = choosing.choose([seen_of(pictures)], 2.5)
    assert all(c.start_s >= 2.9 for c in chosen)


def test_the_window_follows_a_face_from_wide_to_upright() -> None:
    made = list(films.frames(4.0, size=(640, 360), person=True))
    seen = seen_of([cv2.resize(p, (320, 180), interpolation=cv2.INTER_AREA) for p, _ in made])
    way = framing.path(seen, (360, 640), shots.spans(seen), steady=False)
    inside = 0
    for k, (_, box) in enumerate(made):
        assert box is not None
        corners = np.array([[box[0], box[1]], [box[0] + box[2], box[1] + box[3]]]) / (640, 360)
        laid = corners @ way.matrices[k][:, :2].T + way.matrices[k][:, 2]
        inside += bool((laid >= -0.01).all() and (laid <= 1.01).all())
    assert inside >= 0.98 * len(made)


def test_a_shaky_hand_is_held_still() -> None:
    shaky = [p for p, _ in films.frames(2.0, size=(320, 180), shake=2.5)]
    seen = seen_of(shaky)
    way = framing.path(seen, (320, 180), shots.spans(seen), steady=True)
    held = [framing.lay(p, way.matrices[k], (320, 180)) for k, p in enumerate(shaky)]
    before, after = (
        np.mean([np.abs(looking.motion(grey(a), grey(b))[:2]).sum() for a, b in zip(f, f[1:], strict=False)])
        for f in (shaky, held)
    )
    assert after < 0.6 * before


def grey(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def test_colours_come_together_and_night_stays_night() -> None:
    day, night = np.full((90, 160, 3), 190, np.uint8), np.full((90, 160, 3), 30, np.uint8)
    looks = [seen_of([p] * 3).lab.mean(axis=0) for p in (day, night)]
    common = colour.goal(looks)
    bright, dark = (
        colour.apply(p, colour.curves(look, common)) for p, look in zip((day, night), looks, strict=True)
    )
    assert 150 < bright.mean() - dark.mean() + 100 < 260 - 20
    assert bright.mean() - dark.mean() < 0.6 * (190 - 30)
    assert dark.mean() < 90


@pytest.mark.parametrize("tempo", [84.0, 122.0])
def test_our_own_music_lasts_as_asked_and_is_the_same_for_a_seed(tempo: float) -> None:
    from model.scene import sound

    made = sound.music(5.0, 3, tempo)
    assert made.shape == (240_000, 2) and float(np.abs(made).max()) > 0.02
    assert np.array_equal(made, sound.music(5.0, 3, tempo))


def test_a_film_is_read_picture_by_picture_at_the_rate_and_size_asked(tmp_path: Path) -> None:
    path = films.film(tmp_path / "a.mp4", (p for p, _ in films.frames(2.0, fps=60.0)), fps=60.0)
    with closing(sandbox.open_film(path, StreamLimits(keep_side=160))) as film:
        times = [at for at, picture in film.timed() if picture.shape == (90, 160, 3)]
        assert film.sound is not None and len(film.sound) == pytest.approx(96_000, rel=0.05)
    assert len(times) == pytest.approx(60, abs=1)
    with closing(sandbox.open_film(path, StreamLimits(keep_side=160, from_s=0.5, until_s=1.0))) as film:
        times = [at for at, _ in film.timed()]
    assert 0.45 <= times[0] <= 0.55 and times[-1] <= 1.02


def test_uneven_pictures_keep_their_times(tmp_path: Path) -> None:
    pictures = [p for p, _ in films.frames(0.5, fps=30.0)][:12]
    times = list(np.cumsum([0, *[0.03, 0.09, 0.05] * 4])[:12])
    path = films.uneven(tmp_path / "a.mp4", pictures, times)
    with closing(sandbox.open_film(path, StreamLimits(keep_side=160, stream_fps=60.0, min_s=0.1))) as film:
        assert [at for at, _ in film.timed()] == pytest.approx(times, abs=0.002)
