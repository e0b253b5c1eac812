"""The other end: a program on another machine that asks a host for jobs and renders them with an engine of
its own. It has no database, holds faces in memory for one job, and believes the host's lease, not its clock.

    claim -> faces, material (each address once) -> render, beating each second -> bring the film
"""

from __future__ import annotations

import base64
import gc
import json
import logging
import os
import secrets
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from generation.engines import base as engines
from generation.engines.base import CastMember, Engine, EngineFailed, Frame, Job, Source, Stopped
from generation.failures import code_of
from generation.workers import sealing
from model import video

log = logging.getLogger(__name__)
ANSWER_S, BRING_S, TRIES = 20.0, 600.0, 4
IDLE_S, AWAY_S = 1.0, 10.0
SKEW_TOLD_S = 60.0
LOCAL = {"localhost", "127.0.0.1", "::1"}
NOT_OURS = {"engine_missing", "disk_full"}  # this machine's trouble, not the job's: somebody else takes it
ENDED = {"job_cancelled", "job_refused", "claim_lost", "no_progress"}  # there is nothing left to let go of
CRF = 10  # as good as lossless; the host encodes once more


class HostSaysNo(Exception):
    """A refusal of the host; `code` is its name."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


class Host:
    """The host's door, by its address and a worker's token. Plain http only on this machine itself."""

    def __init__(self, address: str, token: str, ca: str = "") -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
            raise ValueError(f"{address} is no https address")
        self.base, self.token = address.rstrip("/") + "/workers/v1", token
        context = ssl.create_default_context(cafile=ca or None)
        self.opener = build_opener(ProxyHandler({}), _NoRedirects(), HTTPSHandler(context=context))

    def post(
        self, path: str, data: Any, kind: str = "application/json", timeout: float = ANSWER_S, length: int = 0
    ) -> bytes:
        """Raises `HostSaysNo`, `OSError` where there is no answer."""
        body = json.dumps(data).encode() if kind == "application/json" else data
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        headers |= {"Content-Length": str(length)} if length else {}
        try:
            asked = Request(self.base + path, data=body, method="POST", headers=headers)
            with self.opener.open(asked, timeout=timeout) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            if error.code >= 500:
                raise ConnectionError(f"the host answers {error.code}") from error
            raise HostSaysNo(error.code, _code(error)) from error


def _code(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read(4000)).get("code", ""))
    except (ValueError, OSError, AttributeError):
        return ""


def _named(no: HostSaysNo) -> str:
    """An address that burnt with its claim is no address any more."""
    return "claim_lost" if no.status == 404 else no.code


@dataclass
class Progress:
    """What the heartbeat tells next, and what it heard last."""

    step: int = 0
    steps: int = 0
    picture: Frame | None = None
    stop: str = ""  # why to stop, in the host's word
    heard_at: float = field(default_factory=time.monotonic)


class Client:
    """`engine`: for tests; else the engines installed here. `pause`: how it waits."""

    def __init__(
        self,
        host: Host,
        names: Sequence[str] = ("native",),
        engine: Callable[[str], Engine] = engines.get,
        pause: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.host, self.names, self.engine, self.pause, self.now = host, list(names), engine, pause, now
        self.instance = secrets.token_hex(16)
        self.over = threading.Event()

    def work(self) -> None:
        """Until `over` is set. Raises `HostSaysNo` for a token that is unknown, revoked or in use."""
        while not self.over.is_set():
            try:
                if not self.one():
                    self.pause(IDLE_S)
            except HostSaysNo as no:
                if no.status == 401 or no.code == "token_in_use":
                    raise
                log.error("the host says %s", no)
                self.pause(AWAY_S)
            except OSError as error:
                log.warning("the host does not answer: %s", error)
                self.pause(AWAY_S)

    def one(self) -> bool:
        """Ask for a job and render it. False when there is none."""
        private = X25519PrivateKey.generate()
        asked = {
            "instance": self.instance,
            "engines": self.names,
            "key": base64.b64encode(private.public_key().public_bytes_raw()).decode(),
            "clock": self.now(),
        }
        answer = json.loads(self.host.post("/claim", asked))
        if abs(answer["clock_off_s"]) > SKEW_TOLD_S:
            log.warning("this machine's clock is %.0f s off; the host's counts", answer["clock_off_s"])
        if not answer["job"]:
            return False
        self.render(answer["job"], private)
        return True

    def render(self, told: Mapping[str, Any], private: X25519PrivateKey) -> str:
        """Render a job and bring it. Returns how it ended: "brought", or the name of what ended it."""
        progress, error = Progress(), ""
        try:
            with tempfile.TemporaryDirectory() as folder, _Beating(self, told, progress):
                job = self._job(told, private, progress)
                film, material, fps = self._film(told, job, progress, Path(folder))
                self._bring(told, film, material, fps, progress)
                return "brought"
        except (Stopped, HostSaysNo) as stopped:
            error = progress.stop or (_named(stopped) if isinstance(stopped, HostSaysNo) else "stopped")
            log.warning("job %s: %s", told["id"], error)
            if error in ENDED:
                return error
        except EngineFailed as failed:
            error = failed.code
            log.warning("job %s failed: %s", told["id"], failed)
        except Exception as failed:
            error = code_of(failed)
            log.exception("job %s failed", told["id"])
        self._let_go(told, "" if error in NOT_OURS or error == "stopped" else error)
        return error

    def _job(self, told: Mapping[str, Any], private: X25519PrivateKey, progress: Progress) -> Job:
        def fetched(address: str) -> bytes:
            return sealing.open_with(private, self.host.post(f"/promised/{address}", {}), told["label"])

        return Job(
            prompt=told["prompt"],
            verb=told["verb"],
            seed=told["seed"],
            seconds=told["seconds"],
            size=(told["size"][0], told["size"][1]),
            smaller=told.get("smaller", 1),
            cast=[
                CastMember(
                    name=one["name"],
                    key=one["key"],
                    character=one.get("character"),
                    face=fetched(one["face"]) if one.get("face") else None,
                )
                for one in told["cast"]
            ],
            sources=[
                Source(fetched(one["material"]), one["cast"], one["at_s"], one["second"])
                for one in told["sources"]
            ],
            how=told["how"],
            show=lambda picture: setattr(progress, "picture", picture),
        )

    def _film(
        self, told: Mapping[str, Any], job: Job, progress: Progress, folder: Path
    ) -> tuple[Path, bytes, float]:
        """The film as a file. Out of memory is tried once more, at half the size."""
        engine = self.engine(told["engine"])
        for smaller in (job, engines.at_half(job)):
            try:
                return self._written(engine, smaller, progress, folder / "film.mp4")
            except Exception as error:
                code = error.code if isinstance(error, EngineFailed) else code_of(error)
                if code != "out_of_memory" or smaller is not job:
                    raise
            gc.collect()
        raise AssertionError("the second try returns or raises")

    def _written(self, engine: Engine, job: Job, progress: Progress, path: Path) -> tuple[Path, bytes, float]:
        def on_step(step: int, steps: int) -> None:
            progress.step, progress.steps = min(step, steps), steps

        rendered = engine.render(job, on_step, lambda: bool(progress.stop))

        def frames() -> Iterator[Frame]:
            for frame in rendered.frames:
                if frame.dtype != "uint8" or frame.shape != (rendered.size[1], rendered.size[0], 3):
                    raise EngineFailed("nan_frames")
                progress.picture = frame
                yield frame

        video.write_mp4(path, frames(), rendered.fps, rendered.audio, rendered.size, crf=CRF)
        return path, rendered.material, rendered.fps

    def _bring(
        self, told: Mapping[str, Any], film: Path, material: bytes, fps: float, progress: Progress
    ) -> None:
        """Once; where no answer came, the host knows whether it has it: its address is burnt then."""
        body = film.with_name("body")
        kind = _write_form(body, film, material, fps)
        for attempt in range(TRIES):
            if progress.stop:
                raise Stopped
            try:
                with body.open("rb") as opened:
                    size = body.stat().st_size
                    self.host.post(f"/results/{told['result']}", opened, kind, BRING_S, size)
                return
            except HostSaysNo as no:
                if no.status == 404 and attempt:
                    return
                raise
            except OSError as error:
                log.warning("the film did not arrive: %s", error)
                self.pause(2.0**attempt)
        raise Stopped

    def _let_go(self, told: Mapping[str, Any], error: str) -> None:
        asked = {"instance": self.instance, "fence": told["fence"], "error": error}
        try:
            self.host.post(f"/jobs/{told['id']}/let-go", asked)
        except (HostSaysNo, OSError) as no:
            log.warning("job %s could not be let go: %s", told["id"], no)


class _Beating:
    """A thread that beats while the body runs, and hears when to stop."""

    def __init__(self, client: Client, told: Mapping[str, Any], progress: Progress) -> None:
        self.client, self.told, self.progress = client, told, progress
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join(timeout=ANSWER_S)

    def _beat(self) -> None:
        patience = min(
            ANSWER_S, self.told["lease_s"] / 3
        )  # an answer that hangs leaves time for another beat
        while not self.over.wait(self.told["beat_s"]):
            try:
                self.client.host.post(f"/jobs/{self.told['id']}/beat", self._said(), timeout=patience)
                self.progress.heard_at = time.monotonic()
            except HostSaysNo as no:
                if not self.over.is_set():
                    self.progress.stop = no.code or "claim_lost"
                return
            except OSError:
                if time.monotonic() - self.progress.heard_at > self.told["lease_s"]:
                    self.progress.stop = "claim_lost"
                    return

    def _said(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "instance": self.client.instance,
            "fence": self.told["fence"],
            "step": self.progress.step,
            "steps": self.progress.steps,
        }
        picture, self.progress.picture = self.progress.picture, None
        if picture is not None and picture.dtype == "uint8":
            small = video.resize(picture, video.fit((picture.shape[1], picture.shape[0]), 224))
            told["picture"] = base64.b64encode(video.poster(small, quality=60)).decode()
        return told


def _write_form(path: Path, film: Path, material: bytes, fps: float) -> str:
    """multipart/form-data on the disk: a film need not fit into memory. Returns its content type."""
    edge = secrets.token_hex(16)

    def part(name: str, more: str = "") -> bytes:
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
        return (head + ("Content-Type: application/octet-stream\r\n" if more else "") + "\r\n").encode()

    with path.open("wb") as out:
        out.write(part("fps") + str(fps).encode() + b"\r\n")
        if material:
            out.write(part("material", '; filename="material"') + material + b"\r\n")
        out.write(part("film", '; filename="film"'))
        with film.open("rb") as source:
            while piece := source.read(1 << 20):
                out.write(piece)
        out.write(f"\r\n--{edge}--\r\n".encode())
    return f"multipart/form-data; boundary={edge}"


def token_in(path: str) -> str:
    """The token in a file; `UNDERSTUDY_WORKER_TOKEN` where no file is named."""
    return (Path(path).read_text() if path else os.environ.get("UNDERSTUDY_WORKER_TOKEN", "")).strip()
