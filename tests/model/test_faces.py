"""Somebody who is cast is recognised: their own face, cut out, on a paper body."""

import io

import numpy as np
import pytest

from model.scene import draw
from model.scene import tracks as T
from model.scene.draw_looks import Face
from model.scene.draw_paint import light_of
from model.scene.faces import MAX_BYTES, FaceSprites, NoFace

# Eileen Collins in scikit-image's `astronaut` (public domain, NASA): eyes, nose, mouth corners.
FIVE = np.array([[206.0, 112.0], [246.0, 111.0], [227.0, 135.0], [210.0, 153.0], [243.0, 152.0]])


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return pytest.importorskip("skimage.data").astronaut()


@pytest.fixture(scope="module")
def sprites(astronaut) -> FaceSprites:
    return FaceSprites.from_frames([astronaut], [FIVE])


def close_up(place: str = "beach", mouth: float = 0.0, turn: float = 0.0, style: str = "paper") -> T.Scene:
    plan = T.Plan(T.WorldPlan(place, style=style), [T.PersonPlan(mood="happy")])
    world, body = np.zeros((12, T.WD)), np.zeros((1, 12, T.HD))
    world[:, [T.W["zoom"], T.W["light"]]] = 1
    body[..., T.H["spin_cos"]] = 1
    body[..., T.H["mouth"]], body[..., T.H["turn"]] = mouth, turn
    return T.Scene(plan, world, body, np.zeros((0, 12, T.QD)), 3, np.zeros((1, 12)))


def test_the_background_of_the_capture_is_gone(sprites, astronaut):
    alpha = sprites.rest.pixels[..., 3]
    share = (alpha > 128).mean()
    assert 0.15 < share < 0.6
    assert alpha[:6].max() == 0 and alpha[-20:].max() == 0  # nothing touches the sprite's upper and lower rim
    p = sprites.rest.points
    below = int(p["chin"][1]) + 40
    assert alpha[below:].max() == 0, "neck and collar were left on"
    for name in ("eye_l", "eye_r", "nose", "upper"):
        x, y = p[name]
        assert alpha[int(y), int(x)] == 255


def test_the_material_survives_storage_and_holds_no_pickle(sprites):
    data = sprites.to_bytes()
    assert len(data) < MAX_BYTES
    again = FaceSprites.from_bytes(data)
    assert np.array_equal(again.rest.pixels, sprites.rest.pixels)
    assert again.rest.points == sprites.rest.points
    assert np.allclose(again.skin, sprites.skin)


@pytest.mark.parametrize("data", [b"", b"not a face", b"PK\x03\x04 broken", b"\x80\x04}\x94."])
def test_other_bytes_are_refused(data):
    with pytest.raises(NoFace):
        FaceSprites.from_bytes(data)


def test_a_pickle_inside_is_refused():
    buffer = io.BytesIO()
    np.savez(buffer, version=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(NoFace):
        FaceSprites.from_bytes(buffer.getvalue())


@pytest.mark.parametrize(
    ("frames", "points"),
    [
        ([], []),
        ([np.zeros((64, 64, 3), np.uint8)], [np.zeros((7, 2))]),
        ([np.zeros((64, 64, 3), np.uint8)], [np.full((5, 2), np.nan)]),
        ([np.zeros((64, 64, 3), np.uint8)], [FIVE * 0.05]),
        ([np.zeros((64, 64, 3), np.uint8)], [FIVE]),
        ([np.zeros((64, 64, 3), np.float32)], [FIVE * 0.2]),
    ],
)
def test_frames_without_a_usable_face_are_refused(frames, points):
    with pytest.raises(NoFace):
        FaceSprites.from_frames(frames, points)


def test_a_frame_that_holds_a_smile_is_used_for_happy_scenes(astronaut):
    narrow = FIVE.copy()
    narrow[3:, 0] = [218, 235]
    both = FaceSprites.from_frames([astronaut, astronaut], [narrow, FIVE])
    assert both.smiling.smile > both.rest.smile


def test_a_flat_picture_still_gives_a_head():
    """No colours to tell the head from its background: the usual shape of a head is cut."""
    grey = np.full((512, 512, 3), 120, np.uint8)
    alpha = FaceSprites.from_frames([grey], [FIVE]).rest.pixels[..., 3]
    assert 0.1 < (alpha > 128).mean() < 0.6


def test_the_mouth_opens_the_eyes_shut_and_the_head_turns(sprites):
    head = sprites.under(light_of("beach", "day", "clear"), "calm")

    def posed(**change: float) -> np.ndarray:
        face = {
            "turn": 0.0,
            "mouth": 0.0,
            "smile": 0.0,
            "gaze": 0.0,
            "blink": 0.0,
            "mood": "calm",
            "sway": 0.0,
        }
        f = Face(**{**face, **change})  # type: ignore[arg-type]
        image = head.pose(round(f.mouth * 10), round(f.turn * 6), round(f.blink * 2))
        return image.toarray().astype(int)

    still = posed()
    p = sprites.rest.points
    x, y = int(p["lip"][0]), int(p["lip"][1])
    mouth = posed(mouth=1.0)
    assert np.abs(mouth - still)[y : y + 40, x - 20 : x + 20, :3].mean() > 25
    assert np.abs(mouth - still)[: int(p["nose"][1]) - 10].mean() < 0.5  # the upper face keeps still
    eye = (
        slice(int(p["eye_l"][1]) - 12, int(p["eye_l"][1]) + 12),
        slice(int(p["eye_l"][0]) - 20, int(p["eye_l"][0]) + 20),
    )
    assert np.abs(posed(blink=1.0) - still)[eye].mean() > 8
    assert np.abs(posed(turn=1.0) - still)[eye].mean() > 4


def test_the_head_is_large_enough_and_lit_by_the_scene(sprites):
    day = next(draw.render(close_up(), faces={0: sprites}, size=(360, 640))).astype(int)
    drawn = next(draw.render(close_up(), size=(360, 640))).astype(int)
    changed = np.abs(day - drawn).mean(2) > 25
    rows = np.flatnonzero(changed.any(1))
    assert rows[-1] - rows[0] > 0.15 * 640


def test_people_and_the_inspection_recognise_who_is_cast(astronaut):
    """The same embedding that inspects finished clips, on a rendered frame."""
    faces = pytest.importorskip("cameos.faces")
    try:
        found = faces.find(astronaut)[0]
        points = faces.mesh(astronaut, found).points
        reference = faces.embed(astronaut, found)
    except faces.FacesUnavailable:
        pytest.skip("the packages with face networks are not installed")
    sprites = FaceSprites.from_frames([astronaut], [np.asarray(points)[:, :2]])
    for mouth, turn, style in (
        (0, 0, "paper"),
        (0.7, 0.5, "paper"),
        (0, 0.3, "neon"),
        (0, 0.3, "pixel"),
        (0, 0, "ink"),
    ):
        frame = next(draw.render(close_up("park", mouth, turn, style), faces={0: sprites}))
        seen = faces.find(frame)
        assert seen, f"no face is found in the clip drawn in {style}"
        assert faces.distance(faces.embed(frame, seen[0]), reference) < 0.5, style


def test_a_smile_moves_the_mouth_and_a_mood_the_brows(sprites):
    head = sprites.under(light_of("park", "day", "clear"), "calm")
    calm = head.pose(0, 0, 0, 0, "calm").toarray().astype(int)

    def moved(**pose):
        other = head.pose(0, 0, 0, pose.get("smile", 0), pose.get("mood", "calm")).toarray().astype(int)
        rows = np.flatnonzero((np.abs(other - calm).sum(2) > 12).any(axis=1))
        return rows.min(), rows.max()

    eyes, mouth = head.points["eye_l"][1], head.points["mouth_l"][1]
    for smile in (-2, 2):
        top, low = moved(smile=smile)
        assert eyes < top < mouth < low
    for mood in ("surprised", "angry", "sad"):
        top, low = moved(mood=mood)
        assert top < eyes and low < mouth
    up, down = head.pose(0, 0, 0, 2).toarray(), head.pose(0, 0, 0, -2).toarray()
    assert not np.array_equal(up, down)


def test_whoever_smiles_in_the_capture_is_not_made_to_smile_twice(sprites, astronaut):
    light = light_of("park", "day", "clear")
    assert sprites.under(light, "calm").can_smile
    other = FaceSprites(
        sprites.rest, sprites.rest.__class__(sprites.rest.pixels, sprites.rest.points), sprites.skin
    )
    assert not other.under(light, "happy").can_smile and other.under(light, "calm").can_smile
