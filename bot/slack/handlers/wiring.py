"""What every listener works with, and the channel's policy as listeners ask for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.clock import Clock
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.slack.blocks.kit import REPLY_LIMIT
from bot.slack.commands import COMMANDS, CommandNames
from bot.usecases.access import require
from connectors.contract import Connector
from connectors.registry import ConnectorSpec
from connectors.reply_guard import Finding, check_reply

Command = TypeVar("Command")
Outcome = TypeVar("Outcome")
UseCase = Callable[[Tx, Desk, Command], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The desk as the Slack side sees it. `desk` gives the rules of the moment."""

    client: AsyncWebClient
    db: Database
    desk: Callable[[], Desk]
    clock: Clock
    connectors: Mapping[str, Connector]
    specs: Mapping[str, ConnectorSpec] = field(default_factory=dict)
    names: CommandNames = COMMANDS

    def now(self) -> datetime:
        """Desk time."""
        return self.clock.now()

    async def decide(self, verb: UseCase[Command, Outcome], command: Command) -> Outcome:
        """Have a use case decide, in one transaction ahead of polled mail."""
        desk = self.desk()
        return await self.db.write(
            lambda tx: verb(tx, desk, command), now=self.clock.now(), urgent=True
        )

    async def look(self, actor: str, query: Callable[[Connection], Outcome]) -> Outcome:
        """Read for somebody who may see tickets. Raises NotAllowed."""
        require(self.desk(), actor, Verb.VIEW)
        return await self.db.read(query)

    def findings(self, connector: str, text: str) -> Sequence[Finding]:
        """What the channel's messaging policy has against `text`, gravest first."""
        spec = self.specs.get(connector)
        return check_reply(text, spec.manifest) if spec else ()

    def reply_limit(self, connector: str) -> int:
        """How many characters an answer may have: the channel's rule, and what a field holds."""
        spec = self.specs.get(connector)
        rules = spec.manifest.reply_rules if spec else ()
        limits = [rule.limit for rule in rules if rule.check == "length" and rule.limit]
        return min([REPLY_LIMIT, *limits])

    def policy(self, connector: str) -> Sequence[str]:
        """What the channel forbids, for somebody about to write; three lines at most."""
        spec = self.specs.get(connector)
        rules = spec.manifest.reply_rules if spec else ()
        return [rule.text for rule in rules if rule.level == "block" and rule.check != "length"][:3]
