"""A lead corrects what a line was taken for, and the clocks follow from the history."""

import pytest

from bot.db.ledger_rows import ledger_of
from bot.domain.ledger import Taken
from bot.domain.rulings import Ruling
from bot.errors import DeskError, NotAllowed
from bot.usecases.answered import AnsweredElsewhere, answered_elsewhere
from bot.usecases.correct_verdict import CorrectVerdict, correct_verdict
from connectors.contract import Verdict
from tests.builders import ANNA, CARLA, NOW, a_ticket, an_inbound, answer, arrive, hours, ticket
from tests.db.reading import effects, event_types, last_event

pytestmark = pytest.mark.postgres(first=2)

THREE_HOURS_ON = NOW + hours(3)


async def correct(db, desk, view, line, ruling, *, actor=CARLA, at=THREE_HOURS_ON, reason="Why"):
    command = CorrectVerdict(
        ticket_id=view.id, actor=actor, line=line, ruling=ruling, reason=reason
    )
    await db.write(lambda tx: correct_verdict(tx, desk, command), now=at)


async def lines(db, view):
    return await db.read(lambda conn: ledger_of(conn, view.id))


async def clock_states(db):
    return sorted({(str(each.scope), str(each.state)) for each in (await ticket(db)).clocks})


async def test_every_line_is_there_with_what_it_was_taken_for(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    for verdict in (Verdict.ACKNOWLEDGEMENT, Verdict.AUTO_REPLY):
        mail = an_inbound(thread="c", verdict=verdict, sent_at=NOW + hours(1))
        await arrive(db, desk, mail)
    await answer(db, desk, view.id, at=NOW + hours(2))
    await arrive(db, desk, an_inbound(thread="c", sent_at=NOW + hours(3)))
    word = AnsweredElsewhere(ticket_id=view.id, actor=ANNA)
    await db.write(lambda tx: answered_elsewhere(tx, desk, word), now=NOW + hours(4))

    found = await lines(db, view)

    assert [each.entry.taken for each in found] == [
        Taken.RECEIPT,
        Taken.AUTOMATIC,
        Taken.ANSWER,
        Taken.ATTESTED,
    ]
    assert [len(each.stopped) > 0 for each in found] == [False, False, True, True]


async def test_invariant_6_a_clock_runs_again_when_the_answer_was_automatic(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    assert await clock_states(db) == [("internal", "met"), ("marketplace", "met")]

    await correct(db, desk, view, 1, Ruling.AUTOMATIC, reason="Our autoresponder wrote it")

    after = await ticket(db)
    assert after.state == "open"
    assert after.clocks == view.clocks
    event = await last_event(db, view.id, "verdict_corrected")
    assert (event.actor, event.data["reason"]) == (CARLA, "Our autoresponder wrote it")
    assert {"post_log", "update_card"} <= set(await effects(db))


async def test_the_next_correction_brings_back_what_was(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    before = (await ticket(db)).clocks
    await correct(db, desk, view, 1, Ruling.ELSEWHERE)
    await correct(db, desk, view, 1, Ruling.PERSON, at=NOW + hours(4))

    after = await ticket(db)

    assert (after.state, after.clocks) == ("answered", before)
    assert (await event_types(db, view.id)).count("verdict_corrected") == 2


async def test_a_receipt_that_a_person_wrote_stops_the_clock_when_it_was_sent(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    receipt = an_inbound(thread="c", verdict=Verdict.ACKNOWLEDGEMENT, sent_at=NOW + hours(1))
    await arrive(db, desk, receipt)

    await correct(db, desk, view, 1, Ruling.PERSON)

    after = await ticket(db)
    assert after.state == "answered"
    assert {each.stopped_at for each in after.clocks} == {NOW + hours(1)}


async def test_only_whoever_leads_may_judge(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    with pytest.raises(NotAllowed, match="Only leads and managers"):
        await correct(db, desk, view, 1, Ruling.AUTOMATIC, actor=ANNA)
    assert "verdict_corrected" not in await event_types(db, view.id)


async def test_what_cannot_be_is_refused_in_a_sentence(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    with pytest.raises(DeskError, match="is empty"):
        await correct(db, desk, view, 1, Ruling.AUTOMATIC)
    out_of_office = an_inbound(thread="c", verdict=Verdict.AUTO_REPLY, sent_at=NOW + hours(1))
    await arrive(db, desk, out_of_office)
    with pytest.raises(DeskError, match="customer's side"):
        await correct(db, desk, view, 1, Ruling.PERSON)
    with pytest.raises(DeskError, match="no line 2: its lines are 1 to 1"):
        await correct(db, desk, view, 2, Ruling.AUTOMATIC)
    with pytest.raises(DeskError, match="Say why"):
        await correct(db, desk, view, 1, Ruling.ELSEWHERE, reason=" ")
