"""Every renderer at the worst input there is, in every language, against Slack's documented limits.

Renderers are found, not listed: one that is new is tried as well, and a new part of one has to be
named here.
"""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, get_type_hints

import pytest

import bot.slack.blocks
from bot.assist.llm.uses import Use
from bot.configuration.macros import Macro
from bot.domain.card import ClockView, EventView, QueueRow, WaitView
from bot.domain.desk import Desk
from bot.domain.digests import Digest
from bot.domain.effects import OFFERED
from bot.domain.forecast import Forecast
from bot.domain.home import (
    BREACHES,
    ON_OVERVIEW,
    PAGE,
    HomeChoice,
    HomeQueue,
    HomeView,
    Load,
    OwnChoices,
    Shelf,
    Today,
)
from bot.domain.recomputation import Move
from bot.domain.roster import Agent, Role, Roster
from bot.domain.ticket import EventType
from bot.language import Language, speaking
from bot.reports.report import Report
from bot.slack.blocks.machine import Asked
from bot.slack.blocks.offer import Offer
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.reply_fields import Draft, file_to_attach
from bot.slack.blocks.thread import render_ops
from bot.slack.request import COMMANDS, CommandNames
from bot.usecases.why import ClockWhy
from connectors.manifest import AttachmentLimits
from sandbox.slack.blocks import validate_blocks, validate_view
from sla_rules.calendar import ALWAYS, Calendar
from sla_rules.explain import Row
from sla_rules.vocabulary import Metric, Scope
from tests.unit.slack.macro_scenes import WORST
from tests.unit.slack.report_scenes import worst_report
from tests.unit.slack.scenes import NOON, a_desk, an_event
from tests.unit.slack.worst import NAME, Maker, Worst

SOMEBODY: Final = "U" + "W" * 31
"""As long as tables keep an id."""

LINK: Final = "https://shop.slack.example/archives/C0AMAZON1/p1770109200000100"

NAMES: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("slack_id", "agent", "assignee", "acknowledged_by", "by", "who"), SOMEBODY),
    **dict.fromkeys(("next_who", "holder", "actor", "owner", "mention", "to"), SOMEBODY),
    **dict.fromkeys(("permalink", "url"), LINK),
    "inbox": "amazon-it",
    "connector": "amazon",
    "ref": f"file:it:{'x' * 60}",
    "channel": "C0AMAZON1",
    "timezone": "Europe/Rome",
}


def the_desk(worst: Worst) -> Desk:
    """Everything that the settings file may call by a long name has one."""
    desk = a_desk()
    agent = Agent(slack_id=SOMEBODY, name=worst.text(), role=Role.LEAD)
    routes = {name: replace(each, label=worst.text()) for name, each in desk.inboxes.items()}
    return replace(
        desk,
        inboxes=routes,
        roster=Roster(agents={SOMEBODY: agent}, managers=(SOMEBODY,)),
        shop_name=worst.text(),
    )


def some_rows(count: int) -> Maker:
    """So many tickets; where a caller hands over no more than that."""
    return lambda worst: [worst.of(QueueRow)] * count


def a_move(worst: Worst) -> Move:
    return Move(
        metric=worst.of(Metric),
        scope=worst.of(Scope),
        before=NOON,
        after=NOON if worst.turn % 2 else None,
        policy=worst.text(),
        past=False,
    )


def a_draft(_: Worst) -> Draft:
    """As much as fits into what a window remembers; longer names are cut before they get there."""
    label = file_to_attach("F0LABEL11", "x" * 60, 84_000)
    return Draft(ticket_id=10**17, seen=10**17, files=(label,), at_hand=(label,) * 3, public=True)


def a_home(worst: Worst) -> HomeView:
    """A page of one queue, or as many of each as its overview takes."""
    sizes = ON_OVERVIEW if worst.turn % 2 else {HomeQueue.ALL: PAGE}
    row, load = worst.of(QueueRow), worst.of(Load)
    return HomeView(
        choice=worst.of(HomeChoice),
        shelves=[
            Shelf(queue=queue, rows=[row] * size, total=10**6, above=10**5)
            for queue, size in sizes.items()
        ],
        today=worst.of(Today),
        waits={row.id: worst.of(WaitView)},
        team=[load] * 100,
        breaches=[(worst.of(Forecast), row)] * BREACHES,
        own=worst.of(OwnChoices),
        scoped=True,
    )


def asked(worst: Worst) -> Asked:
    """With ids as long as Slack's."""
    draft = a_draft(worst).dump()
    return Asked(use=worst.of(Use), under="V" * 32, draft=draft, typed=True, origin="x" * 20)


def an_event_of_any_type(worst: Worst) -> EventView:
    types = list(EventType)
    names = ("text", "reason", "verdict", "cause", "what", "excerpt", "subject")
    data: dict[str, Any] = {name: worst.text() for name in names}
    return an_event(types[worst.turn % len(types)], **data)


MAKERS: Final[Mapping[Any, Maker]] = {
    Desk: the_desk,
    CommandNames: lambda _: COMMANDS,
    Calendar: lambda _: ALWAYS,
    Roster: lambda worst: the_desk(worst).roster,
    Rendered: lambda worst: render_ops(worst.text()),
    AttachmentLimits: lambda _: AttachmentLimits(
        types=("image/*",) * 30, count=99, bytes_each=10**9, bytes_all=10**9
    ),
    Move: a_move,
    Draft: a_draft,
    HomeView: a_home,
    Report: worst_report,
    Asked: asked,
    EventView: an_event_of_any_type,
    HomeChoice: lambda worst: HomeChoice(queue=worst.of(HomeQueue), inbox="amazon-it", page=10**6),
}

COUNTS: Final[Mapping[Any, int]] = {
    QueueRow: 1_000,
    ClockView: 50,
    ClockWhy: 10,
    Row: 20,
    Macro: 20,
}

GIVEN: Final[Mapping[str, Mapping[str, Maker]]] = {
    # What the query behind it hands over at most.
    "board.render_board": {"rows": some_rows(15)},
    "digest.render_digest": {
        "digest": lambda worst: replace(worst.of(Digest), at_risk=some_rows(15)(worst))
    },
    "report.render_report": {"modern": lambda worst: worst.turn % 2 == 0},
    "offer.render_offer": {
        "offer": lambda worst: replace(worst.of(Offer), rows=some_rows(OFFERED)(worst))
    },
    "listing.render_queue": {"rows": some_rows(20), "which": lambda _: "all"},
    "listing.render_found": {"rows": some_rows(20)},
    "views.reply_view": {
        "limit": lambda _: 3_000,
        "aids": lambda _: WORST,
        "initial": lambda _: "x" * 3_000,
    },
    "views.preview_view": {"limit": lambda _: 3_000, "text": lambda worst: worst.text()},
}


PARTS: Final = frozenset(
    {
        "approval.buttons",
        "answers.preview_blocks",
        "call_choices.calls_button",
        "call_choices.calls_line",
        "clock_lines.ago",
        "clock_lines.clock_line",
        "clock_lines.due",
        "clock_lines.missed",
        "clock_lines.wait_words",
        "clock_lines.waiting",
        "forecast.forecast_line",
        "hint.hint_blocks",
        "home_choices.language_select",
        "home_choices.own_choices",
        "home_choices.pings_select",
        "home_choices.quiet_inputs",
        "listing.queue_line",
        "machine.machine_buttons",
        "machine.mark_of",
        "macro_fields.aid_blocks",
        "orders.order_blocks",
        "related.escalated_words",
        "related.merged_words",
        "related.related_words",
        "report.headline_lines",
        "report.miss_lines",
        "report_charts.chart_block",
        "report_table.cut_block",
        "reply_fields.attached",
        "reply_fields.rating",
        "reply_fields.readers",
        "reply_fields.to_attach",
        "welcome.first_home",
        "why.why_block",
    }
)
"""These give blocks or elements to a renderer, which is tried with them."""


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for found in pkgutil.iter_modules(bot.slack.blocks.__path__):
        module = importlib.import_module(f"bot.slack.blocks.{found.name}")
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_") and found.name not in {"kit", "parts"}:
                yield f"{found.name}.{name}", value


def _is_renderer(name: str, function: Callable[..., Any]) -> bool:
    """Whether what comes of it is a whole message, a window or a Home."""
    if get_type_hints(function)["return"] is Rendered:
        return True
    return _gives_blocks(function) and name not in PARTS


def _gives_blocks(function: Callable[..., Any]) -> bool:
    return "dict[str, typing.Any]" in str(get_type_hints(function)["return"])


FUNCTIONS: Final = dict(_functions())
RENDERERS: Final = [name for name, each in FUNCTIONS.items() if _is_renderer(name, each)]


def drawn(name: str, language: Language, *, length: int = 400) -> Any:
    """What a renderer makes of the worst there is; in each language choices take other members."""
    worst = Worst(list(Language).index(language), MAKERS, COUNTS, NAMES, length=length)
    renderer = FUNCTIONS[name]
    with speaking(language):
        return renderer(**worst.arguments(renderer, GIVEN.get(name, {})))


def assert_slack_takes(shown: Any) -> None:
    if isinstance(shown, Rendered):
        assert validate_blocks(shown.blocks) == []
        assert 0 < len(shown.text.encode("utf-16-le")) // 2 <= 4_000
        assert_within_limits(shown.blocks)
    else:
        assert validate_view(shown) == []
        assert len(json.dumps(shown, ensure_ascii=False).encode()) <= 250_000
        assert_within_limits(shown)


LIMITS: Final[Mapping[str, int]] = {
    "plain_text": 3_000,
    "button": 75,
    "option": 75,
    "header": 150,
    "title": 24,
    "submit": 24,
    "close": 24,
    "placeholder": 150,
}
"""Characters of a text by what it is the text of (Slack's Block Kit reference)."""


def assert_within_limits(part: Any, where: str = "") -> None:
    """The limits once more, apart from the sandbox that might have them wrong."""
    if isinstance(part, list):
        for each in part:
            assert_within_limits(each, where)
        return
    if not isinstance(part, dict):
        return
    kind = str(part.get("type", where))
    text = part.get("text")
    if kind == "plain_text" and isinstance(text, str):
        assert len(text.encode("utf-16-le")) // 2 <= LIMITS.get(where, LIMITS["plain_text"])
    assert len(part.get("options", ())) <= (5 if kind == "overflow" else 100)
    assert len(part.get("elements", ())) <= {"context": 10, "actions": 25}.get(kind, 10_000)
    for key, value in part.items():
        of_text = kind if kind in LIMITS else where
        inner: Mapping[str, str] = {"options": "option", "text": of_text}
        assert_within_limits(value, inner.get(str(key), str(key)))


def test_every_part_of_a_renderer_is_known_as_one() -> None:
    assert {name for name, each in FUNCTIONS.items() if _gives_blocks(each)} >= PARTS
    assert len(RENDERERS) > 50


LONGEST = frozenset({Language.EN, Language.DE})
"""Whose words are the longest; `make check-all` draws in the others, too."""


@pytest.mark.parametrize(
    "language",
    [each if each in LONGEST else pytest.param(each, marks=pytest.mark.slow) for each in Language],
)
@pytest.mark.parametrize("name", RENDERERS)
def test_slack_takes_the_worst_case_in_every_language(name: str, language: Language) -> None:
    assert_slack_takes(drawn(name, language))


@pytest.mark.slow
@pytest.mark.parametrize("name", RENDERERS)
def test_slack_takes_names_of_three_thousand_characters(name: str) -> None:
    assert_slack_takes(drawn(name, Language.EN, length=NAME))
