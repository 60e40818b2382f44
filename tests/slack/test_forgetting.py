"""Nothing of a person is left, anywhere, and reports count as before."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from bot.cli.person_export import write_person
from bot.db import tables
from bot.db.draft_rows import keep_draft
from bot.db.feedback_rows import keep_comment
from bot.db.key_rows import SPOTS
from bot.db.macro_rows import MacroText
from bot.db.sealed import seal_bytes, try_bytes, try_text
from bot.domain.chain import chain_key
from bot.jobs.retention import RetentionWatch
from bot.outbox.dispatcher import Dispatcher
from bot.slack.erasing import Erasing
from bot.slack.limits import SlackLimits
from bot.usecases.approve import Approve, SendBack, approve, send_back
from bot.usecases.figures import catch_up
from bot.usecases.forget import people, remember_wish
from bot.usecases.history import prove_history, seal_history
from bot.usecases.macros import SaveMacro, save_macro
from bot.usecases.merge import Merge, merge
from bot.usecases.raw_items import store_page
from bot.usecases.reply import Queued, QueueReply, queue_reply
from bot.usecases.resolve import Resolve, resolve
from bot.usecases.transfer import Transfer, transfer
from connectors.contract import Attachment
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import AMAZON_IT
from tests.builders import (
    AMAZON,
    ANNA,
    BRUNO,
    CARLA,
    NOW,
    a_page,
    a_raw_item,
    a_ticket,
    an_inbound,
    queue,
)
from tests.db.reading import rows
from tests.sealing import KEY, sealing
from tests.slack.executor_world import note
from tests.slack.files_world import PNG, files_world

HANDLE = "zoe.canary@buyer.example"
SAID = {
    "handle": "zoe.canary",
    "name": "Zanzibar",
    "phone": "3337744112",
    "address": "Quaggastrasse",
    "subject": "okapi",
    "picture": "quokka",
    "answer": "marzipan",
    "note": "xylophone",
    "transfer": "bassoon",
    "draft": "lollipop",
    "comment": "petrichor",
    "order": "405-7719234-1180357",
    "unread": "tamarillo",
}
WORDS = frozenset(SAID.values())
HERS = an_inbound(
    thread=f"{HANDLE}:okapi",
    sender_handle=HANDLE,
    sender_name="Zoe Zanzibar",
    subject="About my okapi",
    text="Call +39 3337744112, I live in Quaggastrasse 77.",
    full_text="Call +39 3337744112, I live in Quaggastrasse 77.\n> quoted",
    order_id=SAID["order"],
    reply_context={"to": HANDLE},
    attachments=[Attachment(name="quokka.png", media_type="image/png", size=len(PNG), ref="1")],
)


async def a_whole_conversation(w):
    """Everybody has said something, in every place there is for it; then it is over."""
    s = w.s
    w.channel.shelf["1"] = PNG
    asked = await a_ticket(s.db, s.desk, HERS)
    item = a_raw_item(f"From: {HANDLE}\r\n\r\ntamarillo".encode())
    await s.db.write(lambda tx: store_page(tx, AMAZON, a_page([item])), now=s.clock.now())
    await s.send(rounds=3)
    await note(s, "She plays the xylophone.")
    given = Transfer(ticket_id=asked.id, actor=ANNA, assignee=BRUNO, note="Knows the bassoon.")
    await s.db.write(lambda tx: transfer(tx, s.desk, given), now=s.clock.now())
    queued = await queue(s.db, s.desk, asked.id, at=s.clock.now(), actor=BRUNO, text="marzipan")
    s.clock.move(20)
    await s.send(rounds=3)

    def write(tx):
        raw = tables.raw_inbound
        mine = tables.message.c.direction == "in"
        used = tx.conn.scalar(select(tables.message.c.raw_inbound_id).where(mine))
        for row_id, content in tx.conn.execute(select(raw.c.id, raw.c.payload)).all():
            words = f"{content!r} okapi".encode() if row_id == used else None
            state: dict[str, Any] = {"state": "done"} if row_id == used else {"state": "ignored"}
            if words:
                place = f"raw_inbound.payload:{row_id}"
                state["payload"] = seal_bytes(tx.conn, words, place=place)
            tx.conn.execute(update(raw).where(raw.c.id == row_id).values(**state))
        keep_draft(tx, asked.id, ANNA, "Dear lollipop", aside="lollipop")
        asking = {"ticket_id": asked.id, "kind": "csat", "asked_at": NOW, "expires_at": tx.now}
        rated = insert(tables.feedback).values(id=1, answered_at=tx.now, score=4, **asking)
        tx.conn.execute(rated)
        assert keep_comment(tx, 1, "Smelt of petrichor", answered_after=NOW)
        resolve(tx, s.desk, Resolve(ticket_id=asked.id, actor=BRUNO))

    await s.db.write(write, now=s.clock.now())
    await s.send(rounds=3)
    await catch_up(s.db, s.desk, s.clock)
    await s.db.write(lambda tx: seal_history(tx, chain_key(KEY)), now=s.clock.now())
    return asked, queued


def in_slack(s):
    """Everything the workspace shows to anybody."""
    work = s.slack.workspace
    shown = [each for channel in work.channels for each in work.messages(channel)]
    shown += [each for one in list(shown) for each in work.replies(one.channel, one.ts)]
    return repr(
        [(m.text, m.blocks, [(f.name, f.title) for f in m.files if not f.deleted]) for m in shown]
        + [work.homes, [f.name for f in work.files.values() if not f.deleted]]
    )


async def in_rows(db):
    """Every value of every row, the sealed ones opened."""
    found = []
    for table in tables.metadata.sorted_tables:
        found += [repr(tuple(row)) for row in await rows(db, table)]
    return "\n".join([*found, *await db.read(lambda conn: list(map(repr, opened(conn))))])


def opened(conn):
    """Each sealed value behind its seal."""
    for spot in SPOTS:
        query = select(spot.table.c.id, *(spot.table.c[each] for each in spot.columns))
        for row in conn.execute(query.add_columns(*spot.others)) if not spot.secret else ():
            for name, place in spot.places(row).items():
                yield from behind(conn, getattr(row, name), place)


def behind(conn, stored, place):
    if isinstance(stored, str):
        yield try_text(conn, stored, place=place)
    elif isinstance(stored, bytes):
        yield try_bytes(conn, stored, place=place)
    elif isinstance(stored, dict):
        event = place.rpartition(":")[2]
        for field, each in stored.items():
            yield from behind(conn, each, f"ticket_event.data.{field}:{event}")


def words_in(text):
    return {word for word in WORDS if word.casefold() in text.casefold()}


async def totals(db):
    return [repr(tuple(each)) for each in await rows(db, tables.ticket_figure)] + [
        repr(tuple(each)) for each in await rows(db, tables.wait_figure)
    ]


def with_erasing(w):
    """The process as the application joins it, what takes posts out of Slack included."""
    s = w.s
    erasing = Erasing(s.client, s.db, lambda: s.desk, s.clock)
    executors = dict(s.sender._executors) | dict.fromkeys(erasing.kinds, erasing)
    s.sender = Dispatcher(s.db, executors, s.clock, SlackLimits())


def watch(s):
    return RetentionWatch(s.db, lambda: s.desk, s.clock, KEY)


async def forget(s):
    (person,) = await s.db.read(partial(people, handle=HANDLE.upper(), inbox=None))
    await s.db.write(partial(remember_wish, person=person, key=KEY), now=s.clock.now())
    await watch(s).forget_wished()
    await s.db.forget_pages()
    await s.send(rounds=14, seconds=20)


async def test_nothing_of_a_forgotten_person_is_left_anywhere(db, tmp_path):
    sealed = await sealing(db)
    async with files_world(sealed) as w:
        with_erasing(w)
        s = w.s
        asked, _ = await a_whole_conversation(w)
        assert words_in(await in_rows(s.db)) == WORDS
        assert {"Zanzibar", "okapi", "quokka", "xylophone", "bassoon"} <= words_in(in_slack(s))
        before = await totals(s.db)

        await forget(s)

        assert words_in(await in_rows(s.db)) == set()
        assert words_in(in_slack(s)) == set()
        (card,) = s.roots(AMAZON_IT)
        assert card.text == "Removed on 2026-03-10 under this channel's data rules."
        assert s.thread(card.ts) == []
        await catch_up(s.db, s.desk, s.clock)
        assert await totals(s.db) == before
        proof = await s.db.read(
            lambda conn: prove_history(conn, {k.name: k for k in (chain_key(KEY),)})
        )
        assert (proof.ok, proof.erased > 0) == (True, True)
        assert [row.score for row in await rows(s.db, tables.feedback)] == [4]
        by_number = await s.db.read(partial(people, ticket=asked.number, inbox=None))
        told = partial(
            write_person,
            ids=[each.id for each in by_number],
            folder=tmp_path / "told",
            now=NOW,
            with_notes=True,
        )
        await s.db.read(told)
        for file in (tmp_path / "told").iterdir():
            assert words_in(file.read_text()) == set(), file


async def test_its_bytes_are_gone_from_the_file_and_from_a_copy_made_afterwards(db, tmp_path):
    async with files_world(db) as w:
        with_erasing(w)
        await a_whole_conversation(w)
        await w.s.db.forget_pages()
        assert len(words_in_files(tmp_path)) > len(WORDS) - 2

        await forget(w.s)
        await w.s.db.forget_pages()

        assert words_in_files(tmp_path) == set()
        here = sqlite3.connect(tmp_path / "threadline.db")
        copy = sqlite3.connect(tmp_path / "threadline.db.copy")
        with here, copy:
            here.backup(copy)
        assert words_in_files(tmp_path) == set()


def words_in_files(folder: Path):
    return words_in(in_files(folder))


HELD = {"answer": "clementine", "back": "saxophone", "later": "dromedary", "told": "Zanzibar"}


async def a_held_answer(w, ticket_id):
    """An agent answers with a macro that wants a second person, twice: back, and let out."""
    s = w.s
    text = MacroText(name="goodwill", text="You keep it.", approval=True)
    save = SaveMacro(actor=CARLA, text=text)
    macro = await s.db.write(lambda tx: save_macro(tx, s.desk, save), now=s.clock.now())

    async def asks(key):
        command = QueueReply(
            ticket_id=ticket_id,
            actor=ANNA,
            text="Dear Zanzibar, keep the clementine.",
            key=key,
            seen_message_id=None,
            macros=(macro.ref,),
        )
        held = await s.db.write(lambda tx: queue_reply(tx, s.desk, command), now=s.clock.now())
        await s.send(rounds=2)
        return held.approval_id

    back = SendBack(approval_id=await asks("1"), actor=CARLA, reason="first the saxophone")
    await s.db.write(lambda tx: send_back(tx, s.desk, back), now=s.clock.now())
    out = Approve(approval_id=await asks("2"), actor=CARLA)
    assert isinstance(
        await s.db.write(lambda tx: approve(tx, s.desk, out), now=s.clock.now()), Queued
    )
    s.clock.move(20)
    await s.send(rounds=4)


async def a_card_posted_twice(w):
    """An admin deletes the card while its thread stays; the next line brings a new one."""
    s = w.s
    (card,) = s.roots(AMAZON_IT)
    await s.client.chat_delete(channel=AMAZON_IT, ts=card.ts)
    await note(s, "She plays the saxophone.")
    await s.send(rounds=14, seconds=30)
    (again,) = s.roots(AMAZON_IT)
    assert again.ts != card.ts
    return card.ts


async def test_nothing_is_left_of_an_answer_let_out_a_merged_ticket_and_a_card_posted_twice(
    db, tmp_path
):
    async with files_world(db) as w:
        with_erasing(w)
        s = w.s
        w.channel.shelf["1"] = PNG
        asked = await a_ticket(s.db, s.desk, HERS)
        await s.send(rounds=3)
        await a_held_answer(w, asked.id)
        former = await a_card_posted_twice(w)
        more = an_inbound(
            thread=f"{HANDLE}:next",
            sender_handle=HANDLE,
            sender_name="Zoe Zanzibar",
            text="And the dromedary?",
            sent_at=s.clock.now(),
        )
        later = await a_ticket(s.db, s.desk, more)
        await s.send(rounds=4)
        into = Merge(ticket_id=asked.id, actor=ANNA, into_id=later.id)
        await s.db.write(lambda tx: merge(tx, s.desk, into), now=s.clock.now())
        done = Resolve(ticket_id=later.id, actor=BRUNO)
        await s.db.write(lambda tx: resolve(tx, s.desk, done), now=s.clock.now())
        await s.send(rounds=6)
        words = set(HELD.values())
        assert held_in(in_slack(s)) == words
        assert "clementine" in repr(s.thread(former))
        await s.db.forget_pages()
        assert words <= held_in(in_files(tmp_path))

        await forget(s)
        await s.send(rounds=14, seconds=20)
        await s.db.forget_pages()

        assert held_in(in_slack(s)) == set()
        # Of a card that is gone Slack lists nothing: what we had noted is deleted, and no word is left.
        assert [each.text[:14] for each in s.thread(former)] == ["#1: a picture "]
        assert held_in(await in_rows(s.db)) == set()
        payloads = [each.payload for each in await rows(s.db, tables.outbox)]
        assert held_in(repr(payloads)) == set()
        assert held_in(in_files(tmp_path)) == set()


def held_in(text):
    return {word for word in HELD.values() if word in text}


def in_files(folder: Path):
    content = b"".join(each.read_bytes() for each in folder.glob("threadline.db*"))
    return content.decode("latin-1")


async def test_what_cannot_be_deleted_stays_is_told_and_keeps_nothing_else(db):
    async with files_world(db) as w:
        with_erasing(w)
        s = w.s
        await a_whole_conversation(w)
        (card,) = s.roots(AMAZON_IT)
        await w.person().post(AMAZON_IT, "She called again.", thread_ts=card.ts)
        s.fault("chat.delete", FaultKind.ERROR, code="cant_delete_message")

        await forget(s)

        left = [each.text for each in s.thread(card.ts)]
        assert (len(left), left[-1]) == (2, "She called again.")
        told = [each.text for each in s.roots(s.desk.ops_channel or "")]
        assert sum("A post of a colleague stays" in each for each in told) == 1
        assert sum("stays in Slack" in each for each in told) == 1
