"""The scene alphabet: every track, field, unit, scale and vocabulary, in plain numpy.

A scene is one world, 1 to 3 people and 0 to 3 props. Each track has *static* fields (who, what,
where: the `Plan`, readable and editable) and *dynamic* fields (numbers per key frame, 12 a second).
Letters:  N key frames (60 = 5 s base)   P people   Q props   S key frames a slot   K slots

Space. One unit (u) is one adult body height. x runs to the right of the picture and is measured from
the *camera's* centre; y is height above the ground line (0 = ground); z is stage depth (+ = further
away; draw such a track slightly smaller, higher and first). The camera travels over the world by
`travel` per key frame: add it up and the background scrolls, so a walker stands still in the tokens
and a clip extends without end. At zoom 1 the picture is 2 u high.

Angles are radians in the *picture plane*: 0 hangs straight down, + swings towards picture right,
whoever faces where. So a mirrored scene is a change of sign (with L and R swapped: `mirror_people`),
and a person can turn on the spot.
A limb: knee/elbow at  hip + TH (sin h, -cos h),  foot at  knee + SH (sin(h - k), -cos(h - k)):
a knee k > 0 folds the shin towards picture left (natural for somebody facing right).
An elbow folds the other way: hand at  elbow + FA (sin(a + e), -cos(a + e)).
"L" limbs are drawn behind the body and stand at picture left in front view; "R" in front, at right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FPS = 12  # key frames a second; the renderer up-samples to any rate
S = 5  # key frames in one slot token
K = 12  # slots in the base window
N = S * K  # 60 key frames: 5 seconds
MAX_PEOPLE, MAX_PROPS = 3, 3
GRAVITY, MOON_GRAVITY = 5.6, 1.6  # u / s^2
RESTITUTION = 0.8  # every ball in this world

# ---- body, in u at scale 1 (multiply by BODY_SCALE of the kind, and `height` of the person)
THIGH = SHIN = 0.22
LEG = THIGH + SHIN  # hip height when standing
TORSO = 0.30  # hip to shoulder line
UPPER_ARM = FOREARM = 0.155
NECK = 0.03
HEAD = 0.115  # radius of the head
SHOULDER_HALF, HIP_HALF = 0.10, 0.055  # half widths in front view; multiply by (1 - 0.7 |turn|)

# ---- vocabularies: append only (the codes below stay valid), at most 128 each
PLACES = (
    "beach",
    "city",
    "meadow",
    "moon",
    "room",
    "stage",
    "underwater",
    "forest",
    "desert",
    "mountains",
    "snowfield",
    "park",
    "classroom",
    "kitchen",
    "cafe",
    "market",
    "rooftop",
    "lake",
    "garden",
    "castle",
    "library",
    "gym",
    "temple",
    "carnival",
)
INDOORS = frozenset({"room", "stage", "classroom", "kitchen", "cafe", "library", "gym"})
TIMES = ("day", "sunset", "night", "morning")
WEATHERS = ("clear", "rain", "snow", "wind", "fog", "storm")
CAMERAS = ("static", "pan", "zoom_in", "zoom_out", "follow", "orbit", "handheld", "crane")
STYLES = ("paper", "ink", "chalk", "pixel", "neon", "watercolour", "poster", "comic")
KINDS = (
    "woman",
    "man",
    "girl",
    "boy",
    "grandmother",
    "grandfather",
    "robot",
    "astronaut",
    "cat",
    "bear",
    "rabbit",
    "panda",
)  # animals here walk upright, as mascots do
BODY_SCALE = dict(zip(KINDS, (1, 1.04, 0.8, 0.8, 0.94, 0.98, 1, 1.03, 0.86, 1.02, 0.84, 0.98), strict=False))
OUTFITS = ("tshirt", "coat", "dress", "hoodie", "suit", "overalls", "sportswear", "robe")
COLOURS = (
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "white",
    "black",
    "brown",
    "grey",
    "teal",
)
COLOUR_RGB = np.array(
    [
        (0.86, 0.20, 0.18),
        (0.95, 0.55, 0.15),
        (0.98, 0.83, 0.25),
        (0.25, 0.65, 0.35),
        (0.20, 0.42, 0.85),
        (0.52, 0.28, 0.75),
        (0.97, 0.52, 0.70),
        (0.95, 0.94, 0.92),
        (0.13, 0.13, 0.16),
        (0.50, 0.32, 0.20),
        (0.58, 0.60, 0.64),
        (0.12, 0.62, 0.62),
    ]
)
HAIRS = ("short", "long", "bob", "curly", "afro", "ponytail", "bun", "bald", "spiky", "braids")
HAIR_COLOURS = ("black", "brown", "blond", "ginger", "grey", "white", "pink", "blue")
HAIR_RGB = np.array(
    [
        (0.10, 0.08, 0.09),
        (0.36, 0.22, 0.14),
        (0.92, 0.76, 0.42),
        (0.78, 0.36, 0.15),
        (0.55, 0.55, 0.58),
        (0.92, 0.91, 0.90),
        (0.95, 0.50, 0.72),
        (0.25, 0.45, 0.85),
    ]
)
SKINS = ("porcelain", "fair", "light", "olive", "tan", "brown", "dark", "deep")
SKIN_RGB = np.array(
    [
        (0.99, 0.88, 0.80),
        (0.97, 0.80, 0.68),
        (0.91, 0.72, 0.57),
        (0.80, 0.62, 0.45),
        (0.72, 0.51, 0.36),
        (0.56, 0.38, 0.26),
        (0.42, 0.27, 0.19),
        (0.30, 0.19, 0.14),
    ]
)
ACCESSORIES = (
    "none",
    "glasses",
    "sunglasses",
    "cap",
    "hat",
    "scarf",
    "headphones",
    "backpack",
    "crown",
    "bow",
    "beard",
    "helmet",
)
MOODS = ("calm", "happy", "sad", "surprised", "angry", "sleepy")
ACTIONS = (
    # on the spot
    "stand",
    "talk",
    "wave",
    "jump",
    "dance",
    "disco",
    "spin",
    "jumping_jacks",
    "squat",
    "yoga",
    "stretch",
    "bow",
    "clap",
    "cheer",
    "think",
    "sit",
    "sleep",
    "sing",
    "box",
    "fly",
    "swim",
    "backflip",
    "cartwheel",
    "point",
    # travelling
    "walk",
    "run",
    "skip",
    "sneak",
    "march",
    # with a prop
    "toss",
    "bounce",
    "kick",
    "balloon",
    "boat",
    "skateboard",
    "bicycle",
    "kite",
    "chase",
    "guitar",
    "drum",
    "read",
    "drink",
    "selfie",
    "show",
    "hoop",
    # between two people
    "hug",
    "high_five",
    "handshake",
    "waltz",
    "catch",
    "give",
    "race",
)
TRAVELLING = frozenset({"walk", "run", "skip", "sneak", "march", "chase", "race"})
PAIRED = frozenset({"hug", "high_five", "handshake", "waltz", "catch", "give", "race"})
NO_ACTION = "none"  # `then` of somebody who does one thing all along
PROPS = (
    "ball",
    "balloon",
    "boat",
    "dog",
    "cat",
    "bird",
    "butterfly",
    "fish",
    "umbrella",
    "skateboard",
    "bicycle",
    "kite",
    "guitar",
    "drum",
    "microphone",
    "book",
    "cup",
    "phone",
    "gift",
    "flower",
    "lantern",
    "flag",
    "ice_cream",
    "cake",
    "chair",
    "snowman",
    "hoop",
    "suitcase",
    "sign",
    "product",
)
PLACEMENTS = ("ground", "held", "stand", "ridden", "beside", "air", "worn", "carried")
NOBODY = 3  # `owner` of a prop that belongs to no one
PROP_SIZE = {  # nominal height in u (width for boat, skateboard, bicycle, fish) at size 1
    "ball": 0.18,
    "balloon": 0.24,
    "boat": 1.0,
    "dog": 0.34,
    "cat": 0.26,
    "bird": 0.14,
    "butterfly": 0.10,
    "fish": 0.22,
    "umbrella": 0.55,
    "skateboard": 0.42,
    "bicycle": 0.95,
    "kite": 0.30,
    "guitar": 0.52,
    "drum": 0.34,
    "microphone": 0.12,
    "book": 0.14,
    "cup": 0.10,
    "phone": 0.10,
    "gift": 0.18,
    "flower": 0.22,
    "lantern": 0.22,
    "flag": 0.42,
    "ice_cream": 0.14,
    "cake": 0.18,
    "chair": 0.46,
    "snowman": 0.62,
    "hoop": 0.56,
    "suitcase": 0.26,
    "sign": 0.34,
    "product": 0.24,
}


@dataclass(frozen=True)
class Field:
    """One dynamic number: value = token * scale + shift. `mirrors`: changes sign in a mirror."""

    name: str
    unit: str
    scale: float
    shift: float
    mirrors: bool
    means: str


WORLD_FIELDS = (
    Field(
        "travel",
        "u/key frame",
        0.04,
        0.0,
        True,
        "camera's way over the ground since the last key frame; sum it to scroll",
    ),
    Field(
        "rise", "u", 0.15, 0.0, False, "camera height over its usual one; + shows more sky and less ground"
    ),
    Field("zoom", "factor", 0.22, 0.95, False, "1 = the picture is 2 u high; 1.2 = closer"),
    Field("roll", "rad", 0.03, 0.0, True, "camera turned clockwise"),
    Field(
        "light",
        "0-1",
        0.30,
        0.65,
        False,
        "brightness: day 1, morning .8, sunset .6, night .15; flickers a little",
    ),
    Field("wet", "0-1", 0.40, 0.25, False, "how hard it rains, snows or how dense the fog is"),
    Field("wind", "0-1", 0.35, 0.15, False, "leaves, hair and kites bend by it, rain slants"),
)
PERSON_FIELDS = (
    Field("x", "u", 0.32, 0.0, True, "hip, from the camera's centre"),
    Field(
        "y", "u", 0.20, 0.0, False, "hip height minus standing hip height (LEG * scale); - crouches, + flies"
    ),
    Field("z", "u", 0.10, 0.0, False, "stage depth, + = behind"),
    Field("lean", "rad", 0.20, 0.0, True, "torso from the hip, + = to picture right"),
    Field("head", "rad", 0.15, 0.0, True, "head against the torso, + = to picture right"),
    Field("hip_l", "rad", 0.50, 0.0, True, "thigh L"),
    Field("knee_l", "rad", 0.60, 0.0, True, "fold of the knee L (see the module's text for the sign)"),
    Field("hip_r", "rad", 0.50, 0.0, True, "thigh R"),
    Field("knee_r", "rad", 0.60, 0.0, True, "fold of the knee R"),
    Field("arm_l", "rad", 1.00, 0.0, True, "upper arm L"),
    Field("elbow_l", "rad", 0.70, 0.0, True, "fold of the elbow L"),
    Field("arm_r", "rad", 1.00, 0.0, True, "upper arm R"),
    Field("elbow_r", "rad", 0.70, 0.0, True, "fold of the elbow R"),
    Field("turn", "-1..1", 0.55, 0.0, True, "+1 right profile, 0 facing the camera, -1 left profile"),
    Field("spin_sin", "-1..1", 0.45, 0.0, True, "whole body turned about the hip, clockwise: sine"),
    Field("spin_cos", "-1..1", 0.45, 0.85, False, "... and cosine (1 = upright, 0 = lying)"),
    Field("mouth", "0-1", 0.30, 0.15, False, "how far the mouth is open"),
    Field("smile", "-1..1", 0.45, 0.30, False, "corners of the mouth; brows follow the mood"),
    Field("gaze", "-1..1", 0.40, 0.0, True, "pupils, + = to picture right"),
)
PROP_FIELDS = (
    Field("x", "u", 0.40, 0.0, True, "centre of the prop, from the camera's centre"),
    Field("y", "u", 0.45, 0.50, False, "height of its centre above the ground"),
    Field("z", "u", 0.10, 0.0, False, "stage depth, + = behind"),
    Field("rot_sin", "-1..1", 0.40, 0.0, True, "turned clockwise: sine"),
    Field("rot_cos", "-1..1", 0.40, 0.85, False, "... and cosine"),
    Field("size", "factor", 0.25, 1.0, False, "times PROP_SIZE of its kind"),
    Field("phase_sin", "-1..1", 0.70, 0.0, False, "its own cycle (legs, wings, wheels, waves): sine"),
    Field("phase_cos", "-1..1", 0.70, 0.0, False, "... and cosine"),
)
W = {f.name: i for i, f in enumerate(WORLD_FIELDS)}
H = {f.name: i for i, f in enumerate(PERSON_FIELDS)}  # H for human
Q = {f.name: i for i, f in enumerate(PROP_FIELDS)}
WD, HD, QD = len(WORLD_FIELDS), len(PERSON_FIELDS), len(PROP_FIELDS)


def _column(fields: tuple[Field, ...], attr: str) -> np.ndarray:
    return np.array([getattr(f, attr) for f in fields], np.float64)


SCALE = {
    "world": _column(WORLD_FIELDS, "scale"),
    "person": _column(PERSON_FIELDS, "scale"),
    "prop": _column(PROP_FIELDS, "scale"),
}
SHIFT = {
    "world": _column(WORLD_FIELDS, "shift"),
    "person": _column(PERSON_FIELDS, "shift"),
    "prop": _column(PROP_FIELDS, "shift"),
}
MIRROR = {
    "world": 1 - 2 * _column(WORLD_FIELDS, "mirrors"),
    "person": 1 - 2 * _column(PERSON_FIELDS, "mirrors"),
    "prop": 1 - 2 * _column(PROP_FIELDS, "mirrors"),
}


@dataclass
class WorldPlan:
    """Where, when, how it is filmed and drawn. Each field is a word of its vocabulary."""

    place: str = "meadow"
    time: str = "day"
    weather: str = "clear"
    camera: str = "static"
    style: str = "paper"


@dataclass
class PersonPlan:
    """Somebody: how they look, and what they do (then do, from key frame `switch` on)."""

    kind: str = "woman"
    outfit: str = "tshirt"
    top: str = "red"
    bottom: str = "blue"
    hair: str = "long"
    hair_colour: str = "brown"
    skin: str = "light"
    accessory: str = "none"
    mood: str = "happy"
    action: str = "stand"
    then: str = NO_ACTION
    switch: int = N  # key frame of the base window; a multiple of S
    facing: int = 1  # +1 picture right, -1 left
    energy: float = 0.0  # -1 slow .. +1 fast
    height: float = 1.0  # times BODY_SCALE of the kind

    @property
    def scale(self) -> float:
        """Body size in u: multiply every body length by it."""
        return BODY_SCALE[self.kind] * self.height


@dataclass
class PropPlan:
    """A thing: what it is, and where it belongs. `owner` is a person's index or NOBODY."""

    kind: str = "ball"
    colour: str = "red"
    placement: str = "ground"
    owner: int = NOBODY


@dataclass
class Plan:
    """All static fields of a clip: shown to its maker before rendering, and editable."""

    world: WorldPlan = field(default_factory=WorldPlan)
    people: list[PersonPlan] = field(default_factory=lambda: [PersonPlan()])
    props: list[PropPlan] = field(default_factory=list)


@dataclass
class Scene:
    """A plan and its numbers per key frame, in physical units: all that the renderer needs.

    world [N, WD], people [P, N, HD], props [Q, N, QD] (columns: W, H, Q above), blink [P, N] in
    0..1 (1 = shut). `seed` decides what is not in the tokens (layout of the background, grain).
    """

    plan: Plan
    world: np.ndarray
    people: np.ndarray
    props: np.ndarray
    seed: int = 0
    blink: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        if self.blink.shape != self.people.shape[:2]:
            self.blink = blinks(len(self.people), len(self.world), self.seed)

    @property
    def frames(self) -> int:
        return len(self.world)

    @property
    def seconds(self) -> float:
        return self.frames / FPS

    @property
    def gravity(self) -> float:
        return MOON_GRAVITY if self.plan.world.place == "moon" else GRAVITY

    def scroll(self) -> np.ndarray:
        """Camera's place over the world [N], u; 0 at the first key frame."""
        return np.cumsum(self.world[:, W["travel"]]) - self.world[0, W["travel"]]


def blinks(people: int, frames: int, seed: int) -> np.ndarray:
    """Lids [P, N]: each person blinks every 2 to 5 seconds for two key frames. Not learnt: a blink
    carries no meaning, and a network blurs what it cannot foresee."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 0xB11])
    lids = np.zeros((people, frames))
    for person in range(people):
        at = int(rng.integers(6, 40))
        while at < frames:
            lids[person, at : at + 2] = (1.0, 0.6)[: frames - at]
            at += int(rng.integers(2 * FPS, 5 * FPS))
    return lids


def limb(
    angle: np.ndarray, fold: np.ndarray, upper: float, lower: float, sign: float
) -> tuple[np.ndarray, np.ndarray]:
    """End of a two-part limb from its root: (dx, dy), dy negative downwards. `sign` -1 for legs
    (a knee folds backwards), +1 for arms."""
    end = angle + sign * fold
    dx = upper * np.sin(angle) + lower * np.sin(end)
    return dx, -upper * np.cos(angle) - lower * np.cos(end)


def feet(
    person: np.ndarray, scale: float | np.ndarray = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(left x, left y, right x, right y) of the feet of person [..., HD], from the camera's centre
    and above the ground, for an upright body (spin 0). In front view the hips stand apart."""
    lx, ly = limb(person[..., H["hip_l"]], person[..., H["knee_l"]], THIGH, SHIN, -1)
    rx, ry = limb(person[..., H["hip_r"]], person[..., H["knee_r"]], THIGH, SHIN, -1)
    half = HIP_HALF * (1 - 0.7 * np.abs(person[..., H["turn"]]))
    x, y = person[..., H["x"]], person[..., H["y"]] + LEG * scale
    return x + scale * (lx - half), y + scale * ly, x + scale * (rx + half), y + scale * ry


def hand(
    person: np.ndarray, side: str = "r", scale: float | np.ndarray = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of a hand of person [..., HD]; the shoulder sits TORSO above the hip, leaning."""
    dx, dy = limb(person[..., H[f"arm_{side}"]], person[..., H[f"elbow_{side}"]], UPPER_ARM, FOREARM, 1)
    lean = person[..., H["lean"]]
    half = SHOULDER_HALF * (1 - 0.7 * np.abs(person[..., H["turn"]])) * (1 if side == "r" else -1)
    x = TORSO * np.sin(lean) + half + dx
    y = LEG + TORSO * np.cos(lean) + dy
    return person[..., H["x"]] + scale * x, person[..., H["y"]] + scale * y


_SWAPPED = [
    H[name[:-1] + {"l": "r", "r": "l"}[name[-1]]] if name[-2:] in ("_l", "_r") else H[name] for name in H
]


def mirror_people(people: np.ndarray) -> np.ndarray:
    """The same movement in a mirror [..., HD]: left becomes right, L and R limbs change places."""
    return (people * MIRROR["person"])[..., _SWAPPED]
