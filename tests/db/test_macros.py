"""Macros, drafts and solved tickets as rows, on both databases."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.db import tables
from bot.db.answered_rows import solved_tickets
from bot.db.draft_rows import LIMIT, drafts_of, take_old_drafts
from bot.db.macro_rows import MacroText, kept_macros
from bot.errors import Conflict, DeskError, NotAllowed
from bot.usecases.drafts import DropDraft, KeepDraft, drop_draft, keep_draft
from bot.usecases.macros import ArchiveMacro, SaveMacro, WrongName, archive_macro, save_macro
from bot.usecases.reply import QueueReply, UndoReply, queue_reply, undo_reply
from bot.usecases.resolve import Resolve, resolve
from tests.builders import ANNA, BRUNO, CARLA, NOW, VIEWER, a_desk, a_ticket, days, minutes
from tests.db.reading import count, rows

pytestmark = pytest.mark.postgres(first=2)

TEXT = MacroText(name="thanks", text="Thank you, {customer.first_name|all}.", owner=ANNA)
SHARED = replace(TEXT, owner="", language="it", topics=("return",), channels=("amazon",))


@pytest.fixture
def desk():
    return a_desk()


async def saved(db, desk, text, actor=ANNA, **changes):
    command = SaveMacro(actor=actor, text=text, **changes)
    return await db.write(lambda tx: save_macro(tx, desk, command), now=NOW, urgent=True)


async def archived(db, desk, macro, actor=ANNA):
    command = ArchiveMacro(actor=actor, ref=macro.ref, version=macro.version)
    return await db.write(lambda tx: archive_macro(tx, desk, command), now=NOW, urgent=True)


async def macros(db, actor=ANNA):
    return await db.read(lambda conn: kept_macros(conn, actor))


async def test_everybody_reads_the_shared_ones_and_their_own(db, desk):
    own = await saved(db, desk, TEXT)
    shared = await saved(db, desk, SHARED, CARLA)
    assert await macros(db) == [own, shared] or await macros(db) == [shared, own]
    assert await macros(db, BRUNO) == [shared]
    assert (shared.topics, shared.channels, shared.version) == (("return",), ("amazon",), 1)


@pytest.mark.parametrize(
    ("text", "actor"),
    [(SHARED, ANNA), (replace(TEXT, owner=VIEWER), VIEWER)],
)
async def test_who_may_not_write_a_macro_is_refused(db, desk, text, actor):
    with pytest.raises(NotAllowed):
        await saved(db, desk, text, actor)
    assert await macros(db, CARLA) == []


async def test_nobody_writes_a_colleagues_macro(db, desk):
    theirs = await saved(db, desk, TEXT)
    with pytest.raises(DeskError, match="a colleague's own"):
        await saved(db, desk, replace(TEXT, owner=ANNA), CARLA)
    with pytest.raises(DeskError, match="a colleague's own"):
        await saved(db, desk, replace(TEXT, owner=BRUNO), BRUNO, ref=theirs.ref, version=1)
    with pytest.raises(DeskError, match="a colleague's own"):
        await archived(db, desk, theirs, CARLA)
    assert await macros(db) == [theirs]


async def test_a_name_is_taken_once_whatever_its_capitals(db, desk):
    await saved(db, desk, TEXT)
    for name in ("thanks", "THANKS"):
        with pytest.raises(WrongName):
            await saved(db, desk, replace(TEXT, name=name))
    await saved(db, desk, replace(TEXT, language="it"))
    assert await count(db, tables.macro) == 2


async def test_of_two_who_take_a_name_at_once_one_gets_it(db, desk):
    made = await asyncio.gather(
        *(saved(db, desk, SHARED, CARLA) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(one, WrongName) for one in made) == 2
    assert await count(db, tables.macro) == 1


async def test_a_change_of_what_was_changed_meanwhile_is_refused(db, desk):
    first = await saved(db, desk, TEXT)
    second = await saved(db, desk, replace(TEXT, text="Thanks!"), ref=first.ref, version=1)
    assert (second.text, second.version) == ("Thanks!", 2)
    with pytest.raises(Conflict):
        await saved(db, desk, replace(TEXT, text="No."), ref=first.ref, version=1)
    with pytest.raises(Conflict):
        await archived(db, desk, first)
    assert await macros(db) == [second]


async def test_an_archived_macro_frees_its_name_and_cannot_be_changed(db, desk):
    gone = await saved(db, desk, TEXT)
    await archived(db, desk, gone)
    assert await macros(db) == []
    with pytest.raises(Conflict):
        await saved(db, desk, TEXT, ref=gone.ref, version=2)
    await saved(db, desk, TEXT)
    events = await rows(db, tables.ticket_event, type="macro_changed")
    assert [one.data["what"] for one in events] == ["saved", "archived", "saved"]


async def test_a_macro_of_a_file_is_changed_in_its_file(db, desk):
    with pytest.raises(DeskError, match="written in a file"):
        await saved(db, desk, TEXT, ref="file::thanks", version=0)


async def kept(db, desk, view, text, *, actor=ANNA, at=NOW):
    command = KeepDraft(ticket_id=view.id, actor=actor, text=text)
    await db.write(lambda tx: keep_draft(tx, desk, command), now=at, urgent=True)


async def drafts(db, view):
    found = await db.read(lambda conn: drafts_of(conn, view.id))
    return [(one.agent, one.text) for one in found]


async def test_a_draft_is_kept_once_a_ticket_and_agent_the_newest_first(db, desk):
    view = await a_ticket(db, desk)
    await kept(db, desk, view, "one")
    await kept(db, desk, view, "two", actor=BRUNO, at=NOW + minutes(1))
    await kept(db, desk, view, "three", at=NOW + minutes(2))
    await kept(db, desk, view, "  ", at=NOW + minutes(3))
    await kept(db, desk, view, "nul\x00", actor=BRUNO, at=NOW + minutes(4))
    assert await drafts(db, view) == [(BRUNO, "nul"), (ANNA, "three")]

    dropped = DropDraft(ticket_id=view.id, actor=ANNA)
    await db.write(lambda tx: drop_draft(tx, desk, dropped), now=NOW)
    assert await drafts(db, view) == [(BRUNO, "nul")]


async def test_a_draft_is_bounded_and_forgotten_after_a_month(db, desk):
    view = await a_ticket(db, desk)
    await kept(db, desk, view, "x" * (LIMIT + 1))
    assert len((await drafts(db, view))[0][1]) == LIMIT
    for at, left in ((NOW + days(30), 1), (NOW + days(30) + minutes(1), 0)):
        await db.write(lambda tx: take_old_drafts(tx, 10), now=at)
        assert await count(db, tables.draft) == left


async def sent(db, desk, view, key, **changes):
    command = QueueReply(
        ticket_id=view.id, actor=ANNA, text="Hello.", key=key, seen_message_id=None, **changes
    )
    return await db.write(lambda tx: queue_reply(tx, desk, command), now=NOW, urgent=True)


async def test_invariant_3_no_answer_goes_out_with_a_gap_in_it(db, desk):
    view = await a_ticket(db, desk)
    command = QueueReply(
        ticket_id=view.id, actor=ANNA, text="See ⟦tracking.url⟧", key="k", seen_message_id=None
    )
    with pytest.raises(DeskError, match="Something is missing"):
        await db.write(lambda tx: queue_reply(tx, desk, command), now=NOW)
    assert await count(db, tables.message) == 1  # the customer's own


async def test_an_answer_drops_its_draft_and_one_taken_back_is_a_draft_again(db, desk):
    view = await a_ticket(db, desk)
    await kept(db, desk, view, "Hello.")
    queued = await sent(db, desk, view, "k")
    assert await drafts(db, view) == []
    undo = UndoReply(message_id=queued.message_id, actor=ANNA)
    await db.write(lambda tx: undo_reply(tx, desk, undo), now=NOW)
    assert await drafts(db, view) == [(ANNA, "Hello.")]


async def test_a_short_answer_between_leaves_what_else_was_begun(db, desk):
    view = await a_ticket(db, desk)
    await kept(db, desk, view, "A long answer, half")
    queued = await sent(db, desk, view, "k")
    undo = UndoReply(message_id=queued.message_id, actor=ANNA)
    await db.write(lambda tx: undo_reply(tx, desk, undo), now=NOW)
    assert await drafts(db, view) == [(ANNA, "A long answer, half")]


async def solved(db, desk, view, *, language="it"):
    command = Resolve(ticket_id=view.id, actor=ANNA)
    await db.write(lambda tx: resolve(tx, desk, command), now=NOW)
    t = tables.ticket
    change = update(t).where(t.c.id == view.id).values(language=language)
    await db.write(lambda tx: tx.conn.execute(change), now=NOW)


async def like(db, *, connector="amazon", language="it", at=NOW):
    found = await db.read(lambda conn: solved_tickets(conn, connector, language, at))
    return [(one.ticket_id, list(one.macros)) for one in found]


async def test_solved_tickets_tell_the_first_words_and_the_macros_that_answered(db, desk):
    view = await a_ticket(db, desk)
    assert await like(db) == []
    await sent(db, desk, view, "k", macros=("db:1",))
    back = await sent(db, desk, view, "k2", macros=("db:2",))
    undo = UndoReply(message_id=back.message_id, actor=ANNA)
    await db.write(lambda tx: undo_reply(tx, desk, undo), now=NOW)
    await solved(db, desk, view)
    assert await like(db) == [(view.id, ["db:1"])]
    assert await like(db, language="de") == []
    assert await like(db, connector="ebay") == []
    assert await like(db, at=NOW + days(181)) == []
