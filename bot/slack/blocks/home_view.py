"""The App Home: what is urgent, what is mine, what nobody has, who is waited for, how today goes."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.card import QueueRow, WaitView
from bot.domain.desk import Desk
from bot.domain.home import BREACHES_WITHIN, PAGE, HomeQueue, HomeView, Load, Shelf
from bot.language import marked, tr, tr_as, tr_many, tr_parts
from bot.language.forms import led, percent
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.clock_lines import due, waiting
from bot.slack.blocks.forecast import forecast_line, guess_words
from bot.slack.blocks.home_choices import own_choices
from bot.slack.blocks.listing import missed_words, open_words, queue_line
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import sentence, span
from bot.slack.text import one_line
from sla_rules.vocabulary import Waiting

EVERY_INBOX: Final = "-"
_MOST_OPTIONS: Final = 99
"""Inboxes to choose from; Slack takes 100 options, and one of them is every inbox."""

_NAMES: Final[Mapping[HomeQueue, Callable[[], str]]] = {
    HomeQueue.OVERVIEW: lambda: tr_as("queue", "Overview"),
    HomeQueue.RISK: lambda: tr_as("queue", "At risk now"),
    HomeQueue.MINE: lambda: tr_as("queue", "My tickets"),
    HomeQueue.UNCLAIMED: lambda: tr_as("queue", "Unclaimed"),
    HomeQueue.WAITING: lambda: tr_as("queue", "Waiting for somebody"),
    HomeQueue.ALL: lambda: tr_as("queue", "All open"),
}
_EMPTY: Final[Mapping[HomeQueue, str]] = {
    HomeQueue.RISK: marked("Nothing is at risk."),
    HomeQueue.MINE: marked("You have no open tickets."),
    HomeQueue.WAITING: marked("Nobody is waited for."),
}
_NOTHING: Final = marked("Nothing waits here.")
_ALWAYS_SHOWN: Final = HomeQueue.MINE
"""The one section that says so when it is empty; of the others nothing is the usual thing."""


def home_view(home: HomeView, desk: Desk, now: datetime) -> Block:
    """One person's Home, within Slack's limits whatever the load."""
    blocks = [kit.header(tr("Your desk")), kit.context(_today(home)), _filters(home, desk)]
    if home.own is not None:
        blocks += own_choices(home.own, desk)
    for shelf in home.shelves:
        blocks += _section(shelf, home, desk, now)
    if home.team is not None:
        blocks += _team(home.team, desk)
    if home.breaches:
        blocks += _breaches(home, desk)
    return {"type": "home", "private_metadata": home.choice.dump(), "blocks": blocks}


def plain_home(text: str) -> Block:
    """A Home that only says something."""
    return {"type": "home", "blocks": [kit.rich(kit.line(kit.words(sentence(text))))]}


def _today(home: HomeView) -> str:
    today = home.today
    facts = [
        # For translators: messages of customers.
        tr_many("{count} received", "{count} received", today.received),
        # For translators: deadlines met by an answer.
        tr_many("{count} answered in time", "{count} answered in time", today.in_time),
        missed_words(today.missed),
        *_lead_facts(home),
        # For translators: “you” is who reads this.
        tr_many("{count} answered by you", "{count} answered by you", today.own),
    ]
    return tr("Today: {facts}", facts=" · ".join(facts))


def _lead_facts(home: HomeView) -> Iterator[str]:
    """What only those who lead are told: how the platforms' limits go, and what is about to hurt."""
    if home.team is None:
        return
    if home.today.share_kept is not None:
        share = percent(math.floor(10 * home.today.share_kept) / 10)
        # For translators: of the marketplaces' deadlines that ended today.
        yield tr("{share} of limits kept", share=share)
    risky = sum(each.total for each in home.shelves if each.queue is HomeQueue.RISK)
    yield tr_many("{count} at risk", "{count} at risk", risky)


def _filters(home: HomeView, desk: Desk) -> Block:
    queues = {str(queue): name() for queue, name in _NAMES.items()}
    sight = home.own.agent.inboxes if home.own else None
    labels = {
        name: route.label or name
        for name, route in sorted(desk.inboxes.items())
        if sight is None or name in sight
    }
    # The chosen one stays to be seen, although others may have to go.
    kept = [home.choice.inbox] if home.choice.inbox in labels else []
    names = list(dict.fromkeys([*kept, *labels]))[:_MOST_OPTIONS]
    inboxes = {EVERY_INBOX: tr("Every inbox"), **{name: labels[name] for name in names}}
    return kit.actions(
        _select(f"{ActionId.HOME_QUEUE}_chosen", queues, str(home.choice.queue)),
        _select(str(ActionId.HOME_INBOX), inboxes, home.choice.inbox),
    )


def _select(action: str, choices: Mapping[str, str], chosen: str) -> Block:
    options = {
        value: {"text": kit.plain(text, kit.OPTION_LIMIT), "value": value}
        for value, text in choices.items()
    }
    first = next(iter(options.values()))
    return {
        "type": "static_select",
        "action_id": action,
        "options": list(options.values()),
        "initial_option": options.get(chosen, first),
    }


def _section(shelf: Shelf, home: HomeView, desk: Desk, now: datetime) -> Iterator[Block]:
    alone = home.choice.queue is shelf.queue
    if not shelf.rows and not alone and (shelf.queue is not _ALWAYS_SHOWN or shelf.total):
        return
    yield kit.header(_heading(shelf, home))
    if not shelf.rows:
        nothing = _EMPTY.get(shelf.queue, _NOTHING)
        yield kit.rich(kit.line(kit.words(tr(nothing))))
    for row in shelf.rows:
        wait = home.waits.get(row.id) if shelf.queue is HomeQueue.WAITING else None
        yield kit.rich(kit.line(*queue_line(row, desk, now), *_wait(wait, desk)))
        yield kit.actions(*_buttons(row))
    turning = list(_pages(shelf, home.choice.page) if alone else _more(shelf))
    if turning:
        yield kit.actions(*turning)


def _heading(shelf: Shelf, home: HomeView) -> str:
    scoped = shelf.queue is HomeQueue.UNCLAIMED and home.scoped
    name = tr("Unclaimed in my channels") if scoped else _NAMES[shelf.queue]()
    # A queue of its own has pages, and its earlier ones are above.
    alone = home.choice.queue is shelf.queue
    here = shelf.total if alone else shelf.total - shelf.above
    return f"{name} · {here}" if here else name


def _wait(wait: WaitView | None, desk: Desk) -> Iterator[Block]:
    if wait is None:
        return
    if wait.until is None:
        yield from kit.pieces([tr(_WAITING_ON[wait.on])], lead=" · ", bold=True)
    else:
        yield from kit.pieces(waiting(wait, desk), lead=" · ", bold=True)


_WAITING_ON: Final[Mapping[Waiting, str]] = {
    Waiting.CUSTOMER: marked("waiting for the customer until somebody continues it"),
    Waiting.THIRD_PARTY: marked("waiting for a third party until somebody continues it"),
}


def _buttons(row: QueueRow) -> list[Block]:
    value = str(row.id)
    buttons = [kit.button(ActionId.REPLY, tr_as("button", "Reply"), value)]
    if row.assignee is None:
        buttons.insert(
            0, kit.button(ActionId.CLAIM, tr_as("button", "Claim"), value, style="primary")
        )
    if row.permalink:
        buttons.append(kit.link_button(tr_as("button", "Open thread"), row.permalink))
    return buttons


def _more(shelf: Shelf) -> Iterator[Block]:
    if shelf.more > 0:
        more = kit.button(ActionId.HOME_QUEUE, _and_more(shelf.more), str(shelf.queue))
        yield more | {"action_id": f"{ActionId.HOME_QUEUE}_{shelf.queue}"}


def _pages(shelf: Shelf, page: int) -> Iterator[Block]:
    if page:
        # For translators: a button: the page of so many tickets before this one.
        text = tr("The {number} before", number=PAGE)
        back = kit.button(ActionId.HOME_PAGE, text, str(page - 1))
        yield back | {"action_id": f"{ActionId.HOME_PAGE}_back"}
    if shelf.more > 0:
        on = kit.button(ActionId.HOME_PAGE, _and_more(shelf.more), str(page + 1))
        yield on | {"action_id": f"{ActionId.HOME_PAGE}_on"}


def _and_more(count: int) -> str:
    # For translators: a button: so many more tickets can be listed.
    return tr_many("and {count} more", "and {count} more", count)


def _team(team: Sequence[Load], desk: Desk) -> list[Block]:
    blocks = [kit.header(tr("The team"))]
    if not team:
        return [*blocks, kit.rich(kit.line(kit.words(tr("Nobody has an open ticket."))))]
    lines = [kit.line(*_load(each, desk)) for each in team]
    return [
        *blocks,
        kit.rich({"type": "rich_text_list", "style": "bullet", "elements": lines}),
    ]


def _breaches(home: HomeView, desk: Desk) -> list[Block]:
    """What is foreseen to be missed before anybody else comes; a guess, and it says so."""
    lines = [kit.line(*forecast_line(each, row, desk)) for each, row in home.breaches]
    return [
        kit.header(tr("What will probably be missed")),
        kit.rich({"type": "rich_text_list", "style": "bullet", "elements": lines}),
        kit.context(guess_words()),
    ]


def _load(load: Load, desk: Desk) -> Iterator[Block]:
    yield kit.words(one_line(desk.roster.name(load.agent), 40), bold=True)
    length = span(BREACHES_WITHIN)
    soon = (
        # For translators: tickets.
        tr_many(
            "{count} due within {length} or missed",
            "{count} due within {length} or missed",
            load.due,
            length=length,
        )
        if load.due
        else tr("none due within {length}", length=length)
    )
    yield kit.words(f"{led('')}{open_words(load.open)}, {soon}")
    if load.due and load.first is not None:
        yield from kit.pieces(_first_due(load.first, desk), lead=", ")


def _first_due(row: QueueRow, desk: Desk) -> list[str | Block]:
    """Which of somebody's tickets is due first, and when."""
    number = f"#{row.number}"
    ticket = kit.link(row.permalink, number) if row.permalink else kit.words(number)
    if row.next_due_at is None:
        return tr_parts("first {ticket}", ticket=ticket)
    # For translators: of several tickets the one that is due first, and when.
    return tr_parts("first {ticket} {deadline}", ticket=ticket, deadline=due(row.next_due_at, desk))
