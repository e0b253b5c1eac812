"""What an agent has in hand for somebody: a cart or a checkout session, in our own words."""

import uuid

from django.conf import settings
from django.db import models


class AgentSession(models.Model):
    """OPEN -> PAYING -> COMPLETED, or OPEN -> CANCELED, EXPIRED. A cart is a session that is never paid."""

    class State(models.TextChoices):
        OPEN = "open"
        PAYING = "paying"
        COMPLETED = "completed"
        CANCELED = "canceled"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    protocol = models.CharField(max_length=3)  # "acp" | "ucp"
    is_cart = models.BooleanField(default=False)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    items = models.JSONField(default=list)  # [{"item", "quantity"}]
    buyer = models.JSONField(default=dict)
    contact = models.JSONField(default=dict)  # name, phone and e-mail for the parcel
    address = models.JSONField(default=dict)
    option = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=24, blank=True)
    notes = models.CharField(max_length=5000, blank=True)
    locale = models.CharField(max_length=20, blank=True)
    profile = models.CharField(max_length=300, blank=True)  # UCP: the address by which the agent names itself
    trouble = models.JSONField(default=list)  # messages of the last try to pay
    order = models.OneToOneField(
        "commerce.Order", null=True, on_delete=models.PROTECT, related_name="agent_session"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class OrderWebhook(models.Model):
    """News of an order for its agent: written with the change, sent by the beat until taken."""

    order = models.ForeignKey("commerce.Order", on_delete=models.CASCADE, related_name="agent_news")
    kind = models.CharField(max_length=20)  # "order_create" | "order_update"
    due_at = models.DateTimeField(db_index=True, null=True)  # null: taken, or given up
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()


class AgentProfile(models.Model):
    """The one UCP profile that a token speaks for: the first that it was used with."""

    token = models.OneToOneField("accounts.PersonalAccessToken", on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField()


class AgentFeed(models.Model):
    """A merchant's catalogue as a resource of ACP's feed API: products are upserted into the shop."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey("commerce.Merchant", on_delete=models.CASCADE, related_name="agent_feeds")
    country = models.CharField(max_length=2, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
