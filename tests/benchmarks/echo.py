"""A bare Channels echo: what one says, all hear. The floor that live panels are measured beside."""

from __future__ import annotations

import django
from django.conf import settings

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402


class Echo(AsyncWebsocketConsumer):
    """One group of all."""

    async def connect(self) -> None:
        await self.channel_layer.group_add("all", self.channel_name)
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send("all", {"type": "told", "text": text_data})

    async def told(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


application = Echo.as_asgi()
