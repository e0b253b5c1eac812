"""A videos API somewhere else, in the shape that OpenAI published: create, ask how far, fetch, delete.
Workers only; words and numbers go out, never the face of somebody cast (nobody can be cast there), and a
picture to begin from where the operator lets it (`REMOTE_VIDEOS_PICTURES`).

    POST   {base}/videos                {"model", "prompt", "seconds": "5", "size": "720x1280"} -> a video;
                                        with a picture a multipart form: those, and `input_reference`
    GET    {base}/videos/{id}           "status": queued, in_progress, completed, failed; "progress"
    GET    {base}/videos/{id}/content   the mp4
    DELETE {base}/videos/{id}           when it was cancelled here, or is fetched

Too many requests (429) and errors of the server (5xx, or no answer) are tried again with growing pauses, or
after `Retry-After`, until `PATIENCE_S`; whatever remains is a failure with a name. The address is the
operator's own setting, so it may be on this machine; redirects are not followed and no proxy is used.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

import numpy as np
from django.conf import settings

from generation import brought
from generation.engines.base import EngineFailed, Frame, Job, OnStep, Rendered, ShouldStop, Stopped
from generation.engines.filling import cut, moment
from model import video

ANSWER_S = 30.0  # for one answer
POLL_S = 2.0
PATIENCE_S = 120.0  # without one good answer
LONGEST_S = 1800.0  # from asking until it is completed
FETCH_S = 600.0  # for the body of one answer
MOST_BYTES, PIECE = 512 * 1024 * 1024, 1 << 16
JSON = "application/json"
Body = tuple[bytes, str]  # what is sent, and its type

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


class RemoteEngine:
    """`pause` and `clock` are for tests: nothing sleeps there."""

    def __init__(
        self,
        base: str = "",
        key: str = "",
        model: str = "",
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base = (base or settings.REMOTE_VIDEOS_URL).rstrip("/")
        self.key, self.model = key or settings.REMOTE_VIDEOS_KEY, model or settings.REMOTE_VIDEOS_MODEL
        self.pause, self.clock, self.token = pause, clock, ""
        self.should_stop: ShouldStop = lambda: False
        self.opener: OpenerDirector = build_opener(ProxyHandler({}), _NoRedirects())
        if not self.base.startswith(("http://", "https://")):
            raise EngineFailed("engine_missing", "REMOTE_VIDEOS_URL is no address")

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        """Wait until it is completed there, then fetch it. Raises `Stopped` at the next poll."""
        on_step(0, 100)
        self.should_stop = should_stop
        # An API takes sizes of its list alone: a preview is asked for whole, and scaled here.
        size = f"{job.size[0] * job.smaller}x{job.size[1] * job.smaller}"
        wishes = {"model": self.model, "prompt": job.prompt, "seconds": str(job.seconds), "size": size}
        self.token = uuid.uuid4().hex  # asking again after a broken answer makes it once
        body = _form(wishes, _picture(job), self.token) if job.sources else _as_json(wishes)
        made = self._json("POST", "/videos", body)
        name = made.get("id")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise EngineFailed("remote_down", "no id in the answer")
        try:
            self._wait(name, made, on_step, should_stop)
            return self._fetched(name, job)
        finally:
            self._forget(name)

    def _wait(self, name: str, state: dict[str, Any], on_step: OnStep, should_stop: ShouldStop) -> None:
        until = self.clock() + LONGEST_S
        while state.get("status") != "completed":
            if state.get("status") == "failed":
                raise EngineFailed("remote_failed", _message(state.get("error")))
            if should_stop():
                raise Stopped
            if self.clock() > until:
                raise EngineFailed("remote_timeout", f"not completed after {LONGEST_S:.0f} s")
            self.pause(POLL_S)
            state = self._json("GET", f"/videos/{name}")
            on_step(_percent(state.get("progress")), 100)

    def _fetched(self, name: str, job: Job) -> Rendered:
        data = self._bytes("GET", f"/videos/{name}/content")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "video.mp4"
            path.write_bytes(data)
            film = brought.film_at(path)  # the walled child holds the file open

        def frames() -> Iterator[Frame]:
            for frame in brought.frames_of(film):
                yield video.resize(cut(frame, job.size), job.size)

        return Rendered(
            frames=frames(),
            frame_count=film.claimed,
            fps=film.fps,
            size=job.size,
            audio=brought.sound_of(film),
        )

    def _forget(self, name: str) -> None:
        """It need not be kept there; a server that cannot delete is left alone."""
        with suppress(HTTPError, URLError, OSError, HTTPException):
            self._once("DELETE", f"/videos/{name}", None).close()

    def _json(self, method: str, path: str, body: Body | None = None) -> dict[str, Any]:
        try:
            answer = json.loads(self._bytes(method, path, body))
        except ValueError as error:
            raise EngineFailed("remote_down", "the answer is no JSON") from error
        if not isinstance(answer, dict):
            raise EngineFailed("remote_down", "the answer is no object")
        return answer

    def _bytes(self, method: str, path: str, body: Body | None = None) -> bytes:
        """The body of a good answer, however often it has to be asked for within `PATIENCE_S`."""
        until, wait = self.clock() + PATIENCE_S, 1.0
        while True:
            try:
                with self._once(method, path, body) as answer:
                    return self._read(answer)
            except HTTPError as error:
                code, again = ("remote_busy" if error.code == 429 else "remote_down"), _retry_after(error)
                if error.code != 429 and error.code < 500:
                    raise EngineFailed("remote_refused", f"{error.code} {_said(error)}") from error
                detail = f"{error.code}"
            except (URLError, OSError, HTTPException) as error:
                code, again, detail = "remote_down", 0.0, str(error)
            wait = max(again, wait)
            if self.clock() + wait > until:
                raise EngineFailed(code, detail)
            self._wait_a_while(wait)
            wait = min(30.0, wait * 2)

    def _read(self, answer: Any) -> bytes:
        """The whole body within `FETCH_S`, however slowly it drips. Raises `TimeoutError`, `Stopped`."""
        until, data = self.clock() + FETCH_S, bytearray()
        while piece := answer.read1(PIECE):
            data += piece
            if len(data) > MOST_BYTES:
                raise EngineFailed("remote_failed", "too large")
            if self.clock() > until:
                raise TimeoutError(f"not fetched after {FETCH_S:.0f} s")
            if len(data) > PIECE and self.should_stop():
                raise Stopped
        if answer.length:  # what it promised and did not send
            raise ConnectionError("the answer breaks off")
        return bytes(data)

    def _wait_a_while(self, seconds: float) -> None:
        """In pieces, so that a cancel need not wait for a server that does not answer. Raises `Stopped`."""
        until = self.clock() + seconds
        while (left := until - self.clock()) > 0:
            self.pause(min(left, POLL_S))
            if self.should_stop():
                raise Stopped

    def _once(self, method: str, path: str, body: Body | None) -> Any:
        data, kind = body if body is not None else (None, JSON)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
        if method == "POST":
            headers["Idempotency-Key"] = self.token
        return self.opener.open(
            Request(self.base + path, data=data, method=method, headers=headers), timeout=ANSWER_S
        )


def _as_json(wishes: dict[str, str]) -> Body:
    return json.dumps(wishes).encode(), JSON


def _form(wishes: dict[str, str], picture: bytes, token: str) -> Body:
    """The same as a multipart form, with the picture as its file."""
    border = f"--{token}\r\nContent-Disposition: form-data; name="
    parts = [f'{border}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in wishes.items()]
    head = f'{border}"input_reference"; filename="first.png"\r\nContent-Type: image/png\r\n\r\n'
    sent = b"".join([*parts, head.encode(), picture, f"\r\n--{token}--\r\n".encode()])
    return sent, f"multipart/form-data; boundary={token}"


def _picture(job: Job) -> bytes:
    """The picture that is meant, as PNG in the size that is asked for: the API takes no other."""
    import cv2

    shown = moment(job, 0, (job.size[0] * job.smaller, job.size[1] * job.smaller))
    written, data = cv2.imencode(".png", np.asarray(shown)[..., ::-1])
    if not written:
        raise EngineFailed("photo_unreadable")
    return data.tobytes()


def _message(error: Any) -> str:
    return str(error.get("message", ""))[:300] if isinstance(error, dict) else str(error or "")[:300]


def _percent(said: Any) -> int:
    """0 to 99, whatever stands there."""
    try:
        return max(0, min(99, int(float(said or 0))))
    except (TypeError, ValueError, OverflowError):
        return 0


def _retry_after(error: HTTPError) -> float:
    try:
        return max(0.0, min(60.0, float(error.headers.get("Retry-After", "0"))))
    except ValueError:
        return 0.0


def _said(error: HTTPError) -> str:
    try:
        return error.read(500).decode("utf-8", "replace")
    except OSError:
        return ""
