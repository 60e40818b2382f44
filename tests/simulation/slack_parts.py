"""The sandbox's workspace without its server, in a world's own time."""

from datetime import datetime
from typing import cast

import aiohttp
from typing_extensions import override

from bot.clock import Clock
from sandbox.slack.app_link import AppLink, InstalledApp
from sandbox.slack.core import Core
from sandbox.slack.delivery import Timing
from sandbox.slack.faults import Faults
from sandbox.slack.feed import Feed
from sandbox.slack.file_store import FileStore
from sandbox.slack.handles import ResponseAddresses, Triggers
from sandbox.slack.limits import LimitSettings, RateLimits
from sandbox.slack.manifest import read_manifest
from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.model import JsonObject
from sandbox.slack.posts import Posts
from sandbox.slack.push import HttpPush
from sandbox.slack.seed import APP_ID, BOT_ID, BOT_USER, DOMAIN, TEAM, seed
from sandbox.slack.sockets import SocketHub
from sandbox.slack.workspace import Workspace
from tests.simulation.ports import Around

TOKEN = "xoxb-simulated"


class Heard(Clock):
    """The world's true time, as the sandbox reads it."""

    def __init__(self, around: Around) -> None:
        super().__init__()
        self._around = around
        self._begun = around.now()

    @override
    def now(self) -> datetime:
        return self._around.now()

    @override
    def monotonic(self) -> float:
        return (self._around.now() - self._begun).total_seconds()


class _NoFeed(Feed):
    """Nobody looks at the sandbox's page."""

    @override
    def publish(
        self, kind: str, data: JsonObject, *, user: str | None = None, channel: str | None = None
    ) -> None:
        del kind, data, user, channel


def furnished(clock: Clock, limits: LimitSettings) -> Core:
    """The sandbox's parts. The app hears of no event: no task is ever started."""
    manifest = default_manifest()
    manifest["settings"]["event_subscriptions"]["bot_events"] = []
    feed, timing = _NoFeed(), Timing()
    workspace = Workspace(clock=clock, feed=feed, name=TEAM, domain=DOMAIN)
    app = InstalledApp(
        app_id=APP_ID,
        bot_user=BOT_USER,
        bot_id=BOT_ID,
        manifest=read_manifest(manifest),
        bot_token=TOKEN,
    )
    seed(workspace, bot_name=app.manifest.bot_name)
    hub = SocketHub(app_id=APP_ID, timing=timing, feed=feed)
    files = FileStore(workspace=workspace, app=app)
    nobody = cast("aiohttp.ClientSession", None)
    push = HttpPush(session=nobody, signing_secret=app.signing_secret, timing=timing)
    link = AppLink(app=app, workspace=workspace, hub=hub, push=push, timing=timing)
    return Core(
        clock=clock,
        feed=feed,
        workspace=workspace,
        app=app,
        link=link,
        hub=hub,
        posts=Posts(workspace=workspace, link=link, files=files),
        files=files,
        limits=RateLimits(limits, clock.monotonic),
        faults=Faults(),
        triggers=Triggers(clock),
        responses=ResponseAddresses(clock),
        timing=timing,
    )
