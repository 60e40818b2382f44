"""What executors of a single kind of effect have in common: what they work with, and that kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.slack.calls import CALL_SECONDS, SlackCalls
from bot.slack.file_calls import FileCalls
from connectors.contract import Connector


class _Kind:
    kind: ClassVar[EffectKind]

    @property
    def kinds(self) -> Sequence[str]:
        """What this executor sends."""
        return (self.kind,)


class OneKind(_Kind):
    """Sends effects of one `kind` by Slack's ordinary calls. `desk` gives the rules of the moment."""

    def __init__(
        self, client: AsyncWebClient, db: Database, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._calls = SlackCalls(client)
        self._db = db
        self._desk = desk
        self._clock = clock


class OneKindOfFiles(_Kind):
    """Sends effects of one `kind` that move files between Slack and channels.

    `connectors` are by inbox name, `desk` gives the rules of the moment.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        connectors: Mapping[str, Connector],
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        *,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._calls = FileCalls(client, call_seconds=call_seconds)
        self._connectors = connectors
        self._db = db
        self._desk = desk
        self._clock = clock
