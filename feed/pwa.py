"""What makes the site an app on a phone: its manifest, and a service worker that never keeps anybody's
picture.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

WORKER = Path(settings.BASE_DIR) / "static" / "js" / "worker.js"


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    body = {
        "name": "Understudy",
        "short_name": "Understudy",
        "description": _("Short clips made with AI, in which nobody appears without their own permission."),
        "id": "/",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#141019",
        "theme_color": "#141019",
        "icons": [
            {"src": static("icons/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("icons/icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {
                "src": static("icons/maskable-512.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker's scope is where it is served from, so it is served from the root."""
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the worker for when there is no line; the same for everybody."""
    return render(request, "feed/offline.html")
