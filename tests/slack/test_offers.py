"""A ticket routed and offered in a workspace as strict as Slack: its card, its line, the offers."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.roster import WorkShift
from bot.domain.routes import By, Route, Wanted
from bot.jobs.forecast import ForecastWatch
from bot.outbox.dispatcher import Dispatcher
from bot.slack.limits import SlackLimits
from bot.slack.offers import OfferExecutor
from bot.slack.request import Do, Person
from bot.slack.verbs.owner import OWNER
from bot.usecases.assign import Assign, assign
from bot.usecases.away import ComeBack, GoAway, come_back, go_away
from bot.usecases.look_ahead import look_ahead
from sandbox.slack.faults import FaultKind
from sla_rules.calendar import BusinessCalendar
from sla_rules.match import Match
from tests.builders import ANNA, BRUNO, NOW, a_ticket, an_inbound, arrive, hours, minutes, ticket
from tests.slack.executor_world import Story, opened, story

GERMAN = Route(
    name="german",
    match=Match(language=frozenset({"de"})),
    to=Wanted(languages=frozenset({"de"})),
    by=By.LEAST_LOADED,
)
MORNING = BusinessCalendar(
    "Europe/Rome", {"tue": [("08:00", "13:00")], "wed": [("08:00", "13:00")]}
)
IN_GERMAN = "Wo bleibt mein Paket? Ich habe es noch nicht bekommen und warte schon lange darauf."


def with_offers(s: Story) -> None:
    """The story's sender, with what posts offers."""
    offers = OfferExecutor(s.client, s.db, lambda: s.desk, s.clock)
    executors: dict[str, Any] = dict.fromkeys(s.executor.kinds, s.executor)
    s.sender = Dispatcher(
        s.db, {**executors, **dict.fromkeys(offers.kinds, offers)}, s.clock, SlackLimits()
    )


def staffed(desk: Desk) -> Desk:
    agents = {
        who: replace(agent, languages=frozenset({"de"} if who == BRUNO else {"it"}))
        for who, agent in desk.roster.agents.items()
    }
    shift = WorkShift(name="am", calendar=MORNING, people=frozenset({ANNA, BRUNO}))
    return replace(
        desk, roster=replace(desk.roster, agents=agents, shifts=(shift,)), routes=(GERMAN,)
    )


async def annas_ticket(s: Story) -> None:
    await opened(s)
    view = await ticket(s.db)
    command = Assign(ticket_id=view.id, actor=BRUNO, assignee=ANNA)
    await s.db.write(lambda tx: assign(tx, s.desk, command), now=s.clock.now())


async def goes_away(s: Story) -> None:
    await s.db.write(
        lambda tx: go_away(tx, s.desk, GoAway(actor=ANNA, who=ANNA)), now=s.clock.now()
    )


async def looks_ahead(s: Story, at: datetime) -> None:
    s.clock.move((at - s.clock.now()).total_seconds())
    await s.db.write(lambda tx: look_ahead(tx, s.desk), now=s.clock.now())


async def test_a_german_question_goes_to_who_reads_german_and_its_thread_says_why(db: Any) -> None:
    async with story(db) as s:
        s.desk = staffed(s.desk)
        s.new_life()
        await a_ticket(s.db, s.desk, an_inbound(text=IN_GERMAN, full_text=IN_GERMAN))
        await s.send(rounds=2)

        view = await ticket(s.db)
        assert view.assignee == BRUNO
        (card,) = s.roots()
        assert BRUNO in str(card.blocks)
        (line,) = s.thread(card.ts)[-1:]
        assert "Routed to Bruno Conti (“german”)." in line.text
        assert "<@" not in line.text


async def test_tickets_of_who_is_away_are_offered_with_buttons_and_without_a_mention(
    db: Any,
) -> None:
    async with story(db) as s:
        with_offers(s)
        await annas_ticket(s)
        await goes_away(s)
        await s.send(rounds=2)

        offer = s.roots()[-1]
        assert "Anna Bassi is away, and 1 ticket waits" in offer.text
        assert "<@" not in str(offer.blocks)
        ids = {e["action_id"] for b in offer.blocks for e in b["elements"] if "action_id" in e}
        assert ids == {"reply", "take_over", "assign_next", "hand_over", "own_calls"}


async def test_an_offer_that_nobody_needs_any_more_is_not_posted(db: Any) -> None:
    async with story(db) as s:
        with_offers(s)
        await annas_ticket(s)
        await goes_away(s)
        back = ComeBack(actor=ANNA, who=ANNA)
        await s.db.write(lambda tx: come_back(tx, s.desk, back), now=s.clock.now() + minutes(1))
        s.clock.move(120)
        await s.send(rounds=2)

        assert len(s.roots()) == 1
        assert (await s.row(EffectKind.POST_OFFER)).state == "superseded"


async def test_an_offer_shows_no_words_where_the_inbox_posts_none(db: Any) -> None:
    async with story(db) as s:
        quiet = {name: replace(route, slack_body="none") for name, route in s.desk.inboxes.items()}
        s.desk = replace(s.desk, inboxes=quiet)
        with_offers(s)
        await annas_ticket(s)
        await goes_away(s)
        await s.send(rounds=2)

        assert "Question" not in str(s.roots()[-1].blocks)
        assert "Mara" not in str(s.roots()[-1].blocks)


async def test_before_the_last_leaves_the_channel_hears_what_breaches_before_the_next_comes(
    db: Any,
) -> None:
    async with story(db) as s:
        s.desk = staffed(s.desk)
        with_offers(s)
        await arrive(s.db, s.desk, an_inbound(sent_at=NOW - hours(10)), now=NOW)
        await s.send()
        await looks_ahead(s, NOW + hours(3) - minutes(20))
        await looks_ahead(s, NOW + hours(3) - minutes(10))
        await s.send(rounds=2)

        (offer,) = s.roots()[1:]
        assert "The last shift here ends at Tue 10 Mar 12:00 UTC" in offer.text
        assert "before Anna Bassi starts at Wed 11 Mar 07:00 UTC" in offer.text
        assert f"|{ANNA}" in str([b for b in offer.blocks if "Hand over to Anna Bassi" in str(b)])


async def test_before_the_last_leaves_the_channel_hears_how_many_will_probably_be_missed(
    db: Any,
) -> None:
    async with story(db) as s:
        s.desk = staffed(s.desk)
        with_offers(s)
        # Anna has it and has gone home: nobody answers it before it is due.
        await annas_ticket(s)
        away = GoAway(actor=ANNA, who=ANNA, until=NOW + hours(30))
        await s.db.write(lambda tx: go_away(tx, s.desk, away), now=s.clock.now())
        s.clock.move(hours(2.7).total_seconds())
        await ForecastWatch(s.db, lambda: s.desk, s.clock).look()
        await looks_ahead(s, NOW + hours(3) - minutes(10))
        await s.send(rounds=2)

        (offer,) = [each for each in s.roots() if "The last shift" in each.text]
        assert "By the forecast, 1 of these tickets will probably be missed." in str(offer.blocks)


async def test_a_lost_answer_to_an_offer_does_not_post_it_twice(db: Any) -> None:
    async with story(db) as s:
        with_offers(s)
        await annas_ticket(s)
        await s.send()
        await goes_away(s)
        s.fault("chat.postMessage", FaultKind.CUT_AFTER)
        await s.send(rounds=6, seconds=60)

        assert len([each for each in s.roots() if "is away" in each.text]) == 1


def test_the_window_gives_a_ticket_to_whoever_is_next() -> None:
    form = OWNER[Do.ASSIGN].form
    assert form is not None
    chosen = {"choice": {"choice": {"selected_option": {"value": "next"}}}}
    request = form.typed(17, {"state": {"values": chosen}})
    assert (request.do, request.person) == (Do.ASSIGN, Person(following=True))
