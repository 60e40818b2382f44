"""What everybody sees in the channels: cards, whose they are, and what was said below them.

Built from what Slack shows and from nothing else. A card tells its state by the buttons it has
and by the person who is named on it; words are not read, whatever language they are in.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.slack.blocks.actions import ActionId
from sandbox.slack.feed import FeedEntry
from sandbox.slack.model import JsonObject
from sandbox.slack.server import SandboxSlack

GLANCE_SECONDS: Final = 1.0
"""People see what is new this much later."""

_NUMBER: Final = re.compile(r"#(\d+)")


@dataclass(slots=True, kw_only=True)
class Card:
    """A ticket as its card shows it. `pings` are posts below it that call somebody, newest last."""

    channel: str
    ts: str
    number: int
    actions: frozenset[str] = frozenset()
    owner: str | None = None
    customer_at: str = ""
    pings: list[str] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        """Whether nobody has claimed it."""
        return ActionId.CLAIM in self.actions

    @property
    def waits(self) -> bool:
        """Whether a customer waits for an answer."""
        return not self.actions.isdisjoint({ActionId.NO_ANSWER, ActionId.ANSWERED})


class Wall:
    """Every card of the workspace, kept up to date while `run` runs."""

    def __init__(self, slack: SandboxSlack) -> None:
        self._slack = slack
        self._seq = 0
        self.cards: dict[tuple[str, str], Card] = {}
        self.private: int = 0
        self.calls_of: dict[str, list[tuple[str, str]]] = {}

    async def run(self) -> None:
        """Look, for ever."""
        feed = self._slack.core.feed
        while True:
            await feed.wait(self._seq, 3600)
            await asyncio.sleep(GLANCE_SECONDS)
            self.look()

    def look(self) -> None:
        """See what is new."""
        for entry in self._slack.core.feed.after(self._seq):
            self._seq = entry.seq
            self._see(entry)

    def card(self, channel: str, ts: str) -> Card | None:
        """A card as it was last seen."""
        return self.cards.get((channel, ts))

    def by_number(self, number: int) -> Card | None:
        """The card of a ticket."""
        return next((card for card in self.cards.values() if card.number == number), None)

    def _see(self, entry: FeedEntry) -> None:
        if entry.kind == "ephemeral":
            self.private += 1
        if entry.kind not in {"message", "message_changed"}:
            return
        shape: JsonObject = entry.data["message"]
        if not shape["bot"]:
            return
        root = shape["thread_ts"]
        if root is None or root == shape["ts"]:
            self._see_root(shape)
        elif entry.kind == "message":
            self._see_reply(shape, root)

    def _see_root(self, shape: Mapping[str, Any]) -> None:
        actions = frozenset(action_ids(shape["blocks"]))
        if ActionId.MORE not in actions or shape["blocks"][0]["type"] != "header":
            return
        key = (shape["channel"], shape["ts"])
        card = self.cards.get(key)
        if card is None:
            found = _NUMBER.search(shape["blocks"][0]["text"]["text"])
            if found is None:
                return
            card = Card(channel=key[0], ts=key[1], number=int(found[1]), customer_at=key[1])
            self.cards[key] = card
        card.actions = actions
        card.owner = next((who for who in mentioned(shape["blocks"][1:2])), None)

    def _see_reply(self, shape: Mapping[str, Any], root: str) -> None:
        card = self.cards.get((shape["channel"], root))
        if card is None:
            return
        actions = set(action_ids(shape["blocks"]))
        if ActionId.ACKNOWLEDGE in actions:
            card.pings.append(shape["ts"])
            for who in mentioned(shape["blocks"]):
                self.calls_of.setdefault(who, []).append((shape["channel"], shape["ts"]))
        elif ActionId.NO_ANSWER in actions:
            card.customer_at = shape["ts"]


def action_ids(blocks: list[JsonObject]) -> Iterator[str]:
    """The buttons and menus on a message."""
    for block in blocks:
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if "action_id" in element:
                yield str(element["action_id"])


def mentioned(blocks: list[JsonObject]) -> Iterator[str]:
    """The people and groups that are named so that Slack calls them."""
    for element in _elements(blocks):
        if element.get("type") == "user":
            yield str(element["user_id"])
        elif element.get("type") == "usergroup":
            yield str(element["usergroup_id"])


def links(blocks: list[JsonObject]) -> Iterator[str]:
    """Where the links of a message lead."""
    for element in _elements(blocks):
        if element.get("type") == "link":
            yield str(element["url"])


def _elements(blocks: list[JsonObject]) -> Iterator[JsonObject]:
    for block in blocks:
        yield block
        yield from _elements(block.get("elements", []))
