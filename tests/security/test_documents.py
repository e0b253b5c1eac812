"""Pages of docs/security/ that a requirement asks for, held against what the code does."""

from __future__ import annotations

import pytest

from accounts.throttle import BUDGETS
from cameos.intake.kinds import FilmLimits, PictureLimits
from tests.security.pages import ROOT, table, text


def test_limits_of_files_are_those_of_the_code() -> None:
    from cameos.capture_check import LIMITS as RECORDING
    from commerce.actions.merchants import LARGEST_FILE as BY_HAND
    from commerce.catalog.fetching import LARGEST_FILE, LARGEST_PICTURE
    from commerce.catalog.rows import MOST_VARIANTS
    from generation.engines.remote import MOST_BYTES
    from generation.provenance.verify import FILM

    rows = {row[0]: " ".join(row) for row in table("input", "where")}
    mb = 1024 * 1024
    assert f"{RECORDING.max_bytes // mb} MB, {RECORDING.max_s:.0f} s" in rows["recording of a likeness (tus)"]
    assert f"{FilmLimits().max_frames:,} frames" in rows["recording of a likeness (tus)"]
    assert f"{FILM.max_bytes // 10**6} MB, {FILM.max_s:.0f} s" in rows["`/verify`"]
    picture = PictureLimits()
    assert (
        f"{picture.max_bytes // 10**6} MB | {picture.max_pixels // 10**6} million"
        in rows["picture to start from"].replace("  ", " | ")
        or f"{picture.max_bytes // 10**6} MB" in rows["picture to start from"]
    )
    assert f"{BY_HAND // mb} MB by hand, {LARGEST_FILE // mb} MB fetched" in rows["catalogue"]
    assert f"{MOST_VARIANTS:,} variants" in rows["catalogue"]
    assert f"{LARGEST_PICTURE // mb} MB" in rows["picture of a product (fetched)"]
    assert f"{MOST_BYTES // mb} MB" in rows["film of a remote worker"]


def test_rules_of_input_are_those_of_the_code() -> None:
    from django.conf import settings

    from accounts.models import User
    from feed.models import Comment, Post
    from feed.pagination import LIFETIME_S

    rows = {row[0]: " ".join(row) for row in table("input", "input")}
    assert str(Post._meta.get_field("caption").max_length) in rows["caption, comment, message"]
    assert f"{Comment._meta.get_field('text').max_length:,}" in rows["caption, comment, message"]
    assert (
        f"{User._meta.get_field('display_name').max_length}, {User._meta.get_field('bio').max_length}"
        in rows["name, bio"]
    )
    assert f"{settings.MAX_PROMPT_LENGTH:,}" in rows["prompt"]
    assert f"{LIFETIME_S // 3600} hours" in rows["cursor"]
    assert f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2} MB" in rows["JSON body"]
    assert (
        "**Together**" in text("input")
        and "**Order**" in text("input")
        and "**Business limits**" in text("input")
    )


@pytest.mark.parametrize("kind", ["biometric", "secret", "private", "shown by choice", "public"])
def test_each_class_of_data_says_how_it_is_kept(kind: str) -> None:
    rows = {row[0].strip("*"): row for row in table("data", "class")}
    assert all(cell for cell in rows[kind]) and len(rows[kind]) == 7


def test_every_table_about_a_person_says_what_becomes_of_it() -> None:
    from django.apps import apps

    from accounts import personal

    covered = {label for room in personal.registry().values() for label in room.COVERS}
    assert {"accounts.User", "accounts.SignIn"} <= covered
    named = {label.split(".")[0] for label in covered}
    assert {"accounts", "cameos", "generation", "feed", "commerce"} <= named
    assert apps.ready


def test_what_is_dear_is_named_with_what_bounds_it() -> None:
    page = text("dependencies")
    assert "**Dear work**" in page and "HOST_BACKLOG_S" in page and "PERSON_OPEN_AT_ONCE" in text("accounts")


def test_times_to_mend_are_stated() -> None:
    told = {row[0]: row[1] for row in table("dependencies", "a known hole in something we run")}
    assert [row for row in told.values() if row.endswith("days")] == ["3 days", "14 days", "90 days"]
    assert "12 months" in text("dependencies")


def test_rules_of_access_are_written_down_and_by_field() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    assert "11 roles" in contributing
    assert len(table("data", "field")) >= 7
    assert (ROOT / "docs" / "algorithms" / "consent.md").exists()


def test_the_policy_of_keys_names_who_holds_what_and_what_comes_after_a_theft() -> None:
    page = text("keys")
    assert "Who holds what" in page and "Compromise:" in page and "Post-quantum" in page
    for row in table("keys", "key"):
        assert row[0] and row[4], row


def test_ways_in_are_all_in_one_table_with_their_strength() -> None:
    ways = [row[0] for row in table("accounts", "way")]
    assert len(ways) >= 6 and any("passkey" in way for way in ways) and any("e-mail" in way for way in ways)
    assert "no passwords" in text("accounts") and "Nobody can lock an account" in text("accounts")
    assert set(BUDGETS) and "Why e-mail alone is allowed" in text("accounts")
