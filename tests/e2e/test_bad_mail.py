"""Mail that is odd, broken or hostile, through the whole house: from the mailbox to what is read in Slack."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import pytest_asyncio

from connectors.mail.cursor import fingerprint
from sandbox.slack.model import Message
from sandbox.story import letters
from tests.connectors.mail.test_hostile_mail import CRASHES_OF_THE_DEFAULT_POLICY
from tests.e2e.ledger import ledger
from tests.e2e.town import AMAZON, SHOP, Inbox, Town, a_town, desk_in

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

OUTLET, ATELIER, EMPORIO = (Inbox(name=name) for name in ("outlet", "atelier", "emporio"))

HOSTILE = (
    "<!channel> <!here> @here @channel <@U0ANNA00001> <!subteam^S0MANAGERS1> "
    "<https://evil.example|https://amazon.it> *bold* _it_ ~no~ `code` :bomb: &lt;!everyone&gt; "
    "<!date^0^{date}|soon> \u202egnihsihp\u202c\u200bzero\u2066width\ufeff"
)

_TO = b"To: outlet@rossicasa.example\r\n"
_DATE = b"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\n"


def mail_(headers: bytes, body: bytes) -> bytes:
    return headers + b"\r\n" + body


def attachment_of_25_mb() -> bytes:
    line = b"QUJD" * 19 + b"\r\n"
    return (
        b'Content-Type: multipart/mixed; boundary="b"\r\nMIME-Version: 1.0\r\n'
        b"From: file@customer.example\r\nSubject: big file\r\nMessage-ID: <big@customer.example>\r\n"
        + _TO
        + b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nwords of the big file\r\n"
        b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="photo.png"\r\n\r\n'
        + line * (25_000_000 // 57)
        + b"\r\n--b--\r\n"
    )


@dataclass(frozen=True, kw_only=True)
class Odd:
    """A mail, where it goes, and what its card must show."""

    raw: bytes
    shows: tuple[str, ...]
    inbox: Inbox


ODD: Mapping[str, Odd] = {
    "no Message-ID": Odd(
        raw=mail_(b"From: a@customer.example\r\nSubject: one\r\n" + _TO + _DATE, b"without an id"),
        shows=("without an id",),
        inbox=OUTLET,
    ),
    "no Date": Odd(
        raw=mail_(
            b"From: b@customer.example\r\nSubject: two\r\nMessage-ID: <2@c.example>\r\n" + _TO,
            b"without a date",
        ),
        shows=("without a date",),
        inbox=ATELIER,
    ),
    "from the future": Odd(
        raw=mail_(
            b"From: c@customer.example\r\nSubject: three\r\nMessage-ID: <3@c.example>\r\n"
            b"Date: Fri, 02 Mar 2046 10:00:00 +0100\r\n" + _TO,
            b"from the future",
        ),
        shows=("from the future",),
        inbox=EMPORIO,
    ),
    "unknown charset": Odd(
        raw=mail_(
            b"From: d@customer.example\r\nSubject: four\r\nMessage-ID: <4@c.example>\r\n"
            b"Content-Type: text/plain; charset=x-klingon\r\nContent-Transfer-Encoding: 8bit\r\n"
            + _TO,
            "the unknown charset says perché".encode(),
        ),
        shows=("the unknown charset says perché",),
        inbox=OUTLET,
    ),
    "60 kB of text": Odd(
        raw=mail_(
            b"From: e@customer.example\r\nSubject: five\r\nMessage-ID: <5@c.example>\r\n" + _TO,
            b"a long story begins. " + b"and goes on, line after line.\r\n" * 2000,
        ),
        shows=("a long story begins.",),
        inbox=ATELIER,
    ),
    "25 MB attached": Odd(
        raw=attachment_of_25_mb(),
        shows=("words of the big file", "photo.png", "25 MB"),
        inbox=EMPORIO,
    ),
    "no sender, no subject": Odd(
        raw=mail_(_TO, b"from nobody about nothing"),
        shows=("from nobody about nothing",),
        inbox=OUTLET,
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(new_database: Any) -> AsyncIterator[Town]:
    """A desk with five inboxes; every odd mail is in its mailbox already."""
    folder, url = new_database()
    async with AsyncExitStack() as stack:
        inboxes = (AMAZON, SHOP, OUTLET, ATELIER, EMPORIO)
        town = await stack.enter_async_context(a_town(folder, url, inboxes=inboxes))
        for odd in ODD.values():
            await town.mail.deliver(odd.inbox.mailbox, odd.raw)
        yield await stack.enter_async_context(desk_in(town))


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_mail_becomes_a_card_that_shows_its_words(town: Town, name: str):
    odd = ODD[name]
    card = await town.card(odd.inbox.name, odd.shows[0], within=40)
    text = await town.shows(card, *odd.shows)
    assert "[Claim]" in text


@pytest.mark.parametrize("name", ["no Date", "from the future"])
async def test_invariant_5_without_a_true_date_the_clock_starts_when_the_mail_came(
    town: Town, name: str
):
    odd = ODD[name]
    card = await town.card(odd.inbox.name, odd.shows[0], within=40)
    rows = await ledger(town.database_url)
    number = town.number(card)
    ticket = next(t for t in rows.tickets if t["number"] == number)
    due = [d["due_at"] for d in rows.deadlines if d["ticket_id"] == ticket["id"]]
    assert due
    assert all(d <= town.clock.now() + timedelta(hours=2) for d in due)


async def test_malformed_mime_of_every_kind_stops_nothing_and_loses_nothing(town: Town):
    before = {raw["id"] for raw in (await ledger(town.database_url)).raw}
    # The mail server of the sandbox reads ids itself, and takes no mail whose id it cannot read.
    crashing = [raw for name, raw in CRASHES_OF_THE_DEFAULT_POLICY.items() if "id" not in name]
    for raw in crashing:
        await town.mail.deliver(SHOP.mailbox, raw)
    await town.customer(EMPORIO, "an honest question beside them")
    await town.card(EMPORIO.name, "an honest question beside them", within=40)

    different = {fingerprint(raw) for raw in crashing}
    understood = 0
    async with asyncio.timeout(30):
        while understood < len(different):
            await asyncio.sleep(0.2)
            rows = [r for r in (await ledger(town.database_url)).raw if r["id"] not in before]
            understood = sum(r["state"] != "stored" for r in rows) - 1
    assert understood == len(different) > 15


# --- what a customer's words may do: nothing ------------------------------------------------------


def elements(blocks: list[Any]) -> Iterator[Mapping[str, Any]]:
    """Every object in a block tree."""
    for block in blocks:
        if isinstance(block, dict):
            yield block
            yield from elements(list(block.values()))
        elif isinstance(block, list):
            yield from elements(block)


def inert(message: Mapping[str, Any], called: set[str]) -> None:
    """Nothing in a message takes effect, except mentions of `called` and links into Slack."""
    for one in elements(message["blocks"]):
        assert one.get("type") not in {"broadcast", "channel", "emoji"}, one
        if one.get("type") == "link":
            assert str(one["url"]).startswith("https://rossi-casa.slack.example/archives/"), one
        if one.get("type") in {"user", "usergroup"}:
            assert (one.get("user_id") or one.get("usergroup_id")) in called, one
        if one.get("type") == "mrkdwn":
            assert not re.search(r"[<>*_~`]", str(one["text"])), one
    marks = re.findall(r"<([^>]*)>", message["text"])
    assert {mark.lstrip("@!").removeprefix("subteam^") for mark in marks} <= called


async def test_invariant_9_hostile_subject_name_and_text_reach_slack_as_words(town: Town):
    words = "plain words, then"
    await town.customer(
        OUTLET,
        f"{words} {HOSTILE}",
        name=f"Nadia {HOSTILE}",
        subject=f"A question {HOSTILE}",
        address="nadia",
    )
    card = await town.card(OUTLET.name, words, within=40)
    text = town.read(card)
    assert "<!channel>" in text
    assert "@here" in text
    assert not set("\u202e\u202c\u200b\u2066\ufeff") & set(text)

    number = town.number(card)
    seen = await town.ben.command("/ticket", f"claim {number}", channel=card.channel, wait=15)
    assert "is yours" in seen.text
    await town.shows(card, "Owner: @Ben")
    for command, asked in (
        ("/ticket", f"status {number}"),
        ("/ticket", f"reply {number} Thank you."),
        ("/ticket", "queue all"),
        ("/sla", f"why {number}"),
    ):
        seen = await town.ben.command(command, asked, channel=card.channel, wait=15)
        assert seen.ephemerals, asked
        for private in seen.ephemerals:
            inert(private.json, {town.ben.id, town.anna.id})
    workspace = town.slack.workspace
    await town.line(card, "Ben answered the customer")
    for message in (card, *workspace.replies(card.channel, card.ts)):
        inert(workspace.message_json(message), {town.ben.id, "S0AMAZONTEA"})
    assert [line for line in town.thread(card) if "<!channel>" in line] == []


async def test_hostile_words_of_an_amazon_buyer_reach_slack_as_words(town: Town):
    now = town.clock.now()
    raw = letters.amazon_buyer(
        alias=letters.HANS,
        name="Hans <!here>",
        order=letters.HANS_ORDER,
        topic="*Konto* <https://evil.example|prüfen>",
        text=HOSTILE,
        at=now,
        message_id="<hostile-1@amazonses.example>",
    )
    await town.mail.deliver(AMAZON.mailbox, raw, now)
    card = await town.card(AMAZON.name, "<!channel>")
    inert(town.slack.workspace.message_json(card), set())


# --- what a customer's words may do to our answer: nothing ---------------------------------------


async def answered(town: Town, card: Message, text: str) -> bytes:
    before = len(town.mail.sent)
    number = town.number(card)
    seen = await town.anna.command(
        "/ticket", f"reply {number} {text}", channel=card.channel, wait=15
    )
    assert "goes out at" in seen.text, town.private(seen.ephemerals)
    sent = await town.until("the answer to leave", lambda: town.mail.sent[before:] or None)
    assert len(sent) == 1
    return sent[0].content


async def test_no_line_break_of_a_customer_or_an_agent_becomes_a_header_of_our_answer(town: Town):
    encoded = "=?utf-8?q?Hello=0D=0ABcc:_spy@evil.example=0D=0AX-Evil:_1?="
    raw = (
        b"From: =?utf-8?q?Eve=0D=0ABcc:_spy@evil.example?= <eve@customer.example>\r\n"
        b"Subject: " + encoded.encode() + b"\r\nMessage-ID: <eve-1@customer.example>\r\n"
        b"References: <a@b.example>\r\n =?utf-8?q?=0D=0ABcc:_spy@evil.example?=\r\n"
        + _TO
        + b"\r\nplease inject headers"
    )
    await town.mail.deliver(ATELIER.mailbox, raw)
    card = await town.card(ATELIER.name, "please inject headers")

    content = await answered(town, card, "Sure.\r\nBcc: spy@evil.example\r\n\r\nX-Evil: 2")

    mail = message_from_bytes(content, policy=default)
    assert town.mail.sent[-1].recipients == ("eve@customer.example",)
    assert mail["Bcc"] is None
    assert mail["Cc"] is None
    assert mail["X-Evil"] is None
    assert mail.get_all("To") == ["eve@customer.example"]
    assert len(mail.get_all("Subject", [])) == 1
    assert "\n" not in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Bcc: spy@evil.example" in body.get_content()


async def test_a_reply_to_that_names_us_or_many_is_not_answered_to_strangers(town: Town):
    raw = (
        b"From: mallory@customer.example\r\nReply-To: victim1@other.example, victim2@other.example\r\n"
        b"Subject: reply to them\r\nMessage-ID: <m-1@customer.example>\r\n"
        + _TO
        + b"\r\nanswer somebody else"
    )
    await town.mail.deliver(EMPORIO.mailbox, raw)
    card = await town.card(EMPORIO.name, "answer somebody else")
    await answered(town, card, "To you alone.")
    assert len(town.mail.sent[-1].recipients) == 1
