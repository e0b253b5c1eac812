"""Our promise to the buyer, its rows, and what the payment was divided into."""

import uuid

from django.conf import settings
from django.db import models


class Order(models.Model):
    """OPEN -> PAID -> REFUNDED (once all of it went back), or OPEN -> EXPIRED. An order under an offer begins
    PLEDGED and is OPEN once it is charged.

    A paid order is sent (`sent_at`), arrives (`arrived_at`), and its shares can be paid out from
    `available_at` on. A dispute freezes it. A licence, a tip or credits come without a merchant.
    """

    class Kind(models.TextChoices):
        GOODS = "goods"
        TIP = "tip"
        LICENCE = "licence"
        CREDITS = "credits"
        MEMBER = "member"
        EPISODE = "episode"
        BROLL = "broll"

    class State(models.TextChoices):
        PLEDGED = "pledged"
        OPEN = "open"
        PAID = "paid"
        EXPIRED = "expired"
        REFUNDED = "refunded"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="orders"
    )
    email = models.EmailField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.GOODS)
    merchant = models.ForeignKey(
        "commerce.Merchant", null=True, on_delete=models.PROTECT, related_name="orders"
    )
    channel = models.CharField(max_length=8, default="web")  # "web" | "acp" | "ucp"
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    currency = models.CharField(max_length=3)
    total = models.PositiveBigIntegerField()
    refunded = models.PositiveBigIntegerField(default=0)  # sent back by refunds
    refund_due = models.PositiveBigIntegerField(default=0)  # owed back, not sent yet
    lost = models.PositiveBigIntegerField(default=0)  # taken back by disputes
    is_frozen = models.BooleanField(default=False)  # a dispute is open: nothing is paid out
    tax_included = models.PositiveBigIntegerField(default=0)  # for people to read; part of the total
    coupon = models.ForeignKey("commerce.Coupon", null=True, on_delete=models.SET_NULL, related_name="+")
    address = models.JSONField(default=dict)  # where the parcel goes, in the words of ACP's Address
    sent_at = models.DateTimeField(null=True)
    carrier = models.CharField(max_length=60, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    arrived_at = models.DateTimeField(null=True)
    return_asked_at = models.DateTimeField(null=True)
    return_words = models.CharField(max_length=500, blank=True)
    available_at = models.DateTimeField(null=True)  # when its shares left `pending`
    # A random secret in the buyer's address and cookie: a guest reads an order by it.
    visitor = models.CharField(max_length=43, db_index=True)
    language = models.CharField(max_length=10, blank=True)  # in which a guest was spoken to
    promise = models.JSONField(default=dict)  # the specification that was frozen, its hash and its date
    pays_in_page = models.BooleanField(default=False)  # the page that is open stands inside our own
    checkout_session_id = models.CharField(max_length=120, blank=True, db_index=True)
    payment_intent_id = models.CharField(max_length=120, blank=True, db_index=True)
    charge_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # the payment page's own end; the stock hold ends earlier
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(refunded__lte=models.F("total")), name="order_refund_kept"
            )
        ]


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=8, default="goods")  # "goods" | "shipping" | "tax" | an Order.Kind
    variant = models.ForeignKey("commerce.Variant", null=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80, blank=True)  # what a line without a variant is about
    title = models.CharField(max_length=255)
    quantity = models.PositiveIntegerField()
    unit_price = models.PositiveBigIntegerField()
    discount = models.PositiveBigIntegerField(default=0)
    tag = models.ForeignKey("commerce.ProductTag", null=True, on_delete=models.PROTECT, related_name="lines")
    attribution_rule = models.CharField(max_length=20)  # "sheet" | "tapped" | "nobody"
    rates = models.JSONField(default=dict)  # snapshot of the agreement


class Split(models.Model):
    """One posting of the division of a line, for people to read; the books hold the same sums.

    Rows are only added: a refund adds negative ones.
    """

    class Role(models.TextChoices):
        MERCHANT = "merchant"
        CREATOR = "creator"
        PARENT = "parent"
        OWNER = "owner"
        PLATFORM = "platform"
        TAX = "tax"

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="splits")
    role = models.CharField(max_length=10, choices=Role.choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="splits"
    )
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    is_refund = models.BooleanField(default=False)
    at = models.DateTimeField()


class StockHold(models.Model):
    variant = models.ForeignKey("commerce.Variant", on_delete=models.CASCADE, related_name="holds")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="holds")
    quantity = models.PositiveIntegerField()
    expires_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)


class OrderLetter(models.Model):
    """A mail to the buyer of an order: written with the change, sent by the beat until it is taken."""

    class Kind(models.TextChoices):
        PAID = "paid"
        SENT = "sent"
        BACK = "back"  # money went back

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    due_at = models.DateTimeField(db_index=True, null=True)  # null: sent, or given up
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()


class ProviderEvent(models.Model):
    """A verified webhook, kept once under the provider's own id."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    body = models.JSONField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")]


class Dispute(models.Model):
    """A buyer's bank takes a payment back: OPEN -> WON or LOST."""

    class State(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes")
    dispute_id = models.CharField(max_length=120, unique=True)
    amount = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
