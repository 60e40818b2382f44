"""What is new in conversations after a sale.

The list of unread packs says where to look. It is not enough: a message that we read stays unread
to Mercado Libre, one that a person read in the console leaves the list, and moderation refuses
answers without a word. So what moved lately is opened again, the longest unseen first.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json, RawItem
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.mercado_libre.client import MercadoLibreClient
from connectors.mercado_libre.items import item, moderation_of, sellers_of, written_at
from connectors.mercado_libre.paging import Conversation, whole_conversation
from connectors.mercado_libre.position import KnownPack, Position
from connectors.mercado_libre.promises import WATCHED, Promises

LATE: Final = timedelta(days=7)
"""How much older than the last poll a message may be and still be new."""

WARM: Final = timedelta(hours=48)
"""How long after its newest message a conversation is opened again at every poll."""

COLD: Final = timedelta(hours=1)
"""The pause between two looks into an unread conversation in which nothing moves."""

MOST_CHANGED: Final = 200
MOST_AGAIN: Final = 30
"""Conversations opened in one poll: those that changed, and others. The rest comes next time."""

A_BATCH: Final = 25

Step = tuple[Sequence[RawItem], Position]


class PackReader:
    """Reads the conversations of one account."""

    def __init__(self, client: MercadoLibreClient, promises: Promises, seller_id: str) -> None:
        self._client = client
        self._promises = promises
        self._seller_id = seller_id

    async def pages(self, at: Position, now: datetime) -> AsyncIterator[Step]:
        """What is new, some conversations at a time, and the position once that is stored."""
        unread = await self._client.unread()
        answered = await self._promises.since(now - WATCHED)
        due = _due(unread, answered, at.packs, now)
        floor = max(at.first, at.packs_since - LATE)
        for start in range(0, len(due), A_BATCH):
            found: list[RawItem] = []
            packs = dict(at.packs)
            for pack in due[start : start + A_BATCH]:
                opened = await self._open(pack)
                moved = (opened.moved if opened else None) or now
                packs[pack] = KnownPack(unread=unread.get(pack, 0), looked=now, moved=moved)
                found += self._items(opened, floor, now) if opened else ()
            at = replace(at, packs=packs)
            yield found, at
        kept = {
            name: one
            for name, one in at.packs.items()
            if name in unread or name in answered or one.moved >= now - WARM
        }
        yield (), replace(at, packs=kept, packs_since=now)

    async def _open(self, pack: str) -> Conversation | None:
        """A whole conversation; None where it is somebody else's by now, or gone."""
        try:
            return await whole_conversation(self._client, pack)
        except Rejected:
            return None

    def _items(self, opened: Conversation, floor: datetime, now: datetime) -> Sequence[RawItem]:
        head: Json = {
            "pack": opened.pack,
            "status": opened.state.value,
            "seller_max_message_length": opened.longest,
        }
        found: list[RawItem] = []
        for message in opened.messages:
            at = written_at(message)
            if at is not None and at < floor:
                continue
            name, (verdict, _) = message.id("id", default=""), moderation_of(message)
            is_ours = self._is_ours(message)
            if verdict == "pending" and is_ours:
                continue
            kind = "moderated" if verdict == "rejected" and is_ours else "message"
            payload: dict[str, Json] = {kind: message.value, "conversation": head}
            found.append(item(f"{kind}:{name}", at, now, payload))
        blocked = self._blocked(opened, floor)
        if blocked is not None:
            source = f"blocked:{opened.pack}:{blocked.text('status_date', default='')}"
            found.append(item(source, None, now, {"blocked": blocked.value, "conversation": head}))
        return found

    def _blocked(self, opened: Conversation, floor: datetime) -> Fields | None:
        """The state of a conversation that is closed although the customer had the last word."""
        if opened.state.text("status", default="") != "blocked" or not opened.messages:
            return None
        last = opened.messages[-1]
        at = written_at(last)
        is_new = at is not None and at >= floor
        return opened.state if is_new and not self._is_ours(last) else None

    def _is_ours(self, message: Fields) -> bool:
        writer = message.inner("from").id("user_id", default="")
        return writer in sellers_of(message, self._seller_id)


def _due(
    unread: Mapping[str, int],
    answered: Mapping[str, datetime],
    known: Mapping[str, KnownPack],
    now: datetime,
) -> list[str]:
    """The packs to open now: those that changed, then some of those that may have."""
    changed = [
        name
        for name in [*unread, *known]
        if name not in known or known[name].unread != unread.get(name, 0)
    ]
    changed = list(dict.fromkeys(changed))[:MOST_CHANGED]
    again = [name for name in answered if name not in changed]
    again += [
        name
        for name, one in known.items()
        if name not in changed
        and name not in answered
        and (one.moved >= now - WARM or one.looked <= now - COLD)
    ]
    again.sort(key=lambda name: known[name].looked if name in known else now - WARM)
    return [*changed, *again[:MOST_AGAIN]]
