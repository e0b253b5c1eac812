"""Every address of the product, app by app."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from config import first_run, health, metrics, operating

urlpatterns = [
    path("", include("feed.urls")),  # first: a page of the feed is asked for most
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("first-run", first_run.page, name="first-run"),
    path("operate", operating.page, name="operate"),
    path("api/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("", include("accounts.urls")),
    path("", include("cameos.urls")),
    path("", include("generation.urls")),
    path("", include("commerce.urls")),
]
