"""Agents at work: they claim, answer, snooze, note, pass on, resolve and go away, all through Slack.

They see what the wall shows and what they are told privately, and act by button, command and
window. Nothing here reads the desk's database or its words.
"""

import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.slack.blocks.actions import ActionId, ViewId
from sandbox.day.staff import Habits
from sandbox.day.wall import Card, Wall, links
from sandbox.slack.person import Person, Post, Seen

BETWEEN: Final = 20.0
"""Seconds between two looks at the wall of somebody who has nothing to do."""

MEDIAN_MINUTES: Final = 3.5
SPREAD: Final = 0.6
SHORTEST, LONGEST = 45.0, 900.0
"""Seconds one answer takes: log-normal around the median, within these, at a usual pace."""

AFTER_SENDING: Final = 40.0
_WORK: Final[Mapping[str, float]] = {
    "answer": 0.82,
    "no_answer": 0.05,
    "snooze": 0.05,
    "pass_on": 0.05,
    "release": 0.03,
}
_LINK: Final = re.compile(r"/archives/(\w+)/p(\d{10})(\d{6})")


@dataclass(slots=True, kw_only=True)
class Rota:
    """Who is at their desk now; colleagues hand tickets to each other by it."""

    here: dict[str, str] = field(default_factory=dict)  # handle → Slack id
    away: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    unfinished: Counter[str] = field(default_factory=Counter)


class Manager:
    """Sees the misses that call managers, and says after a while that somebody is on it."""

    def __init__(
        self, person: Person, group: str, wall: Wall, clock: Clock, chance: random.Random
    ) -> None:
        self._person = person
        self._group = group
        self._wall = wall
        self._clock = clock
        self._chance = chance

    async def run(self) -> None:
        """All day."""
        seen = 0
        while True:
            await self._clock.sleep(self._chance.uniform(120, 480))
            calls = self._wall.calls_of.get(self._group, [])
            fresh, seen = calls[seen:], len(calls)
            for channel, ts in fresh:
                if self._chance.random() < 0.7:  # noqa: PLR2004 - a share
                    await self._person.click(ts, ActionId.ACKNOWLEDGE, channel=channel, wait=2.0)


class Agent:
    """One person. All chance is drawn from `chance`, so that a seed repeats the play."""

    def __init__(
        self,
        habits: Habits,
        person: Person,
        wall: Wall,
        clock: Clock,
        rota: Rota,
        *,
        hours: tuple[datetime, datetime],
        chance: random.Random,
    ) -> None:
        self.habits = habits
        self._person = person
        self._wall = wall
        self._clock = clock
        self._rota = rota
        self._begins, self._ends = hours
        self._chance = chance
        self._later: dict[int, datetime] = {}
        self._written = 0
        self._read_calls = 0
        self._does: Mapping[str, Callable[[Card], Awaitable[None]]] = {
            "no_answer": self._no_answer,
            "snooze": self._snooze,
            "pass_on": self._pass_on,
            "release": self._release,
        }

    @property
    def handle(self) -> str:
        """The name others type."""
        return self.habits.handle

    async def run(self) -> None:
        """A whole shift, with lunch."""
        await self._clock.sleep((self._begins - self._clock.now()).total_seconds())
        self._rota.here[self.handle] = self._person.id
        if self.habits.uses_home:
            await self._person.open_home()
        had_lunch = False
        lunch = self._begins.timestamp() + self.habits.lunch
        while self._clock.now() < self._ends:
            if not had_lunch and self._clock.now().timestamp() >= lunch:
                had_lunch = True
                await self._have_lunch()
            card = await self._next()
            if card is None:
                await self._clock.sleep(BETWEEN * self._chance.uniform(0.5, 1.5))
            else:
                await self._work_on(card)
        await self._leave()

    async def _have_lunch(self) -> None:
        minutes = round(self.habits.lunch_seconds / 60)
        channel = self._somewhere()
        del self._rota.here[self.handle]
        began = self._clock.now()
        await self._person.command("/ticket", f"away {minutes}m", channel=channel)
        await self._clock.sleep(self.habits.lunch_seconds)
        await self._person.command("/ticket", "back", channel=channel)
        self._rota.away.append((self._person.id, began, self._clock.now()))
        self._rota.here[self.handle] = self._person.id

    async def _leave(self) -> None:
        """What is not done goes back to the channel; whoever forgets leaves one behind."""
        del self._rota.here[self.handle]
        for card in self._mine():
            if card.waits and self._chance.random() < 0.9:  # noqa: PLR2004 - a share
                await self._say(card, "release")
            elif card.waits:
                self._rota.unfinished[self.handle] += 1

    def _somewhere(self) -> str:
        return next(iter(self._wall.cards.values())).channel if self._wall.cards else "#general"

    # Choosing.

    async def _next(self) -> Card | None:
        await self._read_calls_for_me()
        now = self._clock.now()
        mine = [c for c in self._mine() if c.waits and self._later.get(c.number, now) <= now]
        if mine:
            return min(mine, key=lambda card: (not card.pings, card.customer_at))
        free = [c for c in self._wall.cards.values() if c.is_free and c.waits]
        if not free:
            return None
        if self.habits.by_queue and len(free) > 1:
            return await self._by_queue() or free[0]
        return min(free, key=lambda card: (not card.pings, card.customer_at))

    def _mine(self) -> Sequence[Card]:
        return [c for c in self._wall.cards.values() if c.owner == self._person.id]

    async def _by_queue(self) -> Card | None:
        """The first of the desk's own list that is still free."""
        seen = await self._person.command("/ticket", "queue unclaimed", channel=self._somewhere())
        for post in seen.ephemerals:
            for address in links(post.blocks):
                found = _LINK.search(address)
                card = found and self._wall.card(found[1], f"{found[2]}.{found[3]}")
                if card and card.is_free and card.waits:
                    return card
        return None

    async def _read_calls_for_me(self) -> None:
        """Whoever is called for a ticket of theirs says half the time that they are on it."""
        calls = self._wall.calls_of.get(self._person.id, [])
        fresh, self._read_calls = calls[self._read_calls :], len(calls)
        for channel, ts in fresh:
            if self._chance.random() < 0.5:  # noqa: PLR2004 - a share
                await self._person.click(ts, ActionId.ACKNOWLEDGE, channel=channel, wait=2.0)

    # Working.

    async def _work_on(self, card: Card) -> None:
        if card.is_free and not await self._claims(card):
            return
        await self._clock.sleep(self._handling())
        again = card.number in self._later
        self._later.pop(card.number, None)
        what = self._chance.choices(list(_WORK), weights=list(_WORK.values()))[0]
        if again or what == "answer":
            await self._answers(card)
        else:
            await self._does[what](card)
        self._rota.done[what] += 1

    async def _claims(self, card: Card) -> bool:
        """Press Claim. Whoever was faster is named in the private answer, with a way to take over."""
        seen = await self._press(card, ActionId.CLAIM)
        taken = any(ActionId.TAKE_OVER in post.action_ids() for post in seen.ephemerals)
        refused = seen.refused is not None or taken
        if refused:
            await self._clock.sleep(2.0)
        return not refused

    def _handling(self) -> float:
        drawn = self._chance.lognormvariate(0.0, SPREAD) * MEDIAN_MINUTES * 60
        return min(LONGEST, max(SHORTEST, drawn)) * self.habits.pace

    async def _answers(self, card: Card) -> None:
        self._written += 1
        text = f"Thank you for your message, here is what we found. ({card.number}.{self.handle}.{self._written})"
        if self._chance.random() < self.habits.by_window:
            sent = await self._by_window(card, text)
        else:
            sent = await self._by_command(card, text)
        if not sent:
            await self._say(card, "note", "Answered in the marketplace.")
            await self._say(card, "answered")
        await self._clock.sleep(AFTER_SENDING)
        if not card.waits and self._chance.random() < 0.6:  # noqa: PLR2004 - a share
            await self._press(card, ActionId.RESOLVE)

    async def _by_window(self, card: Card, text: str) -> bool:
        seen = await self._press(card, ActionId.REPLY)
        if not seen.views:
            return False
        field = next((b for b in seen.views[-1].blocks if b["type"] == "input"), None)
        if field is None:
            await self._close_all()
            return False
        self._person.fill({field["block_id"]: text})
        shown = ""
        for _ in range(4):
            seen = await self._person.submit(wait=5.0)
            shown = seen.views[-1].callback_id if seen.views else ""
            if seen.errors or shown not in {ViewId.REPLY, ViewId.REPLY_PREVIEW}:
                break
        await self._close_all()
        return shown == ViewId.REPLY_QUEUED

    async def _close_all(self) -> None:
        while self._person.views:
            await self._person.close()

    async def _by_command(self, card: Card, text: str) -> bool:
        seen = await self._say(card, "reply", text)
        for _ in range(3):
            if undo := _with(seen, ActionId.UNDO):
                if self._chance.random() < 0.05:  # noqa: PLR2004 - a share
                    await self._person.click(undo.ts, ActionId.UNDO, channel=card.channel, wait=2.0)
                    seen = await self._say(card, "reply", f"{text} Kind regards")
                    continue
                return True
            again = _with(seen, ActionId.SEND_ANYWAY)
            if again is None:
                return False
            seen = await self._person.click(
                again.ts, ActionId.SEND_ANYWAY, channel=card.channel, wait=4.0
            )
        return _with(seen, ActionId.UNDO) is not None

    async def _no_answer(self, card: Card) -> None:
        await self._press(card, ActionId.NO_ANSWER)

    async def _snooze(self, card: Card) -> None:
        minutes = self._chance.choice([15, 30, 60])
        await self._say(card, "snooze", f"{minutes}m")
        self._later[card.number] = self._clock.now() + self._clock.real(60.0 * minutes)

    async def _pass_on(self, card: Card) -> None:
        others = sorted(name for name in self._rota.here if name != self.handle)
        if not others:
            return await self._answers(card)
        colleague = self._chance.choice(others)
        await self._say(card, "transfer", f"@{colleague} Knows this product better.")
        return None

    async def _release(self, card: Card) -> None:
        await self._say(card, "note", "Needs somebody from the warehouse.")
        await self._say(card, "release")

    async def _press(self, card: Card, action: ActionId) -> Seen:
        return await self._person.click(card.ts, action, channel=card.channel, wait=5.0)

    async def _say(self, card: Card, verb: str, rest: str = "") -> Seen:
        words = f"{verb} {card.number} {rest}".strip()
        return await self._person.command("/ticket", words, channel=card.channel, wait=4.0)


def _with(seen: Seen, action: ActionId) -> Post | None:
    """The private answer that offers something."""
    return next((post for post in seen.ephemerals if action in post.action_ids()), None)
