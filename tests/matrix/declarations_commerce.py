"""Who may do what at the addresses of commerce (the words are explained in tests/matrix/grammar.py).

No payment provider is set in this world: what would lead to its page answers 503, and nothing is charged.
"""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from commerce import actions
from commerce.actions import memberships, promotions
from commerce.models import Offer, ProviderEvent
from commerce.money import Money
from commerce.offers import making
from tests.matrix.grammar import (
    DENIED,
    DONE,
    HIDDEN,
    INVALID,
    LOGIN,
    OK,
    Declaration,
    World,
    api,
    everyone,
    only,
    page,
)

CSV = b"Handle,Title,Variant SKU,Variant Price\nhat,Hat,HAT-1,19.99\n"
NO_PROVIDER = 503


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("products.csv", CSV)


def run(w: World) -> dict[str, Any]:
    made = actions.bring_file(
        merchant=w.__dict__["merchant"], stream=file(), size=len(CSV), currency="EUR", now=w.now
    )
    return {"public_id": made.public_id}


def source(w: World) -> dict[str, Any]:
    made = actions.add_source(
        merchant=w.__dict__["merchant"],
        url="https://shop.example/p",
        currency="EUR",
        every_hours=24,
        now=w.now,
    )
    return {"public_id": made.public_id}


def shelf(w: World) -> dict[str, Any]:
    return {"pk": w.variant.pk}


def event(w: World) -> dict[str, Any]:
    kept = ProviderEvent.objects.create(
        provider="stripe", event_id="evt_1", kind="nothing", body={}, received_at=w.now
    )
    return {"pk": kept.pk}


def anything(w: World) -> dict[str, Any]:
    return {"public_id": w.order.public_id}


def creator(w: World) -> dict[str, Any]:
    return {"handle": w.maker.username}


def nothing(w: World) -> dict[str, Any]:
    return {}


def post(w: World) -> dict[str, Any]:
    return {"post_id": w.post.public_id}


def agreement(w: World) -> dict[str, Any]:
    return {"public_id": w.agreement.public_id}


def paid_for(w: World) -> dict[str, Any]:
    """The published clip, once it costs something."""
    type(w.post).objects.filter(pk=w.post.pk).update(is_paid=True)
    return {"post_id": w.post.public_id}


def offered(w: World) -> dict[str, Any]:
    type(w.post).objects.filter(pk=w.post.pk).update(is_broll=True)
    return {"post_id": w.post.public_id}


# Whoever made it or is in it sees it anyway: there is nothing to buy.
TO_BE_BOUGHT = everyone(OK, anonymous=LOGIN, blocked=HIDDEN, maker=HIDDEN, depicted=HIDDEN)


def tag(w: World) -> dict[str, Any]:
    return {"public_id": w.tag.public_id}


def product(w: World) -> dict[str, Any]:
    return {"public_id": w.product.public_id}


def order(w: World) -> dict[str, Any]:
    return {"public_id": w.order.public_id}


def bought(w: World) -> dict[str, Any]:
    return {"variant": w.variant.pk, "quantity": 1, "seen_amount": 1999, "seen_currency": "EUR"}


def pinned(w: World) -> dict[str, Any]:
    return {
        "product": str(w.product.public_id),
        "start": "0",
        "end": "2",
        "x": "50",
        "y": "50",
        "creator_rate": "10",
        "owner_rate": "5",
    }


def offer(w: World) -> dict[str, Any]:
    made = making.draft(
        merchant=w.__dict__["merchant"],
        product=w.product,
        kind="preorder",
        clip=None,
        now=w.now,
        deposit_bp=2000,
        ships_by=(w.now + timedelta(days=30)).date(),
    )
    return {"public_id": made.public_id}


def open_offer(w: World) -> dict[str, Any]:
    made = offer(w)
    making.submit(offer=Offer.objects.get(**made), now=w.now)
    return made


def offer_move(w: World) -> dict[str, Any]:
    return offer(w) | {"what": "submit"}


def packet(w: World) -> dict[str, Any]:
    made = promotions.give_packets(
        merchant=w.__dict__["merchant"],
        title="Two off",
        money=Money(200, "EUR"),
        count=20,
        least=0,
        until=w.now + timedelta(days=3),
        now=w.now,
    )
    return {"public_id": made.public_id}


def flash(w: World) -> dict[str, Any]:
    made = promotions.set_flash(
        variant=w.variant, price=1500, begins_at=w.now, ends_at=w.now + timedelta(days=1), now=w.now
    )
    return {"pk": made.pk}


def affiliate(w: World) -> dict[str, Any]:
    made = promotions.add_plan(
        merchant=w.__dict__["merchant"],
        title="All",
        creator_rate_bp=1000,
        owner_rate_bp=500,
        days=0,
        products=[w.product],
        now=w.now,
    )
    return {"public_id": made.public_id}


def plan(w: World) -> dict[str, Any]:
    made = memberships.add_plan(
        creator=w.maker,
        title="Friends",
        words="",
        money=Money(500, "EUR"),
        every="month",
        credits_each=0,
        now=w.now,
    )
    return {"public_id": made.public_id}


def pledge_answer(w: World) -> dict[str, Any]:
    return order(w) | {"what": "leave"}


def order_file(w: World) -> dict[str, Any]:
    return order(w) | {"line": 1}


def membership_move(w: World) -> dict[str, Any]:
    return anything(w) | {"what": "cancel"}


WRITTEN = {"kind": "preorder", "deposit": "20", "ships_by": "2099-01-31"}
buyer_and_shop = everyone(HIDDEN, stranger=OK, merchant=OK)

DECLARATIONS: list[Declaration] = [
    page("commerce:shop", everyone(OK, anonymous=LOGIN)),
    page(
        "commerce:open",
        everyone(DONE, anonymous=LOGIN, merchant=409),
        method="POST",
        send=lambda w: {"name": "A shop"},
    ),
    page("commerce:import", only("merchant")),
    page(
        "commerce:import",
        only("merchant", answer=DONE),
        method="POST",
        send=lambda w: {"file": file(), "currency": "EUR"},
    ),
    page("commerce:import-plan", only("merchant"), at=run),
    page("commerce:import-apply", only("merchant", answer=DONE), method="POST", at=run),
    page("commerce:sources", only("merchant")),
    page(
        "commerce:sources",
        only("merchant", answer=DONE),
        method="POST",
        send=lambda w: {"url": "https://shop.example/p", "currency": "EUR", "every_hours": 24},
    ),
    page("commerce:source-remove", only("merchant", answer=DONE), method="POST", at=source),
    page(
        "commerce:stock", only("merchant", answer=DONE), method="POST", at=shelf, send=lambda w: {"stock": 3}
    ),
    page("commerce:feed", everyone(OK), at=lambda w: {"slug": "shop", "name": "acp.jsonl"}),
    page("commerce:storefront", everyone(OK), at=lambda w: {"slug": "shop"}),
    page("commerce:propose", only("merchant"), at=post),
    page(
        "commerce:propose",
        only("merchant", answer=DENIED),
        method="POST",
        at=post,
        send=pinned,
        note="Alice's grant does not name advertising among its purposes",
    ),
    page("commerce:sold", only("merchant")),
    page("commerce:terms", only("merchant")),
    page(
        "commerce:terms",
        only("merchant", answer=DONE),
        method="POST",
        send=lambda w: {"what": "tax", "tax": "7"},
    ),
    page("commerce:books", only("operator")),
    page("commerce:event-again", only("operator", answer=DONE), method="POST", at=event),
    page(
        "commerce:sent",
        only("merchant", answer=409),
        method="POST",
        at=order,
        send=lambda w: {"carrier": "Post"},
        note="the order is not paid yet",
    ),
    page("commerce:onboard", everyone(NO_PROVIDER, anonymous=LOGIN), method="POST"),
    page("commerce:statement", everyone(OK, anonymous=LOGIN)),
    page("commerce:arrived", everyone(HIDDEN, stranger=409), method="POST", at=order),
    page("commerce:return", everyone(HIDDEN, stranger=409), method="POST", at=order),
    page(
        "commerce:refund",
        only("merchant", answer=422),
        method="POST",
        at=order,
        send=lambda w: {"amount": "1"},
        note="the order is not paid yet",
    ),
    page("commerce:agreements", everyone(OK, anonymous=LOGIN)),
    page("commerce:agree", only("maker", answer=409) | {"merchant": DENIED}, method="POST", at=agreement),
    page("commerce:decline", only("maker", answer=409) | {"merchant": DENIED}, method="POST", at=agreement),
    page("commerce:agreement-end", only("maker", "merchant", answer=DONE), method="POST", at=agreement),
    page("commerce:earnings", everyone(OK, anonymous=LOGIN)),
    page("commerce:sheet", everyone(OK, blocked=HIDDEN), at=tag),
    page("commerce:product", everyone(OK), at=product),
    page("commerce:picture", everyone(OK), at=product),
    page("commerce:checkout", everyone(NO_PROVIDER), method="POST", send=bought),
    page("commerce:orders", everyone(OK, anonymous=LOGIN)),
    page("commerce:order", buyer_and_shop, at=order),
    page("commerce:pay", everyone(HIDDEN, stranger=NO_PROVIDER), method="POST", at=order),
    page("commerce:cancel", everyone(HIDDEN, stranger=DONE), method="POST", at=order),
    page("commerce:webhook-stripe", everyone(INVALID), method="POST"),
    api("commerce:api-post-tags", everyone(200, blocked=404), at=post),
    api("commerce:api-touch", everyone(204, blocked=404), method="POST", at=tag),
    api(
        "commerce:api-decision",
        everyone(404, anonymous=401, maker=409, merchant=403),
        method="POST",
        at=agreement,
        send=lambda w: {"agree": True},
    ),
    api(
        "commerce:api-imports",
        only("merchant", answer=201, anonymous=401),
        method="POST",
        send=lambda w: {"currency": "EUR", "content": CSV.decode()},
    ),
    api("commerce:api-import", only("merchant", anonymous=401), at=run),
    api("commerce:api-import", only("merchant", anonymous=401), method="POST", at=run),
    api("commerce:api-sources", only("merchant", anonymous=401)),
    api(
        "commerce:api-sources",
        only("merchant", answer=201, anonymous=401),
        method="POST",
        send=lambda w: {"url": "https://shop.example/p", "currency": "EUR", "every_hours": 24},
    ),
    api("commerce:api-source", only("merchant", answer=204, anonymous=401), method="DELETE", at=source),
    api(
        "commerce:api-stock",
        only("merchant", anonymous=401),
        method="PUT",
        at=shelf,
        send=lambda w: {"stock": 3},
    ),
    api("commerce:api-checkout", everyone(201), method="POST", send=bought),
    api("commerce:api-order", buyer_and_shop, at=order),
    api("commerce:api-payment", everyone(404, stranger=NO_PROVIDER), method="POST", at=order),
    page("commerce:tip", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=creator),
    page(
        "commerce:tip",
        everyone(NO_PROVIDER, anonymous=LOGIN, blocked=HIDDEN, maker=422),
        method="POST",
        at=creator,
        send=lambda w: {"amount": "3.00", "currency": "EUR"},
    ),
    page("commerce:unlock", TO_BE_BOUGHT, at=paid_for),
    page(
        "commerce:unlock",
        TO_BE_BOUGHT | {role: "409" for role, answer in TO_BE_BOUGHT.items() if answer == OK},
        method="POST",
        at=paid_for,
        note="the price was not seen",
    ),
    api(
        "commerce:api-unlock",
        everyone(400, anonymous=401, blocked=404, maker=404, depicted=404),
        method="POST",
        at=paid_for,
        note="the price was not seen",
    ),
    page("commerce:broll-licence", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=offered),
    page(
        "commerce:broll-licence",
        everyone("409", anonymous=LOGIN, blocked=HIDDEN),
        method="POST",
        at=offered,
        note="the price was not seen",
    ),
    api(
        "commerce:api-broll-licence",
        everyone(400, anonymous=401, blocked=404),
        method="POST",
        at=offered,
        note="the price was not seen",
    ),
    page("commerce:post-prices", only("maker"), at=post),
    page("commerce:post-prices", only("maker"), method="POST", at=post, note="nothing asked"),
    api("commerce:api-post-prices", everyone(404, anonymous=401, maker=200), method="PATCH", at=post),
    page("commerce:licence-pay", everyone(HIDDEN, anonymous=LOGIN), at=anything),
    page("commerce:licence-pay", everyone(HIDDEN, anonymous=LOGIN), method="POST", at=anything),
    page("commerce:credits", everyone(OK, anonymous=LOGIN)),
    page(
        "commerce:credits",
        everyone(409, anonymous=LOGIN),
        method="POST",
        send=lambda w: {"count": "100"},
        note="this host sells none",
    ),
    page(
        "commerce:digital",
        only("merchant", answer=DONE),
        method="POST",
        at=product,
        send=lambda w: {"file": file()},
    ),
    page("commerce:file", everyone(HIDDEN), at=order_file, note="nothing was paid, and there is none"),
    page("commerce:offers", only("merchant")),
    page("commerce:offer-write", only("merchant"), at=product),
    page(
        "commerce:offer-write",
        only("merchant", answer=DONE),
        method="POST",
        at=product,
        send=lambda w: WRITTEN,
    ),
    page("commerce:offer", only("merchant"), at=offer),
    page("commerce:offer", only("merchant", answer=DONE), method="POST", at=offer, send=lambda w: WRITTEN),
    page("commerce:offer-move", only("merchant", answer=DONE), method="POST", at=offer_move),
    page("commerce:offer-picture", everyone(OK), at=open_offer),
    page("commerce:offer-picture", everyone(HIDDEN, merchant=OK), at=offer, note="a draft is the shop's"),
    page("commerce:offer-sample", everyone(HIDDEN), at=open_offer, note="there is none"),
    page("commerce:pledge", everyone(409), method="POST", send=bought, note="it lies on a shelf"),
    page(
        "commerce:pledge-answer", everyone(HIDDEN), method="POST", at=pledge_answer, note="no offer's order"
    ),
    page("commerce:address", everyone(HIDDEN, stranger=DONE), method="POST", at=order),
    page("commerce:packets", only("merchant")),
    page(
        "commerce:packets",
        only("merchant", answer=DONE),
        method="POST",
        send=lambda w: {
            "title": "Two off",
            "amount": "2.00",
            "currency": "EUR",
            "count": "3",
            "until": (w.now + timedelta(days=2)).date().isoformat(),
        },
    ),
    page("commerce:packet", everyone(OK, anonymous=LOGIN), at=packet),
    page("commerce:packet", everyone(DONE, anonymous=LOGIN), method="POST", at=packet),
    page(
        "commerce:flash",
        only("merchant", answer=DONE),
        method="POST",
        at=shelf,
        send=lambda w: {"price": "15.00", "hours": "24"},
    ),
    page("commerce:flash-end", only("merchant", answer=DONE), method="POST", at=flash),
    page("commerce:affiliate-plans", only("merchant")),
    page(
        "commerce:affiliate-plans",
        only("merchant", answer=DONE),
        method="POST",
        send=lambda w: {
            "title": "All",
            "creator_rate": "10",
            "owner_rate": "5",
            "products": w.product.handle,
        },
    ),
    page("commerce:affiliate-close", only("merchant", answer=DONE), method="POST", at=affiliate),
    page("commerce:earn", everyone(OK, anonymous=LOGIN)),
    page("commerce:earn", everyone(INVALID, anonymous=LOGIN), method="POST", note="nothing was chosen"),
    page("commerce:out", everyone(HIDDEN), at=tag, note="this shop sells here"),
    page("commerce:memberships", everyone(OK, anonymous=LOGIN)),
    page("commerce:plans", everyone(OK, anonymous=LOGIN)),
    page(
        "commerce:plans",
        everyone(DONE, anonymous=LOGIN),
        method="POST",
        send=lambda w: {"title": "Friends", "amount": "5.00", "currency": "EUR", "every": "month"},
    ),
    page("commerce:plan-close", only("maker", answer=DONE), method="POST", at=plan),
    page(
        "commerce:plan-join",
        everyone(NO_PROVIDER, anonymous=LOGIN, blocked=HIDDEN, maker=422),
        method="POST",
        at=plan,
    ),
    page("commerce:plans-of", everyone(OK, anonymous=LOGIN, blocked=HIDDEN), at=creator),
    page("commerce:membership-move", everyone(HIDDEN, anonymous=LOGIN), method="POST", at=membership_move),
    *(
        api(f"commerce:{name}-nowhere", everyone(404), method=method, at=lambda w: {"rest": "x"})
        for name in ("acp", "ucp")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ),
    # Agents are let in by a flag that is off here, and then by tokens alone: tests/commerce/test_agents.py.
    page("commerce:agent-handover", everyone(HIDDEN), at=anything),
    page("commerce:agent-handover", everyone(HIDDEN), method="POST", at=anything),
    *(
        api(f"commerce:{name}", everyone(404), method=method, at=anything if named else nothing)
        for name, method, named in (
            ("acp-discovery", "GET", False),
            ("acp-sessions", "POST", False),
            ("acp-session", "GET", True),
            ("acp-session", "POST", True),
            ("acp-complete", "POST", True),
            ("acp-cancel", "POST", True),
            ("acp-carts", "POST", False),
            ("acp-cart", "GET", True),
            ("acp-cart", "PUT", True),
            ("acp-cart-cancel", "POST", True),
            ("acp-feeds", "POST", False),
            ("acp-feed", "GET", True),
            ("acp-feed-products", "GET", True),
            ("acp-feed-products", "PATCH", True),
            ("ucp-carts", "POST", False),
            ("ucp-cart", "GET", True),
            ("ucp-cart", "PUT", True),
            ("ucp-cart-cancel", "POST", True),
            ("ucp-profile", "GET", False),
            ("ucp-checkouts", "POST", False),
            ("ucp-checkout", "GET", True),
            ("ucp-checkout", "PUT", True),
            ("ucp-complete", "POST", True),
            ("ucp-cancel", "POST", True),
            ("ucp-order", "GET", True),
            ("ucp-search", "POST", False),
            ("ucp-lookup", "POST", False),
            ("ucp-product", "POST", False),
        )
    ),
]
