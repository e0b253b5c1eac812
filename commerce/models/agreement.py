"""A merchant and a creator agree on rates; a product is pinned to a moment of a post."""

import uuid

from django.conf import settings
from django.db import models


class Agreement(models.Model):
    """PROPOSED -> AGREED, DECLINED by the creator, or WITHDRAWN by the shop. Terms are frozen and hashed when
    the creator agrees; afterwards either side can take its tags off the clip."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        AGREED = "agreed"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey("commerce.Merchant", on_delete=models.PROTECT, related_name="agreements")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agreements")
    creator_rate_bp = models.PositiveIntegerField()  # basis points of the line's net price
    owner_rate_bp = models.PositiveIntegerField()  # shared by the people depicted
    plan = models.ForeignKey(
        "commerce.AffiliatePlan", null=True, on_delete=models.PROTECT, related_name="agreements"
    )
    # [[person, basis points]]: what the price cards of those in the clip asked for when it was agreed.
    owner_shares = models.JSONField(default=list)
    until = models.DateTimeField(null=True)  # no new orders under these terms from then on
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    terms_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(creator_rate_bp__lte=10_000 - models.F("owner_rate_bp")),
                name="agreement_rates_at_most_all",
            )
        ]

    @property
    def is_over(self) -> bool:
        """Whether every product of it was taken off the clip. Free where `tags` were fetched along."""
        return all(tag.removed_at is not None for tag in self.tags.all())


class ProductTag(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey("feed.Post", on_delete=models.PROTECT, related_name="product_tags")
    product = models.ForeignKey("commerce.Product", on_delete=models.PROTECT, related_name="tags")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="tags")
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    x = models.FloatField()
    y = models.FloatField()
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(start_ms__lt=models.F("end_ms")), name="tag_has_a_moment"
            ),
            models.CheckConstraint(
                condition=models.Q(x__gte=0, x__lte=1, y__gte=0, y__lte=1), name="tag_is_in_the_picture"
            ),
        ]


class TagTouch(models.Model):
    """A tapped tag: first-party, kept as long as the attribution window."""

    tag = models.ForeignKey(ProductTag, on_delete=models.CASCADE, related_name="touches")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    visitor = models.CharField(max_length=43)
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    led_out = models.BooleanField(default=False)  # to the merchant's own site, with this touch in the address
    at = models.DateTimeField()
