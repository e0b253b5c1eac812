"""A request to make a clip, the clip, and what it was made from."""

from generation.models.clip import Clip, Fingerprint, Ingredient, Rendition
from generation.models.generation import Generation, GenerationCast, GenerationSource, PlayFace

__all__ = [
    "Clip",
    "Fingerprint",
    "Generation",
    "GenerationCast",
    "GenerationSource",
    "Ingredient",
    "PlayFace",
    "Rendition",
]
