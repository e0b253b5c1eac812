"""Who sells, and what. Money is integer minor units with its currency beside it."""

import uuid

from django.conf import settings
from django.db import models


class Merchant(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merchant")
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    tax_bp = models.PositiveIntegerField(default=0)  # basis points; what it means says TAX_MODE
    site = models.CharField(max_length=300, blank=True)  # where its products are, with {handle} in it
    links_out = models.BooleanField(default=False)  # sells at its own site; we lead there and keep the tap
    created_at = models.DateTimeField()

    @property
    def is_open(self) -> bool:
        """Whether its owner's account is: one that was closed or suspended sells nothing."""
        return bool(self.owner.is_active)


class ShippingRate(models.Model):
    """One way in which a shop sends parcels, for orders in one currency."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="shipping_rates")
    title = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    fee = models.PositiveBigIntegerField()
    free_from = models.PositiveBigIntegerField(null=True)  # goods worth this much travel free
    days_low = models.PositiveIntegerField(default=2)
    days_high = models.PositiveIntegerField(default=5)


class Coupon(models.Model):
    """A code that makes an order cheaper: by a part of its goods, or by a fixed sum."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="coupons")
    code = models.CharField(max_length=24)  # upper case
    percent_bp = models.PositiveIntegerField(default=0)
    amount = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    least = models.PositiveBigIntegerField(default=0)  # goods worth less do not qualify
    uses_left = models.PositiveIntegerField(null=True)
    until = models.DateTimeField(null=True)
    # A creator's own code: an order with it that no clip earned is theirs, by the rates written here.
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    creator_rate_bp = models.PositiveIntegerField(default=0)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], name="coupon_code_once"),
            models.CheckConstraint(condition=models.Q(percent_bp__lte=10_000), name="coupon_at_most_all"),
        ]


class Product(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="products")
    handle = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    picture_url = models.CharField(max_length=2000, blank=True)  # where the merchant's file says it is
    picture_path = models.CharField(max_length=160, blank=True)  # our copy of it
    # Which address `picture_path` came from, and why another one could not be fetched (a refusal's code).
    picture_source = models.CharField(max_length=2000, blank=True)
    picture_error = models.CharField(max_length=40, blank=True)
    page_url = models.CharField(max_length=2000, blank=True)  # the product's page at the merchant's own site
    digital_path = models.CharField(max_length=160, blank=True)  # what a buyer of digital goods downloads
    digital_name = models.CharField(max_length=120, blank=True)
    is_live = models.BooleanField(default=True)
    needs_shipping = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "handle"], name="product_handle_once")]
        indexes = [
            models.Index(fields=["merchant", "title", "id"], name="product_shelf"),
            models.Index(
                fields=["id"],
                condition=~models.Q(picture_url=models.F("picture_source")),
                name="picture_to_fetch",
            ),
        ]

    @property
    def is_sold(self) -> bool:
        """For sale, by somebody whose account is open: nobody sends what a closed shop sold."""
        return self.is_live and self.merchant.is_open


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
    """A product file that a merchant brought: shown as a dry run first, then applied for good.

    READING -> DRY -> WRITING -> APPLIED; a file that is none of ours, or breaks off, ends FAILED.
    """

    class State(models.TextChoices):
        READING = "reading"
        DRY = "dry"
        WRITING = "writing"
        APPLIED = "applied"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="imports")
    path = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, default="shopify")  # a name of `catalog.formats`
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRY)
    plan = models.JSONField(default=dict)  # what the page shows: totals, differences, refused rows
    error = models.CharField(max_length=20, blank=True)  # a code of FileRefused
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)


class CatalogSource(models.Model):
    """An address that a merchant's products are fetched from again and again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="sources")
    url = models.CharField(max_length=2000)
    currency = models.CharField(max_length=3)
    every_hours = models.PositiveIntegerField()
    due_at = models.DateTimeField(db_index=True)
    fetched_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=40, blank=True)  # the refusal's code of the last try
    written = models.PositiveIntegerField(default=0)  # products that the last try changed
    refused = models.PositiveIntegerField(default=0)  # rows that it refused
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(every_hours__gte=1, every_hours__lte=720), name="source_runs_now_and_then"
            )
        ]
