"""The sockets of this room."""

from django.urls import path

from generation.consumers import Progress

websocket_urlpatterns = [path("ws/generations/<uuid:public_id>/", Progress.as_asgi())]
