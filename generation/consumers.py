"""The socket of one generation: news for its maker. It carries no state of its own and writes nothing."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import Http404

from generation import access, inform


class Progress(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        """Authorised through the same door as the page; a hidden generation closes like an absent one."""
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        try:
            first = await self._now(public_id)
        except Http404:
            await self.close(code=4404)
            return
        self.group = inform.group(public_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send_json(first)

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def progress(self, news: dict[str, Any]) -> None:
        await self.send_json(news)

    @database_sync_to_async
    def _now(self, public_id: str) -> dict[str, Any]:
        return inform.news(access.generation_for(self.scope["user"], public_id))
