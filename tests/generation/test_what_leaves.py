"""What leaves this host: formats for who reads them, a manifest in every file, and time stamps if wanted."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import c2pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from generation.models import Clip, Rendition
from generation.provenance import manifest, mark_keys, signing, watermark
from generation.states import State
from model import video
from tests.generation.conftest import Ask
from tests.generation.test_pipeline import finished, nothing_is_left, path_of

READS_AVIF = "image/avif,image/webp,image/*,*/*;q=0.8"


@pytest.fixture
def clip(ask: Ask, bob: User) -> Clip:
    made = finished(ask(bob, seconds=2)).clip
    assert made is not None
    return made


def get(client: Client, url: str, accept: str) -> tuple[Any, bytes]:
    answer = client.get(url, headers={"Accept": accept})
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_poster_comes_in_the_format_that_the_browser_reads(clip: Clip, bob: User, client: Client) -> None:
    client.force_login(bob)
    url = clip.renditions.get(kind="poster").url
    small, avif = get(client, url, READS_AVIF)
    plain, webp = get(client, url, "*/*")
    assert (small["Content-Type"], plain["Content-Type"]) == ("image/avif", "image/webp")
    assert "Accept" in small["Vary"] and "Accept" in plain["Vary"] and small["ETag"] != plain["ETag"]
    assert avif[4:12] == b"ftypavif" and webp[8:12] == b"WEBP"


def test_a_clip_from_before_has_its_webp(clip: Clip, bob: User, client: Client) -> None:
    client.force_login(bob)
    clip.renditions.filter(kind="avif").delete()
    answer, _ = get(client, clip.renditions.get(kind="poster").url, READS_AVIF)
    assert answer["Content-Type"] == "image/webp"


def test_every_file_that_is_served_is_signed_by_this_host(
    ask: Ask, bob: User, client: Client, tmp_path: Path, settings: Any
) -> None:
    settings.AV1_FILMS = True
    client.force_login(bob)
    first = finished(ask(bob)).clip
    assert first is not None
    finished(ask(bob, "the same at night", verb="remix", parent=first))
    rows = list(Rendition.objects.select_related("clip"))
    assert len(rows) == 12 and {row.kind for row in rows} == set(Rendition.Kind.values)
    for row in rows:
        _, data = get(client, row.url, READS_AVIF if row.kind == "avif" else "*/*")
        served = tmp_path / f"served{Path(row.path).suffix}"
        served.write_bytes(data)
        found = manifest.read(served)
        assert found.is_ours and found.clip_id == str(row.clip.public_id), (row.kind, found)


def test_a_poster_that_was_saved_as_avif_is_known(clip: Clip, settings: Any) -> None:
    data = path_of(clip.renditions.get(kind="avif"), settings).read_bytes()
    found = Client().post("/api/v1/verify", {"file": SimpleUploadedFile("poster.avif", data)}).json()
    there = {witness["kind"]: witness["confidence"] for witness in found["witnesses"]}
    assert found["clip"] == str(clip.public_id) and there["manifest"] == there["bytes"] == 1.0


def test_an_av1_film_is_there_where_it_is_wanted_and_carries_the_mark(
    ask: Ask, bob: User, settings: Any, client: Client
) -> None:
    settings.AV1_FILMS = True
    clip = finished(ask(bob, seconds=2)).clip
    assert clip is not None
    film = path_of(clip.renditions.get(kind="av1_720"), settings)
    about = video.probe(film)
    assert "av1" in about.video_codec or "dav1d" in about.video_codec
    assert (about.width, about.height, about.seconds) == (clip.width, clip.height, 2.0)
    mark = watermark.find(watermark.features(list(video.read_frames(film))), [mark_keys.newest()])
    assert mark is not None and mark.payload == int(clip.mark_payload, 16)
    client.force_login(bob)
    assert "codecs=av01" in client.get(f"/clips/{clip.public_id}").content.decode()


# Keys


def test_a_key_that_does_not_fit_its_certificate_seals_nothing(ask: Ask, bob: User, settings: Any) -> None:
    """Somebody changed half of a pair, or put somebody else's key there."""
    place = signing.ensure_keys()
    foreign = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        check=True,
        capture_output=True,
    ).stdout
    kept = (place / "leaf.key").read_bytes()
    try:
        (place / "leaf.key").write_bytes(foreign)
        failed = finished(ask(bob))
        assert (failed.state, failed.error) == (State.FAILED, "keys_missing")
        assert not Clip.objects.exists() and nothing_is_left(settings)
    finally:
        (place / "leaf.key").write_bytes(kept)


def test_a_renewed_certificate_signs_new_files_and_old_ones_stay_ours(
    clip: Clip, ask: Ask, bob: User, settings: Any, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    signing.ensure_keys()
    old = tmp_path / "old.mp4"
    source = path_of(clip.renditions.get(kind="mp4_360"), settings)
    statement = manifest.Statement(clip_id=str(clip.public_id), engine="swatch", made_at="2026-01-01")
    manifest.sign(source, old, statement)
    before = (signing.folder() / "leaf.pem").read_bytes()
    signing.renew_leaf()
    assert (signing.folder() / "leaf.pem").read_bytes() != before
    new = tmp_path / "new.mp4"
    manifest.sign(source, new, statement)
    assert manifest.read(old).is_ours and manifest.read(new).is_ours


def test_a_certificate_is_not_renewed_without_the_root_that_signs_it(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    place = signing.ensure_keys()
    (place / "root.key").unlink()
    before = (place / "leaf.pem").read_bytes()
    with pytest.raises(signing.KeysMissing):
        signing.renew_leaf()
    assert (place / "leaf.pem").read_bytes() == before


# Time stamps: a small service of our own, OpenSSL's `ts`, answers as RFC 3161 wants


TSA = """[tsa]
default_tsa = t
[t]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/chain.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
NEW = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
STAMPS = """extendedKeyUsage=critical,timeStamping
keyUsage=critical,digitalSignature
basicConstraints=critical,CA:FALSE
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""


def make_clock_keys(folder: Path) -> None:
    """A root and under it a certificate for time stamps, by the openssl command line."""

    def run(*words: str) -> None:
        subprocess.run(words, check=True, capture_output=True, cwd=folder)

    (folder / "stamps.cnf").write_text(STAMPS)
    root = ("-x509", "-days", "30", "-keyout", "root.key", "-out", "root.pem")
    run(*NEW, *root, "-subj", "/CN=Root of time/O=Tests", "-addext", "keyUsage=critical,keyCertSign")
    run(*NEW, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Time/O=Tests")
    issuer = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30")
    run("openssl", "x509", "-req", "-in", "tsa.csr", *issuer, "-extfile", "stamps.cnf", "-out", "tsa.pem")
    chain = (folder / "tsa.pem").read_text() + (folder / "root.pem").read_text()
    (folder / "chain.pem").write_text(chain)


class Clockmaker(BaseHTTPRequestHandler):
    folder: Path
    asked: list[int]
    is_down = False

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(len(query))
        if self.is_down:
            self.send_error(503)
            return
        (self.folder / "query").write_bytes(query)
        command = ["openssl", "ts", "-reply", "-config", str(self.folder / "tsa.cnf"), "-section", "t"]
        command += ["-queryfile", str(self.folder / "query")]
        reply = subprocess.run(command, check=True, capture_output=True).stdout
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def clockmaker(tmp_path: Path, settings: Any) -> Iterator[type[Clockmaker]]:
    folder = tmp_path / "tsa"
    folder.mkdir()
    make_clock_keys(folder)
    (folder / "tsa.cnf").write_text(TSA.format(folder=folder))
    (folder / "serial").write_text("01\n")
    handler = type("Handler", (Clockmaker,), {"folder": folder, "asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.C2PA_TSA_URL = f"http://127.0.0.1:{server.server_port}/"
    yield handler
    server.shutdown()
    server.server_close()


def signed(clip: Clip, settings: Any, target: Path) -> tuple[dict[str, Any], set[str]]:
    """Who signed and when, as c2pa reads it out of a newly signed file, and what it found."""
    source = path_of(clip.renditions.get(kind="mp4_360"), settings)
    statement = manifest.Statement(clip_id=str(clip.public_id), engine="swatch", made_at="2026-01-01")
    manifest.sign(source, target, statement)
    with target.open("rb") as file:
        reader = c2pa.Reader("video/mp4", file, context=signing.context())
    active, results = reader.get_active_manifest(), reader.get_validation_results()
    assert manifest.read(target).is_ours and active is not None and results is not None
    codes = {row["code"] for rows in results["activeManifest"].values() for row in rows}
    return dict(active["signature_info"]), codes


def test_a_file_carries_the_time_stamp_of_the_service_that_the_operator_named(
    clip: Clip, settings: Any, tmp_path: Path, clockmaker: type[Clockmaker]
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    signing.ensure_keys()
    info, codes = signed(clip, settings, tmp_path / "stamped.mp4")
    assert "time" in info and "timeStamp.untrusted" in codes and len(clockmaker.asked) == 1
    root = (clockmaker.folder / "root.pem").read_bytes()
    (signing.folder() / "tsa-tests.pem").write_bytes(root)
    info, codes = signed(clip, settings, tmp_path / "trusted.mp4")
    assert "time" in info and "timeStamp.trusted" in codes


def test_a_service_that_is_down_costs_the_stamp_and_not_the_clip(
    clip: Clip, settings: Any, tmp_path: Path, clockmaker: type[Clockmaker]
) -> None:
    clockmaker.is_down = True
    info, _ = signed(clip, settings, tmp_path / "plain.mp4")
    assert "time" not in info
    assert len(clockmaker.asked) >= 1
