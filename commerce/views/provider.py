"""The provider's door. No cookie, no CSRF: the signature over the raw body is what lets a webhook in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from commerce import webhooks


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """200 once kept; 400 for a signature that is not the provider's; 503 asks it to send again."""
    signature = request.headers.get("Stripe-Signature", "")
    webhooks.receive(payload=request.body, signature=signature, now=timezone.now())
    return HttpResponse(status=200)
