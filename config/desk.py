"""The operator's desk: Django's admin, entered by our own ways in and by nothing else.

No password is asked anywhere. Whoever is not staff sees that nothing is there. Reading wants a proof of the
person within a working day, changing one within ten minutes.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import stepup
from accounts.refusals import redirect_with_next

WORKING_DAY = timedelta(hours=8)


class Desk(AdminSite):
    site_header = site_title = "Understudy"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            raise Http404
        return redirect("/login?next=/admin/")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(self._proved(view), cacheable)

    def _proved(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def look(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            within = WORKING_DAY if request.method == "GET" else stepup.FRESH_FOR
            if not stepup.is_fresh(request, timezone.now(), within):
                return redirect_with_next("/step-up", request)
            return view(request, *args, **kwargs)

        return look
