"""The C2PA manifest of a file that leaves this host: what made it, from what, and by whose permission.

Assertions: a `c2pa.created` (or `c2pa.opened` for a remix) action whose digital source type says that a
trained algorithm made it; `org.understudy.clip` with the clip's address for verification, its engine, and
for each person in it the id of the entry in that person's ledger (no names, no prompt), and in what kind of
voice whoever speaks does; ancestors beyond the parent by reference.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import c2pa
from django.conf import settings

from cameos.intake import kinds
from generation.provenance import signing

log = logging.getLogger(__name__)
AI_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
EDITED_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"  # filmed, and cut by a person
# Photos of people's own, under a voice that a machine made.
MIXED_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
BY_MODEL = {"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia"}
CLIP_LABEL = "org.understudy.clip"
GENERATOR = "Understudy"
PARENT = "parent"  # how the action `opened` names the ingredient that it opened
COMPONENT = "component"  # ... and `placed` the further ones, numbered from 1
FORMATS = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".png": "image/png",
    ".avif": "image/avif",
}


class ManifestFailed(RuntimeError):
    """The file could not be signed, or was not valid right after signing."""


@dataclass(frozen=True)
class Statement:
    """What is said about one clip in all of its files."""

    clip_id: str
    engine: str
    made_at: str
    ledger_entries: Sequence[str] = ()
    mark_payload: str = ""
    ancestors: Sequence[str] = ()
    source_type: str = AI_SOURCE
    voices: Sequence[Mapping[str, str]] = ()  # of each who speaks: cloned, near or stock


@dataclass(frozen=True)
class Found:
    """What a file's manifest says. `state`: Trusted, Valid, Invalid or none."""

    state: str
    clip_id: str = ""
    issuer: str = ""
    generator: str = ""
    ledger_entries: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())
    by_model: bool = False  # it says, whoever signed it, that a trained model made the pictures

    @property
    def is_ours(self) -> bool:
        return self.state == "Trusted" and bool(self.clip_id)


def sign(
    source: Path,
    target: Path,
    statement: Statement,
    *,
    parent: Path | None = None,
    title: str = "",
    components: Sequence[tuple[Path, str]] = (),
) -> None:
    """Write `target`: `source` with its manifest, checked with our own root; `parent` is the signed file it
    was remixed from, `components` are further ones with their titles. Raises `ManifestFailed`, `OSError`."""
    try:
        _stamped_if_possible(_builder(source, statement, parent, title, components), source, target)
    except c2pa.C2paError as error:
        raise ManifestFailed(str(error)) from error
    found = read(target)
    if not found.is_ours:
        raise ManifestFailed(f"{target.name} is {found.state} after signing: {'; '.join(found.problems)}")


def _builder(
    source: Path,
    statement: Statement,
    parent: Path | None,
    title: str,
    components: Sequence[tuple[Path, str]],
) -> Callable[[], c2pa.Builder]:
    """Makes the builder of this manifest, each time anew: signing uses it up."""

    def make() -> c2pa.Builder:
        claim = _claim(source, statement, is_remix=parent is not None, component_count=len(components))
        builder = c2pa.Builder(claim, signing.context())
        if parent is not None:
            ingredient = {"title": title, "relationship": "parentOf", "label": PARENT}
            with parent.open("rb") as file:
                builder.add_ingredient(ingredient, FORMATS[parent.suffix], file)
        for number, (component, name) in enumerate(components, 1):
            ingredient = {"title": name, "relationship": "componentOf", "label": f"{COMPONENT}{number}"}
            with component.open("rb") as file:
                builder.add_ingredient(ingredient, FORMATS[component.suffix], file)
        return builder

    return make


def _stamped_if_possible(make: Callable[[], c2pa.Builder], source: Path, target: Path) -> None:
    """Sign, with the time stamp of the service that the operator named. When that does not answer, or with a
    stamp that does not stand, without: a clip is not lost because somebody else's clock is down."""
    if signing.stamps():
        try:
            make().sign_file(source, target, signing.signer(stamped=True))
            if (found := read(target)).is_ours:
                return
            log.warning("the time stamp of %s does not stand: %s", target.name, "; ".join(found.problems))
        except c2pa.C2paError as error:
            log.warning("no time stamp for %s: %s", target.name, error)
        target.unlink(missing_ok=True)
    make().sign_file(source, target, signing.signer())


def read(path: Path) -> Found:
    """What the manifest of a file says, by c2pa with our root as anchor. Never raises for a bad file."""
    suffix = FORMATS.get(path.suffix.lower(), "")
    try:
        with path.open("rb") as file:
            return _found(c2pa.Reader(suffix or "video/mp4", file, context=signing.context()))
    except c2pa.C2paError as error:
        return Found(state="none", problems=(str(error)[:200],))


def _kind_of(path: Path) -> str:
    """What the bytes of a file without an ending are."""
    try:
        with path.open("rb") as file:
            picture = kinds.picture_kind(file.read(kinds.SNIFF_BYTES))
    except OSError:
        picture = None
    return f"image/{picture.lower()}" if picture else "video/mp4"


def read_behind_walls(path: Path) -> Found:
    """The same for a stranger's file: read in a child of its own, as the intake decodes. Never raises."""
    suffix = FORMATS.get(path.suffix.lower()) or _kind_of(path)
    command = [
        sys.executable,
        "-I",
        "-c",
        _START,
        str(settings.BASE_DIR),
        suffix,
        json.dumps(signing.wishes()),
    ]
    try:
        with path.open("rb") as file:
            done = subprocess.run(  # argv, no shell  # nosec B603
                command,
                stdin=file,
                capture_output=True,
                timeout=WALL_S,
                cwd="/",
                check=True,
                env=_ENVIRONMENT,
            )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError, OSError) as error:
        return Found(state="none", problems=(f"not readable: {type(error).__name__}",))
    if "error" in answer:
        return Found(state="none", problems=(str(answer["error"]),))
    return _judge(answer["state"], answer["active"], answer["results"])


# The child's program: our own path in front, then the same words an import would run.
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from generation.provenance.reader_child import main; main()"
)
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
WALL_S = 20


def _found(reader: c2pa.Reader) -> Found:
    return _judge(
        reader.get_validation_state(), reader.get_active_manifest(), reader.get_validation_results()
    )


def _judge(state: str | None, active: dict[str, Any] | None, results: dict[str, Any] | None) -> Found:
    state, active = str(state or "Invalid"), active or {}
    ours: dict[str, Any] = {}
    for assertion in active.get("assertions", []):
        if str(assertion.get("label", "")).startswith(CLIP_LABEL):
            ours = assertion.get("data", {})
    by_model = any(
        str(action.get("digitalSourceType", "")).rpartition("/")[2] in BY_MODEL
        for assertion in active.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in (assertion.get("data") or {}).get("actions", [])
    )
    failures = (results or {}).get("activeManifest", {}).get("failure", [])
    problems = tuple(str(item.get("code")) for item in failures)
    generators = active.get("claim_generator_info") or [{}]
    return Found(
        state=state,
        clip_id=str(ours.get("clip", "")),
        issuer=str((active.get("signature_info") or {}).get("issuer", "")),
        generator=str(generators[0].get("name", "")),
        ledger_entries=tuple(map(str, ours.get("ledger_entries", []))),
        ancestors=tuple(map(str, ours.get("ancestors", []))),
        problems=problems,
        by_model=by_model,
    )


def _claim(source: Path, statement: Statement, *, is_remix: bool, component_count: int = 0) -> str:
    actions: list[dict[str, Any]] = [{"action": "c2pa.created", "digitalSourceType": statement.source_type}]
    if is_remix:
        actions = [
            {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}},
            {"action": "c2pa.edited", "digitalSourceType": statement.source_type},
        ]
    placed = [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [f"{COMPONENT}{number}"]}}
        for number in range(1, component_count + 1)
    ]
    actions[1:1] = placed  # after it was created or opened, which comes first
    about = {
        "clip": statement.clip_id,
        "verify": f"{settings.SITE_URL}/verify",
        "engine": statement.engine,
        "made_at": statement.made_at,
        "ledger_entries": list(statement.ledger_entries),
        "mark": statement.mark_payload,
        "ancestors": list(statement.ancestors),
    } | ({"voices": [dict(said) for said in statement.voices]} if statement.voices else {})
    claim = {
        "claim_generator_info": [{"name": GENERATOR, "version": "0.1.0"}],
        "title": f"{statement.clip_id}{source.suffix}",
        "format": FORMATS[source.suffix],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": CLIP_LABEL, "data": about},
        ],
    }
    return json.dumps(claim)
