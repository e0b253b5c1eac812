"""What a person asked for can be seen: every word of the alphabet has its own picture."""

import dataclasses

import numpy as np
import pytest

from model.scene import draw, draw_parallel
from model.scene import tracks as T
from model.scene.draw_props import FRONT
from model.scene.draw_stage import PLACES

SIZE = (108, 192)


def scene(
    world: dict | None = None,
    person: dict | None = None,
    props: list[T.PropPlan] | None = None,
    **fields: float,
) -> T.Scene:
    """Somebody standing; `fields` set person numbers, all frames alike."""
    plan = T.Plan(T.WorldPlan(**(world or {})), [T.PersonPlan(**(person or {}))], props or [])
    many = np.zeros((24, T.WD))
    many[:, T.W["zoom"]], many[:, T.W["light"]] = 1, 1
    body = np.zeros((1, 24, T.HD))
    body[..., T.H["spin_cos"]] = 1
    for name, value in fields.items():
        body[..., T.H[name]] = value
    things = np.zeros((len(plan.props), 24, T.QD))
    things[..., T.Q["x"]], things[..., T.Q["y"]], things[..., T.Q["z"]] = 0.3, 0.5, -0.01
    things[..., T.Q["rot_cos"]] = things[..., T.Q["phase_cos"]] = things[..., T.Q["size"]] = 1
    return T.Scene(plan, many, body, things, 3, np.zeros((1, 24)))


def picture(made: T.Scene, index: int = 6, size: tuple[int, int] = SIZE) -> np.ndarray:
    return draw.Film(made, size=size).frame(index).astype(int)


def differ(pictures: dict[str, np.ndarray], least: float) -> None:
    names = list(pictures)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            assert np.abs(pictures[a] - pictures[b]).mean() > least, f"{a} looks like {b}"


def test_every_word_has_a_drawing():
    assert set(PLACES) == set(T.PLACES)
    assert set(FRONT) == set(T.PROPS)


def test_every_place_looks_different():
    differ({p: picture(scene({"place": p})) for p in T.PLACES}, 6)


def test_every_hour_and_style_looks_different():
    differ({t: picture(scene({"time": t})) for t in T.TIMES}, 6)
    differ({s: picture(scene({"style": s})) for s in T.STYLES}, 4)


def test_every_weather_looks_different():
    def weather(name: str) -> np.ndarray:
        made = scene({"weather": name})
        made.world[:, T.W["wet"]] = made.world[:, T.W["wind"]] = 0.7
        return picture(made, 20)

    differ({w: weather(w) for w in T.WEATHERS}, 0.6)


def test_people_differ_by_kind_outfit_hair_and_what_they_wear():
    close = (216, 384)

    def looks(**person: str) -> np.ndarray:
        return picture(scene({"place": "moon"}, person), size=close)[60:330, 40:180]

    differ({k: looks(kind=k) for k in T.KINDS}, 0.8)
    differ({o: looks(outfit=o) for o in T.OUTFITS}, 0.8)
    differ({h: looks(hair=h) for h in T.HAIRS}, 0.35)
    differ({a: looks(accessory=a, hair="short") for a in T.ACCESSORIES}, 0.12)
    differ({m: looks(mood=m)[20:120] for m in ("calm", "angry", "surprised", "sleepy")}, 0.02)


def test_somebody_has_the_same_scarf_eyes_and_shoes_in_every_shot():
    ada, ben = T.PersonPlan(accessory="scarf", hair="bob"), T.PersonPlan(kind="man", hair="short")
    shots = [scene(), scene({"place": "park"})]
    shots[1].seed += 1  # as each shot of a storyboard has a seed of its own
    shots[0].plan.people[:] = [ada]
    shots[1].plan.people[:] = [ben, ada]  # and another place among those who are there
    shots[1].people = np.repeat(shots[1].people, 2, axis=0)
    first, then = (draw.Film(shot, size=SIZE).cast.people for shot in shots)
    for of in ("accent", "shoe"):
        assert np.allclose(getattr(first[0], of), getattr(then[1], of)), of
    assert np.allclose(first[0].looks.iris, then[1].looks.iris)


def test_a_thing_is_there_and_is_not_another_thing():
    moon = {"place": "moon"}
    empty = picture(scene(moon), size=(216, 384))
    seen = {
        k: picture(scene(moon, props=[T.PropPlan(k, "red", "air", T.NOBODY)]), size=(216, 384))
        for k in T.PROPS
    }
    for kind, shown in seen.items():
        assert np.abs(shown - empty).mean() > 0.15, f"no {kind} to be seen"
    differ(seen, 0.08)


def test_a_red_shirt_is_red_and_a_dark_face_stays_readable():
    shirt = picture(scene({"place": "snowfield"}, {"top": "red", "outfit": "tshirt"}), size=(216, 384))
    x, y = 108, round(384 * 0.80 - 192 * 0.58)
    red, green, blue = shirt[y - 4 : y + 4, x - 16 : x - 10].reshape(-1, 3).mean(0)
    assert red > 1.8 * green and red > 1.8 * blue
    face = picture(
        scene({"place": "stage"}, {"skin": "deep", "hair": "short", "hair_colour": "black"}), size=(432, 768)
    )
    y = round(768 * 0.80 - 384 * 0.885)
    eyes = face[y - 12 : y + 8, 216 - 40 : 216 + 40].mean(2)
    assert np.percentile(eyes, 98) - np.percentile(eyes, 30) > 90  # whites against skin


def test_the_mouth_opens_and_eyes_shut():
    closed = picture(scene(mouth=0.0), size=(432, 768))
    spoken = picture(scene(mouth=0.9), size=(432, 768))
    blinking = scene()
    blinking.blink[:] = 1
    head = (slice(200, 420), slice(150, 280))
    assert np.abs(spoken - closed)[head].mean() > 1
    assert np.abs(picture(blinking, size=(432, 768)) - closed)[head].mean() > 0.5


def test_the_same_scene_is_the_same_picture_in_any_order():
    made = scene({"weather": "snow", "place": "park"})
    film = draw.Film(made, size=SIZE)
    backwards = [film.frame(i) for i in (20, 3)][::-1]
    again = list(draw.render(made, size=SIZE))
    assert np.array_equal(backwards[0], again[3]) and np.array_equal(backwards[1], again[20])
    assert not np.array_equal(picture(dataclasses.replace(made, seed=4)), again[6].astype(int))


def test_two_processes_draw_the_same_film_in_order():
    made = scene({"place": "beach"}, x=0.0)
    made.people[0, :, T.H["x"]] = np.linspace(-0.3, 0.3, 24)
    alone = list(draw.render(made, size=SIZE, first=5, last=30))
    together = list(draw_parallel.render(made, size=SIZE, first=5, last=30, workers=2))
    assert len(alone) == len(together) == 25
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_a_reader_who_leaves_early_leaves_no_process_behind():
    import psutil

    others = {child.pid for child in psutil.Process().children()}  # another test's vector process may live
    drawing = draw_parallel.render(scene(), size=SIZE, workers=2)
    next(drawing)
    assert {child.pid for child in psutil.Process().children()} - others
    drawing.close()
    assert {child.pid for child in psutil.Process().children()} <= others


@pytest.mark.parametrize("size", [(720, 1280), (1280, 720), (640, 640), (1120, 480), (33, 57)])
def test_any_shape_of_picture(size):
    made = scene({"place": "city"})
    frame = next(draw.render(made, size=size, fps=30))
    assert frame.shape == (size[1], size[0], 3) and frame.dtype == np.uint8
    assert frame.std() > 15


def test_frame_rates_give_the_same_film():
    made = scene()
    assert [draw.Film(made, size=SIZE, fps=f).frames for f in (12, 24, 30, 60)] == [24, 48, 60, 120]
    slow, fast = draw.Film(made, size=SIZE, fps=12), draw.Film(made, size=SIZE, fps=24)
    assert np.abs(slow.frame(5).astype(int) - fast.frame(10)).mean() < 0.5


def test_key_frames_are_met_and_movement_between_them_is_smooth():
    t = np.arange(12.0)
    keys = np.stack([t, np.sin(t)], 1)
    between = draw.catmull_rom(keys, np.arange(0, 12, 0.5))
    assert np.allclose(between[::2], keys)
    assert np.allclose(between[:, 0], np.arange(0, 12, 0.5))  # a straight way stays straight, up to its end


def test_a_product_shows_the_merchants_picture():
    green = np.zeros((40, 40, 3), np.uint8)
    green[..., 1] = 220
    made = scene({"place": "stage"}, props=[T.PropPlan("product", "red", "stand", T.NOBODY)])
    shown = draw.Film(made, size=(432, 768), product_image=green).frame(3).astype(int)
    x, y = 216 + round(0.3 * 384), round(768 * 0.80 - 0.5 * 384)
    patch = shown[y - 12 : y + 12, x - 12 : x + 12].reshape(-1, 3).mean(0)
    assert patch[1] > 150 and patch[0] < 60


def test_a_tremor_does_not_swap_who_is_in_front():
    """Two in one place whose depths differ by a hair, now one way and now the other."""
    made = scene({"place": "stage"}, {"top": "red"})
    plan = dataclasses.replace(
        made.plan, people=[dataclasses.replace(made.plan.people[0], top=colour) for colour in ("red", "blue")]
    )
    people = np.repeat(made.people, 2, 0)
    people[1, :, T.H["z"]] = 0.004 * np.where(np.arange(made.frames) % 2, 1, -1)
    blink = np.zeros((2, made.frames))
    film = draw.Film(dataclasses.replace(made, plan=plan, people=people, blink=blink), size=(216, 384))
    chest = [film.frame(i)[180:215, 98:118].reshape(-1, 3).mean(0) for i in range(12)]
    assert len({int(np.argmax(colour)) for colour in chest}) == 1, chest
    assert np.array_equal(np.ptp(draw.settled(people[..., T.H["z"]])[0]), 0)
    walks = np.linspace(0, 0.3, 30)[None]
    assert np.abs(draw.settled(walks) - walks).max() <= draw.TREMOR + 1e-9


def test_a_product_that_is_worn_is_a_print_on_the_chest():
    green = np.zeros((40, 40, 3), np.uint8)
    green[..., 1] = 220
    worn = scene(
        {"place": "stage"},
        {"outfit": "tshirt", "top": "red"},
        props=[T.PropPlan("product", "red", "worn", 0)],
    )
    plain = scene({"place": "stage"}, {"outfit": "tshirt", "top": "red"})

    def greens(made, picture=None):
        shown = draw.Film(made, size=(432, 768), product_image=picture).frame(3).astype(int)
        ys, xs = np.nonzero((shown[..., 1] > 120) & (shown[..., 0] < 70) & (shown[..., 2] < 70))
        return ys, xs

    ys, xs = greens(worn, green)
    assert len(greens(plain)[0]) == 0 and len(ys) > 300
    assert abs(np.median(xs) - 216) < 20 and 330 < np.median(ys) < 480, (
        "on the chest of who stands in the middle"
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [({"size": (1, 1)}, "outside"), ({"size": (9000, 100)}, "outside"), ({"fps": 0}, "outside")],
)
def test_impossible_pictures_are_refused(change, why):
    with pytest.raises(ValueError, match=why):
        next(draw.render(scene(), **change))


def test_numbers_that_are_none_are_refused():
    made = scene()
    made.people[0, 3, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        next(draw.render(made, size=SIZE))


def test_wild_numbers_of_a_network_are_still_drawn():
    rng = np.random.default_rng(5)
    made = scene(props=[T.PropPlan("kite", "red", "held", 0), T.PropPlan("boat", "blue", "ridden", 0)])
    made.people += rng.normal(0, 3, made.people.shape)
    made.props += rng.normal(0, 3, made.props.shape)
    made.world += rng.normal(0, 1, made.world.shape)
    for index in (0, 17, 47):
        assert draw.Film(made, size=SIZE).frame(index).shape == (192, 108, 3)


def test_a_camera_that_goes_far_away_keeps_people_in_sight():
    zoom = np.linspace(0.45, 2.0, 60)
    held = draw.held_near(zoom)
    assert held.min() > 0.6 and np.array_equal(held[zoom >= draw.FAR], zoom[zoom >= draw.FAR])
    assert (np.diff(held) > 0).all()


def test_a_picture_of_ones_own_stands_behind_the_people_instead_of_a_place():
    mine = np.zeros((300, 500, 3), np.uint8)
    mine[:, :250], mine[:, 250:] = (200, 40, 40), (40, 40, 200)
    made = scene({"place": "beach", "style": "paper"})
    made.world[:, T.W["travel"]] = 0.02  # the camera goes along
    film = draw.Film(made, size=SIZE, backdrop=mine)
    first, last = (film.frame(i).astype(int) for i in (0, film.frames - 1))
    bare = draw.Film(made, size=SIZE).frame(0).astype(int)
    assert np.abs(first - bare).mean() > 20, "no beach"
    top = first[8, :, 0] > first[8, :, 2]
    assert top[:10].all() and not top[-10:].any(), "both halves are seen"
    assert (first[100:150, 40:70].std(axis=(0, 1)) > 20).all(), "somebody stands before it"
    moved = [np.count_nonzero(frame[8, :, 0] > frame[8, :, 2]) for frame in (first, last)]
    assert moved[0] - moved[1] > 10, "and it goes by"


@pytest.mark.parametrize("shape", [(20, 4000, 3), (4000, 20, 3)])
def test_of_a_long_strip_no_more_is_kept_than_a_frame_may_show(shape: tuple[int, int, int]):
    made = scene({"style": "paper"})
    made.world[:, T.W["zoom"]] = np.linspace(0.45, 2.5, made.frames)
    along = np.arange(max(shape), dtype=np.float32)
    strip = along[:, None, None] if shape[0] > shape[1] else along[None, :, None]
    film = draw.Film(made, size=SIZE, backdrop=np.ascontiguousarray(np.broadcast_to(strip, shape)))
    assert film.set.backdrop is not None
    kept = film.set.backdrop.pixels
    assert kept[..., 0].size < 40 * SIZE[0] * SIZE[1]
    assert kept.mean() == pytest.approx((max(shape) - 1) / 2, rel=0.01), "its middle stays in the middle"


@pytest.mark.parametrize("shape", [(40, 900, 3), (900, 40, 3), (2, 2, 3)])
def test_a_picture_of_any_shape_covers_the_frame(shape: tuple[int, int, int]):
    made = scene({"style": "paper"}, {"kind": "panda"})
    made.world[:, T.W["zoom"]] = np.linspace(0.8, 1.6, made.frames)
    made.world[:, T.W["travel"]] = 0.2
    film = draw.Film(made, size=SIZE, backdrop=np.full(shape, 230, np.uint8))
    for index in (0, film.frames - 1):
        assert film.frame(index)[:, [0, -1]].min() > 120, "no gap at its sides"
