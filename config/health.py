"""Is this process alive, and can it serve? For a supervisor, a proxy, or the run command."""

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.metrics import queue_age_s
from model import text


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when what a page cannot do without is there; `degraded` names what it can do without."""
    parts = {"database": _database(), "cache": _cache(), "vectors": text.is_up(settings.VECTORS_ADDRESS)}
    needed = parts["database"]
    degraded = [name for name, up in parts.items() if not up and name != "database"]
    told = {"ready": needed, "degraded": degraded}
    if needed:
        told["queue_age_s"] = round(queue_age_s(timezone.now()), 1)
    return JsonResponse(told, status=200 if needed else 503)


def _database() -> bool:
    """Reachable, and migrated to what this code expects."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _cache() -> bool:
    try:
        cache.set("readyz", 1, timeout=5)
    except Exception:  # noqa: BLE001  each cache backend has errors of its own, and all mean the same here
        return False
    return True
