"""Words at rest: sealed as they are written, each for its own row, and readable where they are needed."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, insert, select, text, update

from bot.clock import Clock
from bot.db import queries, tables
from bot.db.apart import ReadApart
from bot.db.draft_rows import drafts_of, drop_sent_draft, keep_draft
from bot.db.export_rows import Wish, pages
from bot.db.feedback_rows import keep_comment
from bot.db.file_rows import announce_files, customer_files, keep_content
from bot.db.key_counts import counts
from bot.db.key_rows import SPOTS, data_keys, seal_batch, shut_values
from bot.db.reply_rows import reply_command
from bot.db.sealed import SHUT, CannotOpen, keys_in, with_keys
from bot.db.unit import Database
from bot.domain.chain import chain_key
from bot.runtime import key_ring
from bot.runtime.durable_keep import DurableKeep
from bot.runtime.key_chore import SETTLED, KeyChore
from bot.runtime.key_ring import KeyRing, WrongInstanceKey, check_keys
from bot.runtime.sealing import Sealer
from bot.usecases.history import prove_history, seal_history
from bot.usecases.note import AddNote, add_note
from bot.usecases.quarantine import quarantined_item
from bot.usecases.raw_items import store_page, stored_items
from connectors.contract import Attachment
from connectors.errors import Malformed
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    a_page,
    a_raw_item,
    a_ticket,
    an_inbound,
    arrive,
    hours,
    prepare,
    queue,
    ticket,
)
from tests.db.reading import rows
from tests.sealing import KEY, sealing

pytestmark = pytest.mark.postgres(first=2)

OTHER = b"another key of the environment"
CANARY = "zanzibar-4711-canary"
SAID = f"Where is my {CANARY}?"
LATER = NOW + hours(1)


def ring_of(db):
    return keys_in(db.engine)


async def answer_of(db, message_id):
    _, command = await db.read(lambda conn: reply_command(conn, message_id))
    return command


async def a_busy_ticket(db, desk):
    """Everybody has said the word: customer, agent, note, draft and file; raw mail as well."""
    asked = await a_ticket(db, desk, an_inbound(text=SAID, full_text=SAID))
    item = a_raw_item(f"Subject: lamp\r\n\r\n{CANARY}".encode())
    await db.write(lambda tx: store_page(tx, AMAZON, a_page([item])), now=NOW)
    queued = await queue(db, desk, asked.id, at=LATER, text=f"Your {CANARY} is on its way.")

    def write(tx):
        add_note(tx, desk, AddNote(ticket_id=asked.id, actor=ANNA, text=f"Call about {CANARY}"))
        keep_draft(tx, asked.id, ANNA, f"Dear {CANARY}", aside=f"not {CANARY}")
        announce_files(tx, queued.message_id, [_FILE])
        asking = {"ticket_id": asked.id, "kind": "csat", "asked_at": NOW, "expires_at": LATER}
        tx.conn.execute(insert(tables.feedback).values(id=1, answered_at=LATER, **asking))
        assert keep_comment(tx, 1, f"Slow {CANARY}", answered_after=NOW)

    await db.write(write, now=LATER)
    (file,) = await rows(db, tables.message_file)
    await db.write(lambda tx: keep_content(tx, file.id, CANARY.encode()), now=LATER)
    return asked, queued.message_id


_FILE = Attachment(name="label.pdf", media_type="application/pdf", size=20, ref="F1")


async def everything(db):
    """Each value of each row as it stands in the database."""
    found = []
    for table in tables.metadata.sorted_tables:
        found += [repr(tuple(row)) for row in await rows(db, table)]
    return "\n".join(found)


async def first_words(db):
    """What the customer of the newest ticket wrote first, as people are shown it."""
    shown = (await ticket(db)).first_message
    assert shown is not None
    return shown.body


async def test_invariant_11_no_word_stands_in_the_database(db, desk, tmp_path):
    sealed = await sealing(db)
    asked, message_id = await a_busy_ticket(sealed, desk)
    assert CANARY not in await everything(db)
    for file in tmp_path.glob("threadline.db*"):
        assert CANARY.encode() not in file.read_bytes()

    events = await sealed.read(lambda conn: queries.events(conn, asked.id))
    assert f"Call about {CANARY}" in [each.data.get("text") for each in events]
    said = await sealed.read(lambda conn: queries.conversation(conn, asked.id))
    assert [CANARY in each.body and CANARY in each.full_body for each in said] == [True, True]
    (draft,) = await sealed.read(lambda conn: drafts_of(conn, asked.id))
    assert (draft.text, draft.aside) == (f"Dear {CANARY}", f"not {CANARY}")
    command = await answer_of(sealed, message_id)
    assert (command.text, command.attachments[0].content) == (
        f"Your {CANARY} is on its way.",
        CANARY.encode(),
    )
    (item,) = await sealed.read(lambda conn: stored_items(conn, AMAZON))
    assert CANARY.encode() in item.item.payload
    assert [each.id for each in await sealed.read(lambda c: queries.find(c, CANARY))] == [asked.id]


async def test_a_long_read_apart_and_an_export_tell_the_words(db, db_url, desk):
    sealed = await sealing(db)
    await a_busy_ticket(sealed, desk)
    inboxes = [row.id for row in await rows(db, tables.inbox)]
    wish = Wish(columns=("body", "length"), bodies_of=inboxes)
    apart = ReadApart(db_url, ring_of(sealed))
    (page,) = await apart.read(lambda conn: list(pages(conn, "messages", wish)))
    found = await apart.read(lambda conn: queries.find(conn, CANARY))
    assert [each.number for each in found] == [1]
    assert page[0] == (SAID, len(SAID))


async def test_a_sealed_value_opens_in_its_own_row_only(db, desk):
    sealed = await sealing(db)
    _, message_id = await a_busy_ticket(sealed, desk)
    stolen = (await rows(db, tables.message, direction="in"))[0].body

    def move(tx):
        message = tables.message
        tx.conn.execute(update(message).where(message.c.id == message_id).values(body=stolen))

    await db.write(move, now=LATER)
    shown = await sealed.read(lambda conn: queries.message_view(conn, message_id))
    assert shown.body == SHUT
    with pytest.raises(CannotOpen, match="does not open"):
        await sealed.read(lambda conn: reply_command(conn, message_id))


async def test_without_keys_nobody_is_shown_a_sealed_value(db, desk):
    sealed = await sealing(db)
    asked, message_id = await a_busy_ticket(sealed, desk)
    view = await ticket(db)
    assert view.first_message
    assert view.first_message.body == SHUT
    events = await db.read(lambda conn: queries.events(conn, asked.id))
    assert {each.data["text"] for each in events if each.data.get("text")} == {SHUT}
    with pytest.raises(CannotOpen):
        await db.read(lambda conn: reply_command(conn, message_id))
    assert await db.read(lambda conn: queries.find(conn, "zanzibar")) == []


@pytest.mark.parametrize("has_keys", [True, False])
@pytest.mark.parametrize("beginning", ["v1:0badcafe:AAAA", "v0:v1:0badcafe:AAAA", "v0:", "v1:"])
async def test_what_a_customer_writes_is_never_taken_for_a_sealed_value(
    db, desk, beginning, has_keys
):
    used = await sealing(db) if has_keys else db
    await a_ticket(used, desk, an_inbound(text=beginning, full_text=beginning))
    item = a_raw_item(b"\x00v1:0badcafe:" + b"A" * 40)
    await used.write(lambda tx: store_page(tx, AMAZON, a_page([item])), now=NOW)
    assert await first_words(used) == beginning
    (stored,) = await used.read(lambda conn: stored_items(conn, AMAZON))
    assert stored.item.payload == item.payload


async def test_a_draft_kept_again_opens_and_goes_when_it_was_sent(db, desk):
    sealed = await sealing(db)
    asked = await a_ticket(sealed, desk)
    for said in ("Dear", "Dear customer"):
        await sealed.write(partial(keep_draft, ticket_id=asked.id, agent=ANNA, text=said), now=NOW)
    (draft,) = await sealed.read(lambda conn: drafts_of(conn, asked.id))
    assert draft.text == "Dear customer"
    await sealed.write(lambda tx: drop_sent_draft(tx, asked.id, ANNA, "Dear"), now=NOW)
    assert len(await rows(db, tables.draft)) == 1
    await sealed.write(lambda tx: drop_sent_draft(tx, asked.id, ANNA, "Dear customer"), now=NOW)
    assert await rows(db, tables.draft) == []


async def test_an_item_that_does_not_open_says_so_and_the_next_is_read(db, desk):
    sealed = await sealing(db)
    await prepare(sealed, desk)
    first, second = a_raw_item(b"one"), a_raw_item(b"two")
    await sealed.write(lambda tx: store_page(tx, AMAZON, a_page([first, second])), now=NOW)
    raw = tables.raw_inbound
    broken = min(row.id for row in await rows(db, raw))
    cut = update(raw).where(raw.c.id == broken).values(payload=b"\x00v1:0badcafe:cut")
    await db.write(lambda tx: tx.conn.execute(cut), now=NOW)
    items = await sealed.read(lambda conn: stored_items(conn, AMAZON))
    assert b"does not open" in items[0].item.payload
    assert items[1].item.payload == b"two"


async def test_what_is_set_aside_is_shown_as_it_came(db, desk):
    sealed = await sealing(db)
    await arrive(sealed, desk, Malformed("text", "not readable"))
    (raw,) = await rows(sealed, tables.raw_inbound)
    found = await sealed.read(lambda conn: quarantined_item(conn, raw.id))
    assert found is not None
    about, payload = found
    assert payload.startswith(b"raw mail")
    assert about.size == len(payload)
    assert await sealed.read(lambda conn: customer_files(conn, raw.id)) is None


# Older values, other keys.


async def test_plain_words_of_before_are_read_and_then_sealed(db, desk):
    _, message_id = await a_busy_ticket(db, desk)
    history = chain_key(KEY)
    await db.write(lambda tx: seal_history(tx, history), now=LATER)
    assert CANARY in await everything(db)

    sealed = await sealing(db)
    assert CANARY in await first_words(sealed)
    clock = Clock(start=NOW + SETTLED + timedelta(seconds=1))
    await KeyChore(sealed, clock, ring_of(sealed)).look()
    assert CANARY not in await everything(db)
    assert CANARY in await first_words(sealed)
    command = await answer_of(sealed, message_id)
    assert command.attachments[0].content == CANARY.encode()
    (key,) = await db.read(data_keys)
    assert key.moved_at is not None
    found = await sealed.read(lambda conn: list(counts(conn, [key.kid])))
    assert [(each.plain, each.lost) for each in found] == [(0, 0)] * len(SPOTS)
    assert sum(each.by_key[key.kid] for each in found) == 11
    # What was sealed after its fingerprint was taken is the same history.
    proof = await sealed.read(lambda conn: prove_history(conn, {history.name: history}))
    assert proof.ok


async def test_a_rotation_goes_on_wherever_it_was_killed(db, desk):
    sealed = await sealing(db)
    await a_busy_ticket(sealed, desk)
    ring = ring_of(sealed)
    old = ring.newest
    new = await sealed.write(ring.add, now=LATER)
    await sealed.read(ring.load)
    steps = killed = 0
    for spot in (replace(each, batch=1) for each in SPOTS):
        while True:
            with pytest.raises(ZeroDivisionError):
                await sealed.write(partial(_dies, spot=spot, kid=new), now=LATER)
            killed += 1
            if not (await sealed.write(partial(seal_batch, spot=spot, kid=new), now=LATER)).read:
                break
            steps += 1
    assert steps > 8
    found = await sealed.read(lambda conn: list(counts(conn, [old, new])))
    assert sum(each.by_key[old] for each in found) == 0
    assert [each.plain + each.lost for each in found] == [0] * len(SPOTS)
    for spot in SPOTS:
        assert (await sealed.read(partial(shut_values, spot=spot, after=0)))[1] == 0
    assert CANARY in await first_words(sealed)


def _dies(tx, spot, kid):
    seal_batch(tx, spot, kid)
    raise ZeroDivisionError


async def test_another_process_opens_what_is_under_a_key_it_never_saw(db, desk):
    one, two = await sealing(db), await sealing(db)
    ring = ring_of(two)
    await two.write(ring.add, now=LATER)
    await two.read(ring.load)
    await a_busy_ticket(two, desk)
    assert ring.newest != ring_of(one).newest
    assert CANARY in await first_words(one)


async def test_after_a_rewrap_the_former_instance_key_is_not_needed(db, desk):
    sealed = await sealing(db)
    await a_busy_ticket(sealed, desk)
    before = DurableKeep(db, Clock(start=NOW), Sealer(KEY), inbox=AMAZON, connector="amazon")
    await before.put("token", CANARY)  # as versions before data keys did

    both = await sealing(db, OTHER, KEY)
    ring = ring_of(both)
    assert CANARY in await first_words(both)
    assert await both.write(ring.rewrap, now=LATER) == 1
    assert await both.write(ring.rewrap, now=LATER) == 0
    secrets = [each for each in SPOTS if each.secret]
    await KeyChore(both, Clock(start=LATER), ring).walk(secrets)

    alone = await sealing(db, OTHER)
    assert CANARY in await first_words(alone)
    kept = DurableKeep(alone, Clock(start=LATER), Sealer(OTHER), inbox=AMAZON, connector="amazon")
    assert await kept.get("token") == CANARY


async def test_another_instance_key_is_refused_in_a_sentence(db):
    await sealing(db)
    with pytest.raises(WrongInstanceKey) as caught:
        await sealing(db, OTHER)
    (problem,) = caught.value.problems
    assert "sealed under another instance key" in problem
    assert "THREADLINE_OLD_INSTANCE_KEYS" in problem
    with pytest.raises(WrongInstanceKey, match="none"):
        await db.read(lambda conn: check_keys(conn, None))
    assert len(await rows(db, tables.data_key)) == 1


async def test_a_new_data_key_that_is_rolled_back_has_sealed_nothing(db, desk):
    sealed = await sealing(db)
    ring = ring_of(sealed)

    def dies(tx):
        ring.add(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await sealed.write(dies, now=NOW)
    await a_ticket(sealed, desk, an_inbound(text=CANARY))
    again = await sealing(db)
    assert await first_words(again) == CANARY


async def test_two_processes_that_start_together_make_one_key(db):
    first, second = KeyRing([KEY]), KeyRing([KEY])
    for ring in (first, second):
        await key_ring.prepare(Database(with_keys(db.engine, ring)), ring, NOW)
    assert first.newest == second.newest
    assert await db.read(lambda c: c.scalar(select(func.count()).select_from(tables.data_key))) == 1


async def test_a_word_in_a_sealed_message_and_one_in_a_name_find_a_ticket_together(db, desk):
    sealed = await sealing(db)
    for at, name in enumerate(("Ada", "Bea", "Cid")):
        message = an_inbound(
            text=f"The shade is {CANARY}", sender_name=f"{name} Conti", sent_at=NOW + hours(at)
        )
        await arrive(sealed, desk, message)

    async def found(words, **options):
        return [
            each.number for each in await sealed.read(lambda c: queries.find(c, words, **options))
        ]

    assert await found(CANARY.upper()) == [3, 2, 1]
    assert await found(f"{CANARY} conti", limit=2) == [3, 2]
    assert await found("shade bea") == [2]
    assert await found("shade rinaldi") == []
    ticks = iter(range(0, 1000, 10))
    assert await found("nowhere", clock=lambda: next(ticks)) == []


async def test_invariant_11_keys_show_nothing_of_themselves(db):
    sealed = await sealing(db)
    (key,) = await db.read(data_keys)
    shown = repr(key) + repr(ring_of(sealed)) + str(vars(ring_of(sealed)))
    assert KEY.decode() not in shown
    assert repr(key.wrapped) not in shown
    stored = await db.read(lambda conn: conn.scalar(text("SELECT wrapped FROM data_key")))
    assert KEY not in stored
