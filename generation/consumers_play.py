"""The socket of a play: passes on what is pressed and what is drawn, as long as everybody agrees.

The playing process is asked over a connection of its own; it gets scenes and names, no faces and no people.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from typing import Any, cast

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import Http404
from django.utils import timezone

from accounts.refusals import Refused
from generation import access, playing
from generation.models import Generation

ASK_AGAIN_S = 5.0
FASTEST_S = 0.05  # between two presses; of faster ones the last counts, when its time has come
LONGEST_LINE = 32 << 20
NUMBERS = {"facing": (-1, 1), "energy": (-1, 1), "shown": (0, 10_000)}


class Play(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        """Only its maker, and only while it is played; anything else closes like an absent one."""
        self.tasks: list[asyncio.Task[None]] = []
        self.pressed_at = 0.0
        self.late: dict[str, Any] | None = None
        try:
            self.row = await self._row(self.scope["url_route"]["kwargs"]["public_id"])
            began = await database_sync_to_async(playing.opening)(self.row, timezone.now())
        except (Http404, Refused):
            await self.close(code=4404)
            return
        await self.accept()
        try:
            self.reader, self.writer = await _connected()
        except OSError:
            await self._over("no_player")
            return
        await self._tell(began.told)
        if began.faces:
            await self.send(json.dumps({"type": "faces", "faces": began.faces}))
        self.tasks = [asyncio.create_task(self._pass_on()), asyncio.create_task(self._watch())]

    async def disconnect(self, code: int) -> None:
        for task in getattr(self, "tasks", []):
            task.cancel()
        if hasattr(self, "writer"):
            self.writer.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Presses, how far the page is, and the wish to keep it; anything else is nothing."""
        if not hasattr(self, "writer"):
            return
        try:
            message = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        wish = checked(message)
        if wish is None:
            return
        if "do" in wish:
            await self._press(wish)
            return
        with contextlib.suppress(OSError):
            await self._tell(wish)

    async def _press(self, wish: dict[str, Any]) -> None:
        """A key that was only tapped is let go within a few milliseconds: that has to be heard too."""
        wait = self.pressed_at + FASTEST_S - asyncio.get_running_loop().time()
        if self.late is not None:
            self.late = wish
            return
        if wait > 0:
            self.late = wish
            self.tasks.append(asyncio.create_task(self._press_late(wait)))
            return
        self.pressed_at = asyncio.get_running_loop().time()
        with contextlib.suppress(OSError):
            await self._tell(wish)

    async def _press_late(self, wait: float) -> None:
        await asyncio.sleep(wait)
        wish, self.late = self.late, None
        self.tasks.remove(cast("asyncio.Task[None]", asyncio.current_task()))
        if wish is not None:
            await self._press(wish)

    async def _pass_on(self) -> None:
        """Lines of the playing process, to the page. A kept run is made a clip here and not passed on."""
        while line := await self.reader.readline():
            if line.startswith(b'{"type":"kept"'):
                await self._keep(json.loads(line))
            else:
                await self.send(line.decode())
        await self._over("no_player")

    async def _keep(self, kept: dict[str, Any]) -> None:
        try:
            await database_sync_to_async(playing.keep)(
                generation=self.row,
                by=self.scope["user"],
                material=base64.b64decode(kept["material"]),
                seconds=float(kept["seconds"]),
                now=timezone.now(),
            )
        except Refused as said:
            await self.send(json.dumps({"type": "refused", "message": str(said.message)}))
            return
        await self.send(json.dumps({"type": "clip", "url": f"/generations/{self.row.public_id}"}))

    async def _watch(self) -> None:
        """Ask again, while it lasts, whether everybody agrees."""
        while True:
            await asyncio.sleep(ASK_AGAIN_S)
            if not await database_sync_to_async(playing.still_allowed)(self.row, timezone.now()):
                await self._over("not_allowed")
                return

    async def _over(self, why: str) -> None:
        await self.send(json.dumps({"type": "over", "why": why}))
        await self.close(code=1000)

    async def _tell(self, message: dict[str, Any]) -> None:
        self.writer.write(json.dumps(message).encode() + b"\n")
        await self.writer.drain()

    @database_sync_to_async
    def _row(self, public_id: str) -> Generation:
        return access.generation_for(self.scope["user"], public_id)


def checked(message: Any) -> dict[str, Any] | None:
    """What a page may say to the playing process; None for anything else."""
    if not isinstance(message, dict):
        return None
    if message.get("keep") is True:
        return {"keep": True}
    if "do" in message:
        given = message["do"]
        if not isinstance(given, dict):
            return None
        wish: dict[str, Any] = {name: _number(given.get(name), name) for name in NUMBERS}
        action = given.get("action")
        wish["action"] = action[:20] if isinstance(action, str) else ""
        return {"do": {name: value for name, value in wish.items() if value is not None}}
    shown = _number(message.get("shown"), "shown")
    return None if shown is None else {"shown": int(shown)}


def _number(value: Any, name: str) -> float | None:
    low, high = NUMBERS[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    return value


async def _connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address: str = settings.PLAY_ADDRESS
    if address.startswith("unix:"):
        return await asyncio.open_unix_connection(address.removeprefix("unix:"), limit=LONGEST_LINE)
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host, int(port), limit=LONGEST_LINE)
