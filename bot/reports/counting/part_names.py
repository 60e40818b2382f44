"""What the parts of a cut are called, in the language of whoever reads them."""

from collections.abc import Callable, Mapping
from typing import Final

from babel.dates import get_day_names

from bot.domain.desk import Desk
from bot.domain.platforms import platform
from bot.domain.topic_names import topic_words
from bot.language import marked, spoken_now, tr
from bot.language.forms import language_name
from bot.reports.question import Dimension
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Stage

_WORDS: Final[Mapping[Dimension, Mapping[str, str]]] = {
    Dimension.STAGE: {
        Stage.PRE_SALE: marked("before buying"),
        Stage.POST_SALE: marked("after buying"),
        Stage.UNKNOWN: marked("not known"),
    },
    Dimension.RISK: {
        Risk.CRITICAL: marked("critical"),
        Risk.ELEVATED: marked("elevated"),
        Risk.NORMAL: marked("normal"),
    },
    Dimension.KIND: {
        Kind.MESSAGE: marked("messages"),
        Kind.CLAIM: marked("claims"),
        Kind.RETURN_REQUEST: marked("requests to return"),
        Kind.CANCEL_REQUEST: marked("requests to cancel"),
        Kind.NOTICE: marked("notices"),
        Kind.SUSPECT: marked("suspicious mail"),
    },
    Dimension.COMPLEXITY: {
        # For translators: of tickets, by how much work they were; the least.
        "easy": marked("easy"),
        # For translators: of tickets, between easy and hard.
        "middling": marked("middling"),
        # For translators: of tickets, by how much work they were; the most.
        "hard": marked("hard"),
    },
    # For translators: tickets of customers who are no VIPs, beside those of VIPs.
    Dimension.VIP: {"yes": marked("VIP"), "no": marked("other customers")},
}


def part_name(by: Dimension, key: str, desk: Desk) -> str:
    """What a part is called; its key where it has no other name."""
    if not key:
        return tr("nobody") if by is Dimension.AGENT else tr("not known")
    word = _WORDS.get(by, {}).get(key)
    return tr(word) if word else _names.get(by, _as_it_is)(key, desk)


def inbox_label(desk: Desk, name: str) -> str:
    """What an inbox is called; its name where nobody gave it a label."""
    route = desk.inboxes.get(name)
    return (route.label if route else "") or name


def weekday_name(weekday: int) -> str:
    """A day of the week, 0 is Monday: `Monday`, `lunedì`."""
    names = get_day_names("wide", "stand-alone", locale=str(spoken_now()))
    return str(names[weekday])


def hour_name(hour: int) -> str:
    """An hour of the day by its beginning: `09:00`."""
    return f"{hour:02}:00"


def _as_it_is(key: str, _desk: Desk) -> str:
    return key


_names: Final[Mapping[Dimension, Callable[[str, Desk], str]]] = {
    Dimension.CHANNEL: lambda key, _desk: platform(key),
    Dimension.INTENT: lambda key, _desk: topic_words(Topic(key)),
    Dimension.INBOX: lambda key, desk: inbox_label(desk, key),
    Dimension.AGENT: lambda key, desk: desk.roster.name(key),
    Dimension.LANGUAGE: lambda key, _desk: language_name(key),
    Dimension.WEEKDAY: lambda key, _desk: weekday_name(int(key)),
    Dimension.HOUR: lambda key, _desk: hour_name(int(key)),
}
