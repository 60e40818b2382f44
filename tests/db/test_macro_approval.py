"""A macro written in Slack that wants a second person, and every way around it."""

from dataclasses import replace

import pytest

from bot.configuration.macros import Macro
from bot.db import tables
from bot.db.draft_rows import drafts_of
from bot.db.macro_rows import MacroText, id_of, kept_macro
from bot.domain.approvals import SECOND
from bot.errors import NotAllowed
from bot.usecases.approve import Approve, approve
from bot.usecases.drafts import KeepDraft, keep_draft
from bot.usecases.hold_reply import Held
from bot.usecases.macros import (
    ArchiveMacro,
    SaveMacro,
    WrongApproval,
    archive_macro,
    save_macro,
)
from bot.usecases.reply import Queued, QueueReply, UndoReply, queue_reply, undo_reply
from tests.builders import ANNA, BRUNO, CARLA, DORA, NOW, a_desk, a_ticket
from tests.db.reading import rows

pytestmark = pytest.mark.postgres(first=2)

GOODWILL = MacroText(name="goodwill", text="You keep it, and your money comes back.", approval=True)
COPY = MacroText(name="mine", text=f"Hello!\n{GOODWILL.text.upper()} Bye.", owner=ANNA)


@pytest.fixture
def desk():
    return a_desk()


async def saved(db, desk, text, actor=CARLA, of=None):
    ref, version = (of.ref, of.version) if of else ("", 0)
    command = SaveMacro(actor=actor, text=text, ref=ref, version=version)
    return await db.write(lambda tx: save_macro(tx, desk, command), now=NOW)


async def archived(db, desk, macro, actor):
    command = ArchiveMacro(actor=actor, ref=macro.ref, version=macro.version)
    return await db.write(lambda tx: archive_macro(tx, desk, command), now=NOW)


async def answers(db, desk, view, *refs, actor=ANNA, key="form"):
    command = QueueReply(
        ticket_id=view.id,
        actor=actor,
        text="In other words.",
        key=key,
        seen_message_id=None,
        macros=refs,
    )
    return await db.write(lambda tx: queue_reply(tx, desk, command), now=NOW)


async def begins(db, desk, view, *refs):
    """What an agent's draft remembers, for whoever opens the window again."""
    command = KeepDraft(ticket_id=view.id, actor=ANNA, text="In other words.", macros=refs)
    await db.write(lambda tx: keep_draft(tx, desk, command), now=NOW)
    return await remembered(db, view)


async def remembered(db, view, actor=ANNA):
    found = await db.read(lambda conn: drafts_of(conn, view.id))
    return tuple(next(one.macros for one in found if one.agent == actor))


async def test_an_agents_answer_with_it_is_held_and_a_leads_goes_out(db, desk):
    macro = await saved(db, desk, GOODWILL)
    view = await a_ticket(db, desk)
    held = await answers(db, desk, view, macro.ref)
    assert isinstance(held, Held)
    assert await rows(db, tables.message, direction="out") == []
    (asked,) = await rows(db, tables.ticket_event, type="approval_asked")
    assert asked.data["macros"] == [macro.ref]

    other = await a_ticket(db, desk)
    assert isinstance(await answers(db, desk, other, macro.ref, actor=CARLA), Queued)


async def changed_words(db, desk, macro):
    await saved(db, desk, MacroText(name="x", text="Anything else."), of=macro)


async def switched_off(db, desk, macro):
    await saved(db, desk, replace(GOODWILL, approval=False), DORA, of=macro)


async def made_ones_own(db, desk, macro):
    await saved(db, desk, replace(GOODWILL, approval=None, owner=DORA), DORA, of=macro)


async def put_away(db, desk, macro):
    await archived(db, desk, macro, DORA)


@pytest.mark.parametrize(
    "change",
    [
        put_away,
        switched_off,
        pytest.param(changed_words, marks=pytest.mark.slow),
        pytest.param(made_ones_own, marks=pytest.mark.slow),
    ],
)
async def test_what_becomes_of_the_macro_between_draft_and_sending_loses_nothing(db, desk, change):
    macro = await saved(db, desk, GOODWILL)
    view = await a_ticket(db, desk)
    refs = await begins(db, desk, view, macro.ref)
    await change(db, desk, macro)

    held = await answers(db, desk, view, *refs)
    assert isinstance(held, Held)
    # What was held is let out as before.
    command = Approve(approval_id=held.approval_id, actor=CARLA)
    assert isinstance(await db.write(lambda tx: approve(tx, desk, command), now=NOW), Queued)


async def test_a_macro_of_a_file_that_is_gone_by_then_is_remembered_as_well(db, desk):
    refund = Macro(ref="file::refund", name="refund", text="x", approval=True, origin="a.toml:1")
    view = await a_ticket(db, desk)
    refs = await begins(db, replace(desk, macros=(refund,)), view, refund.ref)
    assert isinstance(await answers(db, desk, view, *refs), Held)


async def test_one_that_was_switched_on_since_the_draft_holds_it(db, desk):
    macro = await saved(db, desk, replace(GOODWILL, approval=False))
    view = await a_ticket(db, desk)
    assert await begins(db, desk, view, macro.ref) == ()
    await saved(db, desk, replace(GOODWILL, approval=True), of=macro)
    assert isinstance(await answers(db, desk, view, macro.ref), Held)


async def test_a_copy_of_ones_own_is_held_also_once_it_says_something_else(db, desk):
    copy = await saved(db, desk, COPY, ANNA)
    view = await a_ticket(db, desk)
    await saved(db, desk, GOODWILL)
    refs = await begins(db, desk, view, copy.ref)
    assert refs == (copy.ref, SECOND)
    assert isinstance(await answers(db, desk, view, copy.ref, key="a"), Held)

    await saved(db, desk, replace(COPY, name="other", text="Good morning."), ANNA, of=copy)
    assert isinstance(await answers(db, desk, view, *refs, key="b"), Held)


async def test_one_of_ones_own_that_is_called_like_it_is_held_too(db, desk):
    await saved(db, desk, GOODWILL)
    namesake = await saved(db, desk, MacroText(name="Goodwill", text="Hi.", owner=ANNA), ANNA)
    plain = await saved(db, desk, MacroText(name="hi", text="Hi there.", owner=ANNA), ANNA)
    one, other = await a_ticket(db, desk), await a_ticket(db, desk)
    assert isinstance(await answers(db, desk, one, namesake.ref), Held)
    assert isinstance(await answers(db, desk, other, plain.ref), Queued)


async def test_what_a_lead_sent_at_once_and_an_agent_takes_back_is_held_again(db, desk):
    macro = await saved(db, desk, GOODWILL)
    view = await a_ticket(db, desk)
    sent = await answers(db, desk, view, macro.ref, actor=CARLA)
    await archived(db, desk, macro, DORA)
    undo = UndoReply(message_id=sent.message_id, actor=BRUNO)
    await db.write(lambda tx: undo_reply(tx, desk, undo), now=NOW)
    refs = await remembered(db, view, BRUNO)
    assert isinstance(await answers(db, desk, view, *refs, actor=BRUNO, key="again"), Held)
    # Which macro it was stays known: tickets like this one are answered with it.
    (queued,) = await rows(db, tables.ticket_event, type="reply_queued")
    assert (queued.data["macros"], queued.data["second_person"]) == ([macro.ref], True)


async def test_only_a_manager_ends_it_and_the_history_says_who(db, desk):
    macro = await saved(db, desk, GOODWILL)
    for text in (
        replace(GOODWILL, approval=False),
        replace(GOODWILL, approval=None, owner=CARLA),
    ):
        with pytest.raises(NotAllowed, match="Only managers"):
            await saved(db, desk, text, CARLA, of=macro)
    with pytest.raises(NotAllowed, match="Only managers"):
        await archived(db, desk, macro, CARLA)
    # Its words are a lead's to write, and leave it as it is.
    again = await saved(db, desk, replace(GOODWILL, text="You keep it.", approval=None), of=macro)
    assert again.approval
    await saved(db, desk, replace(GOODWILL, approval=False), DORA, of=again)

    events = await rows(db, tables.ticket_event, type="macro_changed")
    told = [(one.actor, one.data.get("second_person")) for one in events]
    assert told == [(CARLA, "on"), (CARLA, None), (DORA, "off")]
    number = id_of(macro.ref)
    assert number is not None
    assert not (await db.read(lambda conn: kept_macro(conn, number))).approval


async def test_ones_own_macro_asks_for_nobody(db, desk):
    with pytest.raises(WrongApproval, match="for everybody"):
        await saved(db, desk, replace(COPY, approval=True), ANNA)
