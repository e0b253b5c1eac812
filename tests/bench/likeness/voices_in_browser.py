"""The least similarity of spoken numbers as Chromium records them: one voice, and one number in another.

voice_one_least     the lowest of all recordings of one voice
voice_one_to_human  share of them below the bound      voice_two_to_human  share of those with two voices
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cameos.challenge import NUMBERS, NUMBERS_ASKED

ONE, TWO, AT_ONCE = 24, 24, 12
VOICES = ("slt", "kal16", "rms", "awb")

# The recorder's own wishes (static/js/camera.js), sound alone; `done` is its file.
RECORD = """async (ms) => {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: true };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const type = ["audio/mp4", "audio/webm"].find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 96000 });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  window.done = new Promise((over) => { recorder.onstop = () => {
    const reader = new FileReader();
    reader.onload = () => over(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob(parts, { type }));
  }; });
  recorder.start();
  setTimeout(() => recorder.stop(), ms);
}"""


class Blank(BaseHTTPRequestHandler):
    """A page of nothing on localhost, where a microphone may be used."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from cameos import capture, voices

    found: dict[str, list[float]] = {"one": [], "two": []}
    for kind, heard in recordings():
        found[kind].append(voices.least_alike(heard, NUMBERS_ASKED))
    bound = capture.LEAST_ALIKE
    print(
        json.dumps(
            {
                "voice_one_least": round(min(found["one"]), 3),
                "voice_one_to_human": round(float(np.mean(np.array(found["one"]) < bound)), 3),
                "voice_two_to_human": round(float(np.mean(np.array(found["two"]) < bound)), 3),
                "voice_bounds": {
                    b: [sum(x < b for x in found[k]) for k in found] for b in (0.64, 0.68, 0.72, 0.76, 0.8)
                },
            }
        )
    )


def recordings() -> Iterator[tuple[str, NDArray[np.int16]]]:
    """Kind and sound of each, a dozen browsers at a time."""
    from playwright.sync_api import sync_playwright

    jobs = list(takes(np.random.default_rng(77)))
    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server, sync_playwright() as driver:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for first in range(0, len(jobs), AT_ONCE):
            batch = jobs[first : first + AT_ONCE]
            heard = recorded(driver, f"http://localhost:{server.server_port}/", [sound for _, sound in batch])
            yield from zip((kind for kind, _ in batch), heard, strict=True)
        server.shutdown()


def takes(draw: np.random.Generator) -> Iterator[tuple[str, NDArray[np.int16]]]:
    from tests import likeness_media

    for number in range(ONE + TWO):
        kind = "one" if number < ONE else "two"
        numbers = [int(n) for n in draw.choice(NUMBERS, NUMBERS_ASKED, replace=False)]
        asked = likeness_media.asked(["left", "up"], numbers)
        own, other = (VOICES[i] for i in draw.choice(len(VOICES), 2, replace=False))
        speakers: list[str | None] = [own] * 3
        if kind == "two":
            speakers[int(draw.integers(3))] = other
        take = likeness_media.answer(asked, seed=number + 1, voice=own)
        yield kind, likeness_media.spoken_numbers(asked, speakers, take)


def recorded(driver: Any, address: str, sounds: list[NDArray[np.int16]]) -> list[NDArray[np.int16]]:
    from tests import chromium, likeness_media

    with tempfile.TemporaryDirectory() as folder:
        browsers = []
        for number, sound in enumerate(sounds):
            wav = likeness_media.write_wav(Path(folder) / f"{number}.wav", sound)
            flags = chromium.with_camera(Path(folder) / "none.mjpeg", wav)
            browser = driver.chromium.launch(executable_path=chromium.found(), args=[*chromium.QUIET, *flags])
            page = browser.new_page()
            page.goto(address)
            browsers.append((browser, page))
        for (_, page), sound in zip(browsers, sounds, strict=True):
            page.evaluate(RECORD, int(len(sound) / likeness_media.RATE * 1000) + 200)
        files = [base64.b64decode(page.evaluate("window.done")) for _, page in browsers]
        for browser, _ in browsers:
            browser.close()
        return [decoded(Path(folder) / f"{number}.film", data) for number, data in enumerate(files)]


def decoded(path: Path, data: bytes) -> NDArray[np.int16]:
    import av

    path.write_bytes(data)
    resampler = av.AudioResampler("s16", "mono", 16_000)
    with av.open(str(path)) as file:
        pieces = [p.to_ndarray().reshape(-1) for f in file.decode(audio=0) for p in resampler.resample(f)]
    return np.concatenate(pieces)


if __name__ == "__main__":
    main()
