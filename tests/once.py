"""What each of Django's test clients does anew, and a process of tests has to do once."""

from __future__ import annotations

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

_look = WhiteNoiseMiddleware.add_files_from_finders
_found: dict[tuple[str, ...], dict[str, StaticFile]] = {}


def look_for_static_files_once() -> None:
    """A client builds the middleware afresh, and that looks at every static file: most of a small request."""
    WhiteNoiseMiddleware.add_files_from_finders = _look_once  # type: ignore[method-assign]


def _look_once(middleware: WhiteNoiseMiddleware) -> None:
    where = (middleware.static_prefix, *map(str, (settings.STATIC_ROOT, *settings.STATICFILES_DIRS)))
    if where not in _found:
        _look(middleware)
        _found[where] = dict(middleware.files)
    middleware.files.update(_found[where])
