"""What every listener works with, and the channel's policy as listeners ask for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.standing_rows import as_people_stand
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.domain.said import said, said_excerpt
from bot.llm.provider import LanguageModel
from bot.slack.blocks.kit import REPLY_LIMIT
from bot.slack.request import COMMANDS, CommandNames
from bot.slack.similar_tickets import SimilarTickets
from bot.slack.spoken import SpokenLanguages
from bot.usecases.access import require
from bot.usecases.meanwhile import refuse_if_changed
from connectors.contract import Attachment, Connector
from connectors.manifest import AttachmentLimits
from connectors.registry import ConnectorSpec
from connectors.reply_guard import Finding, check_reply

Command = TypeVar("Command")
Outcome = TypeVar("Outcome")
UseCase = Callable[[Tx, Desk, Command], Outcome]

_OF_A_TEXT: Final = frozenset({"length", "card_number"})
"""Checks whose words are about what was written: “This looks like …”, “… is too long”."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What somebody had before their eyes when they decided: the ticket up to the event `seen`."""

    ticket_id: int
    number: int
    actor: str
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The desk as the Slack side sees it. `desk` gives the rules of the moment.

    With a `picture`, nothing is decided that a colleague has overtaken. `llm` is the language model
    that agents may ask, None where the owner named none.
    """

    client: AsyncWebClient
    db: Database
    desk: Callable[[], Desk]
    clock: Clock
    connectors: Mapping[str, Connector]
    specs: Mapping[str, ConnectorSpec] = field(default_factory=dict)
    names: CommandNames = COMMANDS
    picture: Picture | None = None
    languages: SpokenLanguages
    similar: SimilarTickets = field(default_factory=SimilarTickets)
    llm: LanguageModel | None = None
    apart: ReadApart | None = None

    def now(self) -> datetime:
        """Desk time."""
        return self.clock.now()

    async def decide(self, verb: UseCase[Command, Outcome], command: Command) -> Outcome:
        """Have a use case decide, in one transaction ahead of polled mail. Raises Conflict."""
        rules, picture = self.desk(), self.picture

        def whole(tx: Tx) -> Outcome:
            desk = as_people_stand(tx.conn, rules)
            if picture is not None:
                refuse_if_changed(
                    tx,
                    desk,
                    ticket_id=picture.ticket_id,
                    number=picture.number,
                    actor=picture.actor,
                    seen=picture.seen,
                )
            return verb(tx, desk, command)

        return await self.db.write(whole, now=self.clock.now(), urgent=True)

    async def look(
        self, actor: str, query: Callable[[Connection], Outcome], *, long: bool = False
    ) -> Outcome:
        """Read for somebody who may see tickets; a `long` read beside the desk's work. Raises NotAllowed."""
        desk = self.desk()
        require(desk, actor, Verb.VIEW)

        def whole(conn: Connection) -> Outcome:
            require(as_people_stand(conn, desk), actor, Verb.VIEW)
            return query(conn)

        if long and self.apart is not None:
            return await self.apart.read(whole)
        return await self.db.read(whole)

    def findings(
        self, connector: str, text: str, files: Sequence[Attachment] = ()
    ) -> Sequence[Finding]:
        """What the channel's messaging policy has against `text` and `files`, gravest first."""
        spec = self.specs.get(connector)
        found = check_reply(text, spec.manifest, files) if spec else ()
        return [
            replace(one, text=said(one.text), excerpt=said_excerpt(one.excerpt)) for one in found
        ]

    def files_taken(self, connector: str) -> AttachmentLimits | None:
        """What the channel takes along with an answer; None where it takes no files."""
        spec = self.specs.get(connector)
        rules = spec.manifest.reply_rules if spec else ()
        if any(rule.check == "attachment" and rule.level == "block" for rule in rules):
            return None
        return spec.manifest.limits.attachments if spec else None

    def may_be_private(self, connector: str) -> bool:
        """Whether what was asked in public may be answered to the customer alone."""
        spec = self.specs.get(connector)
        return spec is not None and spec.manifest.capabilities.public_reply == "possible"

    def reply_limit(self, connector: str) -> int:
        """How many characters an answer may have: the channel's rule, and what a field holds."""
        spec = self.specs.get(connector)
        rules = spec.manifest.reply_rules if spec else ()
        limits = [rule.limit for rule in rules if rule.check == "length" and rule.limit]
        return min([REPLY_LIMIT, *limits])

    def policy(self, connector: str) -> Sequence[str]:
        """What the channel forbids, for somebody about to write; three lines at most.

        What is said of a text that was found wanting makes no sense before there is one.
        """
        spec = self.specs.get(connector)
        rules = spec.manifest.reply_rules if spec else ()
        forbidden = (one for one in rules if one.level == "block" and one.check not in _OF_A_TEXT)
        return [said(rule.text) for rule in forbidden][:3]
