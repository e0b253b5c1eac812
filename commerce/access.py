"""The only way from (viewer, id) to a row of the shop. Absent and hidden give the same 404."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import social
from accounts.access import is_moderator, is_operator
from accounts.models import User
from accounts.social import Viewer
from cameos.models import Licence
from commerce.models import (
    AffiliatePlan,
    AgentSession,
    Agreement,
    CatalogImport,
    CatalogSource,
    Membership,
    Merchant,
    Offer,
    Order,
    OrderLine,
    Plan,
    Pledge,
    Product,
    ProductTag,
    RedPacket,
    Variant,
)
from feed.models import Post


def merchant_of(viewer: Viewer) -> Merchant:
    """The viewer's own shop."""
    return get_object_or_404(Merchant, owner_id=viewer.pk)


def shop_for(viewer: Viewer, slug: str) -> Merchant:
    """Anybody's shop; a blocked person's, a closed account's and an absent one are the same."""
    found = get_object_or_404(Merchant.objects.select_related("owner"), slug=slug, owner__is_active=True)
    if viewer.pk is not None and social.is_blocked_between(found.owner, viewer):
        raise Http404
    return found


def import_for(viewer: Viewer, public_id: UUID) -> CatalogImport:
    imports = CatalogImport.objects.select_related("merchant")
    return get_object_or_404(imports, merchant__owner_id=viewer.pk, public_id=public_id)


def source_for(viewer: Viewer, public_id: UUID) -> CatalogSource:
    return get_object_or_404(CatalogSource, merchant__owner_id=viewer.pk, public_id=public_id)


def own_variant(viewer: Viewer, pk: int) -> Variant:
    variants = Variant.objects.select_related("product__merchant")
    return get_object_or_404(variants, product__merchant__owner_id=viewer.pk, pk=pk)


def product_for(viewer: Viewer, public_id: UUID) -> Product:
    """A product for sale, or any of the viewer's own."""
    seen = Q(is_live=True, merchant__owner__is_active=True) | Q(merchant__owner_id=viewer.pk)
    products = Product.objects.filter(seen).select_related("merchant__owner").prefetch_related("variants")
    return get_object_or_404(products, public_id=public_id)


def own_product(viewer: Viewer, public_id: UUID) -> Product:
    products = Product.objects.select_related("merchant__owner")
    return get_object_or_404(products, merchant__owner_id=viewer.pk, public_id=public_id)


def own_offer(viewer: Viewer, public_id: UUID) -> Offer:
    return get_object_or_404(_offers(), product__merchant__owner_id=viewer.pk, public_id=public_id)


def shown_offer(viewer: Viewer, public_id: UUID) -> Offer:
    """An offer that was opened, by a shop that still is; its shop and the moderators see a draft too."""
    seen = ~Q(state__in=[Offer.State.DRAFT, Offer.State.REVIEW]) & Q(product__merchant__owner__is_active=True)
    if viewer.pk is not None:
        seen |= Q(product__merchant__owner_id=viewer.pk)
        if is_moderator(viewer):
            seen |= Q(state=Offer.State.REVIEW)
    return get_object_or_404(_offers().filter(seen), public_id=public_id)


def shown_sample(viewer: Viewer, public_id: UUID) -> Offer:
    found = shown_offer(viewer, public_id)
    if not found.sample_path:
        raise Http404
    return found


def _offers() -> QuerySet[Offer]:
    return Offer.objects.select_related("product__merchant__owner", "clip")


def file_of(viewer: Viewer, visitor: str, public_id: UUID, line: int) -> OrderLine:
    """A line of one's own paid order whose goods are a file."""
    order = own_order_for(viewer, visitor, public_id)
    rows = OrderLine.objects.select_related("variant__product").exclude(variant=None)
    rows = rows.filter(order=order, order__state=Order.State.PAID, kind="goods")
    return get_object_or_404(rows.exclude(variant__product__digital_path=""), pk=line)


def own_pledge(viewer: Viewer, visitor: str, public_id: UUID) -> Pledge:
    """The pledge of an order, for its buyer."""
    order = own_order_for(viewer, visitor, public_id)
    rows = Pledge.objects.select_related("offer__product__merchant", "order__buyer", "deposit")
    return get_object_or_404(rows.filter(Q(order=order) | Q(deposit=order)))


def shown_tags(viewer: Viewer, now: datetime) -> QuerySet[ProductTag]:
    """Tags that the viewer may see: agreed, on a post visible to them, of a product for sale by somebody
    whose account is open."""
    return (
        ProductTag.objects.filter(
            removed_at=None,
            agreement__state=Agreement.State.AGREED,
            product__is_live=True,
            product__merchant__owner__is_active=True,
            post__in=Post.objects.visible_to(viewer, now),
        )
        .exclude(agreement__until__lte=now)
        .select_related("product__merchant", "agreement", "post__creator")
        .prefetch_related("product__variants")
        .order_by("start_ms", "pk")
    )


def tag_for(viewer: Viewer, public_id: UUID, now: datetime) -> ProductTag:
    return get_object_or_404(shown_tags(viewer, now), public_id=public_id)


def agreements_of(viewer: Viewer) -> QuerySet[Agreement]:
    """What the viewer proposed as a merchant or was asked as a creator, newest first."""
    mine = Q(creator_id=viewer.pk) | Q(merchant__owner_id=viewer.pk)
    rows = Agreement.objects.filter(mine).select_related("merchant", "creator")
    return rows.prefetch_related("tags__product", "tags__post").order_by("-created_at", "-pk")


def agreement_for(viewer: Viewer, public_id: UUID) -> Agreement:
    return get_object_or_404(agreements_of(viewer), public_id=public_id)


def order_for(viewer: Viewer, visitor: str, public_id: UUID) -> Order:
    """An order for its buyer (by account, or as a guest by this browser's value) or its merchant."""
    mine = Q(pk=None)  # nothing: somebody without an account owns no shop and no order by account
    if viewer.pk is not None:
        mine = Q(merchant__owner_id=viewer.pk) | Q(buyer_id=viewer.pk)
    if visitor:
        mine |= Q(visitor=visitor, buyer=None)
    orders = Order.objects.select_related("merchant").prefetch_related("lines__splits__recipient", "holds")
    return get_object_or_404(orders.filter(mine), public_id=public_id)


def own_order_for(viewer: Viewer, visitor: str, public_id: UUID) -> Order:
    """The buyer's side only: to pay or cancel."""
    order = order_for(viewer, visitor, public_id)
    if not is_buyer(order, viewer, visitor):
        raise Http404
    return order


def is_buyer(order: Order, viewer: Viewer, visitor: str) -> bool:
    if order.buyer_id is not None:
        return order.buyer_id == viewer.pk
    return bool(visitor) and order.visitor == visitor


def is_seller(order: Order, viewer: Viewer) -> bool:
    return order.merchant is not None and viewer.pk is not None and order.merchant.owner_id == viewer.pk


def handed_over(public_id: UUID) -> AgentSession:
    """What an agent prepared, for whoever holds its address: it names nobody."""
    rows = AgentSession.objects.select_related("order__merchant", "agent")
    if not settings.AGENTS:
        raise Http404
    return get_object_or_404(rows, public_id=public_id)


def creator_for(viewer: Viewer, handle: str) -> User:
    """Somebody to give a tip to; blocked and absent are the same."""
    found = get_object_or_404(User, username=handle, is_active=True)
    if viewer.pk is not None and social.is_blocked_between(found, viewer):
        raise Http404
    return found


def offered_post(viewer: Viewer, public_id: UUID, now: datetime) -> Post:
    """A paid post that the viewer would see by paying, and does not yet."""
    offered = Post.objects.offered_to(viewer, now).select_related("clip", "creator")
    return get_object_or_404(offered, public_id=public_id)


def broll_post(viewer: Viewer, public_id: UUID, now: datetime) -> Post:
    """A clip that is offered as B-roll, and that the viewer may see."""
    offered = Post.objects.visible_to(viewer, now).filter(is_broll=True)
    return get_object_or_404(offered.select_related("clip", "creator"), public_id=public_id)


def priced_post(viewer: Viewer, public_id: UUID, now: datetime) -> Post:
    """A published clip of the viewer's own, to be priced."""
    own = Post.objects.visible_to(viewer, now).filter(creator=viewer.pk)
    return get_object_or_404(own.select_related("clip", "creator"), public_id=public_id)


def tipped_post(viewer: Viewer, creator: User, public_id: str, now: datetime) -> Post | None:
    """The clip of theirs that a tip is for; None for none. Hidden and absent give the same 404."""
    if not public_id:
        return None
    try:
        shown = Post.objects.visible_to(viewer, now).filter(creator=creator, public_id=public_id)
        return get_object_or_404(shown)
    except ValidationError as error:
        raise Http404 from error


def licence_to_pay(viewer: Viewer, public_id: UUID) -> Licence:
    licences = Licence.objects.select_related("cameo__owner", "requester")
    return get_object_or_404(licences, requester_id=viewer.pk, public_id=public_id)


def plan_for(viewer: Viewer, public_id: UUID) -> Plan:
    """A plan that can be had; a blocked creator's, a closed account's and an absent one are the same."""
    found = get_object_or_404(Plan.objects.select_related("creator"), public_id=public_id, closed_at=None)
    if found.creator is not None and (
        not found.creator.is_active or social.is_blocked_between(found.creator, viewer)
    ):
        raise Http404
    return found


def own_plan(viewer: Viewer, public_id: UUID) -> Plan:
    """A creator's own plan, or the host's for its operator."""
    mine = Q(creator_id=viewer.pk)
    if is_operator(viewer):
        mine |= Q(creator=None)
    return get_object_or_404(Plan.objects.filter(mine), public_id=public_id)


def own_membership(viewer: Viewer, public_id: UUID) -> Membership:
    rows = Membership.objects.select_related("plan__creator", "member")
    return get_object_or_404(rows, member_id=viewer.pk, public_id=public_id)


def packet_for(viewer: Viewer, public_id: UUID) -> RedPacket:
    return get_object_or_404(RedPacket.objects.select_related("merchant"), public_id=public_id)


def affiliate_plans(viewer: Viewer) -> QuerySet[AffiliatePlan]:
    """Plans that the viewer could pin under: open, of other people's open shops, blocked ones left out."""
    rows = AffiliatePlan.objects.filter(closed_at=None, merchant__owner__is_active=True).exclude(
        merchant__owner_id=viewer.pk
    )
    rows = rows.exclude(merchant__owner_id__in=social.blocked_ids(viewer))
    return rows.select_related("merchant").prefetch_related("products").order_by("-pk")


def own_affiliate_plan(viewer: Viewer, public_id: UUID) -> AffiliatePlan:
    return get_object_or_404(AffiliatePlan, merchant__owner_id=viewer.pk, public_id=public_id)


def sold_order_for(viewer: Viewer, public_id: UUID) -> Order:
    """The merchant's side only: to refund."""
    return get_object_or_404(Order, merchant__owner_id=viewer.pk, public_id=public_id)
