"""How an app declares who may do what at its addresses.

    DECLARATIONS = [
        page("accounts:settings", everyone(OK, anonymous=LOGIN)),
        page("generation:clip", everyone(HIDDEN, maker=OK, depicted=OK), at=draft),
        page("feed:like", everyone(DONE, anonymous=LOGIN, blocked=HIDDEN), method="POST", at=post),
        api("feed:api-like", everyone(200, anonymous=401, blocked=404), method="POST", at=post),
        socket("ws/generations/<uuid:public_id>/", everyone(CLOSED, maker=OPEN), at=progress),
    ]

where `at` makes the address's arguments: `def draft(w: World) -> dict: return {"clip": w.draft.public_id}`
(for a socket, the path), and `send=` makes the form, query or JSON body.
`w` is the world (tests/matrix/world.py): the people of every role and the rows that stand between them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ROLES = (
    "anonymous",
    "stranger",
    "follower",
    "named",  # named in the owner's grant
    "blocked",  # by the owner and by the maker
    "teen",
    "maker",
    "depicted",  # the owner whom the clip shows
    "merchant",
    "moderator",
    "operator",
)

OK = "200"
CREATED = "201"
DONE = "redirected"  # a form that worked and leads on
LOGIN = "to /login"
STEP_UP = "to /step-up"
INVALID = "400"
DENIED = "403"
HIDDEN = "404"
OPEN = "open"
CLOSED = "closed"

Expected = dict[str, str]
World = Any


def everyone(answer: str | int, **exceptions: str | int) -> Expected:
    """The same answer for all 11 roles but the ones named."""
    unknown = set(exceptions) - set(ROLES)
    if unknown:
        raise ValueError(f"no such role: {sorted(unknown)}")
    return {role: str(exceptions.get(role, answer)) for role in ROLES}


def only(
    *roles: str, answer: str | int = OK, others: str | int = HIDDEN, anonymous: str | int = LOGIN
) -> Expected:
    """`answer` for the roles named, `others` for everybody else, `anonymous` for people without account."""
    return everyone(others, **{"anonymous": anonymous} | dict.fromkeys(roles, answer))


@dataclass(frozen=True)
class Declaration:
    name: str  # "app:name" of the URL, or a socket's route
    method: str
    expected: Expected
    at: Callable[[World], Any]
    send: Callable[[World], dict[str, Any]]
    kind: str  # "page" | "api" | "socket"
    stepped_up: bool
    note: str


def _nothing(world: World) -> dict[str, Any]:
    return {}


def page(
    name: str,
    expected: Expected,
    *,
    method: str = "GET",
    at: Callable[[World], dict[str, Any]] = _nothing,
    send: Callable[[World], dict[str, Any]] = _nothing,
    stepped_up: bool = True,
    note: str = "",
) -> Declaration:
    """A page or form. `at` gives the address's arguments, `send` the form (or the query of a GET)."""
    return Declaration(name, method, expected, at, send, "page", stepped_up, note)


def api(
    name: str,
    expected: Expected,
    *,
    method: str = "GET",
    at: Callable[[World], dict[str, Any]] = _nothing,
    send: Callable[[World], dict[str, Any]] = _nothing,
    stepped_up: bool = True,
    note: str = "",
) -> Declaration:
    """An API address; `send` goes as JSON."""
    return Declaration(name, method, expected, at, send, "api", stepped_up, note)


def socket(route: str, expected: Expected, *, at: Callable[[World], str], note: str = "") -> Declaration:
    """A WebSocket: its route as written in `routing.py`, and the path to open."""
    return Declaration(route, "WS", expected, at, _nothing, "socket", True, note)
