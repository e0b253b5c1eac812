"""Who sells, and what. Money is integer minor units with its currency beside it."""

import uuid

from django.conf import settings
from django.db import models


class Merchant(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merchant")
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    created_at = models.DateTimeField()


class Product(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="products")
    handle = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    picture_url = models.CharField(max_length=2000, blank=True)  # where the merchant's file says it is
    picture_path = models.CharField(max_length=160, blank=True)  # our copy of it
    is_live = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "handle"], name="product_handle_once")]


class Variant(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=120)
    title = models.CharField(max_length=255, blank=True)
    price = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    stock = models.PositiveIntegerField(null=True)  # null: not counted

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "sku"], name="variant_sku_once")]


class CatalogImport(models.Model):
    """A product file that a merchant brought: shown as a dry run first, then applied for good."""

    class State(models.TextChoices):
        DRY = "dry"
        APPLIED = "applied"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="imports")
    path = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRY)
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
