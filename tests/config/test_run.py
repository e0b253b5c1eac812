"""What `make run` prints for the person who started it."""

from __future__ import annotations

import re
from io import StringIO

import cv2
import numpy as np
import pytest

from config.management.commands.run import Command

pytestmark = pytest.mark.django_db  # whether somebody still has to set this host up

PIXELS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
SITE = "https://192.0.2.7:8443"


def welcomed(**options: bool) -> str:
    printed = StringIO()
    told = {"SITE_URL": SITE, "DEMO": "1"}
    Command(stdout=printed).welcome(told, 1.0, **({"is_phone": False, "demo": False} | options))
    return printed.getvalue()


def test_a_phone_reads_the_code_as_it_is_printed() -> None:
    """Each letter is two pixels above each other; a terminal draws them without gaps."""
    lines = welcomed(is_phone=True).splitlines()
    at = [n for n, line in enumerate(lines) if "█" in line or "▀" in line]
    assert at == list(range(at[0], at[-1] + 1)), "no line stands between the rows"
    plain = [re.sub("\x1b.*?m", "", line) for line in lines[at[0] : at[-1] + 1]]
    halves = np.array([[PIXELS[letter] for letter in line] for line in plain])
    pixels = halves.transpose(0, 2, 1).reshape(-1, halves.shape[1]).astype(np.uint8) * 255
    picture = cv2.resize(pixels, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == SITE


def test_the_demo_says_how_one_comes_in() -> None:
    assert f"{SITE}/join/BACKSTAGE" in welcomed(demo=True)
    assert "/join/" not in welcomed(demo=False)
