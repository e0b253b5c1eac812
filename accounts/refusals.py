"""How this product says no: a name, a sentence, what the person can do, and a status. The edges turn it
into a page or JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework import exceptions as rest
from rest_framework.response import Response

log = logging.getLogger(__name__)

Text = str | Promise


class Refused(Exception):
    """Base of every named refusal. A subclass sets the class attributes or passes them on."""

    code: str = "refused"
    message: Text = ""
    hint: Text = ""
    status: int = 400

    def __init__(
        self,
        code: str | None = None,
        message: Text | None = None,
        hint: Text | None = None,
        status: int | None = None,
    ) -> None:
        self.code = self.code if code is None else code
        self.message = self.message if message is None else message
        self.hint = self.hint if hint is None else hint
        self.status = self.status if status is None else status
        super().__init__(self.code)

    def headers(self) -> dict[str, str]:
        """What the answer carries beside the sentence, e.g. `Retry-After`."""
        return {}

    def page(self, request: HttpRequest) -> HttpResponse | None:
        """A page of the refusal's own instead of the usual one, e.g. a redirect."""
        return None

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": str(self.message), "hint": str(self.hint)}


class RefusalMiddleware:
    """Turns a refusal that reached the edge of a page into a sentence, or JSON for a script that asked for
    it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.method == "POST" and _asks_to_sign_in(answer, request):
            return redirect_with_next(settings.LOGIN_URL, request)
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError | InterfaceError) and is_away(exception):
            log.error("the database is away: %s", type(exception).__name__)
            return away(request)
        if not isinstance(exception, Refused):
            return None
        _log(request, exception.code, exception.status)
        if wants_json(request):
            answer: HttpResponse = JsonResponse(exception.as_json(), status=exception.status)
        else:
            shown = {"refusal": exception, "back": _way_back(request)}
            answer = exception.page(request) or render(
                request, "accounts/refused.html", shown, status=exception.status
            )
        for name, value in exception.headers().items():
            answer[name] = value
        return answer


def _asks_to_sign_in(answer: HttpResponse, request: HttpRequest) -> bool:
    """Whether `login_required` would come back to this address, where only a press has an answer."""
    url, _mark, query = getattr(answer, "url", "").partition("?")
    return url == settings.LOGIN_URL and QueryDict(query).get("next") == request.get_full_path()


def is_away(error: Exception) -> bool:
    """Whether the connection is gone or cannot be made, and not that a statement was wrong."""
    said = str(error).lower()
    return isinstance(error, InterfaceError) or any(
        words in said
        for words in ("connect", "closed", "terminat", "server", "unable to open", "starting up")
    )


def away(request: HttpRequest) -> HttpResponse:
    """One clear sentence that asks nothing of what is away; who asked comes again."""
    said = _("This host's memory does not answer just now. Nothing you did is lost; try again in a moment.")
    if wants_json(request):
        answer: HttpResponse = JsonResponse(_body("database_away", said), status=503)
    else:
        answer = HttpResponse(loader.get_template("503.html").render(), status=503)
    answer["Retry-After"] = "5"
    return answer


def wants_json(request: HttpRequest) -> bool:
    """True for scripts: they name JSON first in `Accept`, or live under `/api/`."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or accept.split(",")[0].strip().startswith("application/json")


def redirect_with_next(url: str, request: HttpRequest) -> HttpResponseRedirect:
    """To `url`, remembering where the person was; a POST is not replayed, so the page before it is
    remembered.
    """
    query = QueryDict(mutable=True)
    query["next"] = request.get_full_path() if request.method == "GET" else _page_before(request)
    return HttpResponseRedirect(f"{url}?{query.urlencode(safe='/')}")


def _way_back(request: HttpRequest) -> str:
    """The page with the form or link that led here; "" where that is unknown or this very page."""
    before = _page_before(request)
    is_here = request.method == "GET" and before == request.get_full_path()
    return "" if before == "/" or is_here else before


def _page_before(request: HttpRequest) -> str:
    """The page that the form stood on, when it is one of ours; else the front page."""
    origin = f"{request.scheme}://{request.get_host()}"
    referer = request.headers.get("Referer", "")
    return referer.removeprefix(origin) if referer.startswith(origin + "/") else "/"


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error is `{"code", "message", "hint"}`; a bad field adds `fields`."""
    answer = _api_answer(exc, context)
    if answer is not None:
        _log(context["request"], str(answer.data["code"]), answer.status_code)
    return answer


def _api_answer(exc: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(exc, Refused):
        return Response(exc.as_json(), status=exc.status, headers=exc.headers())
    if isinstance(exc, OperationalError | InterfaceError) and is_away(exc):
        said = _(
            "This host's memory does not answer just now. Nothing you did is lost; try again in a moment."
        )
        return Response(_body("database_away", said), status=503, headers={"Retry-After": "5"})
    if isinstance(exc, Http404 | rest.NotFound):
        return Response(_body("not_found", _("There is nothing here for you.")), status=404)
    if isinstance(exc, PermissionDenied):
        return Response(_body("forbidden", _("You may not do this.")), status=403)
    if isinstance(exc, ModelInvalid):
        return Response(_body("invalid", " ".join(exc.messages)), status=400)
    if isinstance(exc, rest.ValidationError):
        body = _body("invalid", _("Something in the request is not as it should be."), _("See `fields`."))
        return Response({**body, "fields": exc.detail}, status=400)
    if isinstance(exc, rest.APIException):
        return _rest(exc, context)
    return None


def _log(request: Any, code: str, status: int) -> None:
    from accounts import events  # late: the models of this room are read after its refusals

    events.refused(request, code=code, status=status)


def _rest(exc: rest.APIException, context: dict[str, Any]) -> Response:
    headers: dict[str, str] = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    code = cast(str, exc.get_codes()) if isinstance(exc.get_codes(), str) else "refused"
    return Response(_body(code, str(exc.detail)), status=exc.status_code, headers=headers)


def _body(code: str, message: str, hint: str = "") -> dict[str, Any]:
    return {"code": code, "message": message, "hint": hint}
