"""What a paid order of a clip begins and what ends it: an episode opens, a licence for B-roll is given.
A clip that goes soon after is paid back."""

from __future__ import annotations

from datetime import datetime

from cameos.models import LikenessUse
from commerce.models import Order, PostPrice
from commerce.queries import RETURN_WINDOW
from feed import broll, entitlements
from feed.models import Post

KINDS = {PostPrice.Use.SEE: Order.Kind.EPISODE, PostPrice.Use.BROLL: Order.Kind.BROLL}


def paid(order: Order, now: datetime) -> None:
    """What was bought begins, in the transaction that took the payment. What cannot begin (gone meanwhile, or
    bought twice) is owed back."""
    assert order.buyer is not None
    for post in _posts(order):
        reference = f"order:{order.public_id}"
        has = entitlements.has if order.kind == Order.Kind.EPISODE else broll.holds
        if has(post, order.buyer) or _is_gone(post):
            owe_all(order)
        elif order.kind == Order.Kind.EPISODE:
            entitlements.grant(post=post, person=order.buyer, reference=reference, now=now)
        else:
            broll.grant(post=post, holder=order.buyer, reference=reference, now=now)


def refunded(order: Order, now: datetime) -> None:
    """It ends with the last cent that went back; part of the price back leaves it as it is."""
    if order.state == Order.State.REFUNDED:
        reference = f"order:{order.public_id}"
        entitlements.end(reference=reference, now=now)
        broll.end(reference=reference, now=now)


def owe_for_gone(now: datetime) -> int:
    """Whoever paid for a clip that went within the return window gets all of it back; how many orders. Run
    by the beat: `send_back` sends it, before any share of it could be paid out."""
    rows = Order.objects.filter(
        kind__in=KINDS.values(), state=Order.State.PAID, refund_due=0, paid_at__gt=now - RETURN_WINDOW
    )
    count = 0
    for order in rows.prefetch_related("lines").order_by("pk")[:500]:
        if any(_is_gone(post) for post in _posts(order)):
            count += owe_all(order)
    return count


def owe_all(order: Order) -> int:
    left = max(0, order.total - order.refunded - order.lost)
    return Order.objects.filter(pk=order.pk, refund_due=0).update(refund_due=left) if left else 0


def _posts(order: Order) -> list[Post]:
    references = [line.reference for line in order.lines.all() if line.kind == order.kind]
    return list(Post.objects.filter(public_id__in=references).select_related("clip", "creator"))


def _is_gone(post: Post) -> bool:
    """For good: off stage by its creator, or withdrawn by somebody in it. What is hidden may come back."""
    ended = LikenessUse.objects.filter(clip=post.clip_id, state=LikenessUse.State.ENDED).exists()
    return post.state in {Post.State.WITHDRAWN, Post.State.DELETED} or post.clip.is_gone or ended
