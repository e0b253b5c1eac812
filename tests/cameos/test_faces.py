"""Finding, measuring and comparing faces, voices and spoken numbers, on what the packages carry."""

from __future__ import annotations

import random

import numpy as np
import pytest

from cameos import faces, speech, voices
from tests import likeness_media as media
from tests.cameos import takes
from tests.likeness_actor import Look, astronaut

REST = Look()


def seen(look: Look, *, other: bool = False) -> tuple[np.ndarray, faces.Found, faces.Mesh]:
    picture = astronaut(other=other).frame(look)
    found = faces.find(picture)
    return picture, found[0], faces.mesh(picture, found[0])


def test_one_face_is_found_in_a_portrait_and_none_in_a_wall() -> None:
    assert len(faces.find(astronaut().frame(REST))) == 1
    assert faces.find(np.full((480, 640, 3), 120, np.uint8)) == []


@pytest.mark.parametrize(
    ("look", "angle", "least", "most"),
    [
        (Look(yaw=20), "yaw", 12, 26),
        (Look(yaw=-20), "yaw", -26, -12),
        (Look(pitch=16), "pitch", 9, 24),
        (Look(pitch=-16), "pitch", -24, -9),
    ],
)
def test_a_turned_head_is_measured_turned_and_on_its_own_side(
    look: Look, angle: str, least: float, most: float
) -> None:
    _, _, rest = seen(REST)
    _, _, turned = seen(look)

    assert least < getattr(turned.pose, angle) - getattr(rest.pose, angle) < most


def test_closed_eyes_are_closed() -> None:
    opened, shut = seen(REST), seen(Look(lids=1.0))

    assert faces.eyes_open(shut[0], shut[2]) < 0.5 * faces.eyes_open(opened[0], opened[2])


def test_the_same_person_turned_is_near_and_another_one_is_far() -> None:
    alice, turned, other = (seen(look) for look in (REST, Look(yaw=15), REST))
    other = seen(REST, other=True)
    vectors = [faces.embed(picture, found) for picture, found, _ in (alice, turned, other)]

    assert faces.distance(vectors[0], vectors[1]) < 0.4
    assert faces.distance(vectors[0], vectors[2]) > 0.6


@pytest.mark.parametrize("shape", [(1, 1), (3, 4000), (4000, 3), (8, 9)])
def test_a_picture_of_any_shape_is_looked_at(shape: tuple[int, int]) -> None:
    assert faces.find(np.full((*shape, 3), 90, np.uint8)) == []


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "_WEIGHTS", {"finder": ("no_such_module", "x.onnx")})
    monkeypatch.setattr(faces, "_PACKAGES", {"no_such_module": "no-such-package"})

    with pytest.raises(faces.FacesUnavailable, match="no-such-package"):
        faces.weights("finder")


@takes.needs_voice
def test_spoken_numbers_are_heard() -> None:
    rng = random.Random(5)
    wanted = ["".join(str(rng.randrange(10)) for _ in range(3)) for _ in range(6)]

    heard = [speech.digits(said(number), 3) for number in wanted]

    assert sum(h == w for h, w in zip(heard, wanted, strict=True)) >= 5


@takes.needs_voice
def test_a_digit_misheard_in_one_number_moves_none_of_the_next() -> None:
    """A voice through a narrow line: in one stretch a digit too many was heard, and all after it moved on."""
    gap = np.zeros(14_000, np.int16)
    numbers = [said(number, voice="kal", pause=800) for number in ("975", "387", "261")]
    whole = np.concatenate([part for number in numbers for part in (number, gap)])

    heard = speech.numbers(whole, (3, 3, 3))

    assert heard[:6] == "975387" != speech.digits(whole, 9)[:6] and len(heard) == 9
    in_one = said("417205", pause=800)
    assert speech.numbers(in_one, (3, 3)) == speech.digits(in_one, 6)  # there is no pause to part it at


@takes.needs_voice
def test_what_was_heard_before_does_not_colour_what_is_heard_now() -> None:
    first = speech.digits(said("417"), 3)
    speech.digits(said("880", voice="rms"), 3)

    assert speech.digits(said("417"), 3) == first == "417"


def test_nobody_speaking_is_no_number() -> None:
    hiss = np.random.default_rng(0).normal(0, 30, 48_000).astype(np.int16)

    assert speech.digits(hiss, 3) == ""


@takes.needs_voice
def test_two_voices_are_told_apart() -> None:
    alice, alice_again = voices.embed(said("417205")), voices.embed(said("983164"))
    bob = voices.embed(said("417205", voice="rms"))

    assert voices.similarity(alice, alice_again) > voices.SAME_VOICE > voices.similarity(alice, bob)


@takes.needs_voice
def test_three_numbers_are_parted_at_the_pauses_between_them() -> None:
    gap = np.zeros(14_000, np.int16)
    whole = np.concatenate([said("41"), gap, said("72"), gap, said("09")])

    found = speech.parts(whole, 3)

    assert [speech.digits(np.pad(part, 3200), 2) for part in found] == ["41", "72", "09"]
    assert len(speech.parts(whole, 99)) == len(speech.utterances(whole))
    assert speech.parts(np.zeros(32_000, np.int16), 3) == []


@takes.needs_voice
@pytest.mark.parametrize("hiss", [300, 900])
def test_numbers_are_parted_in_a_noisy_room_too(hiss: int) -> None:
    """Steady noise passes for speech: the pauses were filled by it, and nobody's voice was compared."""
    calm = of_three("slt", "rms", "slt")
    room = np.random.default_rng(2).normal(0, hiss, len(calm)) * 0.5
    noisy = (calm + room + np.convolve(room, np.ones(6), "same")).astype(np.int16)

    assert len(speech.parts(noisy, 3)) == 3
    assert voices.least_alike(noisy, 3) < 0.7


@takes.needs_voice
def test_one_number_by_somebody_else_is_less_alike_than_any_of_ones_own() -> None:
    alone = [of_three(one, one, one) for one in ("slt", "rms")]
    two = of_three("slt", "rms", "slt")

    assert voices.least_alike(two, 3) < 0.65 < 0.8 < min(voices.least_alike(one, 3) for one in alone)


@takes.needs_voice
def test_a_voice_is_as_alike_to_itself_quietly_and_with_long_pauses() -> None:
    """The number that was said further from the microphone, and slowly, is no other person's."""
    usual = of_three("rms", "rms", "rms")
    first, second, third = speech.parts(usual, 3)
    gap = np.zeros(14_000, np.int16)
    softly = (second * 0.3).astype(np.int16)
    half = len(softly) // 2
    slowly = np.concatenate([softly[:half], np.zeros(6_000, np.int16), softly[half:]])
    other = np.concatenate([gap, first, gap, slowly, gap, third, gap])

    assert abs(voices.least_alike(other, 3) - voices.least_alike(usual, 3)) < 0.1


def of_three(*speakers: str) -> np.ndarray:
    """Three numbers with pauses between them, each said by somebody."""
    gap = np.zeros(14_000, np.int16)
    numbers = zip(("417", "205", "983"), speakers, strict=True)
    return np.concatenate([part for number, who in numbers for part in (said(number, voice=who), gap)])


def test_too_little_speech_is_no_voice() -> None:
    with pytest.raises(ValueError, match="too little"):
        voices.embed(np.zeros(32_000, np.int16))


def said(digits: str, *, voice: str = media.VOICE, pause: int = 9_000) -> np.ndarray:
    parts = [np.zeros(12_000, np.int16)]
    for digit in digits:
        parts += [media.spoken(int(digit), voice), np.zeros(pause, np.int16)]
    noise = np.random.default_rng(1).normal(0, 12, sum(map(len, parts)))
    return (np.concatenate(parts) + noise).astype(np.int16)
