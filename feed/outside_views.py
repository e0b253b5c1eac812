"""Addresses for other sites and programs (`outside.py` says what they may know)."""

from __future__ import annotations

from uuid import UUID

from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from feed import access, outside
from feed.models import Hashtag


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """`?url=…&maxwidth=…&maxheight=…&format=json`; XML is not offered (501, as the standard says)."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse(status=501)
    width, height = (_number(request.GET.get(name, "")) for name in ("maxwidth", "maxheight"))
    told = outside.oembed(request.GET.get("url", ""), timezone.now(), width, height)
    if told is None:
        raise Http404
    answer = JsonResponse(told)
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 6 and int(given) else None


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]  # its hints forget a view's own arguments
def embed(request: HttpRequest, post: UUID) -> HttpResponse:
    """One clip to stand in a frame of another site; the same for everybody, whoever is signed in."""
    card = outside.public_card(post, timezone.now())
    answer = render(request, "feed/embed.html", {"card": card, "address": outside.absolute(card.url)})
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
@cache_control(max_age=300)
def sitemap_index(request: HttpRequest) -> HttpResponse:
    return HttpResponse(outside.sitemap_index(timezone.now()), content_type="application/xml")


@require_safe
def sitemap(request: HttpRequest, page: int) -> HttpResponse:
    if page > 100_000:
        raise Http404
    return HttpResponse(outside.sitemap(page, timezone.now()), content_type="application/xml")


@require_safe
@cache_control(max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(outside.robots(), content_type="text/plain; charset=utf-8")


@require_safe
def latest_atom(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return _atom(outside.atom(_("Latest clips"), "/latest", outside.listed(now), now))


@require_safe
def person_atom(request: HttpRequest, handle: str) -> HttpResponse:
    """For everybody the same; somebody under 18 has none that lists anything."""
    now, person = timezone.now(), access.person_for(AnonymousUser(), handle)
    return _atom(outside.atom(person.name, f"/u/{person.username}", outside.of_person(person, now), now))


@require_safe
def tag_atom(request: HttpRequest, name: str) -> HttpResponse:
    now, tag = timezone.now(), get_object_or_404(Hashtag, name=name.lower())
    return _atom(outside.atom(f"#{tag.name}", f"/t/{tag.name}", outside.of_tag(tag, now), now))


def _atom(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
