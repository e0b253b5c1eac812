"""Pages that the operator wrote, for everybody."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import house


@require_safe
def page(request: HttpRequest, kind: str) -> HttpResponse:
    """The version that stands; `?version=` an older one."""
    asked = request.GET.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    row = house.page(kind, number)
    if row is None:
        raise Http404
    language, blocks = house.blocks(row)
    versions = house.versions(kind)
    shown = {
        "row": row,
        "blocks": blocks,
        "written_in": language,
        "versions": versions,
        "is_newest": row.pk == versions[0].pk,
    }
    return render(request, "accounts/house.html", shown)
