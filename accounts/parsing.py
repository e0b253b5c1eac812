"""JSON as programs send it: what no person would write is refused by name, before it costs anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import exceptions
from rest_framework.parsers import JSONParser

# What no database keeps or no answer can repeat: NUL, and half a surrogate pair, which JSON can escape.
UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def unwritable_at(body: object) -> str | None:
    """The JSONPath of the first text in what JSON says that can be neither kept nor sent back, or of what has
    such a name; None where all can."""
    waiting: list[tuple[str, object]] = [("$", body)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, str) and UNWRITABLE.search(one):
            return where
        if isinstance(one, dict):
            if any(UNWRITABLE.search(str(name)) for name in one):
                return where
            waiting += [(f"{where}.{name}", part) for name, part in reversed(one.items())]
        elif isinstance(one, list):
            waiting += [(f"{where}[{number}]", part) for number, part in reversed(list(enumerate(one)))]
    return None


def check_text(value: object) -> None:
    """Raises ValueError, with the place, for what is `unwritable_at` one."""
    if (place := unwritable_at(value)) is not None:
        raise ValueError(f"text that cannot be kept: {place}")


class Nested(JSONParser):
    """REST framework's parser, for which a thousand nested brackets are a bad request and not a failure. For
    addresses that name themselves what they cannot keep, by its place."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError() from None


class Json(Nested):
    """As `Nested`; text that is none is a bad request, too."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        said = super().parse(stream, media_type, parser_context)
        try:
            check_text(said)
        except ValueError:
            raise exceptions.ParseError() from None
        return said
