"""Disputes and claims: those that wait for the seller at every poll, the others now and then.

The list knows no dates and begins with the issue opened last, so the oldest ones, which are the
most overdue, stand at its end. Those that wait are therefore asked for by their state, all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.allegro.client import ISSUES_PAGE, AllegroClient, Row
from connectors.allegro.issue_items import changed_at, of_issue, state_of
from connectors.allegro.items import digest, name_of
from connectors.allegro.position import Position
from connectors.allegro.sweep import Change, Opened
from connectors.errors import Unavailable
from connectors.fields import Fields

EVERY: Final = timedelta(minutes=10)
"""Between two looks through the issues that wait for nobody."""

LATE: Final = timedelta(days=1)
MOST_LIVE_PAGES: Final = 50
MOST_TAIL_PAGES: Final = 5
"""The five hundred issues opened last; who writes in an older one that is decided is not seen."""

MOST_LOOKED_UP: Final = 50
"""Issues that wait no more, each of which is asked for by itself; the next poll asks for more."""

MOST_CHAT_PAGES: Final = 5
CHAT_CUT: Final = 20
"""Allegro's chats have ended after twenty messages whatever was asked for (its issue tracker)."""


class LiveIssues:
    """Issues that wait for the seller, and those that did when they were last told."""

    name = "live"

    def __init__(self, client: AllegroClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def changes(self, at: Position) -> Sequence[Change]:
        """Issues in another state, or with a message since the last look."""
        found: dict[str, Row] = {}
        for number in range(MOST_LIVE_PAGES):
            page = await self._client.issues(number * ISSUES_PAGE, live=True)
            found |= {_id(row): row for row in page}
            if len(page) < ISSUES_PAGE:
                break
        else:
            raise Unavailable(f"more than {len(found)} issues wait for the seller")
        gone = sorted(set(at.open) - set(found))[:MOST_LOOKED_UP]
        for name in gone:
            row = await self._client.issue(name)
            found[name] = row if row is not None else _vanished(name)
        changes = (self._change(row, at) for name, row in found.items() if name)
        news = [one for one in changes if _is_news(one, at, self.name)]
        return sorted(news, key=lambda one: (one.at, one.key))

    async def open(self, change: Change, at: Position) -> Opened:
        """What changed of one issue: its state, and what was written in it."""
        floor = max(at.first, at.trail(self.name).base - LATE)
        return await _opened(self._client, change, at, floor, self._now())

    def done(self, at: Position) -> Position:
        """Nothing beside."""
        return at

    def _change(self, row: Row, at: Position) -> Change:
        state = state_of(row, self._now())
        name = _id(row)
        change = _change(row, self._now())
        # An issue that is told closed is not told again by the other look.
        if not state.is_open and name not in at.open:
            return change
        looks = f"{change.looks}|{digest(state.told)[:8]}"
        return replace(change, looks=looks, state=state.told, is_open=state.is_open)


class OtherIssues:
    """Issues that wait for nobody: a customer may still write there."""

    name = "tail"

    def __init__(self, client: AllegroClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def changes(self, at: Position) -> Sequence[Change]:
        """Issues with a message since the last look; none at all before it is time."""
        if at.swept is not None and self._now() < at.swept + EVERY:
            return []
        found: dict[str, Change] = {}
        for number in range(MOST_TAIL_PAGES):
            page = await self._client.issues(number * ISSUES_PAGE, live=False)
            for row in page:
                change = _change(row, self._now())
                if _id(row) and _id(row) not in at.open and _is_news(change, at, self.name):
                    found.setdefault(change.key, change)
            if len(page) < ISSUES_PAGE:
                break
        return sorted(found.values(), key=lambda one: (one.at, one.key))

    async def open(self, change: Change, at: Position) -> Opened:
        """What was written in one issue."""
        floor = max(at.first, at.trail(self.name).base - LATE)
        return await _opened(self._client, change, at, floor, self._now())

    def done(self, at: Position) -> Position:
        """The next look is due a while later."""
        is_due = at.swept is None or self._now() >= at.swept + EVERY
        return replace(at, swept=self._now()) if is_due else at


async def _opened(
    client: AllegroClient, change: Change, at: Position, floor: datetime, now: datetime
) -> Opened:
    name = _id(change.row)
    chat = await whole_chat(client, name) if _has_chat(change.row) else []
    items = of_issue(
        change.row,
        chat,
        before=at.open.get(name),
        state=state_of(change.row, now),
        floor=floor,
        now=now,
    )
    return Opened(items=items)


async def whole_chat(client: AllegroClient, issue: str) -> Sequence[Row]:
    """The messages of a chat, each once, as far as Allegro gives them."""
    found: dict[str, Row] = {}
    for _ in range(MOST_CHAT_PAGES):
        page = await client.chat(issue, len(found))
        new = {name_of(Fields(row)): row for row in page}
        is_known = new.keys() <= found.keys()
        found = new | found
        if is_known or len(page) < CHAT_CUT:
            break
    return list(found.values())


def _change(row: Row, now: datetime) -> Change:
    raw = Fields(row)
    chat = raw.inner("chat")
    count = chat.number("messagesCount", default=0)
    last = chat.inner("lastMessage").text("status", default="")
    # A time that cannot be read counts as now: such an issue is opened at every look.
    at = changed_at(row) or now
    looks = f"{count}|{last}|{digest(raw.inner('currentState').value)[:8]}"
    return Change(key=_id(row), at=at, looks=looks, row=row)


def _is_news(change: Change, at: Position, name: str) -> bool:
    """Whether somebody wrote since the last look, or the state is another than was told."""
    return change.at >= at.trail(name).floor or change.state != at.open.get(change.key)


def _has_chat(row: Row) -> bool:
    chat = Fields(row).inner("chat")
    return chat.number("messagesCount", default=0) > 0 or isinstance(
        chat.value.get("lastMessage"), dict
    )


def _vanished(name: str) -> Row:
    """An issue that Allegro does not know any more."""
    return {"id": name, "type": "", "currentState": {"status": "DISPUTE_CLOSED"}}


def _id(row: Row) -> str:
    return Fields(row).id("id", default="")
