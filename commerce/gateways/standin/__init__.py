"""A stateful stand-in for Stripe's API and hosted payment page, for the demo and the tests.

The real SDK reaches it through its base address; the product's code has no branch for it. It keeps its
objects in a file of its own, honours idempotency keys, and sends signed webhooks that it can be told to
duplicate, delay, reorder or drop. Shapes follow Stripe's published fixtures (`tests/data/stripe`).
"""

from commerce.gateways.standin.app import StandIn, refuse_in_production

__all__ = ["StandIn", "refuse_in_production"]
