"""One hash chain that shows every change, gap and swap."""

import hashlib
from typing import Any

import pytest

from accounts import chain


def entries(bodies: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any], str]]:
    previous, out = chain.GENESIS, []
    for body in bodies:
        own = chain.link(previous, body)
        out.append((previous, body, own))
        previous = own
    return out


BODIES: list[dict[str, Any]] = [{"n": 1}, {"n": 2, "what": "名"}, {"n": 3}]


def test_an_untouched_chain_has_no_break() -> None:
    assert chain.first_break(entries(BODIES)) is None


def test_a_changed_body_a_gap_and_a_swap_show() -> None:
    whole = entries(BODIES)
    changed = [whole[0], (whole[1][0], {"n": 9}, whole[1][2]), whole[2]]
    assert chain.first_break(changed) == 1
    assert chain.first_break([whole[0], whole[2]]) == 1
    assert chain.first_break([whole[1], whole[0], whole[2]]) == 0


def test_a_value_has_one_text_whatever_order_it_was_made_in() -> None:
    assert chain.canonical({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'
    assert chain.canonical({"a": 1, "b": 2}) == chain.canonical({"b": 2, "a": 1})


def test_the_hash_is_plain_sha256_so_that_anybody_can_check_it() -> None:
    expected = hashlib.sha256((chain.GENESIS + '\n{"a":1}').encode()).hexdigest()
    assert chain.link(chain.GENESIS, {"a": 1}) == expected


@pytest.mark.parametrize("body", [{"price": 0.1}, {"deep": [{"x": 1.0}]}, {1: "a"}])
def test_floats_and_odd_keys_are_refused(body: dict[Any, Any]) -> None:
    with pytest.raises(TypeError):
        chain.canonical(body)
