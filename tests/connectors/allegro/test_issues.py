"""Disputes and claims: those that wait first, whatever their age, and the others now and then."""

from datetime import timedelta

import pytest

from connectors.contract import Verdict
from connectors.errors import Unavailable
from sla_rules.vocabulary import Author, Kind
from tests.connectors.allegro.bench import AllegroBench, allegro_of, lists_asked

BENCH = AllegroBench()
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def is_chat(message):
    return message.verdict is Verdict.CUSTOMER and "issue:" not in message.external_id


async def test_a_claim_brings_the_deadline_that_allegro_names():
    async with BENCH.running() as stage:
        due = stage.time.now() + 10 * DAY
        allegro_of(stage).opens("c-1", due=due)
        claim = (await stage.poll())[0]

        assert (claim.verdict, claim.kind, claim.respond_by) == (Verdict.CUSTOMER, Kind.CLAIM, due)


@pytest.mark.parametrize(
    ("decision", "status", "wanted"),
    [(3, 5, 3), (5, 3, 3), (None, 4, 4), (4, None, 4), (None, None, None)],
)
async def test_invariant_5_of_two_deadlines_the_nearer_one_counts_and_none_is_made_up(
    decision, status, wanted
):
    async with BENCH.running() as stage:
        now = stage.time.now()

        def day(number):
            return (now + number * DAY).isoformat() if number else None

        state = {"status": "CLAIM_SUBMITTED", "statusDueDate": day(status), "chatActive": True}
        allegro_of(stage).opens("c-1", decisionDueDate=day(decision), currentState=state)
        claim = (await stage.poll())[0]

        assert claim.respond_by == (now + wanted * DAY if wanted else None)


async def test_invariant_1_the_oldest_claim_that_waits_is_read_behind_hundreds_of_younger_issues():
    async with BENCH.running() as stage:
        market, now = allegro_of(stage), stage.time.now()
        market.opens("oldest", at=now - 90 * DAY, due=now + DAY)
        for number in range(650):
            case = market.opens(f"decided-{number}", at=now - timedelta(hours=number))
            case.status = "CLAIM_ACCEPTED"
        found = await stage.poll()

        assert [one.thread_keys[0].value for one in found] == ["issue:oldest"]


async def test_a_claim_decided_elsewhere_ends_its_ticket():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        market.opens("c-1")
        await stage.poll()
        stage.time.advance(MINUTE)
        market.issues["c-1"].status = "CLAIM_REJECTED"
        found = await stage.poll()
        stage.time.advance(MINUTE)

        assert [one.verdict for one in found] == [Verdict.CLAIM_CLOSED]
        assert await stage.poll() == []


async def test_an_issue_that_allegro_does_not_know_any_more_has_ended():
    async with BENCH.running() as stage:
        allegro_of(stage).opens("d-1", "DISPUTE")
        await stage.poll()
        stage.time.advance(MINUTE)
        allegro_of(stage).issues.clear()

        assert [one.verdict for one in await stage.poll()] == [Verdict.CLAIM_CLOSED]


async def test_a_dispute_that_becomes_a_claim_is_told_again_with_its_deadline():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        case = market.opens("d-1", "DISPUTE")
        await stage.poll()
        stage.time.advance(MINUTE)
        case.type, case.status, case.due = "CLAIM", "CLAIM_SUBMITTED", stage.time.now() + 9 * DAY
        found = await stage.poll()

        assert [(one.verdict, one.respond_by) for one in found] == [(Verdict.CUSTOMER, case.due)]


async def test_a_claim_answered_and_not_decided_is_told_once_more_before_its_end():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        due = stage.time.now() + 10 * DAY
        market.opens("c-1", due=due)
        await market.says(Author.AGENT, "Sprawdzamy.", thread="c-1")
        await stage.poll()
        stage.time.advance(7 * DAY)
        assert await stage.poll() == []
        stage.time.advance(DAY)
        found = await stage.poll()
        stage.time.advance(MINUTE)

        assert [(one.verdict, one.respond_by) for one in found] == [(Verdict.CUSTOMER, due)]
        assert "not decided yet" in found[0].text
        assert await stage.poll() == []


@pytest.mark.parametrize("kind", ["CLAIM", "DISPUTE"])
async def test_a_chat_is_read_in_its_order_however_allegro_sorts_it(kind):
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        market.opens("x-1", kind)
        for number in range(5):
            stage.time.advance(MINUTE)
            await market.says(Author.CUSTOMER, f"Linia {number}", thread="x-1")
        found = [one.text for one in await stage.poll() if is_chat(one)]

        assert found == [f"Linia {number}" for number in range(5)]


async def test_a_chat_that_repeats_its_page_is_asked_for_once_more_and_no_further():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        market.cut_chats = True
        market.opens("c-1")
        for number in range(25):
            stage.time.advance(timedelta(seconds=1))
            await market.says(Author.CUSTOMER, f"Linia {number}", thread="c-1")
        found = [one for one in await stage.poll() if is_chat(one)]
        chats = [path for path in lists_asked(stage) if path.endswith("/chat")]

        assert (len(found), len(chats)) == (20, 2)


async def test_invariant_6_allegros_own_roles_neither_start_nor_stop_a_clock():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        market.opens("d-1", "DISPUTE")
        for role in ("ADMIN", "SYSTEM", "FULFILLMENT", "HOLOGRAM"):
            stage.time.advance(MINUTE)
            await market.says(Author.PLATFORM, f"words of {role}", thread="d-1", role=role)
        found = [one for one in await stage.poll() if one.text.startswith("words")]

        assert [one.verdict for one in found] == [Verdict.NOTICE] * 4


async def test_a_message_of_an_earlier_claim_on_the_same_order_is_told_once():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        market.opens("c-1")
        await market.says(Author.CUSTOMER, "Koło odpadło.", thread="c-1")
        await stage.poll()
        stage.time.advance(MINUTE)
        market.opens("c-2")
        market.chats_too = {"c-2": "c-1"}
        await market.says(Author.CUSTOMER, "I drugie też.", thread="c-2")
        found = [one.text for one in await stage.poll() if is_chat(one)]

        assert found == ["I drugie też."]


async def test_who_writes_after_the_decision_is_heard_within_ten_minutes():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        market.opens("c-1").status = "CLAIM_ACCEPTED"
        await stage.poll()
        stage.time.advance(MINUTE)
        await market.says(Author.CUSTOMER, "Gdzie pieniądze?", thread="c-1")
        stage.time.advance(MINUTE)
        early = await stage.poll()
        stage.time.advance(9 * MINUTE)

        assert early == []
        assert [one.text for one in await stage.poll()] == ["Gdzie pieniądze?"]


async def test_a_failure_inside_allegro_is_no_lost_permission_and_stops_no_other_list():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        market.stumbles = True
        await market.says(Author.CUSTOMER, "Halo?", thread="1")
        await market.says(Author.CUSTOMER, "Gdzie zwrot?", thread="2", problem=True)
        with pytest.raises(Unavailable, match="DATA_FETCHING_ERROR"):
            await stage.poll()
        read = {stage.connector.normalise(item).text for item in stage.stored.values()}
        market.stumbles = False
        market.opens("c-1")

        assert read == {"Halo?", "Gdzie zwrot?"}
        assert [one.thread_keys[0].value for one in await stage.poll()] == ["issue:c-1"]


async def test_an_issue_of_an_unknown_state_waits_rather_than_being_forgotten():
    async with BENCH.running() as stage:
        allegro_of(stage).opens("c-1").status = "CLAIM_PENDING_REVIEW"

        assert [one.verdict for one in await stage.poll()] == [Verdict.CUSTOMER]
