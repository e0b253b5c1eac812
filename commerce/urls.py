from django.urls import URLPattern, URLResolver, path

from commerce import api, api_catalogue
from commerce.views import buyer, clip, merchant, provider

app_name = "commerce"

urlpatterns: list[URLPattern | URLResolver] = [
    path("shop", merchant.shop, name="shop"),
    path("shop/open", merchant.open_shop, name="open"),
    path("shop/import", merchant.import_file, name="import"),
    path("shop/import/<uuid:public_id>", merchant.import_plan, name="import-plan"),
    path("shop/import/<uuid:public_id>/apply", merchant.import_apply, name="import-apply"),
    path("shop/sources", merchant.sources, name="sources"),
    path("shop/sources/<uuid:public_id>/remove", merchant.source_remove, name="source-remove"),
    path("shop/stock/<int:pk>", merchant.stock, name="stock"),
    path("shops/<slug:slug>/<str:name>", merchant.feed, name="feed"),
    path("shop/tags/<uuid:post_id>", merchant.propose, name="propose"),
    path("shop/orders", merchant.sold, name="sold"),
    path("shop/orders/<uuid:public_id>/refund", merchant.refund, name="refund"),
    path("shop/agreements", clip.agreements, name="agreements"),
    path("shop/agreements/<uuid:public_id>/agree", clip.agree, name="agree"),
    path("shop/agreements/<uuid:public_id>/decline", clip.decline, name="decline"),
    path("shop/earnings", buyer.earnings, name="earnings"),
    path("tags/<uuid:public_id>/sheet", clip.sheet, name="sheet"),
    path("products/<uuid:public_id>", clip.product, name="product"),
    path("products/<uuid:public_id>/picture", clip.picture, name="picture"),
    path("checkout", buyer.checkout, name="checkout"),
    path("orders", buyer.orders, name="orders"),
    path("orders/<uuid:public_id>", buyer.order, name="order"),
    path("orders/<uuid:public_id>/pay", buyer.pay, name="pay"),
    path("orders/<uuid:public_id>/cancel", buyer.cancel, name="cancel"),
    path("webhooks/stripe", provider.stripe, name="webhook-stripe"),
    path("api/v1/posts/<uuid:post_id>/tags", api.PostTags.as_view(), name="api-post-tags"),
    path("api/v1/tags/<uuid:public_id>/touch", api.TagTouches.as_view(), name="api-touch"),
    path("api/v1/agreements/<uuid:public_id>/decision", api.AgreementDecision.as_view(), name="api-decision"),
    path("api/v1/shop/imports", api_catalogue.Imports.as_view(), name="api-imports"),
    path("api/v1/shop/imports/<uuid:public_id>", api_catalogue.ImportDetail.as_view(), name="api-import"),
    path("api/v1/shop/sources", api_catalogue.Sources.as_view(), name="api-sources"),
    path("api/v1/shop/sources/<uuid:public_id>", api_catalogue.SourceDetail.as_view(), name="api-source"),
    path("api/v1/shop/stock/<int:pk>", api_catalogue.Stock.as_view(), name="api-stock"),
    path("api/v1/checkout", api.Checkouts.as_view(), name="api-checkout"),
    path("api/v1/orders/<uuid:public_id>", api.OrderDetail.as_view(), name="api-order"),
    path("api/v1/orders/<uuid:public_id>/payment", api.OrderPayment.as_view(), name="api-payment"),
]
