"""One running sandbox: the aiohttp application with Web API, Socket Mode, page and control API.

An app connects with `base_url=sandbox.api_url`, `sandbox.bot_token` and `sandbox.app_token` (Socket Mode), or with
`sandbox.signing_secret` and the request addresses of its manifest (HTTP mode).
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession, web

from bot.clock import Clock
from sandbox.slack.acts import Acts
from sandbox.slack.app_link import AppLink, InstalledApp
from sandbox.slack.control import ControlApi
from sandbox.slack.core import Core
from sandbox.slack.delivery import Timing
from sandbox.slack.faults import Faults
from sandbox.slack.feed import Feed
from sandbox.slack.file_routes import FileRoutes
from sandbox.slack.file_store import FileStore
from sandbox.slack.handles import ResponseAddresses, Triggers
from sandbox.slack.limits import LimitSettings, RateLimits
from sandbox.slack.manifest import read_manifest
from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.person import Person
from sandbox.slack.posts import Posts
from sandbox.slack.push import HttpPush
from sandbox.slack.responses import Responses
from sandbox.slack.seed import APP_ID, BOT_ID, BOT_USER, DOMAIN, TEAM, seed
from sandbox.slack.sockets import SocketHub
from sandbox.slack.ui import PageApi
from sandbox.slack.web_api import WebApi
from sandbox.slack.workspace import Workspace

_LARGEST_BODY = 64 * 1024 * 1024


class SandboxSlack:
    """A Slack workspace on loopback. `limits` and `timing` are Slack's own unless given."""

    def __init__(
        self, *, limits: LimitSettings | None = None, timing: Timing | None = None
    ) -> None:
        self._limits = limits or LimitSettings()
        self._timing = timing or Timing()
        self._core: Core | None = None
        self._runner: web.AppRunner | None = None
        self._session: ClientSession | None = None

    async def start(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        manifest: Mapping[str, Any] | None = None,
    ) -> None:
        """Listen; port 0 takes a free one. Raises BadManifest, and OSError when the port is taken."""
        self._session = ClientSession()
        core = self._assemble(self._session, clock or Clock(), manifest or default_manifest())
        runner = web.AppRunner(
            self._application(core),
            handler_cancellation=True,
            shutdown_timeout=0.5,
            access_log=None,
        )
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        self._runner = runner
        bound = runner.addresses[0][1]
        core.base_url = core.files.base_url = f"http://{host}:{bound}"
        self._core = core

    def _assemble(self, session: ClientSession, clock: Clock, manifest: Mapping[str, Any]) -> Core:
        feed = Feed()
        workspace = Workspace(clock=clock, feed=feed, name=TEAM, domain=DOMAIN)
        app = InstalledApp(
            app_id=APP_ID, bot_user=BOT_USER, bot_id=BOT_ID, manifest=read_manifest(manifest)
        )
        seed(workspace, bot_name=app.manifest.bot_name)
        hub = SocketHub(app_id=APP_ID, timing=self._timing, feed=feed)
        files = FileStore(workspace=workspace, app=app)
        push = HttpPush(session=session, signing_secret=app.signing_secret, timing=self._timing)
        link = AppLink(app=app, workspace=workspace, hub=hub, push=push, timing=self._timing)
        return Core(
            clock=clock,
            feed=feed,
            workspace=workspace,
            app=app,
            link=link,
            hub=hub,
            posts=Posts(workspace=workspace, link=link, files=files),
            files=files,
            limits=RateLimits(self._limits, clock.monotonic),
            faults=Faults(),
            triggers=Triggers(clock),
            responses=ResponseAddresses(clock),
            timing=self._timing,
        )

    def _application(self, core: Core) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_BODY)
        acts = Acts(core)
        application.add_routes(
            [
                web.get("/api/{method}", WebApi(core).handle),
                web.post("/api/{method}", WebApi(core).handle),
                web.get("/socket", core.hub.handle),
                web.post("/response/{path}", Responses(core).handle),
                *FileRoutes(core).routes(),
                *ControlApi(core, acts).routes(),
                *PageApi(core, acts).routes(),
            ]
        )
        return application

    async def stop(self) -> None:
        """Close everything; harmless when not started."""
        if self._core is not None:
            await self._core.link.close()
            await self._core.hub.drop()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()
        self._core = self._runner = self._session = None

    @property
    def core(self) -> Core:
        """All parts. Raises RuntimeError before `start`."""
        if self._core is None:
            raise RuntimeError("the sandbox is not started")
        return self._core

    @property
    def workspace(self) -> Workspace:
        """The state."""
        return self.core.workspace

    @property
    def url(self) -> str:
        """Where the page is, without a slash at its end."""
        return self.core.base_url

    @property
    def api_url(self) -> str:
        """What an app takes as its Web API's base address."""
        return f"{self.core.base_url}/api/"

    @property
    def bot_token(self) -> str:
        """The app's `xoxb` token."""
        return self.core.app.bot_token

    @property
    def app_token(self) -> str:
        """The app's `xapp` token, for Socket Mode."""
        return self.core.app.app_token

    @property
    def signing_secret(self) -> str:
        """What HTTP requests to the app are signed with."""
        return self.core.app.signing_secret

    def install(self, manifest: Mapping[str, Any]) -> None:
        """Give the app another manifest, as its settings page would. Raises BadManifest."""
        self.core.app.manifest = read_manifest(manifest)

    def person(self, name: str) -> Person:
        """Somebody of the workspace to act as, by handle, first name or id. Raises NotFound."""
        if self._session is None:
            raise RuntimeError("the sandbox is not started")
        user = self.workspace.user_named(name)
        return Person(self._session, self.url, user_id=user.id, name=user.display_name, tz=user.tz)
