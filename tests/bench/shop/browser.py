"""A phone's browser: from the tap on the bag to the painted sheet, and what is asked until it is paid."""

from __future__ import annotations

import threading
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tests.bench.shop.world import SECRET, mug, p95, person, standin, tag

PAINTED = """async () => {
  const bag = document.querySelector(".tag-bag"), started = performance.now();
  bag.click();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const spent = performance.now() - started;
  const shown = document.querySelector("dialog.tag-sheet[open] .offer") !== null;
  document.querySelector("dialog.tag-sheet")?.close();
  return shown ? spent : null;
}"""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


def measure(is_quick: bool) -> dict[str, Any]:
    from tests import chromium

    if not chromium.found():
        return {"sheet_ms": None, "checkout_requests": None}
    app = standin()
    with make_server("127.0.0.1", 0, None, Server, Quiet) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        app.base_url = f"{base}/standin"
        server.set_app(_both(app))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            return _browsed(base, app, 10 if is_quick else 40)
        finally:
            server.shutdown()


def _both(app: Any) -> Any:
    from config.wsgi import application

    def serve(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"].startswith("/standin"):
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/standin")
            return app(environ, start_response)
        return application(environ, start_response)

    return serve


def _browsed(base: str, app: Any, taps: int) -> dict[str, Any]:
    from django.conf import settings

    from commerce import gateways
    from commerce.gateways.stripe import StripeGateway
    from commerce.models import Order
    from tests import chromium

    provider = StripeGateway(secret_key="sk_test_standin", webhook_secret=SECRET, api_base=app.base_url)
    usual, gateways.current = gateways.current, lambda: provider  # type: ignore[assignment]
    settings.STRIPE_PUBLISHABLE_KEY, settings.STRIPE_JS = "pk_test_standin", "/standin/stripe.js"
    pinned = tag(mug(stock=100), person("creator"))
    try:
        with chromium.launched() as browser:
            page = browser.new_context(viewport=chromium.PHONE, has_touch=True).new_page()
            page.goto(f"{base}/p/{pinned.post.public_id}")
            page.wait_for_selector(".tag-bag")
            times = [page.evaluate(PAINTED) for _ in range(taps)]
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url) if _counts(request) else None)
            page.locator(".tag-bag").click()
            page.locator("dialog.tag-sheet .offer button").first.click()
            page.locator(".pay-here [name=email]").fill("b@bench.test")
            page.frame_locator(".pay-here iframe").locator("[name=card]").fill("4242 4242 4242 4242")
            before = len(asked)
            page.locator(".pay-here .button--primary").click()
            page.wait_for_url("**/orders/*")
            assert Order.objects.filter(state="paid").exists()
        # The payment itself is one; the order page that comes after it shows what is paid already.
        return {
            "sheet_ms": round(p95([one for one in times if one is not None]), 1),
            "checkout_requests": before + 1,
        }
    finally:
        gateways.current, settings.STRIPE_PUBLISHABLE_KEY = usual, ""


def _counts(request: Any) -> bool:
    """Round trips that buying needs, the provider's frame among them: no pictures, scripts or styles."""
    return request.resource_type in {"document", "fetch", "xhr"}
