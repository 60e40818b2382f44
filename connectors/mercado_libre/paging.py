"""Lists walked page by page. How much of what is asked for a page holds is Mercado Libre's to say."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from connectors.fields import Fields
from connectors.mercado_libre.client import Listed, MercadoLibreClient
from connectors.mercado_libre.items import written_at

LAST_OFFSET: Final = 1000
"""Searches list no entry beyond it ("the offset maximum number is 1000")."""

MOST_MESSAGES: Final = 500
"""Of one conversation; the newest are read first, as the documentation's examples show them."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)


async def pages_from(
    read: Callable[[int], Awaitable[Listed]], *, last: int = LAST_OFFSET
) -> AsyncIterator[Listed]:
    """Pages until the list ends, or none begins at or before `last`."""
    offset = 0
    while offset <= last:
        listed = await read(offset)
        yield listed
        offset += len(listed.entries)
        if not listed.entries or offset >= listed.total:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation: its state, and its messages, oldest first."""

    pack: str
    state: Fields
    messages: tuple[Fields, ...]
    longest: int

    @property
    def moved(self) -> datetime | None:
        """When the newest message was written."""
        return max((at for one in self.messages if (at := written_at(one))), default=None)


async def whole_conversation(client: MercadoLibreClient, pack: str) -> Conversation:
    """Every message of a pack, without marking any as read. Raises Rejected where it is not ours."""
    state, longest = Fields({}), 0
    found: list[Fields] = []

    async def read(offset: int) -> Listed:
        nonlocal state, longest
        page = await client.conversation(pack, offset=offset)
        state = page.inner("conversation_status")
        longest = page.number("seller_max_message_length", default=0)
        messages = page.each("messages")
        total = page.inner("paging").number("total", default=len(messages))
        return Listed(entries=messages, total=total)

    async for listed in pages_from(read, last=MOST_MESSAGES):
        found += listed.entries
    # The newest comes first, so of one instant the later stands before the earlier. What has no date
    # comes last: it is new, as far as anybody can tell.
    found.reverse()
    found.sort(key=lambda one: written_at(one) or _LAST)
    return Conversation(pack=pack, state=state, messages=tuple(found), longest=longest)
