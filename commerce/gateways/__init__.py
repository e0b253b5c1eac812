"""Payment providers. `current()` is the one this host uses, by its settings."""

from functools import lru_cache

from django.conf import settings

from commerce.gateways.base import Gateway


@lru_cache(maxsize=1)
def current() -> Gateway:
    # Imported here: the SDK is heavy, and most requests never pay.
    from commerce.gateways.stripe import StripeGateway

    return StripeGateway(
        secret_key=settings.STRIPE_SECRET_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        api_base=settings.STRIPE_API_BASE,
    )
