"""Disputes and return requests: found, followed, and never in the way of mail."""

from datetime import timedelta

import pytest

from connectors.contract import Cursor, InboundMessage, Verdict
from connectors.errors import AuthExpired, Rejected, Unavailable
from connectors.testing.market import Fault
from sandbox.markets.shopify.books import Thing, stamp
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author, Kind
from tests.connectors.shopify.bench import Shop, shop

DAY = timedelta(days=1)


def ordered(one: Shop, name: str = "#1001") -> Thing:
    customer = one.books.customer(f"ada{name[1:]}@post.example", "Ada Rossi", tags=["vip"])
    return one.books.order(customer, name)


def only(messages: list[InboundMessage]) -> InboundMessage:
    assert len(messages) == 1, messages
    return messages[0]


async def test_a_dispute_becomes_a_claim_due_when_shopify_says() -> None:
    async with shop() as one:
        due = one.time.now() + 9 * DAY
        one.books.dispute(ordered(one), due)
        found = only(await one.poll())
    assert (found.verdict, found.kind, found.topic) == (Verdict.CLAIM, Kind.CLAIM, Topic.CHARGEBACK)
    assert found.respond_by == due
    assert (found.order_id, str(found.order_value), found.currency) == ("1001", "129.00", "EUR")
    assert found.sender_handle == "ada1001@post.example"
    assert "the cardholder did not authorise" in found.text


async def test_a_dispute_is_reported_once_and_again_when_its_date_changes() -> None:
    async with shop() as one:
        dispute = one.books.dispute(ordered(one), one.time.now() + 9 * DAY)
        first = only(await one.poll())
        assert await one.poll_later(minutes=11) == []
        dispute["evidenceDueBy"] = stamp(one.time.now() + 5 * DAY)
        again = only(await one.poll_later(minutes=11))
    assert again.thread_keys == first.thread_keys
    assert first.respond_by is not None
    assert again.respond_by is not None
    assert again.respond_by < first.respond_by


async def test_evidence_handed_in_in_shopify_stops_the_clock_when_it_was_handed_in() -> None:
    async with shop() as one:
        dispute = one.books.dispute(ordered(one), one.time.now() + 9 * DAY)
        opened = only(await one.poll())
        one.time.advance(timedelta(minutes=30))
        handed_in = one.time.now()
        dispute |= {"status": "UNDER_REVIEW", "evidenceSentOn": stamp(handed_in)}
        answer = only(await one.poll_later(minutes=11))
        assert (answer.verdict, answer.sent_at) == (Verdict.ANSWERED_ELSEWHERE, handed_in)
        assert answer.thread_keys == opened.thread_keys
        assert await one.poll_later(minutes=11) == []


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("WON", Verdict.CLAIM_CLOSED),
        ("LOST", Verdict.CLAIM_CLOSED),
        ("PREVENTED", Verdict.CLAIM_CLOSED),
        ("UNDER_REVIEW", Verdict.CLAIM_CLOSED),
        ("ACCEPTED", Verdict.ANSWERED_ELSEWHERE),
        ("CHARGE_REFUNDED", Verdict.ANSWERED_ELSEWHERE),
        ("SOMETHING_NEW", Verdict.NOTICE),
    ],
)
async def test_how_a_dispute_ended_is_told(status: str, verdict: Verdict) -> None:
    async with shop() as one:
        dispute = one.books.dispute(ordered(one), one.time.now() + 9 * DAY)
        await one.poll()
        dispute["status"] = status
        assert only(await one.poll_later(minutes=11)).verdict is verdict


async def test_a_dispute_is_not_answered_by_mail() -> None:
    async with shop() as one:
        one.books.dispute(ordered(one), one.time.now() + 9 * DAY)
        command = one.stage.answer(only(await one.poll()))
        with pytest.raises(Rejected, match="evidence is handed in"):
            one.connector.preview(command)
        with pytest.raises(Rejected, match="evidence is handed in"):
            await one.connector.reply(command)
        assert one.market.texts_sent == []


async def test_a_return_request_is_answered_by_mail_and_ended_by_approving_it() -> None:
    async with shop() as one:
        request = one.books.return_request(ordered(one), note="Too wide for the wall")
        found = only(await one.poll())
        assert (found.verdict, found.kind) == (Verdict.CUSTOMER, Kind.RETURN_REQUEST)
        assert "Oak shelf (Too large): Too wide for the wall" in found.text
        preview = one.connector.preview(one.stage.answer(found, "Which one?"))
        assert preview.recipient == "ada1001@post.example"
        request |= {"status": "OPEN", "requestApprovedAt": stamp(one.time.now())}
        request["order"]["returnStatus"] = "IN_PROGRESS"
        approved = only(await one.poll_later(minutes=11))
    assert approved.verdict is Verdict.ANSWERED_ELSEWHERE
    assert approved.thread_keys == found.thread_keys


async def test_shopify_is_asked_only_when_it_is_time() -> None:
    async with shop(watch_minutes=30) as one:
        await one.poll()
        one.books.dispute(ordered(one), None)
        before = len(one.admin.queries)
        assert await one.poll_later(minutes=29) == []
        assert len(one.admin.queries) == before
        assert len(await one.poll_later(minutes=2)) == 1


async def test_what_is_not_watched_is_not_asked_for() -> None:
    async with shop(watch=["returns"]) as one:
        one.books.dispute(ordered(one), None)
        assert await one.poll() == []
        assert not any("disputes" in asked["query"].split("{")[1] for asked in one.admin.queries)


async def test_a_quiet_look_costs_two_queries() -> None:
    async with shop() as one:
        await one.poll()
        before = len(one.admin.queries)
        await one.poll_later(minutes=11)
        assert len(one.admin.queries) - before == 2


async def test_invariant_1_many_disputes_come_in_pages_and_a_crash_between_them_loses_none() -> (
    None
):
    async with shop() as one:
        for number in range(63):
            one.books.dispute(ordered(one, f"#{2000 + number}"), None)
        first = await one.stage.poll(stop_after=2)
        await one.stage.restart()
        rest = await one.poll()
        found = {message.order_id for message in (*first, *rest)}
        assert found == {str(2000 + number) for number in range(63)}
        assert len(rest) + len(first) == len(found)
        assert await one.poll_later(minutes=11) == []


async def test_a_missing_scope_is_named_and_stops_nothing_else() -> None:
    async with shop() as one:
        one.admin.scopes = ("read_customers", "read_orders", "read_returns")
        one.books.return_request(ordered(one))
        await one.market.says(Author.CUSTOMER, "Where is it?")
        with pytest.raises(AuthExpired, match="read_shopify_payments_disputes"):
            await one.poll()
        kinds = [one.connector.normalise(item).kind for item in one.stage.stored.values()]
        assert sorted(kinds) == [Kind.MESSAGE, Kind.RETURN_REQUEST]
        with pytest.raises(AuthExpired, match="read_shopify_payments_disputes"):
            await one.poll_later(minutes=3)
        one.admin.scopes = (*one.admin.scopes, "read_shopify_payments_disputes")
        one.books.dispute(ordered(one, "#1002"), None)
        assert only(await one.poll_later(minutes=3)).verdict is Verdict.CLAIM


async def test_refused_returns_are_named_too() -> None:
    async with shop() as one:
        one.admin.scopes = ("read_customers", "read_orders", "read_shopify_payments_disputes")
        one.books.return_request(ordered(one))
        with pytest.raises(AuthExpired, match="read_returns"):
            await one.poll()


async def test_invariant_10_a_failing_api_does_not_hold_up_mail() -> None:
    async with shop() as one:
        await one.poll()
        one.admin.fail(Fault.FAILS)
        one.books.dispute(ordered(one), None)
        await one.market.says(Author.CUSTOMER, "Where is it?")
        assert [m.text for m in await one.poll_later(minutes=11)] == ["Where is it?"]
        one.admin.fail(None)
        assert only(await one.poll_later(minutes=2)).verdict is Verdict.CLAIM


async def test_a_long_silence_of_the_api_is_reported_after_mail_was_read() -> None:
    async with shop() as one:
        await one.poll()
        one.admin.fail(Fault.FAILS)
        await one.market.says(Author.CUSTOMER, "Where is it?")
        with pytest.raises(Unavailable):
            await one.poll_later(minutes=75)
        assert len(one.stage.stored) == 1


async def test_invariant_1_a_dispute_that_could_not_be_opened_is_not_passed_over() -> None:
    async with shop() as one:
        dispute = one.books.dispute(ordered(one), None)
        amount, dispute["amount"] = dispute["amount"], None
        assert await one.poll() == []
        assert await one.poll_later(minutes=2) == []
        dispute["amount"] = amount
        assert only(await one.poll_later(minutes=2)).verdict is Verdict.CLAIM


async def test_a_dispute_that_shopify_forgot_is_passed_over() -> None:
    async with shop() as one:
        dispute = one.books.dispute(ordered(one), None)
        await one.poll()
        del one.books.things[dispute["id"]]
        assert await one.poll_later(minutes=11) == []
        assert await one.poll_later(minutes=11) == []


async def test_a_cursor_that_cannot_be_read_is_a_first_look() -> None:
    async with shop() as one:
        one.books.dispute(ordered(one), None)
        one.stage.cursor = Cursor(state={"watch": {"at": 7, "open": {"x": 1}}, "mail": "no"})
        assert only(await one.poll()).verdict is Verdict.CLAIM
