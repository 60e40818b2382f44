"""A channel is told things in its language and a person in theirs, whoever is told beside them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.db.preference_rows import keep_preference
from bot.db.unit import Database
from bot.domain.digests import DigestKind
from bot.domain.effects import Effect, EffectKind, post_board, post_digest, post_offer
from bot.domain.home import HomeChoice
from bot.domain.quiet_hours import PingWay
from bot.domain.roster import Role
from bot.language import Language, catalogues_in, spoken_now
from bot.outbox.dispatcher import Dispatcher
from bot.slack.app import build_app
from bot.slack.home_executor import HomeExecutor
from bot.slack.limits import SlackLimits
from bot.slack.offers import OfferExecutor
from bot.usecases.open_home import OpenHome, open_home
from connectors.contract import Attachment
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import AMAZON_IT, ANNA, BEN, OPS
from tests.builders import AMAZON, a_ticket, an_inbound, arrive, ticket
from tests.languages import write_all_marked
from tests.slack.executor_world import Story, note, opened, story, take
from tests.slack.files_world import PNG, Files, files_world
from tests.slack.front import Front, StillClock
from tests.slack.loopback import LoopbackSlack

GERMAN, MANAGER = ANNA, BEN


@pytest.fixture(scope="module")
def every_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Catalogues that put the language in front of every text of the code."""
    folder = tmp_path_factory.mktemp("catalogues")
    write_all_marked(folder, (Language.DE, Language.FR, Language.IT, Language.ES))
    return folder


@pytest.fixture
async def s(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        speak_many_languages(told)
        told.new_life()
        with_homes_and_offers(told)
        yield told


def speak_many_languages(s: Story) -> None:
    """The channel Italian, Anna German, Ben (who manages, and is told directly) French, the desk Spanish."""
    some = next(iter(s.desk.roster.agents.values()))
    people = [
        replace(some, slack_id=GERMAN, name="Anna", role=Role.AGENT, speaks=Language.DE),
        replace(
            some,
            slack_id=MANAGER,
            name="Ben",
            role=Role.MANAGER,
            speaks=Language.FR,
            pings=PingWay.BOTH,
        ),
    ]
    agents = {**s.desk.roster.agents, **{each.slack_id: each for each in people}}
    roster = replace(s.desk.roster, agents=agents, managers=(MANAGER,))
    routes = {AMAZON: replace(s.desk.inboxes[AMAZON], language=Language.IT)}
    s.desk = replace(
        s.desk, roster=roster, inboxes={**s.desk.inboxes, **routes}, language=Language.ES
    )


def with_homes_and_offers(s: Story) -> None:
    others: list[HomeExecutor | OfferExecutor] = [
        HomeExecutor(s.client, s.db, lambda: s.desk, s.clock),
        OfferExecutor(s.client, s.db, lambda: s.desk, s.clock),
    ]
    executors: dict[str, Any] = dict.fromkeys(s.executor.kinds, s.executor)
    for other in others:
        executors |= dict.fromkeys(other.kinds, other)
    s.sender = Dispatcher(s.db, executors, s.clock, SlackLimits())


def languages_in(shown: object) -> set[str]:
    """Which languages somebody sees in a message or a view."""
    return {str(one) for one in Language if f"[{one}]" in str(shown)}


def everything_in(s: Story, channel: str) -> Iterator[object]:
    for root in s.slack.workspace.messages(channel):
        yield root.text, root.blocks


async def ask(s: Story, user: str, text: str) -> str:
    """What `user` is answered to a command, by a process of their own."""
    async with LoopbackSlack() as ear:
        app = build_app(s.client, s.db, lambda: s.desk, s.clock, {})
        front = Front(app=app, db=s.db, clock=StillClock(), slack=ear, rules=[s.desk])
        return str((await front.command(user, text))["text"])


async def test_a_german_answer_an_italian_thread_and_a_french_message_beside_each_other(
    s: Story, every_text: Path
) -> None:
    with catalogues_in(every_text):
        await opened(s)
        await take(s, actor=GERMAN)
        s.clock.move(25 * 3600)
        await s.fire()
        await s.send(rounds=4)
        assert spoken_now() is Language.EN

        direct = (await s.row(EffectKind.POST_DIRECT)).result["channel"]
        (told,) = s.slack.workspace.messages(direct)
        answered = await ask(s, GERMAN, "status 1")

    assert languages_in(answered) == {"de"}
    assert languages_in((told.text, told.blocks)) == {"fr"}
    shared = list(everything_in(s, AMAZON_IT))
    assert len(shared) == 2
    assert all(languages_in(each) == {"it"} for each in shared)


async def test_what_is_edited_speaks_the_language_of_its_channel_too(
    s: Story, every_text: Path
) -> None:
    with catalogues_in(every_text):
        await opened(s)
        await take(s, actor=GERMAN)
        await note(s)
        await s.send(rounds=3)

    assert "chat.update" in s.calls()
    assert all(languages_in(each) == {"it"} for each in everything_in(s, AMAZON_IT))


async def test_lists_digests_and_offers_speak_the_language_of_their_channel(
    s: Story, every_text: Path
) -> None:
    with catalogues_in(every_text):
        await arrive(s.db, s.desk, *(an_inbound() for _ in range(5)))
        await s.send(rounds=5)
        waiting = await ticket(s.db)
        offer = post_offer("shift", [waiting.id], channel=AMAZON_IT, of=1, ends_at=s.clock.now())
        digest = post_digest(DigestKind.DAILY, AMAZON_IT, s.clock.now().date(), channel=AMAZON_IT)
        board = post_board(AMAZON_IT, since=s.clock.now(), at=s.clock.now(), over=True)
        for effect in (offer, digest, board):
            await emitted(s, effect)
        s.clock.move(25 * 3600)
        await s.fire()
        await s.send(rounds=6)

    for kind in ("post_together", "post_digest", "post_board", "post_offer"):
        assert (await s.row(EffectKind(kind))).state == "sent", kind
    assert all(languages_in(each) == {"it"} for each in everything_in(s, AMAZON_IT))


async def emitted(s: Story, effect: Effect) -> None:
    await s.db.write(lambda tx: tx.emit(effect), now=s.clock.now())


async def test_the_ops_channel_hears_of_a_refusal_elsewhere_in_the_desks_language(
    s: Story, every_text: Path
) -> None:
    with catalogues_in(every_text):
        s.fault("chat.postMessage", FaultKind.ERROR, code="is_archived")
        await a_ticket(s.db, s.desk)
        await s.send(rounds=3)

    (told,) = s.slack.workspace.messages(OPS)
    assert told.text.startswith("[es] The card of ticket #1")


@pytest.mark.parametrize(("chosen", "spoken"), [(None, "de"), ("fr", "fr")])
async def test_a_home_drawn_again_speaks_to_its_owner(
    s: Story, every_text: Path, chosen: str | None, spoken: str
) -> None:
    with catalogues_in(every_text):
        await a_ticket(s.db, s.desk)
        if chosen:
            await s.db.write(
                lambda tx: keep_preference(tx.conn, GERMAN, now=tx.now, language=chosen),
                now=s.clock.now(),
            )
        opening = OpenHome(actor=GERMAN, choice=HomeChoice())
        await s.db.write(lambda tx: open_home(tx, s.desk, opening), now=s.clock.now())
        s.clock.move(1)
        await take(s, actor=GERMAN)
        await s.send()

    assert languages_in(s.slack.workspace.homes[GERMAN].body) == {spoken}


async def test_a_direct_message_goes_by_what_its_reader_chose(s: Story, every_text: Path) -> None:
    with catalogues_in(every_text):
        await s.db.write(
            lambda tx: keep_preference(tx.conn, MANAGER, now=tx.now, language="de"),
            now=s.clock.now(),
        )
        await opened(s)
        s.clock.move(25 * 3600)
        await s.fire()
        await s.send(rounds=4)
        direct = (await s.row(EffectKind.POST_DIRECT)).result["channel"]

    (told,) = s.slack.workspace.messages(direct)
    assert languages_in((told.text, told.blocks)) == {"de"}


async def test_pictures_of_customers_are_titled_in_the_language_of_their_channel(
    db: Database, every_text: Path
) -> None:
    with catalogues_in(every_text):
        async with files_world(db) as world:
            route = replace(world.s.desk.inboxes[AMAZON], language=Language.IT)
            world.s.desk = replace(world.s.desk, inboxes={AMAZON: route}, language=Language.ES)
            await shows_a_picture(world)
            (root,) = world.s.roots()
            (shared,) = [one for one in world.s.thread(root.ts) if one.files]

    assert languages_in(shared.text) == {"it"}


async def shows_a_picture(world: Files) -> None:
    world.channel.shelf = {"a.png": PNG}
    picture = Attachment(name="a.png", media_type="image/png", size=20, ref="a.png")
    await a_ticket(world.s.db, world.s.desk, an_inbound(attachments=(picture,)))
    await world.s.send(rounds=2)
