"""The small world that every role looks at: one likeness, one draft, one published clip, one product tag.

Alice owns the likeness and wants to see each use first. Bob made two clips with her: a draft that waits for
her word, and a published one. Shop pinned a product to the published one.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Block, CircleMember, Follow, Invite, Notification, User
from cameos.models import Cameo, GrantedPerson, LikenessGrant, LikenessUse
from commerce.models import Agreement, Merchant, Order, Product, ProductTag, Variant
from feed.models import Comment, Post
from generation.models import Clip, Generation, GenerationCast, Rendition
from generation.states import State, Verb
from tests.conftest import person


@dataclass
class World:
    now: datetime
    people: dict[str, User | None]
    invite: Invite
    notification: Notification
    cameo: Cameo
    grant: LikenessGrant
    generation: Generation
    clip: Clip
    draft: Clip
    draft_generation: Generation
    use: LikenessUse
    draft_use: LikenessUse
    post: Post
    comment: Comment
    merchant: Merchant
    product: Product
    variant: Variant
    agreement: Agreement
    tag: ProductTag
    order: Order
    # Session keys of the roles that signed in.
    sessions: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, role: str) -> Any:
        """`world.maker`, `world.depicted` … are people."""
        try:
            return self.__dict__["people"][role]
        except KeyError:
            raise AttributeError(role) from None


def build(now: datetime) -> World:
    alice, bob = person("alice"), person("bob")
    people: dict[str, User | None] = {
        "anonymous": None,
        "stranger": person("carol"),
        "follower": person("fiona"),
        "named": person("nadia"),
        "blocked": person("mallory"),
        "teen": person("timmy", birth_date=(now - timedelta(days=15 * 365 + 10)).date()),
        "maker": bob,
        "depicted": alice,
        "merchant": person("shop"),
        "moderator": person("mod", is_moderator=True),
        "operator": person("operator", is_staff=True, is_superuser=True),
    }
    for followee in (alice, bob):
        Follow.objects.create(follower=people["follower"], followee=followee, created_at=now)
        Block.objects.create(blocker=followee, blocked=people["blocked"], created_at=now)
    CircleMember.objects.create(owner=alice, member=bob, created_at=now)

    cameo = Cameo.objects.create(
        owner=alice,
        name="Alice",
        state=Cameo.State.VERIFIED,
        assurance="basic",
        verified_at=now,
        created_at=now,
    )
    grant = LikenessGrant.objects.create(
        cameo=cameo,
        version=1,
        audience="named",
        purposes=["generate", "remix"],
        commercial=True,
        created_at=now,
        effective_at=now,
    )
    for granted in (people["named"], bob):
        GrantedPerson.objects.create(grant=grant, person=granted)

    clip, generation = _clip_with(cameo, bob, now)
    draft, draft_generation = _clip_with(cameo, bob, now)
    use = _use(clip, grant, LikenessUse.State.LIVE, LikenessUse.Approval.APPROVED, now)
    draft_use = _use(draft, grant, LikenessUse.State.PROVISIONAL, LikenessUse.Approval.WAITING, now)
    post = Post.objects.create(clip=clip, creator=bob, caption="Alice surfs", published_at=now)
    comment = Comment.objects.create(post=post, author=people["follower"], text="Lovely", created_at=now)

    merchant = Merchant.objects.create(owner=people["merchant"], name="Shop", slug="shop", created_at=now)
    product = Product.objects.create(merchant=merchant, handle="hat", title="Hat", updated_at=now)
    variant = Variant.objects.create(product=product, sku="HAT-1", price=1999, currency="EUR", stock=5)
    agreement = Agreement.objects.create(
        merchant=merchant,
        creator=bob,
        creator_rate_bp=1000,
        owner_rate_bp=500,
        state=Agreement.State.AGREED,
        created_at=now,
        decided_at=now,
    )
    tag = ProductTag.objects.create(
        post=post, product=product, agreement=agreement, start_ms=0, end_ms=5000, x=0.5, y=0.5, created_at=now
    )
    order = Order.objects.create(
        buyer=people["stranger"],
        merchant=merchant,
        currency="EUR",
        total=1999,
        visitor="",
        created_at=now,
        expires_at=now + timedelta(minutes=31),
    )
    invite = Invite.objects.create(
        code="MATRIX-1", inviter=bob, uses_left=5, expires_at=now + timedelta(days=365 * 20), created_at=now
    )
    notification = Notification.objects.create(
        recipient=alice, kind="matrix", data={}, url="/", created_at=now
    )
    return World(
        now=now,
        people=people,
        invite=invite,
        notification=notification,
        cameo=cameo,
        grant=grant,
        generation=generation,
        clip=clip,
        draft=draft,
        draft_generation=draft_generation,
        use=use,
        draft_use=draft_use,
        post=post,
        comment=comment,
        merchant=merchant,
        product=product,
        variant=variant,
        agreement=agreement,
        tag=tag,
        order=order,
    )


def _clip_with(cameo: Cameo, maker: User, now: datetime) -> tuple[Clip, Generation]:
    clip = Clip.objects.create(
        maker=maker,
        prompt="a person surfs",
        seed=1,
        engine="native",
        cast_count=1,
        duration_ms=5000,
        width=720,
        height=1280,
        sealed_at=now,
    )
    for kind in Rendition.Kind.values:
        Rendition.objects.create(
            clip=clip, kind=kind, path=f"{uuid.uuid4()}", sha256="0" * 64, bytes=1, width=720, height=1280
        )
    generation = Generation.objects.create(
        maker=maker,
        verb=Verb.TEXT,
        prompt=clip.prompt,
        seed=1,
        clip=clip,
        state=State.READY,
        state_since=now,
        credits=1,
        created_at=now,
    )
    GenerationCast.objects.create(generation=generation, cameo=cameo, position=0)
    return clip, generation


def _use(clip: Clip, grant: LikenessGrant, state: str, approval: str, now: datetime) -> LikenessUse:
    return LikenessUse.objects.create(
        clip=clip, cameo=grant.cameo, grant=grant, state=state, approval=approval, created_at=now
    )
