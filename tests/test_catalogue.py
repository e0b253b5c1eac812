"""The Chinese catalogue: whole, compiled, and with every blank of the English sentence in its place."""

import re
from gettext import GNUTranslations
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext, override

FOLDER = Path(settings.BASE_DIR) / "config" / "locale" / "zh_Hans" / "LC_MESSAGES"
BLANK = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")


def compiled() -> dict[str, str]:
    """English (the plural form, where there are two) to Chinese."""
    with (FOLDER / "django.mo").open("rb") as file:
        entries = vars(GNUTranslations(file))["_catalog"].items()
    return {key[0] if isinstance(key, tuple) else key: text for key, text in entries if key}


def test_nothing_is_left_in_english() -> None:
    source = (FOLDER / "django.po").read_text()
    assert "#, fuzzy" not in source
    assert not re.search(r'^msgstr(\[0\])? ""\n(?!")', source, re.MULTILINE)
    assert len(compiled()) >= 1_300


def test_every_blank_stands_in_the_chinese_sentence_too() -> None:
    wrong = {
        english: chinese
        for english, chinese in compiled().items()
        if not set(BLANK.findall(english)) <= set(BLANK.findall(chinese))
    }
    assert wrong == {}


def test_a_page_reads_in_chinese() -> None:
    with override("zh-hans"):
        assert gettext("My likeness") == "我的形象"
