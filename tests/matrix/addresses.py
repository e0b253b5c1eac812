"""Every address of the product, found by walking the URLconf, the API and the sockets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.views.i18n import set_language

# Django's own admin is a subtree of its own, guarded as one (see test_admin_is_for_the_operator).
OUTSIDE = ("admin:",)


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    methods: frozenset[str]


def pages_and_api() -> list[Address]:
    return list(_walk(get_resolver().url_patterns, namespace="", prefix=""))


def sockets() -> list[str]:
    from config.routing import websocket_urlpatterns

    return [str(pattern.pattern) for pattern in websocket_urlpatterns]


def _walk(patterns: list[Any], *, namespace: str, prefix: str) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            if inner not in OUTSIDE:
                yield from _walk(pattern.url_patterns, namespace=inner, prefix=route)
        elif isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name}" if pattern.name else ""
            yield Address(name, route, methods_of(pattern.callback))


def methods_of(view: Callable[..., Any]) -> frozenset[str]:
    """The methods a view lets through: from its class, or from its `require_…` decorator.

    Empty for a function that says nothing: it would answer to every method, and the matrix test says so.
    """
    if view is set_language:
        return frozenset({"POST"})  # Django's; a GET of it changes nothing
    actions = getattr(view, "actions", None)  # a DRF viewset
    if actions:
        return frozenset(method.upper() for method in actions) - {"HEAD", "OPTIONS"}
    owner = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if owner is not None:
        return frozenset(method.upper() for method in owner.http_method_names if hasattr(owner, method)) - {
            "HEAD",
            "OPTIONS",
        }
    layer: Any = view
    while layer is not None:
        for cell in getattr(layer, "__closure__", None) or ():
            if _is_method_list(cell.cell_contents):
                return frozenset(cell.cell_contents) - {"HEAD", "OPTIONS"}
        layer = getattr(layer, "__wrapped__", None)
    return frozenset()


def _is_method_list(value: object) -> bool:
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return isinstance(value, (list, tuple)) and bool(value) and set(map(str, value)) <= methods
