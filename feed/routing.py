from django.urls import path

from feed.consumers import Live

websocket_urlpatterns = [path("ws/live/", Live.as_asgi())]
