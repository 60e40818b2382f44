"""The one public answer below a review, which Google checks, and which a second one would replace."""

from typing import Any, ClassVar

import pytest

from connectors.contract import Absent, Found, InboundMessage, Unknown
from connectors.errors import OutcomeUnknown, Rejected
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.google_business.bench import GoogleBench, google_of


class Replacing(GoogleBench):
    settings_too: ClassVar[dict[str, Any]] = {"replace_reply": True}


BENCH, REPLACING = GoogleBench(), Replacing()


async def changed_after_an_answer(stage: Stage) -> InboundMessage:
    """A review that was answered, and then changed by its customer."""
    await stage.connector.reply(stage.answer(await stage.asked(), "We look into it."))
    await stage.poll()
    stage.answer(await stage.asked("another review"))
    google_of(stage).change(google_of(stage).messages[0].id, text="Still closed", stars=1)
    return next(one for one in await stage.poll() if one.text.endswith("Still closed"))


async def test_an_answer_that_stands_is_not_overwritten() -> None:
    async with BENCH.running() as stage:
        message = await stage.asked()
        await stage.market.says(Author.AGENT, "Somebody was quicker.")
        with pytest.raises(Rejected, match="would take its place"):
            await stage.connector.reply(stage.answer(message))

        assert stage.market.changes == 0


async def test_not_even_our_own_unless_the_setting_says_so() -> None:
    async with BENCH.running() as stage:
        command = stage.answer(await changed_after_an_answer(stage), "Please come by.")
        assert "in place of" not in stage.connector.preview(command).recipient
        with pytest.raises(Rejected, match="would take its place"):
            await stage.connector.reply(command)

        assert stage.market.texts_sent == ["We look into it."]


async def test_the_setting_lets_an_answer_to_a_changed_review_replace_the_known_one() -> None:
    async with REPLACING.running() as stage:
        command = stage.answer(await changed_after_an_answer(stage), "Please come by.")
        assert stage.connector.preview(command).recipient.endswith(
            "in place of the answer that stands there"
        )
        await stage.connector.reply(command)

        assert stage.market.texts_sent == ["We look into it.", "Please come by."]


async def test_what_somebody_wrote_since_is_never_overwritten() -> None:
    async with REPLACING.running() as stage:
        command = stage.answer(await changed_after_an_answer(stage), "Please come by.")
        google_of(stage).messages[0].more["reply"]["comment"] = "A colleague's better words"
        with pytest.raises(Rejected, match="would take its place"):
            await stage.connector.reply(command)


async def test_a_first_answer_replaces_nothing_with_the_setting_either() -> None:
    async with REPLACING.running() as stage:
        message = await stage.asked()
        await stage.market.says(Author.AGENT, "Somebody was quicker.")
        with pytest.raises(Rejected, match="would take its place"):
            await stage.connector.reply(stage.answer(message))


async def test_an_answer_that_google_passes_a_little_later_is_waited_for() -> None:
    async with BENCH.running() as stage:
        google_of(stage).moderation = "held"
        command = stage.answer(await stage.asked())
        with pytest.raises(OutcomeUnknown, match="checks it"):
            await stage.connector.reply(command)
        before = stage.time.now()
        assert await stage.connector.probe(command) == Unknown()
        assert (stage.time.now() - before).total_seconds() >= 16
        google_of(stage).moderation = "sent"

        assert isinstance(await stage.connector.probe(command), Found)


async def test_an_answer_that_google_refuses_is_told_with_its_reason_and_not_sent_again() -> None:
    async with BENCH.running() as stage:
        google_of(stage).moderation = "held"
        command = stage.answer(await stage.asked())
        with pytest.raises(OutcomeUnknown):
            await stage.connector.reply(command)
        google_of(stage).moderation = "refused"
        assert await stage.connector.probe(command) == Absent()
        changes = stage.market.changes
        with pytest.raises(Rejected, match="advertising and solicitation"):
            await stage.connector.reply(command)

        assert stage.market.changes == changes


async def test_other_words_may_follow_a_refused_answer() -> None:
    async with BENCH.running() as stage:
        message = await stage.asked()
        google_of(stage).moderation = "refused"
        with pytest.raises(Rejected, match="does not publish"):
            await stage.connector.reply(stage.answer(message, "Visit our shop!"))
        google_of(stage).moderation = "sent"
        google_of(stage).messages[0].more["reply"]["own"] = True
        google_of(stage).moderation = "refused"
        with pytest.raises(Rejected, match="does not publish"):
            await stage.connector.reply(stage.answer(message, "We are sorry."))

        assert google_of(stage).messages[0].more["reply"]["comment"] == "We are sorry."


async def test_an_answer_without_a_state_counts_as_published() -> None:
    async with BENCH.running() as stage:
        google_of(stage).states = False
        receipt = await stage.connector.reply(stage.answer(await stage.asked()))
        (copy,) = await stage.poll()

    assert list(copy.refers_to) == [receipt.external_id]


async def test_a_review_that_is_gone_is_not_answered() -> None:
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        google_of(stage).take_down(google_of(stage).messages[0].id)
        with pytest.raises(Rejected, match="does not show"):
            await stage.connector.reply(command)

        assert await stage.connector.probe(command) == Unknown()


@pytest.mark.parametrize("name", ["", "accounts/1/locations/2", "accounts/1/../reviews/3", 7])
async def test_only_a_review_of_a_location_is_answered(name: object) -> None:
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), context={"review": name})
        before = stage.market.calls
        with pytest.raises(Rejected, match="names no review"):
            await stage.connector.reply(command)

        assert stage.market.calls == before


async def test_bytes_are_counted_not_letters() -> None:
    async with BENCH.running() as stage:
        message = await stage.asked()
        stage.connector.preview(stage.answer(message, "ü" * 2048))
        with pytest.raises(Rejected, match="4098 of at most 4096 bytes"):
            stage.connector.preview(stage.answer(message, "ü" * 2049))
