"""The Bolt app: every listener, wired to one desk. Transport (socket or HTTP) is not its matter."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.home import HomeChoice
from bot.llm.provider import LanguageModel
from bot.slack import people
from bot.slack.counted import CountingApp
from bot.slack.followed import followed
from bot.slack.gate import only_our_workspace
from bot.slack.handlers import (
    block_actions,
    commands,
    home_choices,
    joining,
    ledger,
    refusals,
    shortcuts,
    views,
)
from bot.slack.handlers.seen import is_first
from bot.slack.handlers.wiring import Wiring
from bot.slack.home import publish_home
from bot.slack.request import COMMANDS, CommandNames
from bot.slack.spoken import SpokenLanguages, speaking_to_whoever_asks
from connectors.contract import Connector
from connectors.registry import ConnectorSpec


def build_app(
    client: AsyncWebClient,
    db: Database,
    desk: Callable[[], Desk],
    clock: Clock,
    connectors: Mapping[str, Connector],
    *,
    specs: Mapping[str, ConnectorSpec] | None = None,
    signing_secret: str | None = None,
    names: CommandNames = COMMANDS,
    llm: LanguageModel | None = None,
    apart: ReadApart | None = None,
) -> CountingApp:
    """The app of one workspace.

    `connectors` are by inbox name, `specs` by connector key: without a spec a channel has no
    messaging policy. `signing_secret` is needed where requests come by HTTP; in Socket Mode the
    socket itself proves who is calling. Long searches go `apart`, where that is given.
    """
    app = CountingApp(
        clock,
        name="threadline",
        client=_without_token(client),
        authorize=_single_team(client),
        signing_secret=signing_secret or "unused in Socket Mode",
        request_verification_enabled=signing_secret is not None,
        raise_error_for_unhandled_request=True,
    )
    languages = SpokenLanguages(db, desk, clock)
    app.use(followed)
    app.use(speaking_to_whoever_asks(languages))
    app.use(only_our_workspace(desk))
    wiring = Wiring(
        client=client,
        db=db,
        desk=desk,
        clock=clock,
        connectors=connectors,
        specs=specs or {},
        names=names,
        languages=languages,
        llm=llm,
        apart=apart,
    )
    _listen(app, wiring)
    return app


def _listen(app: AsyncApp, wiring: Wiring) -> None:
    refusals.register(app)
    commands.register(app, wiring)
    shortcuts.register(app, wiring)
    views.register(app, wiring)
    block_actions.register(app, wiring)
    home_choices.register(app, wiring)
    joining.register(app, wiring)
    ledger.register(app, wiring)
    people.register(app, wiring)
    block_actions.register_outdated(app, wiring)
    _register_home(app, wiring)


def _without_token(client: AsyncWebClient) -> AsyncWebClient:
    """The same host, for Bolt itself, whose token comes with each request's authorisation."""
    return AsyncWebClient(
        base_url=client.base_url,
        timeout=client.timeout,
        ssl=client.ssl,
        proxy=client.proxy,
        session=client.session,
        headers=client.headers,
    )


def _single_team(client: AsyncWebClient) -> Callable[..., Any]:
    # One workspace, one token: asking Slack who we are on each request would cost a call each.
    async def authorize(
        enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            bot_token=client.token,
        )

    return authorize


def _register_home(app: AsyncApp, wiring: Wiring) -> None:
    @app.event("app_home_opened")
    async def home_opened(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        if event.get("tab") != "home" or not await is_first(wiring, str(body.get("event_id"))):
            return
        shown = (event.get("view") or {}).get("private_metadata") or ""
        await publish_home(wiring, str(event["user"]), HomeChoice.load(shown))
