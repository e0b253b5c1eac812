"""Three shops with sixty invented products, and a few of them pinned to the demo's clips."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

from django.utils import timezone

from accounts.models import User
from accounts.refusals import Refused
from commerce import actions
from commerce.actions import Place
from commerce.catalog import imports, shopify
from commerce.models import Merchant, ProductTag
from feed.demo import programme
from feed.models import Post

HERE = Path(__file__).parent
SHOPS = (
    ("footlight", "Footlight Goods", "EUR"),
    ("wardrobe", "Wardrobe & Daughters", "EUR"),
    ("papermoon", "Paper Moon Press", "USD"),
)
PINNED = 6
CREATOR_BP, OWNER_BP = 1000, 500


def load(now: datetime | None = None) -> None:
    """Idempotent: people, products and tags that are there already stay as they are."""
    moment = now or timezone.now()
    merchants = [_merchant(slug, name, currency, moment) for slug, name, currency in SHOPS]
    if not ProductTag.objects.filter(agreement__merchant__in=merchants).exists():
        _pin(merchants, moment)


def _merchant(slug: str, name: str, currency: str, now: datetime) -> Merchant:
    email = f"{slug}@shops.invalid"
    taken = User.objects.filter(username=slug).exists()
    owner = User.objects.filter(email=email).first() or User.objects.create_user(
        username=f"{slug}_demo" if taken else slug,
        email=email,
        display_name=name,
        birth_date=date(1984, 2, 14),
    )
    merchant, _created = Merchant.objects.get_or_create(
        owner=owner, defaults={"name": name, "slug": slug, "created_at": now}
    )
    if not merchant.products.exists():
        stream = BytesIO((HERE / f"{slug}.csv").read_bytes())
        imports.apply(merchant=merchant, rows=shopify.read(stream, currency=currency), now=now)
    return merchant


def _pin(merchants: list[Merchant], now: datetime) -> None:
    """Pin products to the demo's own newest clips whose people permit it; nobody real agrees by this."""
    pinned = 0
    posts = Post.objects.filter(state=Post.State.LIVE, creator__email__endswith=programme.DOMAIN)
    for post in posts.select_related("clip__maker", "creator"):
        if pinned == PINNED:
            return
        pinned += _pinned(merchants[pinned % len(merchants)], post, pinned, now)


def _pinned(merchant: Merchant, post: Post, number: int, now: datetime) -> bool:
    product = merchant.products.order_by("pk")[number]
    end = post.clip.duration_ms
    try:
        tag = actions.propose_tag(
            merchant=merchant,
            product=product,
            post=post,
            place=Place(start_ms=end // 10, end_ms=end * 9 // 10, x=0.68, y=0.62),
            creator_rate_bp=CREATOR_BP,
            owner_rate_bp=OWNER_BP,
            now=now,
        )
        actions.agree(agreement=tag.agreement, creator=post.creator, now=now)
    except Refused:
        return False
    return True
