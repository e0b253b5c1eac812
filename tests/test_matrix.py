"""Who may do what, at every address and in every state: 11 roles with declared answers (tests/matrix/)."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any
from unittest.mock import AsyncMock

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.matrix import addresses, states
from tests.matrix.grammar import CLOSED, DONE, LOGIN, OPEN, ROLES, STEP_UP, Declaration
from tests.matrix.world import World, build

APPS = ("config", "accounts", "cameos", "generation", "feed", "commerce")
DECLARATIONS: list[Declaration] = [
    declaration
    for app in APPS
    for declaration in import_module(f"tests.matrix.declarations_{app}").DECLARATIONS
]
FOUND = addresses.pages_and_api()


def label(declaration: Declaration) -> str:
    return f"{declaration.method} {declaration.name}" + (f" ({declaration.note})" if declaration.note else "")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once; whatever a role's request changes is undone before the next role's."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = build(timezone.now())
        made.sessions = {role: session_of(user) for role, user in made.people.items() if user is not None}
        yield made
        transaction.set_rollback(True)


@pytest.mark.parametrize("address", FOUND, ids=lambda address: f"/{address.route}")
def test_every_address_says_what_each_role_may_do(address: addresses.Address) -> None:
    assert address.name, f"/{address.route} has no name: give its path() one"
    assert address.methods, f"{address.name} answers to every method: put @require_… on its view"
    declared = {d.method for d in DECLARATIONS if d.kind != "socket" and d.name == address.name}
    missing = address.methods - declared
    assert not missing, (
        f"{address.name} (/{address.route}) answers to {sorted(missing)}, and no declaration in tests/matrix "
        "says who may: see CONTRIBUTING"
    )


def test_every_socket_says_who_may_listen() -> None:
    declared = {d.name for d in DECLARATIONS if d.kind == "socket"}
    assert set(addresses.sockets()) == declared


def test_no_declaration_is_about_an_address_that_is_gone() -> None:
    served = {(address.name, method) for address in FOUND for method in address.methods}
    declared = {(d.name, d.method) for d in DECLARATIONS if d.kind != "socket"}
    assert declared <= served, f"declared, but not served: {sorted(declared - served)}"


@pytest.mark.django_db
@pytest.mark.parametrize("declaration", [d for d in DECLARATIONS if d.kind != "socket"], ids=label)
def test_each_role_gets_the_declared_answer(
    declaration: Declaration, world: World, record_property: Any
) -> None:
    answers = {role: answer_to(role, declaration, world) for role in ROLES}
    record_property("cells", len(answers))
    assert answers == declaration.expected


@pytest.mark.django_db
@pytest.mark.parametrize("state", states.STATES, ids=lambda state: state.name)
def test_each_state_of_a_clip_hides_it_from_whom_it_should(
    state: states.ObjectState, world: World, record_property: Any
) -> None:
    """Every address about the clip, in every state it can be in, for all 11 roles."""
    wrong = {}
    with transaction.atomic():
        about = [d for d in DECLARATIONS if is_about_the_clip(d, world)]
        assert len(about) >= 25
        record_property("cells", len(about) * len(ROLES))
        state.put(world)
        for declaration in about:
            try:
                answers = {role: answer_to(role, declaration, world) for role in ROLES}
            except IntegrityError:
                # The declaration begins from a use that is shown or hidden; the database lets none be so.
                assert (state.name, declaration.name.split(":")[0]) == ("withdrawn", "cameos")
                continue
            with transaction.atomic():
                wanted = states.expected(declaration, state, world)
                transaction.set_rollback(True)
            if differ := states.differing(answers, wanted):
                wrong[label(declaration)] = differ
        transaction.set_rollback(True)
    assert not wrong, "\n".join(f"{name}: (got, wanted) {differ}" for name, differ in wrong.items())


@pytest.mark.django_db
@pytest.mark.parametrize("declaration", [d for d in DECLARATIONS if d.kind == "socket"], ids=label)
def test_each_role_hears_the_declared_sockets(
    declaration: Declaration, world: World, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    # Channels closes idle connections round each message; here that would be the test's own transaction.
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)
    monkeypatch.setattr("channels.consumer.aclose_old_connections", AsyncMock())
    answers = {role: async_to_sync(knock)(declaration.at(world), world.people[role]) for role in ROLES}
    record_property("cells", len(answers))
    assert answers == declaration.expected


@pytest.mark.django_db
def test_admin_is_for_the_operator(world: World) -> None:
    for role in ROLES:
        client = client_of(role, world, stepped_up=True)
        assert (client.get("/admin/").status_code == 200) is (role == "operator"), role


def is_about_the_clip(declaration: Declaration, world: World) -> bool:
    """Arguments may be rows made for the occasion: they are undone."""
    with transaction.atomic():
        found = states.about_the_clip(declaration, world)
        transaction.set_rollback(True)
    return found


def answer_to(role: str, declaration: Declaration, world: World) -> str:
    """What one role is answered; whatever that changed is undone."""
    cache.clear()
    with transaction.atomic():
        client = client_of(role, world, stepped_up=declaration.stepped_up)
        address = reverse(declaration.name, kwargs=declaration.at(world))
        response = _send(client, declaration, address, declaration.send(world))
        transaction.set_rollback(True)
    return name_of(response)


def _send(client: Client, declaration: Declaration, address: str, data: dict[str, Any]) -> Any:
    method = getattr(client, declaration.method.lower())
    if declaration.kind == "api" and declaration.method != "GET":
        return method(address, data, content_type="application/json")
    return method(address, data)


def name_of(response: Any) -> str:
    """The response in the words of the grammar."""
    if response.status_code in {301, 302, 303}:
        path = response.headers["Location"].partition("?")[0]
        return {"/login": LOGIN, "/step-up": STEP_UP}.get(path, DONE)
    if response.streaming:
        for _ in response.streaming_content:
            break
    return str(response.status_code)


def client_of(role: str, world: World, *, stepped_up: bool) -> Client:
    client = Client(raise_request_exception=False)
    if role in world.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[role]
        if stepped_up:
            step_up(client)
    return client


def session_of(user: User) -> str:
    """Signs in, once for all that this role is asked for: it costs more than most of the answers."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def step_up(client: Client) -> None:
    """As if this person had just confirmed who they are."""
    from accounts import stepup

    session = client.session
    stepup.mark(session, timezone.now())
    session.save()


async def knock(path: str, user: Any) -> str:
    """Opens a socket as `user` and says whether it was let in."""
    from channels.routing import URLRouter

    from config.routing import websocket_urlpatterns

    scope = {
        "type": "websocket",
        "path": path,
        "query_string": b"",
        "headers": [],
        "subprotocols": [],
        "user": user or AnonymousUser(),
    }
    door = ApplicationCommunicator(URLRouter(websocket_urlpatterns), scope)
    await door.send_input({"type": "websocket.connect"})
    answer = await door.receive_output(timeout=5)
    await door.send_input({"type": "websocket.disconnect", "code": 1000})
    await door.wait()
    return OPEN if answer["type"] == "websocket.accept" else CLOSED
