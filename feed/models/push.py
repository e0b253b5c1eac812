"""Where a browser of somebody takes news while no page is open."""

from django.conf import settings
from django.db import models


class PushSubscription(models.Model):
    """One browser. `endpoint` is its push service's address for it; the keys encrypt to it alone."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push")
    endpoint = models.CharField(max_length=600, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField()
