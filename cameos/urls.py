from django.urls import URLPattern, URLResolver, include, path

app_name = "cameos"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("cameos.capture_urls")),
    path("", include("cameos.intake.urls")),
]
