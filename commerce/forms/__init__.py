"""Forms of the shop's pages: they parse; the actions decide."""

from commerce.forms.buying import AddressForm, OrderForm, RefundForm, ReturnForm, SentForm, TipForm
from commerce.forms.catalogue import DigitalForm, ImportForm, ShopForm, SourceForm, StockForm, kind_choices
from commerce.forms.money import COMMON, currency_choices, with_money
from commerce.forms.offers import CallOffForm, DateForm, OfferForm, SampleForm, offer_kinds
from commerce.forms.plans import PlanForm, PostPriceForm
from commerce.forms.promotions import AffiliateForm, FlashForm, PacketForm, PinForm
from commerce.forms.tags import ProductChoice, TagForm
from commerce.forms.terms import CouponForm, LinkForm, RateForm, TermsForm

__all__ = [
    "AddressForm",
    "AffiliateForm",
    "COMMON",
    "CallOffForm",
    "CouponForm",
    "DateForm",
    "DigitalForm",
    "FlashForm",
    "ImportForm",
    "LinkForm",
    "OfferForm",
    "OrderForm",
    "PacketForm",
    "PinForm",
    "PlanForm",
    "PostPriceForm",
    "ProductChoice",
    "RateForm",
    "RefundForm",
    "ReturnForm",
    "SampleForm",
    "SentForm",
    "ShopForm",
    "SourceForm",
    "StockForm",
    "TagForm",
    "TermsForm",
    "TipForm",
    "currency_choices",
    "kind_choices",
    "offer_kinds",
    "with_money",
]
