"""The story of an answered message, sentence by sentence, as people live it in Slack."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.clock import Clock
from bot.slack_manifest import build_manifest
from sandbox.slack.model import Message
from sandbox.slack.person import Person, Seen
from sandbox.story.stage import build_stage
from tests.e2e.ledger import Ledger, ledger
from tests.e2e.town import SHOP, Inbox, Town, a_town, desk_in, policy
from tests.e2e.trials import DEMO
from tests.ports import a_free_port

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

OUTLET, ATELIER, EMPORIO = (Inbox(name=name) for name in ("outlet", "atelier", "emporio"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(new_database: Any) -> AsyncIterator[Town]:
    """A desk with four inboxes and two seconds to take an answer back."""
    folder, url = new_database()
    async with AsyncExitStack() as stack:
        inboxes = (SHOP, OUTLET, ATELIER, EMPORIO)
        town = await stack.enter_async_context(a_town(folder, url, inboxes=inboxes, undo_seconds=2))
        yield await stack.enter_async_context(desk_in(town))


async def asked(town: Town, inbox: Inbox, words: str) -> Message:
    """A customer has written, and the card is there."""
    await town.customer(inbox, words)
    return await town.card(inbox.name, words)


# --- claiming -----------------------------------------------------------------------------------

Way = Callable[[Town, Person, Message], Awaitable[Seen]]


async def by_button(_town: Town, person: Person, card: Message) -> Seen:
    return await person.click(card.ts, "claim", channel=card.channel)


async def by_command(town: Town, person: Person, card: Message) -> Seen:
    number = town.number(card)
    return await person.command("/ticket", f"claim {number}", channel=card.channel)


async def by_shortcut(_town: Town, person: Person, card: Message) -> Seen:
    return await person.shortcut("msg_claim", card.ts, channel=card.channel)


async def by_mention(_town: Town, person: Person, card: Message) -> Seen:
    return await person.mention(card.channel, card.ts, "claim")


@pytest.mark.parametrize(
    ("way", "inbox"),
    [(by_button, SHOP), (by_command, OUTLET), (by_shortcut, ATELIER), (by_mention, EMPORIO)],
    ids=["button", "command", "shortcut", "mention"],
)
async def test_a_ticket_is_claimed_in_four_ways(town: Town, way: Way, inbox: Inbox):
    card = await asked(town, inbox, f"to be claimed in {inbox.name}")
    seen = await way(town, town.ben, card)
    assert seen.refused is None
    await town.shows(card, "Owner: @Ben")


async def test_of_two_agents_at_once_one_wins_and_the_other_may_take_over_deliberately(town: Town):
    card = await asked(town, OUTLET, "wanted by two")
    anna, ben = town.anna, town.ben

    seen = dict(
        zip(
            (anna, ben),
            await asyncio.gather(
                anna.click(card.ts, "claim", channel=card.channel, wait=2),
                ben.click(card.ts, "claim", channel=card.channel, wait=2),
            ),
            strict=True,
        )
    )

    losers = [one for one in seen if "has #" in seen[one].text]
    assert len(losers) == 1
    loser, winner = losers[0], anna if losers[0] is ben else ben
    assert seen[loser].text.startswith(f"{winner.name} has #{town.number(card)}")
    await town.shows(card, f"Owner: @{winner.name}")

    told = seen[loser].ephemerals[-1]
    await loser.click(told.ts, "take_over", channel=card.channel, wait=2)
    await town.shows(card, f"Owner: @{loser.name}")
    await town.line(card, f"{loser.name} took over from {winner.name}")


# --- answering ----------------------------------------------------------------------------------


async def test_an_answer_taken_back_in_its_window_never_leaves(town: Town):
    card = await asked(town, ATELIER, "answered too fast")
    before, number = len(town.mail.sent), town.number(card)
    seen = await town.anna.command(
        "/ticket", f"reply {number} Tommorow.", channel=card.channel, wait=15
    )
    assert "To: lucia@customer.example" in town.private(seen.ephemerals)

    undone = await town.anna.click(seen.ephemerals[0].ts, "undo", channel=card.channel, wait=2)

    assert "Tommorow." in town.private(undone.ephemerals)
    await asyncio.sleep(2.5)
    assert town.mail.sent[before:] == []
    assert "Answered" not in town.read(card)


async def test_an_answer_from_the_modal_leaves_once_under_the_customers_mail(town: Town):
    await town.customer(EMPORIO, "what does it cost?", subject="Price", address="zoe")
    card = await town.card(EMPORIO.name, "what does it cost?")
    before, anna = len(town.mail.sent), town.anna
    await anna.click(card.ts, "reply", channel=card.channel, wait=15)
    anna.fill({anna_input(anna): "49 euro.\nGreetings"})
    await anna.submit(wait=3)
    assert anna.views[-1].callback_id == "reply_preview"
    assert "zoe@customer.example" in str(anna.views[-1].blocks)
    await anna.submit(wait=3)

    sent = await town.until("the answer to leave", lambda: town.mail.sent[before:] or None)
    mail = message_from_bytes(sent[0].content, policy=default)
    assert sent[0].recipients == ("zoe@customer.example",)
    assert mail["Subject"] == "Re: Price"
    assert mail["In-Reply-To"] == mail["References"]
    assert str(mail["In-Reply-To"]).endswith("@customer.example>")
    await town.shows(card, "Answered", "met")

    await customer_answers(town, EMPORIO, str(mail["Message-ID"]), "and in green?")
    await town.line(card, "wrote again", "and in green?")
    text = await town.shows(card, "On time")
    assert "Answered" not in text
    rows = await ledger(town.database_url)
    assert clocks(rows, town.number(card)) == [
        ("first_response", 0, "met"),
        ("next_response", 1, "running"),
    ]
    assert len(town.mail.sent) == before + 1


def anna_input(person: Person) -> str:
    return next(str(b["block_id"]) for b in person.views[-1].blocks if b["type"] == "input")


async def customer_answers(town: Town, inbox: Inbox, to_id: str, words: str) -> None:
    now = town.clock.now()
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "zoe@customer.example"
    mail["To"] = inbox.mailbox
    mail["Subject"] = "Re: Price"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = "<zoe-2@customer.example>"
    mail["In-Reply-To"] = mail["References"] = to_id
    mail.set_content(words)
    await town.mail.deliver(inbox.mailbox, mail.as_bytes(), now)


def clocks(rows: Ledger, number: int) -> list[tuple[str, int, str]]:
    ticket = next(t["id"] for t in rows.tickets if t["number"] == number)
    mine = [d for d in rows.deadlines if d["ticket_id"] == ticket]
    return sorted((d["metric"], d["instance"], d["state"]) for d in mine)


async def test_invariant_8_what_is_said_in_a_thread_stays_in_the_company(town: Town):
    card = await asked(town, SHOP, "discussed among colleagues")
    before, lines = len(town.mail.sent), len(town.thread(card))
    for person, words in ((town.anna, "send him 10 euro"), (town.ben, "reply: no, 5")):
        await person.post(card.channel, words, card.ts)
    await asyncio.sleep(1.5)
    assert town.mail.sent[before:] == []
    assert len(town.thread(card)) == lines + 2


# --- being called -------------------------------------------------------------------------------

HOUR = policy("website.message", "website", "1h")
FAST = 360.0
"""Ten seconds for the hour that is promised."""


Pinged = tuple[Town, dict[str, Message], Ledger]


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def pinging(new_database: Any) -> AsyncIterator["asyncio.Task[Pinged]"]:
    """A desk whose hours pass in seconds, at work beside the first tests of this file."""
    folder, url = new_database()
    inboxes = (SHOP, OUTLET, ATELIER, EMPORIO)
    clock = Clock(speed=FAST)
    async with (
        a_town(folder, url, inboxes=inboxes, policies=HOUR, clock=clock) as town,
        desk_in(town),
    ):
        playing = asyncio.create_task(nobody_answers_in_time(town, inboxes))
        yield playing
        playing.cancel()


async def nobody_answers_in_time(town: Town, inboxes: tuple[Inbox, ...]) -> Pinged:
    """Four tickets, one of them answered; then two and a half hours pass."""
    began = town.clock.monotonic()
    for inbox in inboxes:
        await town.customer(inbox, f"a question to {inbox.name}")
    cards = {one.name: await town.card(one.name, f"a question to {one.name}") for one in inboxes}
    await town.anna.click(cards["shop"].ts, "claim", channel=cards["shop"].channel)
    answered = cards["atelier"]
    await town.anna.command(
        "/ticket", f"reply {town.number(answered)} Yes.", channel=answered.channel
    )
    missed = await town.line(cards["outlet"], "🔴 Missed")
    await town.chiara.click(missed.ts, "acknowledge", channel=missed.channel)
    await town.line(cards["shop"], "last ping", within=60)
    await asyncio.sleep(max(0.0, began + 26 - town.clock.monotonic()))
    return town, cards, await ledger(town.database_url)


@pytest_asyncio.fixture(loop_scope="session")
async def pinged(pinging: "asyncio.Task[Pinged]") -> Pinged:
    """The same, once it is over."""
    return await asyncio.shield(pinging)


def calls(pinged: Pinged, name: str) -> list[str]:
    """The pings below a card."""
    town, cards, _ = pinged
    return [line for line in town.thread(cards[name]) if line.startswith("@")]


async def test_the_assignee_is_called_twice_before_the_deadline_and_the_managers_after(
    pinged: Pinged,
):
    first, second, *missed = calls(pinged, "shop")
    assert first.startswith("@Anna 🟡 Half time")
    assert second.startswith("@Anna 🟠 Due soon")
    assert all(line.startswith("@managers 🔴") for line in missed)


async def test_a_ping_says_why_and_how_long_and_carries_what_can_be_done(pinged: Pinged):
    first, second, missed, *_ = calls(pinged, "shop")
    for line in (first, second):
        assert "Our 1 h target in " in line
        assert "min" in line
    assert "Our 1 h target missed" in missed
    assert "With Anna." in missed
    assert all("[Reply]" in line for line in (first, second, missed))
    assert "[Claim]" in missed, "whoever has time may take over what was missed"
    assert not any("[Claim]" in line for line in (first, second)), "it is theirs already"


async def test_the_group_is_called_while_nobody_has_claimed(pinged: Pinged):
    first, second, *missed = calls(pinged, "emporio")
    assert first.startswith("@amazon-team")
    assert second.startswith("@amazon-team")
    assert all("Nobody has claimed it." in line for line in (first, second, *missed))


async def test_a_missed_deadline_is_repeated_twice_half_an_hour_apart_and_then_no_more(
    pinged: Pinged,
):
    _, _, rows = pinged
    assert ["🔴 Missed" in c for c in calls(pinged, "emporio")][2:] == [True, False, False]
    assert len(calls(pinged, "emporio")) == 5
    ticket = rows.pings[0]["ticket_id"]
    at = [p["fire_at"] for p in rows.pings if p["ticket_id"] == ticket and "breach" in p["step"]]
    gaps = [later - earlier for earlier, later in zip(sorted(at), sorted(at)[1:], strict=False)]
    assert gaps == [timedelta(minutes=30)] * 2


async def test_a_missed_deadline_falls_silent_once_somebody_is_on_it(pinged: Pinged):
    missed = [line for line in calls(pinged, "outlet") if "🔴" in line]
    assert len(missed) == 1


async def test_no_ping_comes_for_a_ticket_answered_meanwhile(pinged: Pinged):
    town, cards, _ = pinged
    assert "Answered" in town.read(cards["atelier"])
    assert [line for line in calls(pinged, "atelier") if "🔴" in line] == []


# --- called over HTTP ---------------------------------------------------------------------------


async def test_the_story_works_when_slack_calls_over_http(new_database: Any):
    folder, url = new_database()
    port = a_free_port()
    manifest = build_manifest(url=f"http://127.0.0.1:{port}/slack/events")
    async with a_town(folder, url, inboxes=(SHOP,), manifest=manifest) as town:
        town.environ |= {
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": town.slack.signing_secret,
            "PORT": str(port),
        }
        async with desk_in(town):
            card = await asked(town, SHOP, "answered over HTTP")
            ben, number = town.ben, town.number(card)
            await ben.mention(card.channel, card.ts, "claim")
            await town.shows(card, "Owner: @Ben")
            status = await ben.command("/ticket", f"status {number}", channel=card.channel, wait=15)
            assert "answered over HTTP" in town.private(status.ephemerals)
            await ben.click(card.ts, "reply", channel=card.channel, wait=15)
            ben.fill({anna_input(ben): "By post."})
            await ben.submit(wait=3)
            await ben.submit(wait=3)
            await town.shows(card, "Answered")
            assert [mail.recipients for mail in town.mail.sent] == [("lucia@customer.example",)]
            assert not town.slack.core.hub.connections


# --- the demo -----------------------------------------------------------------------------------

Demo = tuple["subprocess.Popen[bytes]", Path]


@pytest.fixture(scope="module", autouse=True)
def _demo_meanwhile(request: pytest.FixtureRequest) -> None:
    """It plays beside the tests of this file."""
    if any(DEMO in item.name for item in request.session.items):
        request.getfixturevalue("demo")


async def test_the_stage_of_the_demo_comes_up(tmp_path: Path):
    async with build_stage(tmp_path, speed=60) as stage:
        assert stage.stalls
        async with asyncio.timeout(60):
            # Nothing tells when a socket is taken up.
            while not stage.slack.core.hub.connections:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


# Ten hours in a minute keep one core busy for as long, and wait for none.
@pytest.mark.slow
@pytest.mark.timeout(200)
async def test_the_demo_plays_every_scene_and_says_so(demo: Demo):
    process, transcript = demo
    code = await asyncio.to_thread(process.wait, 150)
    told = transcript.read_text("utf-8")
    assert code == 0, told[-3000:]
    assert "All 10 scenes went as they should" in told
    assert "✗" not in told
