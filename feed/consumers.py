"""The one socket of a page: news for the person, and live counts of the clip on screen. It carries no state
of its own and writes nothing; a page has one at most."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import Http404
from django.utils import timezone

from feed import access, live_counts, talking


class Live(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        """Everybody may listen to the clip on their screen; news of messages comes to whoever signed in."""
        self.clip = ""
        user = self.scope.get("user")
        self.mine = talking.group_of(user.pk) if user is not None and user.pk is not None else ""
        if self.mine:
            await self.channel_layer.group_add(self.mine, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for group in filter(None, (getattr(self, "mine", ""), getattr(self, "clip", ""))):
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: Any, **more: Any) -> None:
        """`{"watch": "<post>"}`: the clip now on screen, instead of the one before."""
        wanted = content.get("watch") if isinstance(content, dict) else None
        try:
            counts = await self._counts(UUID(str(wanted)))
        except (ValueError, Http404):
            return
        if self.clip:
            await self.channel_layer.group_discard(self.clip, self.channel_name)
        self.clip = live_counts.group_of(counts["post"])
        await self.channel_layer.group_add(self.clip, self.channel_name)
        await self.send_json(counts)

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """Nonsense is nothing said."""
        try:
            return await super().decode_json(text_data[:1000])
        except (ValueError, RecursionError):
            return None

    async def news(self, news: dict[str, Any]) -> None:
        await self.send_json(news)

    @database_sync_to_async
    def _counts(self, post: UUID) -> dict[str, Any]:
        return live_counts.of(access.post_for(self.scope["user"], post, timezone.now()))
