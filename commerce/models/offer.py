"""What is sold before it is made, and who takes part. The arrows are drawn in `commerce.offers.states`."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Offer(models.Model):
    """How one product is sold when it does not lie on a shelf. A product has one running offer at most."""

    class Kind(models.TextChoices):
        MADE_TO_ORDER = "made_to_order"
        PREORDER = "preorder"
        GROUP_BUY = "group_buy"
        CONCEPT = "concept"

    class State(models.TextChoices):
        DRAFT = "draft"
        REVIEW = "review"
        OPEN = "open"
        FAILED = "failed"
        FUNDED = "funded"
        CHARGING = "charging"
        SAMPLING = "sampling"
        SAMPLE_SHOWN = "sample_shown"
        PRODUCING = "producing"
        SHIPPING = "shipping"
        DONE = "done"
        REFUNDING = "refunding"
        REFUNDED = "refunded"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    product = models.ForeignKey("commerce.Product", on_delete=models.PROTECT, related_name="sold_as")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    # The clip whose picture a concept shows: who is in it decides whether it may be sold.
    clip = models.ForeignKey("generation.Clip", null=True, on_delete=models.PROTECT, related_name="+")
    spec = models.JSONField(default=dict)  # size, material, tolerance, maker
    spec_sha256 = models.CharField(max_length=64, blank=True)  # frozen when it opens
    ships_by = models.DateField(null=True)
    weekly_capacity = models.PositiveIntegerField(default=0)  # made to order: pieces a week
    lead_days = models.PositiveIntegerField(default=0)  # made to order: days until a piece is sent
    deposit_bp = models.PositiveIntegerField(default=0)  # preorder: part of the goods that is paid at once
    threshold = models.PositiveIntegerField(default=0)  # group buy and concept: pieces
    deadline = models.DateTimeField(null=True)  # until when they must have come together
    due_at = models.DateTimeField(null=True, db_index=True)  # when the present state runs out
    sample_path = models.CharField(max_length=160, blank=True)
    sample_words = models.CharField(max_length=500, blank=True)
    note = models.CharField(max_length=500, blank=True)  # a moderator's, or why it ended
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=~Q(state__in=["failed", "done", "refunded"]),
                name="product_one_running_offer",
            ),
            models.CheckConstraint(
                condition=Q(deposit_bp__gte=0, deposit_bp__lt=10_000), name="offer_deposit_is_a_part"
            ),
        ]


class OfferStep(models.Model):
    """When an offer came into which state; rows are only added."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=12, choices=Offer.State.choices)
    at = models.DateTimeField()


class Pledge(models.Model):
    """Somebody's part in an offer. WAITING until their card is left or their deposit paid -> SAVED (counts)
    -> PAID, or FAILED (the card was declined; can still be paid) -> PAID; LEFT or LAPSED end it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SAVED = "saved"
        PAID = "paid"
        FAILED = "failed"
        LEFT = "left"
        LAPSED = "lapsed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="pledges")
    order = models.OneToOneField("commerce.Order", on_delete=models.PROTECT, related_name="pledge")
    deposit = models.OneToOneField(
        "commerce.Order", null=True, on_delete=models.PROTECT, related_name="deposit_of"
    )
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    setup_session_id = models.CharField(max_length=120, blank=True, db_index=True)
    customer_id = models.CharField(max_length=120, blank=True)
    payment_method_id = models.CharField(max_length=120, blank=True)
    tries = models.PositiveIntegerField(default=0)  # charges of the saved card
    reminders = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    week = models.DateField(null=True)  # made to order: the Monday whose capacity it takes
    ships_by = models.DateField(null=True)  # what this person was promised, or agreed to since
    asked_at = models.DateTimeField(null=True)  # a date was missed: whether they wait for `asked_date`
    asked_date = models.DateField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # until when the card must be left

    class Meta:
        indexes = [models.Index(fields=["offer", "state"], name="pledge_counted")]


class Plan(models.Model):
    """What can be had by the month or the year: of a creator, or of the host (no creator)."""

    class Every(models.TextChoices):
        MONTH = "month"
        YEAR = "year"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="plans"
    )
    title = models.CharField(max_length=60)
    words = models.CharField(max_length=280, blank=True)
    price = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    every = models.CharField(max_length=5, choices=Every.choices, default=Every.MONTH)
    credits = models.PositiveIntegerField(default=0)  # each paid period, into the generation ledger
    closed_at = models.DateTimeField(null=True)  # nobody new; who has it keeps it
    created_at = models.DateTimeField()


class Membership(models.Model):
    """WAITING until the first bill is paid -> ACTIVE <-> OWING (the provider asks thrice) -> ENDED."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ACTIVE = "active"
        OWING = "owing"
        ENDED = "ended"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="memberships")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    checkout_session_id = models.CharField(max_length=120, blank=True, db_index=True)
    subscription_id = models.CharField(max_length=120, blank=True, db_index=True)
    period_end = models.DateTimeField(null=True)
    ends_with_period = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False)  # not named among the supporters
    extra_credits = models.PositiveIntegerField(default=0)  # of a larger plan, once its bill is paid
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "member"],
                condition=~Q(state__in=["ended", "waiting"]),
                name="membership_once_a_plan",
            )
        ]


class RedPacket(models.Model):
    """Fixed sums that a shop gives away, first come first served: a personal code each."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey("commerce.Merchant", on_delete=models.CASCADE, related_name="red_packets")
    title = models.CharField(max_length=60)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    least = models.PositiveBigIntegerField(default=0)
    left = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    until = models.DateTimeField()
    created_at = models.DateTimeField()


class RedPacketTaken(models.Model):
    packet = models.ForeignKey(RedPacket, on_delete=models.CASCADE, related_name="taken")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    coupon = models.OneToOneField("commerce.Coupon", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["packet", "person"], name="red_packet_once_a_person")]


class FlashPrice(models.Model):
    """A lower price for a while. `reference` is the lowest price of the 30 days before: a true one."""

    variant = models.ForeignKey("commerce.Variant", on_delete=models.CASCADE, related_name="flash_prices")
    price = models.PositiveBigIntegerField()
    reference = models.PositiveBigIntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    before = models.PositiveBigIntegerField(null=True)  # the price that comes back; set once it began
    is_over = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__lt=models.F("reference")), name="flash_is_lower"),
            models.CheckConstraint(condition=Q(begins_at__lt=models.F("ends_at")), name="flash_has_length"),
        ]


class PriceSeen(models.Model):
    """What a variant cost from when on: what a true reference price is worked out of. Rows are only added."""

    variant = models.ForeignKey("commerce.Variant", on_delete=models.CASCADE, related_name="prices_seen")
    price = models.PositiveBigIntegerField()
    since = models.DateTimeField()


class AffiliatePlan(models.Model):
    """What a shop offers every creator who pins its products: no asking, the rates of the day of pinning."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(
        "commerce.Merchant", on_delete=models.CASCADE, related_name="affiliate_plans"
    )
    title = models.CharField(max_length=60)
    creator_rate_bp = models.PositiveIntegerField()
    owner_rate_bp = models.PositiveIntegerField()
    days = models.PositiveIntegerField(default=0)  # how long an agreement under it lasts; 0: until ended
    products = models.ManyToManyField("commerce.Product", related_name="affiliate_plans")
    closed_at = models.DateTimeField(null=True)  # nobody new; agreements made under it stay
    created_at = models.DateTimeField()
