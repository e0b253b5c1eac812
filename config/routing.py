"""Every socket of the product, app by app: each app that has some lists them in its `routing.py`."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

APPS = ["accounts", "cameos", "generation", "feed", "commerce"]

websocket_urlpatterns: list[Any] = [
    pattern
    for app in APPS
    if find_spec(f"{app}.routing")
    for pattern in import_module(f"{app}.routing").websocket_urlpatterns
]
