"""The sockets of this room."""

from django.urls import path

from generation.consumers import Progress
from generation.consumers_play import Play

websocket_urlpatterns = [
    path("ws/generations/<uuid:public_id>/", Progress.as_asgi()),
    path("ws/play/<uuid:public_id>/", Play.as_asgi()),
]
