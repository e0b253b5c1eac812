"""The table of OWASP ASVS requirements is whole, true, and the one in the docs."""

from tests.security import asvs


def test_every_requirement_of_levels_one_and_two_has_an_answer() -> None:
    assert [name for name, _level in asvs.wanted()] == list(asvs.rows())


def test_every_test_that_is_named_is_there() -> None:
    missing = [
        f"{name}: {path.name}::{test}"
        for name, told in asvs.rows().items()
        for path, test in asvs.tests_of(told)
        if not path.exists() or test not in asvs.functions(path)
    ]
    assert not missing, missing


def test_most_have_a_test_and_the_others_name_what_is_not_there() -> None:
    assert asvs.share() >= 0.6
    assert all(len(told) > 4 for told in asvs.rows().values())


def test_the_page_is_the_table() -> None:
    assert asvs.PAGE.read_text() == asvs.page(), "run python -m tests.security.asvs"
