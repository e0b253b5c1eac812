"""What the shop says no to, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused


class OutOfStock(Refused):
    code = "out_of_stock"
    message = _("There are not that many left.")
    hint = _("Choose fewer, or look again in ten minutes: unpaid reservations come back.")
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
