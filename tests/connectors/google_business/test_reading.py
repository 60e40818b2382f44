"""What one look at Google brings: locations, changes, answers, refusals, removals."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors.capabilities import LinksDeep
from connectors.contract import Verdict
from connectors.errors import AuthExpired, Unavailable
from connectors.testing.bench import Stage
from sandbox.markets.google_business import MILAN, ROME
from sla_rules.vocabulary import Author
from tests.connectors.google_business.bench import GoogleBench, google_of


class OnlyRome(GoogleBench):
    settings_too: ClassVar[dict[str, Any]] = {"location_ids": ["2153"]}


class WithAccount(GoogleBench):
    settings_too: ClassVar[dict[str, Any]] = {"account_id": "104729"}


class Elsewhere(GoogleBench):
    settings_too: ClassVar[dict[str, Any]] = {"account_id": "1"}


BENCH = GoogleBench()


async def both_write(stage: Stage) -> None:
    market = google_of(stage)
    await market.says(Author.CUSTOMER, "In Milan", thread="1", place=MILAN)
    await market.says(Author.CUSTOMER, "In Rome", thread="2", place=ROME)


async def texts(stage: Stage) -> set[str]:
    return {message.text for message in await stage.poll()}


async def test_every_location_is_read_and_named() -> None:
    async with BENCH.running() as stage:
        await both_write(stage)
        found = await stage.poll()

    assert {message.subject for message in found} == {
        "★★☆☆☆ Bottega Salici Milano",
        "★★☆☆☆ Salici Roma",
    }


async def test_an_inbox_may_be_about_some_locations() -> None:
    async with OnlyRome().running() as stage:
        await both_write(stage)

        assert await texts(stage) == {"In Rome"}


async def test_a_location_that_lost_its_verification_does_not_stop_the_other() -> None:
    async with BENCH.running() as stage:
        await both_write(stage)
        await stage.poll()
        google_of(stage).unverified.add(MILAN)
        await google_of(stage).says(Author.CUSTOMER, "Again", thread="3", place=ROME)

        assert await texts(stage) == {"Again"}


async def test_when_no_location_can_be_read_it_is_an_error() -> None:
    async with BENCH.running() as stage:
        await both_write(stage)
        await stage.poll()
        google_of(stage).unverified |= {MILAN, ROME}
        with pytest.raises(Unavailable, match="no location"):
            await stage.poll()


async def test_doctor_names_locations_that_google_shows_to_no_program() -> None:
    async with BENCH.running() as stage:
        assert (await stage.connector.check()).detail == "signed in; reads 2 of 2 locations"
        google_of(stage).unverified.add(ROME)
        some = await stage.connector.check()
        google_of(stage).unverified.add(MILAN)
        none = await stage.connector.check()

    assert some.ok
    assert some.detail == "signed in; reads 1 of 2 locations; not verified: Salici Roma"
    assert not none.ok


async def test_one_of_several_accounts_has_to_be_chosen() -> None:
    async with BENCH.running() as stage:
        google_of(stage).accounts.append({"name": "accounts/7", "accountName": "Another"})
        with pytest.raises(AuthExpired, match=r"104729 \(Bottega Salici\), 7 \(Another\)"):
            await stage.poll()


async def test_a_chosen_account_is_not_asked_for() -> None:
    async with WithAccount().running() as stage:
        google_of(stage).accounts.append({"name": "accounts/7", "accountName": "Another"})
        await stage.market.says(Author.CUSTOMER, "Closed")

        assert await texts(stage) == {"Closed"}


async def test_an_account_of_somebody_else_is_no_account() -> None:
    async with Elsewhere().running() as stage:
        with pytest.raises(AuthExpired):
            await stage.poll()

        assert not (await stage.connector.check()).ok


async def test_a_withdrawn_consent_is_told_apart() -> None:
    async with BENCH.running() as stage:
        google_of(stage).revoked = True
        with pytest.raises(AuthExpired):
            await stage.poll()


async def test_a_changed_review_comes_again_in_its_own_thread() -> None:
    async with BENCH.running() as stage:
        first = await stage.asked("Closed")
        stage.time.advance(timedelta(days=30))
        google_of(stage).change(google_of(stage).messages[0].id, text="Open now", stars=4)
        (second,) = await stage.poll()

    assert second.verdict is Verdict.CUSTOMER
    assert second.thread_keys == first.thread_keys
    assert second.text == "★★★★☆ (changed)\nOpen now"
    assert second.sent_at == stage.time.now()


async def test_a_translation_that_google_adds_later_is_no_change() -> None:
    async with BENCH.running() as stage:
        await stage.asked("Il pacco era aperto.")
        said = google_of(stage).messages[0]
        said.text = f"(Translated by Google) It was open.\n\n(Original)\n{said.text}"

        assert await stage.poll() == []


async def test_an_answer_typed_at_google_days_later_is_seen() -> None:
    async with BENCH.running() as stage:
        first = await stage.asked()
        stage.time.advance(timedelta(days=5))
        await stage.market.says(Author.AGENT, "We have called you.")
        (found,) = await stage.poll()

    assert found.verdict is Verdict.ANSWERED_ELSEWHERE
    assert found.thread_keys == first.thread_keys


async def test_an_answer_that_google_still_checks_is_no_answer_yet() -> None:
    async with BENCH.running() as stage:
        message = await stage.asked()
        await stage.market.says(Author.AGENT, "Half an answer")
        google_of(stage).messages[0].more["reply"]["own"] = True
        google_of(stage).moderation = "held"
        assert await stage.poll() == []
        google_of(stage).moderation = "sent"
        (found,) = await stage.poll()

    assert found.verdict is Verdict.ANSWERED_ELSEWHERE
    assert found.thread_keys == message.thread_keys


async def test_an_answer_that_google_refuses_afterwards_bounces() -> None:
    async with BENCH.running() as stage:
        receipt = await stage.connector.reply(stage.answer(await stage.asked()))
        await stage.poll()
        google_of(stage).moderation = "refused"
        (found,) = await stage.poll()

    assert found.verdict is Verdict.BOUNCE
    assert list(found.refers_to) == [receipt.external_id]
    assert found.reason.endswith("advertising and solicitation")


async def test_a_review_taken_down_is_told_once() -> None:
    async with BENCH.running() as stage:
        first = await stage.asked()
        google_of(stage).take_down(google_of(stage).messages[0].id)
        (gone,) = await stage.poll()

        assert gone.verdict is Verdict.DELIVERY_NOTICE
        assert gone.thread_keys == first.thread_keys
        assert await stage.poll() == []


async def test_an_idle_look_is_one_call_a_location() -> None:
    async with BENCH.running() as stage:
        await stage.asked()
        await stage.poll()
        before = stage.market.calls
        await stage.poll()

        assert stage.market.calls - before == 2


async def test_more_than_a_page_of_reviews_is_read() -> None:
    async with BENCH.running() as stage:
        for number in range(120):
            await stage.market.says(Author.CUSTOMER, f"review {number}", thread=str(number))
        found = await texts(stage)

    assert len(found) == 120


async def test_the_link_opens_the_locations_reviews() -> None:
    async with BENCH.running() as stage:
        context = (await stage.asked()).reply_context
        linking = stage.connector
        assert isinstance(linking, LinksDeep)

        assert (
            linking.deep_link(context) == "https://search.google.com/local/reviews?placeid=ChIJ2147"
        )
        assert linking.deep_link({**context, "place": ""}) == "https://business.google.com/reviews"
