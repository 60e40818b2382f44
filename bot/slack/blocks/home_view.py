"""The App Home: what is urgent, what is mine, what nobody has, who is waited for, how today goes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.card import QueueRow, WaitView
from bot.domain.desk import Desk
from bot.domain.home import BREACHES_WITHIN, PAGE, HomeQueue, HomeView, Load, Shelf, Today
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.clock_lines import due
from bot.slack.blocks.clock_words import WAITS
from bot.slack.blocks.listing import queue_line
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import sentence, span
from bot.slack.text import one_line

EVERY_INBOX: Final = "-"
_MOST_OPTIONS: Final = 99
"""Inboxes to choose from; Slack takes 100 options, and one of them is every inbox."""

_NAMES: Final[Mapping[HomeQueue, str]] = {
    HomeQueue.OVERVIEW: "Overview",
    HomeQueue.RISK: "At risk now",
    HomeQueue.MINE: "My tickets",
    HomeQueue.UNCLAIMED: "Unclaimed",
    HomeQueue.WAITING: "Waiting for somebody",
    HomeQueue.ALL: "All open",
}
_EMPTY: Final[Mapping[HomeQueue, str]] = {
    HomeQueue.RISK: "Nothing is at risk.",
    HomeQueue.MINE: "You have no open tickets.",
    HomeQueue.WAITING: "Nobody is waited for.",
}
_ALWAYS_SHOWN: Final = HomeQueue.MINE
"""The one section that says so when it is empty; of the others nothing is the usual thing."""


def home_view(home: HomeView, desk: Desk, now: datetime) -> Block:
    """One person's Home, within Slack's limits whatever the load."""
    blocks = [kit.header("Your desk"), kit.context(_today(home.today)), _filters(home, desk)]
    for shelf in home.shelves:
        blocks += _section(shelf, home, desk, now)
    if home.team is not None:
        blocks += _team(home.team, desk)
    return {"type": "home", "private_metadata": home.choice.dump(), "blocks": blocks}


def plain_home(text: str) -> Block:
    """A Home that only says something."""
    return {"type": "home", "blocks": [kit.rich(kit.line(kit.words(sentence(text))))]}


def _today(today: Today) -> str:
    return (
        f"Today: {today.received} received · {today.in_time} answered in time · "
        f"{today.missed} missed · {today.own} answered by you"
    )


def _filters(home: HomeView, desk: Desk) -> Block:
    queues = {str(queue): text for queue, text in _NAMES.items()}
    labels = {name: route.label or name for name, route in sorted(desk.inboxes.items())}
    # The chosen one stays to be seen, although others may have to go.
    kept = [home.choice.inbox] if home.choice.inbox in labels else []
    names = list(dict.fromkeys([*kept, *labels]))[:_MOST_OPTIONS]
    inboxes = {EVERY_INBOX: "Every inbox", **{name: labels[name] for name in names}}
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
        nothing = _EMPTY.get(shelf.queue, "Nothing waits here.")
        yield kit.rich(kit.line(kit.words(nothing)))
    for row in shelf.rows:
        wait = home.waits.get(row.id) if shelf.queue is HomeQueue.WAITING else None
        yield kit.rich(kit.line(*queue_line(row, desk, now), *_wait(wait, desk)))
        yield kit.actions(*_buttons(row))
    turning = list(_pages(shelf, home.choice.page) if alone else _more(shelf))
    if turning:
        yield kit.actions(*turning)


def _heading(shelf: Shelf, home: HomeView) -> str:
    name = _NAMES[shelf.queue]
    if shelf.queue is HomeQueue.UNCLAIMED and home.scoped:
        name = "Unclaimed in my channels"
    return f"{name} · {shelf.total}" if shelf.total else name


def _wait(wait: WaitView | None, desk: Desk) -> Iterator[Block]:
    if wait is None:
        return
    yield kit.words(f" · waiting for {WAITS[wait.on]}", bold=True)
    if wait.until is None:
        yield kit.words(" until somebody continues it")
    else:
        yield kit.words(" until ")
        yield due(wait.until, desk)


def _buttons(row: QueueRow) -> list[Block]:
    value = str(row.id)
    buttons = [kit.button(ActionId.REPLY, "Reply", value)]
    if row.assignee is None:
        buttons.insert(0, kit.button(ActionId.CLAIM, "Claim", value, style="primary"))
    if row.permalink:
        buttons.append(kit.link_button("Open thread", row.permalink))
    return buttons


def _more(shelf: Shelf) -> Iterator[Block]:
    if shelf.more > 0:
        more = kit.button(ActionId.HOME_QUEUE, f"and {shelf.more} more", str(shelf.queue))
        yield more | {"action_id": f"{ActionId.HOME_QUEUE}_{shelf.queue}"}


def _pages(shelf: Shelf, page: int) -> Iterator[Block]:
    if page:
        back = kit.button(ActionId.HOME_PAGE, f"The {PAGE} before", str(page - 1))
        yield back | {"action_id": f"{ActionId.HOME_PAGE}_back"}
    if shelf.more > 0:
        on = kit.button(ActionId.HOME_PAGE, f"and {shelf.more} more", str(page + 1))
        yield on | {"action_id": f"{ActionId.HOME_PAGE}_on"}


def _team(team: Sequence[Load], desk: Desk) -> list[Block]:
    blocks = [kit.header("The team")]
    if not team:
        return [*blocks, kit.rich(kit.line(kit.words("Nobody has an open ticket.")))]
    lines = [kit.line(*_load(each, desk)) for each in team]
    return [
        *blocks,
        kit.rich({"type": "rich_text_list", "style": "bullet", "elements": lines}),
    ]


def _load(load: Load, desk: Desk) -> Iterator[Block]:
    yield kit.words(one_line(desk.roster.name(load.agent), 40), bold=True)
    if not load.due:
        yield kit.words(f": {load.open} open, none due within {span(BREACHES_WITHIN)}")
        return
    yield kit.words(f": {load.open} open, {load.due} due within {span(BREACHES_WITHIN)} or missed")
    if load.first is not None:
        number = f"#{load.first.number}"
        yield kit.words(", first ")
        yield kit.link(load.first.permalink, number) if load.first.permalink else kit.words(number)
        if load.first.next_due_at is not None:
            yield kit.words(" ")
            yield due(load.first.next_due_at, desk)
