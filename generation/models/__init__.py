"""A request to make a clip, the clip, and what it was made from."""

from generation.models.board import EngineMeasure, HostStatement
from generation.models.carried import CarriedClip
from generation.models.clip import Clip, Fingerprint, Ingredient, Rendition, is_visible_to
from generation.models.draft import ComposeDraft
from generation.models.footage import Footage
from generation.models.generation import Generation, GenerationCast, GenerationSource, PlayFace
from generation.models.held import HeldPictures
from generation.models.hold import LegalHold
from generation.models.move import Move
from generation.models.remote import RemoteJob, RemotePromise, RemoteResult, RemoteWorker
from generation.models.scores import ClipScores
from generation.models.screening import (
    Appeal,
    GuardedName,
    HarmLevel,
    NameRequest,
    RedteamRun,
    ScreeningChange,
)
from generation.models.template import ClipTemplate
from generation.models.turns import Allowance, Preview, Turn, Worker

__all__ = [
    "Allowance",
    "Appeal",
    "CarriedClip",
    "Clip",
    "ClipScores",
    "ClipTemplate",
    "ComposeDraft",
    "EngineMeasure",
    "Fingerprint",
    "Footage",
    "Generation",
    "GenerationCast",
    "GenerationSource",
    "GuardedName",
    "HarmLevel",
    "HeldPictures",
    "HostStatement",
    "Ingredient",
    "LegalHold",
    "Move",
    "NameRequest",
    "PlayFace",
    "Preview",
    "RemoteJob",
    "RemotePromise",
    "RemoteResult",
    "RemoteWorker",
    "RedteamRun",
    "Rendition",
    "ScreeningChange",
    "Turn",
    "Worker",
    "is_visible_to",
]
