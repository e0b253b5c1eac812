"""What the shop says no to, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused


class OutOfStock(Refused):
    code = "out_of_stock"
    message = _("There are not that many left.")
    hint = _("Choose fewer, or look again in ten minutes: unpaid reservations come back.")
    status = 409


class PromiseChanged(Refused):
    code = "promise_changed"
    message = _("What is promised changed since the sheet was opened.")
    hint = _("Look at it again, and order if you still want it.")
    status = 409


class PriceChanged(Refused):
    code = "price_changed"
    message = _("The price changed since the sheet was opened.")
    hint = _("Look at the new price and order again if you still want it.")
    status = 409


class NotForSale(Refused):
    code = "not_for_sale"
    message = _("This product is no longer for sale.")
    hint = _("Open the shop to see what there is.")
    status = 409


class BadQuantity(Refused):
    code = "quantity"
    message = _("Order between 1 and 20 at once.")
    hint = _("Change the number and try again.")
    status = 422


class UnderOffer(Refused):
    code = "under_offer"
    message = _("This is not lying on a shelf: you take part in an offer.")
    hint = _("Open the product's page and take part there.")
    status = 409


class OfferNotOpen(Refused):
    code = "offer_not_open"
    message = _("This offer is not open.")
    hint = _("Look at the product's page to see how it stands.")
    status = 409


class OfferRunning(Refused):
    code = "offer_running"
    message = _("This product has an offer that is running.")
    hint = _("End it first, or change its draft.")
    status = 409


class OfferNotThere(Refused):
    code = "offer_not_there"
    message = _("The offer does not stand where this can be done.")
    hint = _("Reload the page to see how it stands.")
    status = 409


class OfferIncomplete(Refused):
    """Something that buyers rely on is missing; `code` says what."""

    status = 422
    SENTENCES = {
        "variant": _("The product has nothing with a price."),
        "capacity": _("Say how many you can make in a week, and how many days it takes."),
        "ships_by": _("Say by when it is sent: a day to come, and after the deadline."),
        "spec": _("Write down size, material, tolerance and who makes it: buyers rely on these words."),
        "deposit": _("Say which part is paid at once."),
        "threshold": _("Say how many must come together: 1 to 100,000."),
        "deadline": _("Say until when: 1 to 60 days from now."),
    }

    def __init__(self, code: str) -> None:
        super().__init__(f"offer_{code}", self.SENTENCES[code], _("Change the draft and hand it in again."))


class PersonNotForGoods(Refused):
    """Somebody in the picture does not permit goods; `message` names them and the rule."""

    code = "likeness_not_for_goods"
    hint = _("Ask them to permit goods until the last piece is due, or show another picture.")
    status = 403

    def __init__(self, name: str, why: str) -> None:
        said = why or _("%(name)s does not permit to be shown on this.") % {"name": name}
        super().__init__(message=said)


class CapacityFull(Refused):
    code = "capacity_full"
    message = _("The shop has no room for this within a year.")
    hint = _("Order fewer, or ask the shop.")
    status = 409


class BadSample(Refused):
    code = "bad_sample"
    message = _("The sample's picture cannot be opened.")
    hint = _("Choose a JPEG, PNG or WebP of up to 8 MB.")
    status = 422


class NothingToAnswer(Refused):
    code = "nothing_to_answer"
    message = _("Nobody asked you about another date.")
    status = 409


class PlanClosed(Refused):
    code = "plan_closed"
    message = _("This plan is closed, or does not name this product.")
    hint = _("Choose another one.")
    status = 409


class LinksOut(Refused):
    code = "links_out"
    message = _("This shop sells at its own site.")
    hint = _("Go there by the button beside the product.")
    status = 409


class BadFlash(Refused):
    code = "bad_flash"
    message = _(
        "A flash price is lower than the lowest price of the last 30 days, and lasts 1 hour to 7 days."
    )
    hint = _("Name a lower price, another time, or end the one that runs.")
    status = 422


class PacketGone(Refused):
    code = "packet_gone"
    message = _("All of these are taken, or their time is over.")
    status = 409


class BadPacket(Refused):
    code = "bad_packet"
    message = _("A red packet is 1 to 10,000 equal sums of money, for 30 days at most.")
    status = 422


class BadPlan(Refused):
    code = "bad_plan"
    message = _("A plan costs something, in a currency with two decimals, and only a host gives credits.")
    status = 422


class PlanGone(Refused):
    code = "plan_gone"
    message = _("This plan is no longer offered.")
    status = 409


class AlreadyMember(Refused):
    code = "already_member"
    message = _("You have this plan, or are paying for it.")
    hint = _("Open your memberships.")
    status = 409


class NotAMember(Refused):
    code = "not_a_member"
    message = _("This membership cannot be changed: it has not begun, or has ended.")
    status = 409


class MixedCart(Refused):
    code = "mixed_cart"
    message = _("One order is from one shop and in one currency.")
    hint = _("Order the others on their own.")
    status = 409


class BadTip(Refused):
    code = "bad_tip"
    message = _("A tip is 1 to 500, for somebody else who takes it.")
    status = 422


class NothingToPayFor(Refused):
    code = "nothing_to_pay_for"
    message = _("There is nothing to pay for here, or it was paid already.")
    hint = _("Reload the page to see how it stands.")
    status = 409


class BadShipping(Refused):
    code = "shipping_unknown"
    message = _("This shop does not ship that way.")
    hint = _("Choose one of the ways that it offers.")
    status = 422


class BadCoupon(Refused):
    """A code that does not count; `code` says why."""

    status = 422
    SENTENCES = {
        "coupon_unknown": _("This shop knows no such code."),
        "coupon_over": _("The time of this code is over."),
        "coupon_used_up": _("This code was used as often as it may be."),
        "coupon_least": _("This code counts for larger orders only."),
    }

    def __init__(self, code: str) -> None:
        super().__init__(code, self.SENTENCES[code], _("Order without it, or use another one."))


class CardDeclined(Refused):
    code = "card_declined"
    message = _("The card was declined. Nothing was charged.")
    hint = _("Use another card.")
    status = 402


class CardAsks(Refused):
    code = "requires_3ds"
    message = _("The bank wants its customer to confirm this payment.")
    hint = _("Let the buyer pay on our own page.")
    status = 402


class PaymentUnavailable(Refused):
    code = "payment_unavailable"
    message = _("The payment page cannot be reached right now. Nothing was charged.")
    hint = _("Try again in a minute.")
    status = 503


class OrderClosed(Refused):
    code = "order_closed"
    message = _("This order was not paid in time, and its reservation has ended. Nothing was charged.")
    hint = _("Order again from the clip or the shop.")
    status = 409


class RefundTooLarge(Refused):
    code = "refund_too_large"
    message = _("A refund is more than nothing and at most what is left of the payment.")
    hint = _("Change the sum and try again.")
    status = 422


class BadWebhook(Refused):
    code = "bad_signature"
    message = _("The signature does not match.")
    hint = _("Check the webhook secret.")
    status = 400


class NotToSend(Refused):
    code = "not_to_send"
    message = _("Only a paid order that no bank disputes can be sent.")
    status = 409


class TooLateToCancel(Refused):
    code = "too_late_to_cancel"
    message = _("This order was sent, or its money went back already.")
    hint = _("Once it has arrived you can ask to return it.")
    status = 409


class NotReturnable(Refused):
    code = "not_returnable"
    message = _("This order cannot be returned: it was not sent, you asked already, or 14 days have gone.")
    status = 409


class AlreadyMerchant(Refused):
    code = "already_merchant"
    message = _("This account already has a shop.")
    hint = _("Open your shop.")
    status = 409


class NotYourProduct(Refused):
    code = "not_your_product"
    message = _("Only your own products can be pinned.")
    hint = _("Choose a product of your shop.")
    status = 403


class TagsClosed(Refused):
    code = "tags_closed"
    message = _("The creator of this clip does not want products pinned to it.")
    hint = _("Choose another clip.")
    status = 403


class BadMoment(Refused):
    code = "bad_moment"
    message = _("The product must appear for half a second or more, inside the clip and inside the picture.")
    hint = _("Move the beginning, the end or the place.")
    status = 422


class BadRates(Refused):
    code = "bad_rates"
    message = _("The shares are whole or half percents, zero or more, and together leave something over.")
    hint = _("Lower one of the shares.")
    status = 422


class NotYourAgreement(Refused):
    code = "not_your_agreement"
    message = _("Only the creator of the clip decides about this.")
    status = 403


class AgreementDecided(Refused):
    code = "agreement_decided"
    message = _("This was decided already.")
    hint = _("The merchant can make a new proposal.")
    status = 409


class AgreementOver(Refused):
    code = "agreement_over"
    message = _("The last day of this agreement must lie ahead.")
    hint = _("Propose a later day, or none.")
    status = 422


class NotForCommerce(Refused):
    """Somebody in the clip does not permit it for selling; `message` says who and which rule."""

    code = "likeness_not_commercial"
    hint = _("Ask them to permit commercial use and advertising, or pin the product to another clip.")
    status = 403


class BadSource(Refused):
    code = "bad_source"
    message = _("The address must begin with http:// or https://, and be fetched every 1 to 720 hours.")
    status = 422


class TooManySources(Refused):
    code = "too_many_sources"
    message = _("A shop fetches from five addresses at most.")
    hint = _("Remove one first.")
    status = 409


class TooManyTerms(Refused):
    code = "too_many_terms"
    message = _("A shop has at most 50 ways of shipping and 50 codes.")
    hint = _("Remove one first.")
    status = 409


class ImportBusy(Refused):
    code = "import_busy"
    message = _("This file is being read or written right now, or could not be read.")
    hint = _("Wait for the page to say how it ended.")
    status = 409


class BadStock(Refused):
    code = "bad_stock"
    message = _("The stock must be a whole number, zero or more.")
    status = 422


class FileRefused(Refused):
    """A product file that is none of ours; `code` says why."""

    status = 422
    SENTENCES = {
        "empty": _("The file is empty."),
        "not_text": _("This is no text file."),
        "encoding": _("The file's characters cannot be read. Save it as UTF-8."),
        "columns_missing": _("The file has none of the headers that we know: see the list of formats."),
        "cell_too_long": _("A cell of the file is longer than 200,000 characters."),
        "broken": _("The file breaks off, or its quotes or marks do not match."),
        "doctype": _("The file declares a document type of its own. Leave that out."),
        "too_large": _("The file is larger than 200 MB."),
        "currency": _("Choose one of the listed currencies."),
        "kind": _("Choose one of the listed formats."),
    }

    def __init__(self, code: str) -> None:
        super().__init__(code, self.SENTENCES[code], _("Export the products anew, and try again."))


class BadPostPrice(Refused):
    code = "bad_post_price"
    message = _("A price is 0.50 to 50.00 in one of the listed currencies; B-roll may also be free.")
    status = 422


class NotYourEpisode(Refused):
    code = "not_your_episode"
    message = _("Only the creator of an episode says what it costs.")
    status = 403
