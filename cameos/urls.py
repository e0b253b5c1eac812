from django.urls import URLPattern, URLResolver

app_name = "cameos"

urlpatterns: list[URLPattern | URLResolver] = []
