"""Step 7: a product file, a tag, a sheet over the playing clip, a payment, a receipt that names everybody."""

import re

from playwright.sync_api import expect

from tests.journey.walk import Walk
from tests.journey.watching import PLAYING

PRODUCTS = """Handle,Title,Body (HTML),Vendor,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
Variant Inventory Tracker,Variant Inventory Qty,Status
rain-hat,Rain hat,<p>Keeps dry.</p>,Mona's,TRUE,Title,Default Title,HAT-1,20.00,shopify,5,active
sea-towel,Sea towel,<p>Soft.</p>,Mona's,TRUE,Title,Default Title,TOWEL-1,35.50,shopify,3,active
"""


def merchant_sells(walk: Walk) -> None:
    """Import, propose, agree; then the stranger buys over the clip and the receipt divides the price."""
    open_shop(walk)
    propose_and_agree(walk)
    order = buy(walk)
    check_receipt(walk, order)


def open_shop(walk: Walk) -> None:
    mona = walk.signs_up("mona", walk.known["operator_invite"], phone=False)
    page = mona.goes_to("/shop")
    page.get_by_label("Name of the shop").fill("Mona's")
    page.get_by_role("button", name="Open the shop").click()
    walk.steps_up(mona)
    file = walk.folder / "products.csv"
    file.write_text(PRODUCTS)
    mona.goes_to("/shop/import")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("[name=currency]").select_option("EUR")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("Nothing has been written yet.")).to_be_visible()
    page.get_by_role("button", name="Write these changes").click()
    mona.goes_to("/shop")
    expect(page.get_by_text("Rain hat").first).to_be_visible()


def propose_and_agree(walk: Walk) -> None:
    page = walk["mona"].goes_to(f"/shop/tags/{walk.known['post']}")
    page.locator("[name=product]").select_option(label="Rain hat")
    for field, value in {"start": "0", "x": "50", "y": "60", "creator_rate": "10"}.items():
        page.locator(f"[name={field}]").fill(value)
    page.locator("[name=owner_rate]").fill("5")
    page.get_by_role("button", name="Propose").click()
    expect(page.locator("main")).not_to_contain_text("This field is required")
    page = walk["cleo"].goes_to("/shop/agreements")
    page.get_by_role("button", name="Agree to these terms").first.click()
    expect(page.locator(".badge--ok").first).to_be_visible()


def buy(walk: Walk) -> str:
    """The sheet opens while the clip plays on, and it is paid there: the card in the provider's own frame."""
    sasha = walk["sasha"]
    page = sasha.goes_to(f"/p/{walk.known['post']}")
    page.wait_for_function(PLAYING)
    page.locator(".clip.is-here .tag-bag").click()
    sheet = page.locator("dialog.tag-sheet")
    expect(sheet.get_by_text("Rain hat").first).to_be_visible()
    assert page.evaluate(PLAYING), "the clip stopped under the sheet"
    hat = sheet.locator("article", has_text="Rain hat").first
    hat.get_by_role("button", name="Buy").first.click()
    page.frame_locator(".pay-here iframe").locator("[name=card]").fill("4242 4242 4242 4242")
    email = page.locator(".pay-here [name=email]")
    if email.count():
        email.fill(sasha.email)
    page.locator(".pay-here .button--primary").click()
    page.wait_for_url(re.compile(r"/orders/"))
    return page.url.rpartition("/orders/")[2].partition("?")[0].strip("/")


def check_receipt(walk: Walk, order: str) -> None:
    sasha = walk["sasha"]
    walk.waits(
        "the paid order",
        lambda: sasha.goes_to(f"/orders/{order}").locator("[data-order-state=paid]").count(),
        seconds=30,
    )
    receipt = sasha.page.locator(".receipt")
    for who in ("Mona", "Cleo", "Oona"):
        expect(receipt).to_contain_text(who)
    shares = [float(found) for found in re.findall(r"(\d+\.\d\d)", receipt.inner_text())]
    assert len(shares) == 4 and abs(sum(shares) - 20.00) < 0.001, receipt.inner_text()
    sold = walk["mona"].goes_to("/shop/orders")
    expect(sold.locator("main")).to_contain_text("20.00")
