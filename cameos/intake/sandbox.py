"""Opens what strangers uploaded, in a walled child process, and hands back plain arrays.

Nothing that came over the network is decoded in a web or Celery process. The child is a fresh
interpreter with an empty environment that gets the file as standard input; see `child/jail.py`
for its walls. What it answers is parsed as declared lengths and numbers, never unpickled.
"""

from __future__ import annotations

import json
import math
import os
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cameos.intake.kinds import OVER, PICTURE, REFUSED, FilmLimits, PictureLimits
from cameos.intake.refusals import IntakeReason, IntakeRefused

ROOT = Path(__file__).resolve().parent.parent.parent
DTYPES = {"uint8", "int16", "float64"}
MAX_HEADER = 64 * 1024
MAX_ANSWER = 2 << 30
MAX_SOUND = 64 << 20
NETWORK_WALLS = {"seccomp", "namespace", "audit"}


@dataclass(frozen=True)
class Decoded:
    """A decoded film: kept frames T H W 3 (upright RGB, 0-255) with their times in seconds from the
    first, the times of *all* frames of the file, and mono 16-bit sound that starts with the picture."""

    frames: NDArray[np.uint8]
    times: NDArray[np.float64]
    stamps: NDArray[np.float64]
    sound: NDArray[np.int16]
    sound_rate: int
    has_sound: bool
    kind: str
    codec: str
    width: int
    height: int
    size_bytes: int
    walls: tuple[str, ...]

    @property
    def seconds(self) -> float:
        return float(self.stamps[-1] - self.stamps[0])


@dataclass(frozen=True)
class Picture:
    """A decoded picture H W 3 (upright RGB), at most `keep_side` long, without metadata."""

    pixels: NDArray[np.uint8]
    kind: str
    width: int
    height: int
    walls: tuple[str, ...]


def decode_video(source: Path | IO[bytes], limits: FilmLimits | None = None) -> Decoded:
    """Decode a film behind the walls. Raises `IntakeRefused` with the name of what was wrong."""
    limits = limits or FilmLimits()
    header, arrays = _in_child("film", source, limits)
    return Decoded(
        frames=_of(arrays, "frames", 4),
        times=_of(arrays, "times", 1),
        stamps=_of(arrays, "stamps", 1),
        sound=_of(arrays, "sound", 1),
        sound_rate=limits.sound_rate,
        has_sound=bool(header.get("sound_codec")),
        kind=str(header["kind"]),
        codec=str(header["codec"]),
        width=int(header["width"]),
        height=int(header["height"]),
        size_bytes=int(header["size_bytes"]),
        walls=tuple(map(str, header["walls"])),
    )


def decode_picture(source: Path | IO[bytes], limits: PictureLimits | None = None) -> Picture:
    """Decode a picture behind the walls. Raises `IntakeRefused` with the name of what was wrong."""
    header, arrays = _in_child("picture", source, limits or PictureLimits())
    return Picture(
        pixels=_of(arrays, "pixels", 3),
        kind=str(header["kind"]),
        width=int(header["width"]),
        height=int(header["height"]),
        walls=tuple(map(str, header["walls"])),
    )


def open_film(source: Path | IO[bytes], limits: FilmLimits | None = None) -> Film:
    """A film whose pictures are decoded behind the walls while somebody reads them: for films too long to
    be held. Raises `IntakeRefused` for what its head says; what comes later is raised by `pictures`."""
    limits = limits or FilmLimits()
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return open_film(opened, limits)
    _check_weight(source, limits)
    child = _child("stream", source, limits)
    try:
        return _opened(child, limits)
    except BaseException:
        _end(child)
        raise


def _opened(child: subprocess.Popen[bytes], limits: FilmLimits) -> Film:
    pipe = _Pipe(child, limits.wall_s)
    (length,) = struct.unpack(">Q", pipe.take(8))
    if length > MAX_HEADER:
        raise IntakeRefused(IntakeReason.DECODER_DIED)
    text = pipe.take(length)
    try:
        declared = [tuple(one[2]) for one in json.loads(text)["arrays"]]
        size = sum(2 * math.prod(map(int, shape)) for shape in declared)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise IntakeRefused(IntakeReason.DECODER_DIED) from error
    if size > MAX_SOUND:
        raise IntakeRefused(IntakeReason.TOOK_TOO_MUCH)
    header, arrays = _checked(bytearray(struct.pack(">Q", length) + text + pipe.take(size)))
    try:
        film = Film(
            width=int(header["width"]),
            height=int(header["height"]),
            fps=float(header["rate"]),
            claimed=int(header["claimed"]),
            sound=_of(arrays, "sound", 2) if header.get("sound_codec") else None,
            sound_rate=limits.sound_rate,
            walls=tuple(map(str, header["walls"])),
            _pipe=pipe,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IntakeRefused(IntakeReason.DECODER_DIED) from error
    if not (0 < film.width * film.height <= limits.max_pixels):
        raise IntakeRefused(IntakeReason.DECODER_DIED)
    return film


class _Pipe:
    """What a child says, taken in pieces of known length. A child that is silent for `patience_s` is
    ended."""

    def __init__(self, child: subprocess.Popen[bytes], patience_s: float) -> None:
        assert child.stdout is not None
        self.child, self.patience_s, self.file = child, patience_s, child.stdout
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.file.fileno(), selectors.EVENT_READ)
        _widen(self.file.fileno())

    def take(self, count: int) -> bytearray:
        """Exactly so many bytes. Raises `IntakeRefused` where the child ended or fell silent before."""
        taken, at = bytearray(count), 0
        view = memoryview(taken)
        while at < count:
            if not self.selector.select(self.patience_s):
                raise IntakeRefused(IntakeReason.TOOK_TOO_MUCH)
            got = os.readv(self.file.fileno(), [view[at : at + (1 << 20)]])
            if not got:
                raise IntakeRefused(self._why())
            at += got
        return taken

    def _why(self) -> IntakeReason:
        _ended(self.child)
        killed = self.child.returncode in (-24, -9)  # SIGXCPU, SIGKILL
        return IntakeReason.TOOK_TOO_MUCH if killed else IntakeReason.DECODER_DIED

    def close(self) -> None:
        self.selector.close()
        _end(self.child)


@dataclass(frozen=True)
class Film:
    """A film that is being read: what its head says, its sound (16-bit samples S C from the first picture,
    or None), and its pictures, once. `claimed`: how many pictures its head promises. Close it if the pictures
    are not read to their end."""

    width: int
    height: int
    fps: float
    claimed: int
    sound: NDArray[Any] | None
    sound_rate: int
    walls: tuple[str, ...]
    _pipe: _Pipe

    @property
    def claimed_s(self) -> float:
        """How long its head says it is; 0 where it does not say."""
        return self.claimed / self.fps if self.fps > 0 else 0.0

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """Each picture H W 3 (upright RGB). Raises `IntakeRefused`; the child is gone afterwards."""
        for _at, picture in self.timed():
            yield picture

    def timed(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """The same, each with its time in seconds from the film's first."""
        try:
            while (said := bytes(self._pipe.take(1))) == PICTURE:
                (at,) = struct.unpack(">d", self._pipe.take(8))
                if not 0 <= at < 1e6:
                    raise IntakeRefused(IntakeReason.DECODER_DIED)
                data = self._pipe.take(self.width * self.height * 3)
                yield at, np.frombuffer(data, np.uint8).reshape(self.height, self.width, 3)
            if said == REFUSED:
                raise self._refused()
            if said != OVER:
                raise IntakeRefused(IntakeReason.DECODER_DIED)
        finally:
            self.close()

    def _refused(self) -> IntakeRefused:
        (length,) = struct.unpack(">I", self._pipe.take(4))
        try:
            told = json.loads(self._pipe.take(min(length, MAX_HEADER)))
            return IntakeRefused(IntakeReason(told["reason"]), **dict(told.get("numbers", {})))
        except (ValueError, KeyError, TypeError):
            return IntakeRefused(IntakeReason.DECODER_DIED)

    def close(self) -> None:
        self._pipe.close()


def _in_child(
    task: str, source: Path | IO[bytes], limits: FilmLimits | PictureLimits
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return _in_child(task, opened, limits)
    _check_weight(source, limits)
    return _checked(_run(task, source, limits))


def _check_weight(source: IO[bytes], limits: FilmLimits | PictureLimits) -> None:
    """Small enough, and read from its start."""
    size = os.fstat(source.fileno()).st_size
    if size > limits.max_bytes:
        raise IntakeRefused(IntakeReason.TOO_HEAVY, bytes=size)
    source.seek(0)


def _checked(answer: bytearray) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The parts of an answer that is not a refusal, from a child that had its walls."""
    header, arrays = _parse(answer)
    if not header.get("ok"):
        raise IntakeRefused(IntakeReason(header["reason"]), **dict(header.get("numbers", {})))
    if not NETWORK_WALLS & set(header["walls"]):
        raise IntakeRefused(IntakeReason.DECODER_DIED)
    return header, arrays


def _child(task: str, source: IO[bytes], limits: FilmLimits | PictureLimits) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # argv, no shell  # nosec B603
        [sys.executable, "-I", "-c", _START, str(ROOT), task, json.dumps(limits.as_dict())],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """Whatever it does, it is gone and reaped afterwards."""
    if child.poll() is None:
        child.kill()
    if child.stdout is not None:
        child.stdout.close()
    child.wait()


def _run(task: str, source: IO[bytes], limits: FilmLimits | PictureLimits) -> bytearray:
    """The child's whole answer. A child over its time is killed; one that died is named."""
    with _child(task, source, limits) as child:
        assert child.stdout is not None
        try:
            answer = _read(child.stdout.fileno(), time.monotonic() + limits.wall_s)
        finally:
            if child.poll() is None and not _ended(child):
                child.kill()
    if not answer:
        killed = child.returncode in (-24, -9)  # SIGXCPU, SIGKILL
        raise IntakeRefused(IntakeReason.TOOK_TOO_MUCH if killed else IntakeReason.DECODER_DIED)
    return answer


# The child's program: our own path in front, then the same words an import would run.
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from cameos.intake.child.decoder import main; main()"
)


def _ended(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(timeout=2)
    except subprocess.TimeoutExpired:
        return False
    return True


def _read(pipe: int, deadline: float) -> bytearray:
    _widen(pipe)
    answer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise IntakeRefused(IntakeReason.TOOK_TOO_MUCH)
            piece = os.read(pipe, 1 << 20)
            if not piece:
                return answer
            answer += piece
            if len(answer) > MAX_ANSWER:
                raise IntakeRefused(IntakeReason.TOOK_TOO_MUCH)


def _widen(pipe: int) -> None:
    """A megabyte in the pipe instead of 64 kB: fewer turns for a hundred megabytes of frames."""
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


def _parse(answer: bytearray) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of an answer, with every length checked against what is there."""
    try:
        (length,) = struct.unpack_from(">Q", answer)
        if length > MAX_HEADER:
            raise ValueError("header too long")
        header = json.loads(answer[8 : 8 + length])
        arrays, at = {}, 8 + length
        for name, dtype, shape in header["arrays"]:
            if dtype not in DTYPES or len(shape) > 4 or not all(0 <= int(n) < 1 << 31 for n in shape):
                raise ValueError("array not declared plainly")
            count = int(np.prod(shape, dtype=object))
            array = np.frombuffer(answer, np.dtype(dtype), count, at).reshape(shape)
            array.flags.writeable = False
            arrays[str(name)] = array
            at += array.nbytes
        if at != len(answer):
            raise ValueError("bytes nobody declared")
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise IntakeRefused(IntakeReason.DECODER_DIED) from error
    return header, arrays


def _of(arrays: dict[str, NDArray[Any]], name: str, dimensions: int) -> NDArray[Any]:
    if name not in arrays or arrays[name].ndim != dimensions:
        raise IntakeRefused(IntakeReason.DECODER_DIED)
    return arrays[name]


@cache
def walls_here() -> tuple[str, ...]:
    """The walls that stand on this machine, for the operator's check page. Starts one child."""
    import tempfile

    from PIL import Image

    with tempfile.TemporaryFile() as blank:
        Image.new("RGB", (64, 64)).save(blank, "PNG")
        blank.flush()
        return decode_picture(blank).walls
