"""The scenes, in the order they are played. Each says what it expects, and waits until it is so.

Some run side by side: a deadline of two business hours is missed while people are at work.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sandbox.slack.model import Message
from sandbox.slack.person import OpenView, Person, Seen
from sandbox.slack.plain import names_of, to_plain
from sandbox.slack.seed import AMAZON_IT, MARKETPLACES, SHOP
from sandbox.story import letters
from sandbox.story.letters import AMAZON_MAILBOX, SHOP_MAILBOX
from sandbox.story.stage import Missed, Stage
from sandbox.story.stall import Stall
from sla_rules.vocabulary import Author

CLAIM_ORDER: Final = "407-3310082-9914406"
A_QUARTER: Final = timedelta(minutes=15)
ALL_OF_THEM: Final = 180.0
"""Real seconds: everything that happens at all the stalls goes through one channel, a post a second."""
TWO_HOURS: Final = timedelta(hours=2)
ROOM_FOR_TWO_POSTS: Final = 3.0
ALBA: Final = "Bonjour, la lampe Alba existe-t-elle en vert ?"
CORSE: Final = "Livrez-vous en Corse avant le 20 décembre ?"


@dataclass(slots=True)
class Cards:
    """The cards the scenes hand on to each other."""

    giulia: Message | None = None
    marie: Message | None = None
    paul: Message | None = None
    claim: Message | None = None


Play = Callable[[Stage, Cards], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene: what the audience is told, and how it is played."""

    title: str
    play: Play


def number_of(stage: Stage, card: Message) -> str:
    """The short number on a card."""
    found = re.search(r"#(\d+)", stage.read(card))
    if found is None:
        raise Missed(f"a ticket number on {stage.title(card)!r}")
    return found[1]


def need(card: Message | None) -> Message:
    """A card an earlier scene left; without it there is nothing to play."""
    if card is None:
        raise Missed("the card of an earlier scene")
    return card


def expect(what: str, *, holds: bool) -> None:
    """Fail the scene unless `holds`."""
    if not holds:
        raise Missed(what)


# --- 1 ----------------------------------------------------------------------------------------


async def customers_write(stage: Stage, cards: Cards) -> None:
    """A buyer on Amazon, two visitors of the shop, and a claim, all within a minute."""
    await stage.receive(AMAZON_MAILBOX, giulia_asks(stage))
    await stage.receive(SHOP_MAILBOX, from_the_form(stage, "Marie Durand", "lampe", ALBA))
    await stage.receive(SHOP_MAILBOX, from_the_form(stage, "Paul Lefèvre", "livraison", CORSE))
    claim = letters.amazon_claim(
        order=CLAIM_ORDER, days=3, at=stage.clock.now(), message_id="<atoz-1@amazonses.example>"
    )
    await stage.receive(AMAZON_MAILBOX, claim)
    cards.giulia = await stage.card(AMAZON_IT, letters.GIULIA_ORDER)
    cards.claim = await stage.card(AMAZON_IT, CLAIM_ORDER)
    cards.marie = await stage.card(SHOP, "Alba")
    cards.paul = await stage.card(SHOP, "Corse")
    shown = "<!channel>" in stage.read(cards.giulia)
    expect("the buyer's <!channel> to be shown as words", holds=shown)


def giulia_asks(stage: Stage) -> bytes:
    """Her first message; what she types must wake nobody and format nothing."""
    return letters.amazon_buyer(
        alias=letters.GIULIA,
        name="Giulia",
        order=letters.GIULIA_ORDER,
        topic="Richiesta sulla consegna",
        text="Buongiorno, il pacco doveva arrivare ieri. <!channel> Dov'è? *Grazie*",
        at=stage.clock.now(),
        message_id="<giulia-1@amazonses.example>",
    )


def from_the_form(stage: Stage, name: str, subject: str, text: str) -> bytes:
    """A question from the shop's contact form."""
    return letters.contact_form(
        name=name,
        email=letters.MARIE if name.startswith("Marie") else letters.PAUL,
        subject=subject,
        text=text,
        at=stage.clock.now(),
        message_id=f"<form-{subject}@hosting.example>",
    )


# --- 2 ----------------------------------------------------------------------------------------


async def two_agents_one_ticket(stage: Stage, cards: Cards) -> None:
    """Anna claims; Ben, a moment later, is told so privately."""
    card = need(cards.giulia)
    await stage.anna.click(card.ts, "claim", channel=card.channel)
    await stage.shows(card, "Anna")
    seen = await stage.ben.command(
        "/ticket", f"claim {number_of(stage, card)}", channel=AMAZON_IT, wait=5.0
    )
    expect(
        f"Ben to be told privately that Anna has it, not {seen.text!r}",
        holds="Anna" in private_text(stage, seen),
    )


def private_text(stage: Stage, seen: Seen) -> str:
    """Everything that came back privately, as it reads."""
    names = names_of(stage.slack.workspace)
    return "\n".join(
        to_plain(p.json, "Europe/Rome", stage.clock.now(), names) for p in seen.ephemerals
    )


# --- 3 ----------------------------------------------------------------------------------------


async def answer_from_the_modal(stage: Stage, cards: Cards) -> None:
    """Anna answers Giulia: writes, sees what the buyer gets, sends; it leaves after the undo window."""
    card = need(cards.giulia)
    before = len(stage.mail.sent)
    await press(stage.anna, card, "reply")
    await write_reply(
        stage.anna,
        "Buongiorno Giulia, il pacco è in consegna oggi entro le 18. Ci scusiamo per il ritardo.",
    )
    await stage.until("the preview of the reply", lambda: stage.anna.views or None)
    await stage.anna.submit(wait=5.0)
    mail = await stage.until(
        "the reply to leave by SMTP", lambda: stage.mail.sent[before:] or None, within=40
    )
    expect(
        "the reply to go to the alias with its case number",
        holds=list(mail[0].recipients) == [letters.GIULIA],
    )
    expect(
        "the reply to thread under Giulia's mail",
        holds=b"giulia-1@amazonses.example" in mail[0].content,
    )
    await stage.line(card, "Anna")
    await stage.shows(card, "Answered")


async def press(person: Person, card: Message, action: str) -> None:
    """Press a button of a card that opens a form."""
    await person.click(card.ts, action, channel=card.channel, wait=5.0)
    if not person.views:
        raise Missed(f"a form after pressing {action!r}")


async def write_reply(person: Person, text: str) -> OpenView:
    """Fill the one long text of the form in front and submit it."""
    block = next(b for b in person.views[-1].blocks if b["type"] == "input")
    person.fill({block["block_id"]: text})
    seen = await person.submit(wait=5.0)
    expect(
        f"the reply form to be taken, not {dict(seen.errors)}",
        holds=not seen.errors and bool(person.views),
    )
    return person.views[-1]


# --- 4 ----------------------------------------------------------------------------------------


async def a_claim_nobody_takes(stage: Stage, cards: Cards) -> None:
    """An A-to-z claim has fifteen minutes: the group is pinged, then the managers."""
    card = need(cards.claim)
    breach = await warned_then_missed(stage, card, target=A_QUARTER)
    await stage.chiara.click(breach.ts, "acknowledge", channel=card.channel, wait=3.0)
    number = number_of(stage, card)
    await stage.ben.command("/ticket", f"claim {number}", channel=AMAZON_IT, wait=3.0)
    await stage.shows(card, "Ben")
    await stage.ben.command(
        "/ticket",
        f"note {number} Tracking sent to Amazon in Seller Central.",
        channel=AMAZON_IT,
        wait=3.0,
    )
    await stage.ben.command("/ticket", f"noanswer {number}", channel=AMAZON_IT, wait=3.0)
    await stage.shows(card, "Answered")


async def warned_then_missed(stage: Stage, card: Message, *, target: timedelta) -> Message:
    """The group hears at half time, the managers at the end; returns what the managers got.

    When half of the target is hardly longer than Slack takes for one post, the warning is
    rightly merged into the graver ping, and only that one is waited for.
    """
    if target / 2 > stage.clock.real(ROOM_FOR_TWO_POSTS):
        await stage.line(card, "@amazon-team", within=stage.while_pass(target))
    return await stage.line(card, "@managers", within=stage.while_pass(target))


# --- 5 ----------------------------------------------------------------------------------------


async def reply_by_command(stage: Stage, cards: Cards) -> None:
    """Ben answers Marie by command, takes it back, and answers again. Her absence notice stops nothing."""
    card = need(cards.marie)
    number = number_of(stage, card)
    before = len(stage.mail.sent)
    seen = await stage.ben.command(
        "/ticket", f"reply {number} Oui, en vret.", channel=SHOP, wait=5.0
    )
    undo = next((p for p in seen.ephemerals if "undo" in p.action_ids()), None)
    if undo is None:
        raise Missed("an Undo button beside the preview")
    await stage.ben.click(undo.ts, "undo", channel=SHOP, wait=3.0)
    await stage.ben.command(
        "/ticket", f"reply {number} Oui, elle existe en vert sauge, 49 €.", channel=SHOP, wait=5.0
    )
    sent = await stage.until(
        "the second reply to leave", lambda: stage.mail.sent[before:] or None, within=40
    )
    expect(
        "only the corrected reply to leave", holds=b"vret" not in b"".join(m.content for m in sent)
    )
    await stage.shows(card, "Answered")
    now = stage.clock.now()
    absence = letters.out_of_office(
        name="Marie Durand",
        email=letters.MARIE,
        to=letters.SHOP_MAILBOX,
        subject="lampe",
        at=now,
        message_id="<marie-ooo@courrier.example>",
        in_reply_to=message_id_of(sent[0].content),
    )
    await stage.receive(SHOP_MAILBOX, absence)
    await stage.line(card, "utomatic", within=30)
    expect("the absence notice to leave the ticket answered", holds="Answered" in stage.read(card))


def message_id_of(raw: bytes) -> str:
    """The Message-ID of a mail that was sent."""
    found = re.search(rb"^Message-ID:\s*(<[^>]+>)", raw, re.MULTILINE | re.IGNORECASE)
    if found is None:
        raise Missed("a Message-ID on the reply")
    return found[1].decode()


# --- 6 ----------------------------------------------------------------------------------------


async def she_writes_again(stage: Stage, cards: Cards) -> None:
    """Giulia writes once more in the same thread; a thank-you needs no answer."""
    card = need(cards.giulia)
    now = stage.clock.now()
    raw = letters.amazon_buyer(
        alias=letters.GIULIA,
        name="Giulia",
        order=letters.GIULIA_ORDER,
        topic="Richiesta sulla consegna",
        text="Arrivato, grazie mille!",
        at=now,
        message_id="<giulia-2@amazonses.example>",
    )
    await stage.receive(AMAZON_MAILBOX, raw)
    await stage.line(card, "Arrivato, grazie mille!")
    await stage.anna.mention(card.channel, card.ts, "noanswer", wait=3.0)
    await stage.shows(card, "Answered")


async def answered_in_the_console(stage: Stage, _cards: Cards) -> None:
    """Hans is answered in Seller Central; Amazon's copy of it stops the clock."""
    now = stage.clock.now()
    raw = letters.amazon_buyer(
        alias=letters.HANS,
        name="Hans",
        order=letters.HANS_ORDER,
        topic="Produktdetails",
        text="Passt der Lampenschirm auf E27?",
        at=now,
        message_id="<hans-1@amazonses.example>",
    )
    await stage.receive(AMAZON_MAILBOX, raw)
    card = await stage.card(AMAZON_IT, letters.HANS_ORDER)
    now = stage.clock.now()
    copy = letters.amazon_console_copy(
        name="Hans",
        order=letters.HANS_ORDER,
        text="Ja, E27 passt.",
        at=now,
        message_id="<copy-1@amazonses.example>",
    )
    await stage.receive(AMAZON_MAILBOX, copy)
    await stage.shows(card, "Answered")


# --- 7 ----------------------------------------------------------------------------------------


async def a_deadline_is_missed(stage: Stage, cards: Cards) -> None:
    """Nobody answers Paul within two business hours: two warnings, then the managers hear of it."""
    card = need(cards.paul)
    breach = await warned_then_missed(stage, card, target=TWO_HOURS)
    await stage.shows(card, "Missed")
    await stage.chiara.click(breach.ts, "acknowledge", channel=card.channel, wait=3.0)
    number = number_of(stage, card)
    seen = await stage.chiara.command("/sla", f"why {number}", channel=SHOP, wait=3.0)
    expect("the walk of the clock", holds=bool(seen.ephemerals))
    seen = await stage.chiara.command("/ticket", "queue all", channel=SHOP, wait=3.0)
    expect("the queue to list Paul's ticket", holds=f"#{number}" in private_text(stage, seen))


async def it_bounces(stage: Stage, cards: Cards) -> None:
    """Chiara answers Paul, the mail bounces, the clock runs again; then she resolves by telephone."""
    card = need(cards.paul)
    before = len(stage.mail.sent)
    number = number_of(stage, card)
    await stage.chiara.command(
        "/ticket", f"reply {number} Oui, jusqu'au 12 décembre.", channel=SHOP, wait=5.0
    )
    sent = await stage.until(
        "the reply to Paul to leave", lambda: stage.mail.sent[before:] or None, within=40
    )
    await stage.shows(card, "Answered")
    now = stage.clock.now()
    raw = letters.bounce(
        failed_to=letters.PAUL,
        original_id=message_id_of(sent[0].content),
        at=now,
        message_id="<dsn-1@mail.rossicasa.example>",
    )
    await stage.receive(SHOP_MAILBOX, raw)
    await stage.shows(card, "Missed", within=30)
    await stage.chiara.command("/ticket", f"resolve {number}", channel=SHOP, wait=3.0)
    await stage.shows(card, "Resolved")


# --- 9 ----------------------------------------------------------------------------------------


async def everywhere_at_once(stage: Stage, _cards: Cards) -> None:
    """Somebody writes on every other channel; each card has its own limits, each answer its way."""
    for stall in stage.stalls:
        await stall.market.says(Author.CUSTOMER, stall.asks)
    await asyncio.gather(*(answered_at(stage, stall) for stall in stage.stalls))


async def answered_at(stage: Stage, stall: Stall) -> None:
    """One of those: the card comes, Anna or Ben answers, and the platform has the answer."""
    card = await stage.card(MARKETPLACES, stall.asks, within=ALL_OF_THEM)
    answer = stall.answer
    if answer is None:
        return
    await stage.anna.command(
        "/ticket", f"reply {number_of(stage, card)} {answer}", channel=MARKETPLACES, wait=5.0
    )
    await stage.until(
        f"the answer to reach {stall.label}",
        lambda: any(answer in text for text in stall.market.texts_sent) or None,
        within=ALL_OF_THEM,
    )
    await stage.shows(card, "Answered", within=ALL_OF_THEM)


SCENES: Final[Sequence[Scene]] = (
    Scene(title="Three customers write, and Amazon reports a claim", play=customers_write),
    Scene(title="Two agents want the same ticket", play=two_agents_one_ticket),
    Scene(title="An answer, seen first as the buyer will get it", play=answer_from_the_modal),
    Scene(title="A claim nobody takes: fifteen minutes", play=a_claim_nobody_takes),
    Scene(title="An answer by command, taken back in time", play=reply_by_command),
    Scene(title="She writes again, and thanks need no answer", play=she_writes_again),
    Scene(title="Answered in Seller Central", play=answered_in_the_console),
    Scene(title="Two business hours pass", play=a_deadline_is_missed),
    Scene(title="A reply that bounces", play=it_bounces),
    Scene(title="Somebody writes on every other channel", play=everywhere_at_once),
)
