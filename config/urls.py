"""Every address of the product, app by app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("cameos.urls")),
    path("", include("generation.urls")),
    path("", include("feed.urls")),
    path("", include("commerce.urls")),
]
