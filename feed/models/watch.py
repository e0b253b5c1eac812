"""How long somebody watched; kept 90 days."""

from django.conf import settings
from django.db import models


class Watch(models.Model):
    """One impression. `visit` is the player's random id of it, so that a repeated beacon changes nothing."""

    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="watches")
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="watches"
    )
    visit = models.UUIDField(unique=True)
    watch_ms = models.PositiveIntegerField()
    loops = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(db_index=True)
