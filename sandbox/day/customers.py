"""Customers play their part: they write, write again where nobody answers, and react to answers."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from bot.clock import Clock
from sandbox.day.script import FURTHER, NUDGES, THANKS, Conversation, Then
from sandbox.day.town import Inbox
from sla_rules.vocabulary import Author

LOOK_EVERY: Final = 15.0
AWAY_AFTER: Final = 5.0
"""Seconds until a mail program says that nobody is there."""


class Customers:
    """All of them. `automatic` counts the replies of mail programs."""

    def __init__(
        self, conversations: Sequence[Conversation], inboxes: Sequence[Inbox], clock: Clock
    ) -> None:
        self._conversations = conversations
        self._inboxes: Mapping[str, Inbox] = {inbox.name: inbox for inbox in inboxes}
        self._clock = clock
        self.automatic = 0

    async def run(self) -> None:
        """Until the last one has said everything."""
        async with asyncio.TaskGroup() as tasks:
            for one in self._conversations:
                tasks.create_task(self._converse(one))

    async def _converse(self, one: Conversation) -> None:
        inbox = self._inboxes[one.inbox]
        await self._clock.sleep(one.at)
        if one.claim:
            await inbox.receives_claim(one.thread)
            return
        await inbox.receives(Author.CUSTOMER, one.words, one.thread)
        await self._wait(inbox, one)
        await self._react(inbox, one)

    async def _wait(self, inbox: Inbox, one: Conversation) -> None:
        """For an answer; whoever is impatient writes again once."""
        waited = 0.0
        nudged = one.nudge is None
        while not inbox.is_answered(one.thread):
            await self._clock.sleep(LOOK_EVERY)
            waited += LOOK_EVERY
            if not nudged and waited >= (one.nudge or 0.0):
                nudged = True
                words = NUDGES[int(one.thread) % len(NUDGES)]
                await inbox.receives(Author.CUSTOMER, words, one.thread)

    async def _react(self, inbox: Inbox, one: Conversation) -> None:
        if one.then is Then.AUTOMATIC:
            await self._clock.sleep(AWAY_AFTER)
            self.automatic += 1
            await inbox.receives(Author.AUTO, "I am away until Monday.", one.thread)
        elif one.then is not Then.NOTHING:
            await self._clock.sleep(one.then_after)
            said = THANKS if one.then is Then.THANKS else FURTHER
            await inbox.receives(Author.CUSTOMER, said[int(one.thread) % len(said)], one.thread)
