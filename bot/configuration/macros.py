"""A macro, and the grammar of its text: words, and variables in braces.

`{customer.first_name}` is a variable, `{customer.first_name|there}` one with words to fall back on,
`{{` and `}}` are braces.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.language import tr

NAME_LIMIT: Final = 40
"""Characters of a name: it is typed in commands, and chosen from a list."""

TEXT_LIMIT: Final = 3000
"""Characters of a text: what a field of a Slack window holds."""

ANY_LANGUAGE: Final = ""
SHARED: Final = ""

_NAME: Final = re.compile(r"[^\W_][\w.+-]*\Z")
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)(\}?)")
_SHOWN: Final = 40


class Variable(StrEnum):
    """What a macro can say of a ticket."""

    CUSTOMER_FIRST_NAME = "customer.first_name"
    CUSTOMER_NAME = "customer.name"
    ORDER_ID = "order.id"
    ORDER_TOTAL = "order.total"
    ORDER_ITEM = "order.item"
    ORDER_PLACED_AT = "order.placed_at"
    ORDER_PROMISED_BY = "order.promised_by"
    TRACKING_NUMBER = "tracking.number"
    TRACKING_URL = "tracking.url"
    TRACKING_CARRIER = "tracking.carrier"
    AGENT_NAME = "agent.name"
    AGENT_FIRST_NAME = "agent.first_name"
    SHOP_NAME = "shop.name"
    TICKET_NUMBER = "ticket.number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for a variable's value. `fallback` stands in where there is none; None asks a person."""

    variable: Variable
    fallback: str | None = None


Part = str | Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A text kept for use again. `ref` names it for good.

    `owner` is the Slack id of the one person it is for, empty where it is everybody's; `language`
    is empty where it suits any. Empty `channels` and `inboxes` allow it everywhere; it is offered
    first for `topics`, and before those for `intents`, which say more exactly what is wanted. `origin` is the file and line it is written in, empty for one kept in Slack,
    which `version` counts the changes of. With `approval`, an answer that began from it goes out when
    a second person has let it.
    """

    ref: str
    name: str
    text: str
    language: str = ANY_LANGUAGE
    owner: str = SHARED
    channels: Sequence[str] = ()
    inboxes: Sequence[str] = ()
    topics: Sequence[str] = ()
    intents: Sequence[str] = ()
    origin: str = ""
    version: int = 0
    approval: bool = False


class MacroMistake(ValueError):
    """A name or a text that cannot be used: what of it, why, and what to write instead."""


def name_key(name: str) -> str:
    """What tells names apart: not their capitals."""
    return name.casefold()


def check_name(name: str) -> None:
    """Raises MacroMistake for a name that could not be typed in a command."""
    if len(name) > NAME_LIMIT or not _NAME.match(name):
        raise MacroMistake(
            tr(
                '"{name}" is no name for a macro. Write one word of at most {limit} '
                'letters, digits, dashes or dots, such as "where-is-it"',
                name=_shown(name),
                limit=NAME_LIMIT,
            )
        )


def read_text(text: str) -> Sequence[Part]:
    """The text in its parts. Raises MacroMistake for the first thing in it that cannot be meant."""
    if not text.strip():
        raise MacroMistake(tr('"" is no answer. Write its words'))
    if len(text) > TEXT_LIMIT:
        raise MacroMistake(
            tr(
                '"{text}" has {length} characters. Write at most {limit}',
                text=_shown(text),
                length=len(text),
                limit=TEXT_LIMIT,
            )
        )
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        end = found.end()
        if found[0] in _BRACES:
            yield _BRACES[found[0]]
        else:
            yield _slot(found[1], closed=bool(found[2]))
    if end < len(text):
        yield text[end:]


_BRACES: Final[Mapping[str, str]] = {"{{": "{", "}}": "}"}


def _slot(inside: str, *, closed: bool) -> Slot:
    if not closed:
        raise MacroMistake(
            tr(
                '"{opened}" has a brace that nothing closes. '
                "Write {close} behind the variable, or {twice} for a brace",
                opened=f"{{{_shown(inside)}",
                close="}",
                twice="{{",
            )
        )
    name, bar, fallback = inside.partition("|")
    word = name.strip().casefold()
    if word not in set(Variable):
        raise MacroMistake(_no_variable(f"{{{_shown(name.strip())}}}", word))
    return Slot(variable=Variable(word), fallback=fallback.strip() if bar else None)


def _no_variable(written: str, word: str) -> str:
    near = difflib.get_close_matches(word, list(Variable), n=1, cutoff=0.6)
    if near:
        meant = f"{{{near[0]}}}"
        return tr('"{written}" is no variable. Write {meant}', written=written, meant=meant)
    known = ", ".join(Variable)
    return tr('"{written}" is no variable. Known: {known}', written=written, known=known)


def _shown(text: str) -> str:
    return " ".join(text.split())[:_SHOWN]
