"""Disputes are told when they are new, when eBay's limit changes, and when nobody waits any more."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import InboundMessage, Verdict
from connectors.ebay.disputes import EVERY, LIMIT
from connectors.errors import AuthExpired
from connectors.testing.bench import Stage
from sandbox.markets.ebay.inbox import stamp
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author, Kind
from tests.connectors.ebay.ebay_contract import bench, ebay

DAY = timedelta(days=1)


def a_return(stage: Stage, known: str = "5001", **more: Any) -> dict[str, Any]:
    now = stage.time.now()
    due = {
        "activityDue": "SELLER_APPROVE_REQUEST",
        "respondByDate": {"value": stamp(now + 2 * DAY)},
    }
    row = {
        "returnId": known,
        "buyerLoginName": "nora_7001",
        "state": "RETURN_REQUESTED",
        "orderId": "12-34567-89012",
        "creationInfo": {
            "creationDate": {"value": stamp(now - DAY)},
            "item": {"itemId": "200000007001"},
            "comments": {"content": "It came chipped."},
        },
        "sellerResponseDue": due,
    }
    return row | more


def a_case(stage: Stage, kind: str, **more: Any) -> dict[str, Any]:
    row = {
        f"{kind}Id": 6001,
        "buyer": "nora_7001",
        "itemId": 200000007001,
        f"{kind}StatusEnum": "WAITING_SELLER_RESPONSE" if kind == "inquiry" else "OPEN",
        "creationDate": {"value": stamp(stage.time.now() - DAY)},
        "respondByDate": {"value": stamp(stage.time.now() + DAY)},
    }
    return row | more


async def later(stage: Stage) -> list[InboundMessage]:
    stage.time.advance(EVERY)
    return await stage.poll()


async def test_a_return_is_told_once_with_ebays_own_limit_and_its_order() -> None:
    async with bench().running() as stage:
        ebay(stage.market).disputes["return"].append(a_return(stage))
        (found,) = await stage.poll()
        assert (found.verdict, found.kind, found.topic) == (
            Verdict.CUSTOMER,
            Kind.RETURN_REQUEST,
            Topic.RETURN,
        )
        assert found.respond_by == stage.time.now() + 2 * DAY
        assert found.order_id == "12-34567-89012"
        assert "It came chipped." in found.text
        assert found.reply_context == {}
        assert found.links["case"].startswith("https://www.ebay.it/sh/ord/details?orderid=12-")
        assert await later(stage) == []
        await stage.restart()
        assert await stage.poll() == []


async def test_what_the_seller_did_in_ebay_stops_the_clock_and_a_new_limit_starts_one() -> None:
    async with bench().running() as stage:
        rows = ebay(stage.market).disputes["return"]
        rows.append(a_return(stage))
        (opened,) = await stage.poll()
        rows[0] = a_return(stage, state="READY_FOR_SHIPPING", sellerResponseDue=None)
        (answered,) = await later(stage)
        assert answered.verdict is Verdict.ANSWERED_ELSEWHERE
        assert answered.sent_at == stage.time.now()
        rows[0] = a_return(stage, state="ITEM_DELIVERED")
        (again,) = await later(stage)
        assert again.verdict is Verdict.CUSTOMER
        assert again.respond_by == rows_due(rows[0])
        rows[0] = a_return(stage, state="READY_FOR_SHIPPING", sellerResponseDue=None)
        (once_more,) = await later(stage)
        assert once_more.external_id != answered.external_id
        keys = {key.value for one in (opened, answered, again) for key in one.thread_keys}
        assert keys == {"return:5001"}


def rows_due(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["sellerResponseDue"]["respondByDate"]["value"])


@pytest.mark.parametrize(
    ("kind", "name", "topic"),
    [("inquiry", "inquiry", Topic.ITEM_NOT_RECEIVED), ("case", "casemanagement", Topic.CLAIM)],
)
async def test_a_claim_is_opened_with_its_limit_and_closed_with_a_line(
    kind: str, name: str, topic: Topic
) -> None:
    async with bench().running() as stage:
        rows = ebay(stage.market).disputes[name]
        rows.append(a_case(stage, kind))
        (opened,) = await stage.poll()
        assert (opened.verdict, opened.kind, opened.topic) == (Verdict.CLAIM, Kind.CLAIM, topic)
        assert opened.respond_by == stage.time.now() + DAY
        assert opened.order_id == "12-34567-89012"
        rows[0] = a_case(stage, kind, **{f"{kind}StatusEnum": "CS_CLOSED"})
        (closed,) = await later(stage)
        assert closed.verdict is Verdict.CLAIM_CLOSED
        assert closed.thread_keys == opened.thread_keys
        assert await later(stage) == []


async def test_what_was_closed_before_anybody_was_told_is_no_news() -> None:
    async with bench().running() as stage:
        market = ebay(stage.market)
        market.disputes["return"].append(a_return(stage, state="CLOSED"))
        market.disputes["inquiry"].append(a_case(stage, "inquiry", inquiryStatusEnum="CLOSED"))
        assert await stage.poll() == []


async def test_a_status_nobody_has_heard_of_is_told_rather_than_missed() -> None:
    async with bench().running() as stage:
        row = a_case(stage, "inquiry", inquiryStatusEnum="OF_NEXT_YEAR", respondByDate=None)
        ebay(stage.market).disputes["inquiry"].append(row)
        (found,) = await stage.poll()
        assert (found.verdict, found.respond_by) == (Verdict.CLAIM, None)


async def test_only_cancellations_that_buyers_ask_for_are_told() -> None:
    async with bench().running() as stage:
        rows = ebay(stage.market).disputes["cancellation"]
        for known, asked_by in (("1", "BUYER"), ("2", "SELLER")):
            rows.append(
                {
                    "cancelId": known,
                    "marketplaceId": "EBAY_GB",
                    "legacyOrderId": "20-00000-00001",
                    "requestorType": asked_by,
                    "cancelState": "APPROVAL_PENDING",
                    "cancelStatus": "CANCEL_REQUESTED",
                    "cancelRequestDate": {"value": stamp(stage.time.now())},
                }
            )
        (found,) = await stage.poll()
        assert found.kind is Kind.CANCEL_REQUEST
        assert (found.marketplace, found.order_id) == ("uk", "20-00000-00001")


async def test_invariant_1_more_disputes_than_a_search_shows_are_all_found() -> None:
    async with bench().running() as stage:
        rows = ebay(stage.market).disputes["return"]
        for number in range(LIMIT * 2 + 30):
            row = a_return(stage, str(7000 + number))
            opened = stage.time.now() - timedelta(hours=number)
            row["creationInfo"]["creationDate"]["value"] = stamp(opened)
            rows.append(row)
        assert len(await stage.poll()) == LIMIT * 2 + 30
        assert stage.largest_page <= 50


async def test_invariant_1_a_summary_without_an_id_goes_to_a_person() -> None:
    async with bench().running() as stage:
        row = a_return(stage)
        del row["returnId"]
        ebay(stage.market).disputes["return"] += [row, a_return(stage, "5002")]
        async for page in stage.connector.fetch(None):
            stage.stored |= {item.source_id: item for item in page.items}
        assert any(name.startswith("return:unread:") for name in stage.stored)
        assert any(name.startswith("return:5002:") for name in stage.stored)


async def test_a_payment_dispute_is_a_chargeback_and_needs_its_own_permission() -> None:
    async with bench().running() as stage:
        market = ebay(stage.market)
        market.payment_disputes.append(
            {
                "paymentDisputeId": "8001",
                "orderId": "12-34567-89012",
                "paymentDisputeStatus": "ACTION_NEEDED",
                "openDate": stamp(stage.time.now()),
                "respondByDate": stamp(stage.time.now() + 5 * DAY),
                "amount": {"value": "39.80", "currency": "EUR"},
            }
        )
        (found,) = await stage.poll()
        assert (found.topic, found.respond_by) == (Topic.CHARGEBACK, stage.time.now() + 5 * DAY)
        market.lacks.add("sell.payment.dispute")
        stage.time.advance(EVERY)
        await market.says(Author.CUSTOMER, "messages come all the same")
        with pytest.raises(AuthExpired, match="lacks the permission"):
            await stage.poll()
        assert any(item.source_id.startswith("message:") for item in stage.stored.values())


async def test_disputes_are_left_alone_where_the_settings_say_so() -> None:
    async with bench(disputes=False).running() as stage:
        ebay(stage.market).disputes["return"].append(a_return(stage))
        assert await stage.poll() == []
        assert not any("post-order" in call.path for call in ebay(stage.market).log)


def rating(known: str, kind: str = "NEGATIVE", days: int = 30) -> dict[str, Any]:
    return {
        "feedbackId": known,
        "commentType": kind,
        "feedbackComment": {"commentText": f"feedback {known}"},
        "orderLineItemSummary": {"listingId": "200000007001", "listingTitle": "Oak shelf"},
        "feedbackEnteredPeriod": {"value": days, "unit": "DAY"},
        "providerUserDetail": {"userId": "nora_7001"},
    }


async def test_feedback_that_is_new_and_no_praise_is_told_once() -> None:
    async with bench().running() as stage:
        market = ebay(stage.market)
        market.feedback = [rating("1"), rating("2", "POSITIVE")]
        assert await stage.poll() == []
        market.feedback = [
            rating("5", days=365),
            rating("4", "NEUTRAL"),
            rating("3"),
            *market.feedback,
        ]
        stage.time.advance(timedelta(hours=1))
        await stage.restart()
        found = {one.external_id: one for one in await stage.poll()}
        assert {known: one.topic for known, one in found.items()} == {
            "feedback:3": Topic.NEGATIVE_FEEDBACK,
            "feedback:4": Topic.COMPLAINT,
        }
        assert found["feedback:3"].order_id == "12-34567-89012"
        stage.time.advance(timedelta(hours=1))
        assert await stage.poll() == []
