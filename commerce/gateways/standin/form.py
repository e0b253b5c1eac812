"""Stripe's form bodies: `line_items[0][price_data][currency]=eur` as nested dicts and lists."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

MOST_FIELDS = 2_000
KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


class BadForm(ValueError):
    """A body that is no form of this kind."""


def parse(body: str) -> dict[str, Any]:
    """The nested value of a body; numbered keys become lists in their order."""
    tree: dict[str, Any] = {}
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, strict_parsing=bool(body))
    except ValueError as error:
        raise BadForm(str(error)) from error
    for key, value in pairs:
        _place(tree, _path(key), value)
    return {key: _lists(value) for key, value in tree.items()}


def _path(key: str) -> list[str]:
    found = KEY.match(key)
    if not found:
        raise BadForm(f"bad key {key[:40]!r}")
    return [found.group(1), *re.findall(r"\[([^\[\]]*)\]", found.group(2))]


def _place(tree: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise BadForm("a key is both a value and a group")
    name = path[-1] or str(len(tree))
    tree[name] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    children = {key: _lists(child) for key, child in value.items()}
    if children and all(key.isdigit() for key in children):
        return [children[key] for key in sorted(children, key=int)]
    return children
