"""Macros as agents meet them: in the window of an answer, and in commands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import tables
from tests.slack.front import GIULIA, Front, a_front
from tests.slack.loopback import as_object
from tests.slack.macro_world import (
    PARCEL,
    THANKS,
    a_desk,
    asked,
    field,
    inserts,
    next_view,
    offered,
    opened,
    submits,
    text_of,
    updated,
    with_text,
)


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path, a_desk()) as front:
        yield front


async def test_the_window_offers_what_suits_the_ticket_its_language_first(front: Front) -> None:
    view = await opened(front, await asked(front))
    assert offered(view) == [["file:it:grazie", "file::parcel"]]


async def test_a_macro_is_put_behind_what_was_typed_and_is_sent_as_previewed(front: Front) -> None:
    number = await asked(front)
    view = await inserts(front, await opened(front, number), THANKS.ref, "Buongiorno!")
    assert text_of(view) == "Buongiorno!\n\nGentile Lucia, grazie. Giulia"
    # A field of the same name would go on showing what was typed into it.
    assert field(view)["block_id"] != "text"

    preview = next_view(await submits(front, view, text_of(view)))
    next_view(await submits(front, preview, text_of(view)))

    (reply,) = await front.outgoing()
    assert reply.body == "Buongiorno!\n\nGentile Lucia, grazie. Giulia"
    event = select(tables.ticket_event.c.data).where(tables.ticket_event.c.type == "reply_queued")
    (data,) = await front.db.read(lambda conn: conn.scalars(event).all())
    assert data["macros"] == [THANKS.ref]


async def test_a_missing_value_is_marked_and_refused_until_somebody_fills_it(front: Front) -> None:
    view = await inserts(front, await opened(front, await asked(front)), PARCEL.ref)
    assert text_of(view) == "Your parcel: ⟦tracking.url⟧"
    assert "Not known here: tracking.url" in str(view["blocks"][0])

    refused = as_object((await submits(front, view, text_of(view))).body)
    assert "⟦tracking.url⟧" in refused["errors"][field(view)["block_id"]]
    assert await front.outgoing() == []

    next_view(await submits(front, view, "Your parcel: JJD01"))


async def test_a_macro_that_does_not_fit_leaves_what_was_typed(front: Front) -> None:
    typed = "x" * 2995
    view = await inserts(front, await opened(front, await asked(front)), THANKS.ref, typed)
    assert text_of(view) == typed
    assert "does not fit" in str(view["blocks"][0])


async def test_a_macro_gone_meanwhile_leaves_what_was_typed(front: Front) -> None:
    view = await opened(front, await asked(front))
    await front.restarts_with(macros=())
    after = await inserts(front, view, THANKS.ref, "Buongiorno!")
    assert text_of(after) == "Buongiorno!"
    assert "archived meanwhile" in str(after["blocks"][0])


async def test_what_answered_such_tickets_is_suggested_with_the_tickets(front: Front) -> None:
    for n in range(2):
        text = "Il mio pacco non arriva e il corriere non risponde"
        number = await asked(front, text, thread=f"earlier-{n}")
        await front.command(GIULIA, f"reply {number} !grazie")
        await front.command(GIULIA, f"resolve {number}")

    number = await asked(front, "Il pacco non arriva, il corriere tace e non risponde")
    view = await opened(front, number)

    assert "2 tickets like this were answered with “grazie”: " in str(view["blocks"])
    await front.press(GIULIA, "macro_suggested_0", THANKS.ref, view=with_text(view, ""))
    assert text_of(updated(front)) == "Gentile Lucia, grazie. Giulia"


async def test_a_command_puts_a_macro_in_and_shows_what_goes_out(front: Front) -> None:
    number = await asked(front)
    told = await front.command(GIULIA, f"reply {number} !GRAZIE A presto.")
    (reply,) = await front.outgoing()
    assert reply.body == "Gentile Lucia, grazie. Giulia\n\nA presto."
    assert "Gentile Lucia, grazie. Giulia" in str(told["blocks"])


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("!parcel", "Something is missing: ⟦tracking.url⟧"),
        ("!grazzie", 'Did you mean \\"grazie\\"?'),
        ("!ebay", "There is no macro “ebay” for this ticket."),
        ("!grazie:de", "The macro “grazie” is not written in “de”. There is !grazie:it."),
    ],
)
async def test_a_macro_that_cannot_be_sent_is_refused_and_the_text_given_back(
    front: Front, typed: str, why: str
) -> None:
    number = await asked(front)
    told = await front.command(GIULIA, f"reply {number} {typed}")
    assert why.replace('\\"', '"') in str(told["blocks"])
    assert await front.outgoing() == []


async def test_an_exclamation_mark_alone_is_no_macro(front: Front) -> None:
    number = await asked(front)
    await front.command(GIULIA, f"reply {number} !!! Grazie")
    (reply,) = await front.outgoing()
    assert reply.body == "!!! Grazie"
