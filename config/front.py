"""One port for everything: pages, API, media ranges and static files over WSGI, sockets over Channels.

This is what `manage.py run` starts as its web process (`python -m config.front`). A sync view costs several
times the CPU under ASGI, so `http` scopes go to the WSGI application in a thread pool (`config/bridge.py`).
In production a proxy stands before two processes instead (docs/hosting.md).
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, cast

import uvicorn
from a2wsgi import WSGIMiddleware

from config.bridge import Bridge

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]

THREADS = 16
# How long a thread that computes keeps the interpreter from one whose answer of the database came: a request
# has about ten such answers, and Python's own turn is 5 ms. What it brings by itself was not measured.
TURN_S = 0.001
STANDIN = "/standin"
LOCAL_CA = "/local-ca.crt"


class Front:
    """Sends each connection to the application that serves its kind."""

    def __init__(self, *, sockets: Application, pages: Application, mounts: dict[str, Application]) -> None:
        self.sockets = sockets
        self.pages = pages
        self.mounts = mounts

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
            return
        for prefix, application in self.mounts.items():
            if scope["path"] == prefix or scope["path"].startswith(f"{prefix}/"):
                await application({**scope, "root_path": prefix}, receive, send)
                return
        await self.pages(scope, receive, send)


def build(*, local_ca: Path | None = None) -> Front:
    """The product, with the stand-in Stripe beside it where its setting is on."""
    from config.asgi import websocket  # first: it sets Django up
    from config.wsgi import application as wsgi

    mounts: dict[str, Application] = {}
    if standin := _standin():
        mounts[STANDIN] = cast(Application, WSGIMiddleware(standin, workers=2))
    if local_ca:
        mounts[LOCAL_CA] = cast(Application, WSGIMiddleware(_file(local_ca), workers=1))
    return Front(sockets=websocket, pages=Bridge(wsgi, threads=THREADS), mounts=mounts)


def _standin() -> Any:
    from django.conf import settings

    if not settings.STRIPE_STANDIN:
        return None
    from commerce.gateways.standin import StandIn, refuse_in_production

    refuse_in_production(secret_key=settings.STRIPE_SECRET_KEY, named=True)
    standin = StandIn(
        path=settings.DATA_DIR / "standin.sqlite3",
        base_url=f"{settings.SITE_URL}{STANDIN}",
        webhook_url=settings.STRIPE_API_BASE.removesuffix(STANDIN) + "/webhooks/stripe",
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
    )
    standin.start_courier()
    return standin


def _file(path: Path) -> Any:
    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/x-x509-ca-cert")])
        return [path.read_bytes()]

    return serve


def serve(options: argparse.Namespace) -> None:
    application = build(local_ca=options.local_ca)
    common: dict[str, Any] = {
        "lifespan": "off",
        "access_log": False,
        "log_config": None,
        "proxy_headers": False,
        "server_header": False,
        "ws_max_size": 64 * 1024,
        "timeout_graceful_shutdown": 3,
    }
    doors = [
        uvicorn.Config(
            application,
            host=options.host,
            port=options.port,
            ssl_certfile=options.certificate,
            ssl_keyfile=options.key,
            **common,
        )
    ]
    if options.inner:
        # Where the host's own processes come in (webhooks of the stand-in) while the outer door speaks TLS.
        doors.append(uvicorn.Config(application, host="127.0.0.1", port=options.inner, **common))
    sys.setswitchinterval(TURN_S)
    with asyncio.Runner(loop_factory=doors[0].get_loop_factory()) as runner:
        runner.run(_together([uvicorn.Server(door) for door in doors]))


async def _together(servers: Sequence[uvicorn.Server]) -> None:
    await asyncio.gather(*(server.serve() for server in servers))


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the product on one port.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--inner", type=int)
    parser.add_argument("--local-ca", type=Path)
    serve(parser.parse_args())


if __name__ == "__main__":
    main()
