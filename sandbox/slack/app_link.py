"""The installed app: its identity, its manifest, and the line over which it hears of things."""

import asyncio
import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.delivery import Answer, PayloadKind, Retry, Timing, Transport
from sandbox.slack.manifest import AppManifest
from sandbox.slack.model import Channel, JsonObject
from sandbox.slack.push import HttpPush
from sandbox.slack.sockets import SocketHub
from sandbox.slack.workspace import Workspace

# The scopes without which Slack does not deliver an event, by its type ("Events API" reference).
_EVENT_SCOPES: Mapping[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "channel_archive": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "subteam_members_changed": ("usergroups:read",),
    "user_change": ("users:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
}


@dataclass(slots=True, kw_only=True)
class InstalledApp:
    """Who the app is in this workspace. `token_error` is what its bot token is answered with when it was revoked."""

    app_id: str
    bot_user: str
    bot_id: str
    manifest: AppManifest
    bot_token: str = field(default_factory=lambda: f"xoxb-sandbox-{secrets.token_hex(12)}")
    app_token: str = field(default_factory=lambda: f"xapp-sandbox-{secrets.token_hex(12)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    token_error: str | None = None


class AppLink:
    """Hands payloads to the app over the transport its manifest names, and events again when they were not taken."""

    def __init__(
        self,
        *,
        app: InstalledApp,
        workspace: Workspace,
        hub: SocketHub,
        push: HttpPush,
        timing: Timing,
    ) -> None:
        self.app = app
        self.hub = hub
        self._workspace = workspace
        self._push = push
        self._timing = timing
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self.lost_events: list[JsonObject] = []

    @property
    def connected(self) -> bool:
        """Whether something would hear a payload now."""
        return bool(self.hub.connections) or not self.app.manifest.socket_mode

    @property
    def _transport(self) -> Transport:
        return self.hub if self.app.manifest.socket_mode else self._push

    async def command(self, payload: Mapping[str, Any], url: str | None) -> Answer:
        """Hand over a slash command."""
        return await self._transport.deliver(PayloadKind.COMMAND, payload, retry=Retry(), url=url)

    async def interaction(self, payload: Mapping[str, Any]) -> Answer:
        """Hand over a click, shortcut, submission or closing."""
        url = self.app.manifest.interactivity_url
        return await self._transport.deliver(
            PayloadKind.INTERACTION, payload, retry=Retry(), url=url
        )

    def event(
        self, event: JsonObject, *, channel: Channel | None = None, subscription: str | None = None
    ) -> None:
        """Send an event when the app subscribed to it, has its scope, and its bot is in `channel`. Does not wait."""
        name = subscription or str(event["type"])
        scopes = _EVENT_SCOPES.get(name, ())
        manifest = self.app.manifest
        if name not in manifest.events or (scopes and not manifest.scopes.intersection(scopes)):
            return
        if channel is not None and self.app.bot_user not in channel.members:
            return
        task = asyncio.get_running_loop().create_task(self._deliver_event(self._callback(event)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _callback(self, event: JsonObject) -> JsonObject:
        team_id = self._workspace.team_id
        return {
            "token": self.app.verification_token,
            "team_id": team_id,
            "context_team_id": team_id,
            "context_enterprise_id": None,
            "api_app_id": self.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0SB{next(self._numbers):07d}",
            "event_time": int(self._workspace.clock.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team_id,
                    "user_id": self.app.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }

    async def _deliver_event(self, callback: JsonObject) -> None:
        reason = ""
        for number, delay in enumerate((0.0, *self._timing.retry_delays)):
            await asyncio.sleep(delay)
            answer = await self._transport.deliver(
                PayloadKind.EVENT,
                callback,
                retry=Retry(number=number, reason=reason),
                url=self.app.manifest.events_url,
            )
            if answer.acked or answer.stop_retries:
                return
            reason = answer.failure or ""
        self.lost_events.append(callback)

    async def close(self) -> None:
        """Give up what is still to be delivered."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
