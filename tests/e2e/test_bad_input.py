"""What goes wrong around a desk, through the whole house: everything else goes on, nothing is lost.

Where each kind of bad input is proven (the rest of a row's cases are cheaper further down):

| bad input | here | closer to the code |
| --- | --- | --- |
| malformed MIME of every kind, no Message-ID, no Date, from the future, 60 kB, 25 MB, unknown charset | test_bad_mail.py | connectors/mail/test_hostile_mail.py, test_mime.py, connectors/test_mailbox_reading.py |
| hostile strings in subject, name, body | test_bad_mail.py | unit/slack/test_hostile_words.py, unit/slack/test_text.py |
| header injection in replies | test_bad_mail.py | connectors/test_mailbox_replying.py |
| IMAP server gone and back, UIDVALIDITY changed | this file | connectors/test_mailbox_reading.py, unit/jobs/test_poll.py |
| password wrong | this file | unit/jobs/test_poll.py, db/test_outbox_replies.py |
| channel archived, bot not in it, invalid_blocks, token revoked | this file | slack/test_executor_posts.py, slack/test_executor_errors.py |
| socket silently dead | this file | unit/runtime/test_socket_link.py |
| database locked by another process, disk full | test_bad_storage.py | db/test_outbox_store.py, unit/jobs/test_poll.py |
| clock set back | test_bad_storage.py | unit/jobs/test_tick.py, db/test_outbox_dispatch.py |
| unknown number, no role, deactivated assignee | this file | slack/test_handlers_commands.py, slack/test_handlers_claim.py, db/test_fire_due.py |
| the process killed at any moment | test_kill.py, test_kill_worker.py | db/test_outbox_crash.py |
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from bot.cli.doctor import examine
from bot.settings_file import load
from sandbox.slack.admin import Admin
from sandbox.slack.faults import Fault, FaultKind
from tests.e2e.ledger import failures, sleep_through
from tests.e2e.town import AMAZON, PASSWORD, SHOP, Inbox, SetClock, Town, a_town, desk_in, policy

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

OUTLET, ATELIER, EMPORIO = (Inbox(name=name) for name in ("outlet", "atelier", "emporio"))


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def deaf_town(new_database: Any) -> AsyncIterator[Town]:
    """A desk whose socket fell silent when the first of these tests began."""
    folder, url = new_database()
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(a_town(folder, url, inboxes=(SHOP,)))
        await stack.enter_async_context(desk_in(town))
        assert town.slack.core.hub.silence() == 1
        yield town


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(new_database: Any) -> AsyncIterator[Town]:
    """A desk with five inboxes, shared: each test mends what it broke."""
    folder, url = new_database()
    async with AsyncExitStack() as stack:
        inboxes = (AMAZON, SHOP, OUTLET, ATELIER, EMPORIO)
        town = await stack.enter_async_context(a_town(folder, url, inboxes=inboxes))
        yield await stack.enter_async_context(desk_in(town))


async def report(town: Town) -> dict[str, tuple[bool, str]]:
    """What `threadline doctor` says, by line."""
    configuration = load(town.settings, town.environ)
    return {f.what: (f.ok, f.detail) async for f in examine(configuration, town.clock)}


# --- mail ---------------------------------------------------------------------------------------


async def test_invariant_1_a_mail_server_that_goes_and_comes_back_renumbered_loses_and_repeats_nothing(
    town: Town,
):
    await town.customer(SHOP, "before the server went")
    await town.card(SHOP.name, "before the server went")

    await town.mail.restart(down_for=1.5)
    await town.customer(SHOP, "after it came back")
    await town.card(SHOP.name, "after it came back", within=40)

    again = [town.read(card) for card in town.roots(SHOP.name)]
    assert sum("before the server went" in text for text in again) == 1


async def test_invariant_10_a_refused_password_is_told_once_and_the_others_are_read(town: Town):
    file = town.folder / "threadline.db"
    await town.until("a healthy inbox", lambda: not failures(file, OUTLET.name), every=0.1)
    await town.mail.change_password(OUTLET.mailbox, "changed by the owner")
    await town.mail.drop_connections()

    line = await town.told("Inbox outlet cannot be read until somebody mends it")
    assert "password" in line.lower() or "credentials" in line.lower() or "log" in line.lower()
    assert "changed by the owner" not in line
    await town.customer(OUTLET, "waits behind the password")
    await town.customer(EMPORIO, "comes in meanwhile")
    await town.card(EMPORIO.name, "comes in meanwhile")

    said = await report(town)
    assert not said["Inbox outlet"][0]
    assert "refused" in said["Inbox outlet"][1].lower()
    assert {name: ok for name, (ok, _) in said.items() if not ok} == {"Inbox outlet": False}

    await town.mail.change_password(OUTLET.mailbox, PASSWORD)
    clock = town.clock
    assert isinstance(clock, SetClock)
    clock.pass_(timedelta(minutes=4))
    await town.card(OUTLET.name, "waits behind the password")
    assert sum("Inbox outlet cannot be read" in line for line in town.ops()) == 1


async def test_invariant_10_a_password_refused_right_after_a_hiccup_is_told_as_soon(
    new_database: Any,
):
    folder, url = new_database()
    async with a_town(folder, url, inboxes=(SHOP,)) as town, desk_in(town):
        file = folder / "threadline.db"
        await town.customer(SHOP, "while all was well")
        await town.card(SHOP.name, "while all was well")
        town.mail.faults.imap_drop_on_connect = True
        await town.mail.drop_connections()
        await town.until("a hiccup", lambda: failures(file, SHOP.name), every=0.05)

        await town.mail.change_password(SHOP.mailbox, "changed by the owner")
        town.mail.faults.imap_drop_on_connect = False
        await town.told("Inbox shop cannot be read until somebody mends it", within=40)


# --- Slack --------------------------------------------------------------------------------------


@asynccontextmanager
async def broken(town: Town, channel: str, **change: Any) -> AsyncIterator[None]:
    """A channel changed by its owner, and put right again."""
    admin, place = Admin(town.slack.core), town.slack.workspace.channel_named(channel)
    undo = {"archived": False} if "archived" in change else {"add": change["remove"]}
    admin.change_channel(place, change)
    try:
        yield
    finally:
        admin.change_channel(place, undo)


async def test_invariant_10_an_archived_channel_is_told_and_the_others_go_on(town: Town):
    async with broken(town, ATELIER.name, archived=True):
        await town.customer(ATELIER, "into the archived channel")
        await town.customer(SHOP, "beside the archived channel")
        await town.told("could not be posted", "archived")
        await town.card(SHOP.name, "beside the archived channel")
        assert not (await report(town))["Names in Slack"][0]


async def test_invariant_10_a_channel_the_bot_was_put_out_of_says_what_to_do(town: Town):
    bot = town.slack.core.app.bot_user
    async with broken(town, EMPORIO.name, remove=bot):
        await town.customer(EMPORIO, "into a channel without the bot")
        await town.told("could not be posted", "/invite")
        said = await report(town)
        assert not said["Names in Slack"][0]
        assert "/invite" in said["Names in Slack"][1]
    # Back in the channel it introduces itself: the tests behind this one count on a quiet Slack.
    await town.card(EMPORIO.name, "Hello!")


async def test_a_refused_layout_becomes_plain_words_and_the_ticket_is_worked_all_the_same(
    town: Town,
):
    refusal = Fault(method="chat.postMessage", kind=FaultKind.ERROR, code="invalid_blocks")
    town.slack.core.faults.add(refusal)
    await town.customer(SHOP, "a layout that is refused", subject="Layout refused")

    card = await town.card(SHOP.name, "Layout refused")
    await town.told("Slack refused the layout")
    number = town.number(card)
    seen = await town.anna.command("/ticket", f"claim {number}", channel=card.channel, wait=15)
    assert "is yours" in seen.text
    await town.shows(card, "Anna")


async def test_invariant_1_while_the_token_is_revoked_nothing_is_lost_and_doctor_says_so(
    town: Town,
):
    admin, clock = Admin(town.slack.core), town.clock
    assert isinstance(clock, SetClock)
    admin.set_token_error("token_revoked")
    calls = town.slack.core.calls
    seq = town.slack.core.call_count
    await town.customer(AMAZON, "written while the token was revoked")
    await town.until("a refused post", lambda: any(c.seq > seq and not c.ok for c in calls) or None)
    said = await report(town)
    assert not said["Slack"][0]
    assert "token_revoked" in said["Slack"][1]
    assert said["Inbox amazon-it"][0]

    admin.set_token_error(None)
    clock.pass_(timedelta(seconds=61))
    await town.card(AMAZON.name, "written while the token was revoked")


# --- people -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["claim 99999", "status 99999", "reply 99999 Hello.", "note 99999 x"]
)
async def test_an_unknown_number_is_named_and_nothing_happens(town: Town, asked: str):
    seen = await town.anna.command("/ticket", asked, channel=town.channel("shop"), wait=15)
    assert "99999" in seen.text
    assert len(seen.ephemerals) == 1


async def test_a_person_without_a_role_reads_the_card_and_changes_nothing(town: Town):
    await town.customer(SHOP, "for people with a role")
    card = await town.card(SHOP.name, "for people with a role")
    dario, number = town.slack.person("dario"), town.number(card)

    pressed = await dario.click(card.ts, "claim", channel=card.channel, wait=15)
    wrote = await dario.click(card.ts, "reply", channel=card.channel, wait=15)
    typed = await dario.command("/ticket", f"reply {number} Hi.", channel=card.channel, wait=15)
    said = await dario.mention(card.channel, card.ts, "resolve", wait=15)

    for seen in (pressed, wrote, typed, said):
        assert len(seen.ephemerals) == 1
        assert not seen.views
        assert "for people with a role" not in town.private(seen.ephemerals)
    assert "Unclaimed" in town.read(card)


async def test_the_pings_of_a_deactivated_assignee_go_to_the_group(new_database: Any):
    folder, url = new_database()
    long = policy("website.message", "website", "2h")
    async with a_town(folder, url, inboxes=(SHOP,), policies=long) as town:
        async with desk_in(town):
            await town.customer(SHOP, "claimed by somebody who leaves")
            card = await town.card(SHOP.name, "claimed by somebody who leaves")
            await town.anna.click(card.ts, "claim", channel=card.channel)
            await town.shows(card, "@Anna")
        town.slack.workspace.user_named("anna").deleted = True
        await sleep_through(url, timedelta(minutes=70))
        async with desk_in(town):
            line = await town.line(card, "@amazon-team")
        assert "@Anna" not in town.read(line)


# --- the socket ---------------------------------------------------------------------------------


async def test_a_socket_that_fell_silent_is_replaced_and_people_are_heard_again(deaf_town: Town):
    hub = deaf_town.slack.core.hub
    # The library notices after four unanswered pings, twenty seconds after the silence began.
    await deaf_town.until(
        "a socket that is heard",
        lambda: any(not c.silent for c in hub.connections) or None,
        within=90,
    )
    seen = await deaf_town.anna.command(
        "/ticket", "help", channel=deaf_town.channel("shop"), wait=15
    )
    assert "claim" in deaf_town.private(seen.ephemerals)
