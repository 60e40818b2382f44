"""Fetching: nothing lost, nothing invented, nothing changed."""

import json
from datetime import UTC, timedelta

from connectors.contract import Cursor, InboundMessage, Verdict
from connectors.testing.bench import Bench, Stage, expect
from connectors.testing.market import THREAD
from sla_rules.vocabulary import Author

DAY_SECONDS = 24 * 3600
LARGEST_PAGE = 50

NASTY = (
    "<!channel> <@U0ANNA> *bold* & <https://evil.example|click>",
    "שלום, איפה ההזמנה שלי؟ مرحبا \u202egnirts desrever\u202c",
    "👩‍👩‍👧 Grüße aus Łódź, ça va ? ñ",
    "a" * 60_000,
)
"""Slack's control characters, right-to-left text, emoji, and a very long message."""


async def _customers(stage: Stage, *texts: str) -> list[str]:
    ids = []
    for number, text in enumerate(texts):
        ids.append(await stage.market.says(Author.CUSTOMER, text, thread=f"{int(THREAD) + number}"))
        stage.time.advance(timedelta(seconds=30))
    return ids


def _plain(text: str) -> str:
    return " ".join(text.split())


def _texts(messages: list[InboundMessage]) -> list[str]:
    return [_plain(message.text) for message in messages]


class Reads(Bench):
    """`fetch` under everything that goes wrong between two polls."""

    async def test_05_the_first_poll_looks_back_as_far_as_configured(self) -> None:
        """Further back, a seller would be flooded; less far, customers would be missed."""
        self.needs(self.lookback, "the platform decides how far back a first poll reads")
        back = self.lookback or timedelta()
        async with self.running() as stage:
            now = stage.time.now()
            young, old = now - back / 2, now - back - timedelta(days=2)
            await stage.market.says(Author.CUSTOMER, "too old", at=old, thread="41")
            await stage.market.says(Author.CUSTOMER, "young enough", at=young, thread="42")
            found = _texts(await stage.poll())
        expect("young enough" in found, "the first poll missed a message within the look-back")
        expect("too old" not in found, "the first poll read further back than configured")

    async def test_06_a_second_poll_brings_nothing_new(self) -> None:
        """The same message keeps its source_id: the desk tells repeats by it alone."""
        async with self.running() as stage:
            await _customers(stage, "one", "two", "three", "four")
            expect(len(await stage.poll()) >= 4, "four customers wrote, fewer items came")  # noqa: PLR2004
            expect(await stage.poll() == [], "a second poll brought items under new source ids")
            await stage.restart()
            expect(await stage.poll() == [], "after a restart, old items came under new ids")

    async def test_07_invariant_1_overlapping_pages_and_late_messages_lose_nothing(self) -> None:
        """A message whose own time is before the newest one seen must still be found."""
        async with self.running() as stage:
            stage.market.overlap = True
            await _customers(stage, *(f"message {n}" for n in range(7)))
            found = _texts(await stage.poll())
            late = stage.time.now() - self.late_by
            await stage.market.says(Author.CUSTOMER, "came late", at=late, thread="99")
            found += _texts(await stage.poll())
        missing = {f"message {n}" for n in range(7)} | {"came late"}
        expect(missing <= set(found), f"lost: {sorted(missing - set(found))}")

    async def test_08_invariant_1_a_message_of_the_very_same_instant_is_seen(self) -> None:
        """Two customers write in one second, one of them after the poll."""
        async with self.running() as stage:
            at = stage.time.now()
            await stage.market.says(Author.CUSTOMER, "before the poll", at=at)
            await stage.poll()
            await stage.market.says(Author.CUSTOMER, "after the poll", at=at, thread="98")
            found = _texts(await stage.poll())
        expect("after the poll" in found, "a message exactly at the cursor's time was lost")

    async def test_09_invariant_1_a_crash_between_two_pages_loses_nothing(self) -> None:
        """The cursor of a page is true once that page is stored, whatever comes after it."""
        async with self.running() as stage:
            wanted = [f"message {n}" for n in range(8)]
            await _customers(stage, *wanted)
            found = _texts(await stage.poll(stop_after=1))
            await stage.restart()
            found += _texts(await stage.poll())
        expect(set(wanted) <= set(found), f"lost: {sorted(set(wanted) - set(found))}")

    async def test_10_a_cursor_is_json_and_older_ones_are_understood(self) -> None:
        """It is stored as JSON, and read by the next version."""
        async with self.running() as stage:
            await _customers(stage, "hello")
            await stage.poll()
            expect(stage.cursor, "a poll that found something gave no cursor")
            json.dumps(dict(stage.cursor.state if stage.cursor else {}))
            for state in self.old_cursors:
                stage.cursor = Cursor(state=state)
                await stage.poll()

    async def test_11_reading_changes_nothing(self) -> None:
        """No mark of having been read, no status: a person in the platform's console sees it new."""
        async with self.running() as stage:
            await _customers(stage, "one", "two")
            await stage.poll()
            await stage.poll()
            await stage.connector.check()
            expect(stage.market.changes == 0, "reading changed something at the platform")

    async def test_14_a_day_of_polls_leaves_the_reserve_for_replies(self) -> None:
        """Idle polls at the default pause must fit the day's quota, less the replies' share."""
        manifest = self.spec.manifest
        quota = manifest.quota
        self.needs(quota, "the manifest names no quota a day")
        async with self.running() as stage:
            await _customers(stage, "one", "two")
            await stage.poll()
            before = stage.market.calls
            await stage.poll()
            calls = stage.market.calls - before
        a_day = calls * DAY_SECONDS / manifest.poll_default_seconds
        budget = quota.calls_per_day * (1 - quota.reply_share) if quota else 0
        expect(a_day <= budget, f"{a_day:.0f} calls a day, {budget:.0f} are for polling")

    async def test_15_invariant_12_every_instant_is_aware_and_in_utc(self) -> None:
        """And none is later than the item's receipt."""
        async with self.running() as stage:
            await _customers(stage, "one", "two")
            for message in await stage.poll():
                _expect_utc(message)
            for item in stage.stored.values():
                expect(item.received_at.tzinfo is UTC, "received_at is not in UTC")

    async def test_16_only_customers_are_customers(self) -> None:
        """Neither our own replies nor the platform's words start a clock."""
        sees_answers = self.spec.manifest.capabilities.sees_foreign_answers
        async with self.running() as stage:
            message = await stage.asked()
            if not self.spec.manifest.capabilities.replies_in_portal:
                await stage.connector.reply(stage.answer(message, "our own words"))
            for author in {Author.AGENT, Author.PLATFORM} & stage.market.authors:
                await stage.market.says(author, f"words of {author}")
            found = {_plain(one.text): one.verdict for one in await stage.poll()}
        wrong = sorted(text for text, verdict in found.items() if verdict is Verdict.CUSTOMER)
        expect(not wrong, f"taken for a customer's: {wrong}")
        seen = [text for text, v in found.items() if v is Verdict.ANSWERED_ELSEWHERE]
        if sees_answers:
            expect(
                any("words of agent" in text for text in seen),
                "sees_foreign_answers, and an answer typed in the console was not seen as one",
            )

    async def test_17_invariant_6_an_automatic_answer_is_no_answer(self) -> None:
        """Neither a customer's words nor an answer that stops a clock."""
        async with self.running() as stage:
            self.needs(Author.AUTO in stage.market.authors, "this fake knows no automatic answers")
            await stage.asked()
            await stage.market.says(Author.AUTO, "We are away until Monday.")
            found = {one.verdict for one in await stage.poll()}
        expect(
            not found & {Verdict.CUSTOMER, Verdict.ANSWERED_ELSEWHERE},
            "an automatic answer was taken for a person's",
        )

    async def test_23_long_ids_survive(self) -> None:
        """Numbers beyond 2^53 must not pass through a float: neighbours would become one."""
        async with self.running() as stage:
            ids = await _customers(stage, "one", "two", "three")
            found = await stage.poll()
        expect(len({one.external_id for one in found}) >= len(ids), "two messages share an id")
        self.needs(self.spec.manifest.transport != "mail", "mail has no numbers for ids")
        lost = [one for one in ids if not any(one in message.external_id for message in found)]
        expect(not lost, f"the platform's ids {lost} stand in no external_id")

    async def test_25_any_text_comes_through_whole(self) -> None:
        """Unicode, right-to-left, emoji, Slack's control characters, 60 kB."""
        async with self.running() as stage:
            await _customers(stage, *NASTY)
            found = _texts(await stage.poll())
        lost = [text[:30] for text in NASTY if _plain(text) not in found]
        expect(not lost, f"these texts were changed or lost: {lost}")

    async def test_29_a_page_has_at_most_50_items(self) -> None:
        """A page is one transaction."""
        async with self.running() as stage:
            await _customers(stage, *(f"message {n}" for n in range(60)))
            found = await stage.poll()
        expect(len(found) >= 60, "60 customers wrote, fewer items came")  # noqa: PLR2004
        expect(stage.largest_page <= LARGEST_PAGE, f"a page of {stage.largest_page} items")


def _expect_utc(message: InboundMessage) -> None:
    instants = (message.sent_at, message.respond_by, message.waiting_since, message.reply_until)
    for instant in instants:
        if instant is not None:
            offset = instant.utcoffset()
            expect(offset is not None and not offset, f"{instant!r} is not in UTC")
