"""One grammar for `/ticket`, `/sla` and `@threadline …`: words in, a typed request or a mistake out.

Pure. A mistake says what was wrong and shows an example that would work.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.db.queries import Which
from bot.slack.class_words import ClassChange, read_class, read_waiting
from bot.slack.when import When, read_when
from sla_rules.vocabulary import Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandNames:
    """The slash commands as the manifest declares them; another app may own the usual names."""

    ticket: str = "/ticket"
    sla: str = "/sla"


COMMANDS = CommandNames()


class Do(StrEnum):
    """What can be asked for."""

    CLAIM = "claim"
    TAKE = "take"
    RELEASE = "release"
    REPLY = "reply"
    ASSIGN = "assign"
    NOTE = "note"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    NO_ANSWER = "noanswer"
    ANSWERED = "answered"
    STATUS = "status"
    QUEUE = "queue"
    HELP = "help"
    SLA_STATUS = "sla status"
    PROMISES = "promises"
    WHATIF = "whatif"
    WHY = "why"
    WAIT = "wait"
    CONTINUE = "continue"
    CLASS = "class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody named in a command: by Slack id where Slack escaped the mention, else by name."""

    slack_id: str | None = None
    name: str = ""
    me: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command understood. Fields that its verb does not use are empty."""

    do: Do
    number: int | None = None
    text: str = ""
    person: Person | None = None
    when: When | None = None
    which: Which = "mine"
    waiting: Waiting | None = None
    change: ClassChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A command not understood: what was wrong, and an example of what would work."""

    wrong: str
    example: str


EXAMPLES: Mapping[Do, str] = {
    Do.CLAIM: "claim 17",
    Do.TAKE: "take 17",
    Do.RELEASE: "release 17",
    Do.REPLY: "reply 17 Your parcel left today.",
    Do.ASSIGN: "assign 17 @giulia",
    Do.NOTE: "note 17 Waiting for the warehouse.",
    Do.SNOOZE: "snooze 17 2h",
    Do.WAIT: "wait 17 customer until tomorrow 9:00",
    Do.CONTINUE: "continue 17",
    Do.CLASS: "class 17 vip risk critical",
    Do.RESOLVE: "resolve 17",
    Do.REOPEN: "reopen 17",
    Do.NO_ANSWER: "noanswer 17",
    Do.ANSWERED: "answered 17",
    Do.STATUS: "status 17",
    Do.WHY: "why 17",
    Do.QUEUE: "queue unclaimed",
    Do.HELP: "help",
}

_ALIASES: Mapping[str, Do] = {
    **{str(do): do for do in EXAMPLES},
    "no-answer": Do.NO_ANSWER,
    "nar": Do.NO_ANSWER,
    "takeover": Do.TAKE,
    "close": Do.RESOLVE,
    "list": Do.QUEUE,
    "resume": Do.CONTINUE,
    "goon": Do.CONTINUE,
    "classify": Do.CLASS,
    "?": Do.HELP,
}

_SLA_EXAMPLES = {
    "status": "status",
    "why": "why 17",
    "promises": "promises",
    "whatif": "whatif",
    "help": "help",
}

_SLA: Mapping[str, Do] = {
    "": Do.SLA_STATUS,
    "status": Do.SLA_STATUS,
    "why": Do.WHY,
    "promises": Do.PROMISES,
    "whatif": Do.WHATIF,
    "what-if": Do.WHATIF,
    "help": Do.HELP,
    "?": Do.HELP,
}

_TWO_WORDS = re.compile(r"\A(no|take|go)[\s-]+(answer|over|on)(?=\s|$)", re.IGNORECASE)

QUEUES: Mapping[str, Which] = {"mine": "mine", "unclaimed": "unclaimed", "all": "all"}

_QUOTES = "\"'`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_MARK = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_NUMBER = re.compile(r"[#\u2116]?(\d{1,9})[.,:]?")
_WHOLE_ID = re.compile(r"[UW][A-Z0-9]{6,}")


def read_ticket(
    text: str, *, number: int | None = None, command: str = COMMANDS.ticket
) -> Request | Mistake:
    """Understand what follows `/ticket`, or the bot's name in a thread whose ticket is `number`."""
    word, rest = _first_word(_TWO_WORDS.sub(r"\1\2", text.lstrip(), count=1))
    if not word:
        return Request(do=Do.HELP)
    do = _ALIASES.get(word.casefold())
    if do is None:
        return _unknown(word, {alias: EXAMPLES[one] for alias, one in _ALIASES.items()}, command)
    if do is Do.HELP:
        return Request(do=do)
    if do is Do.QUEUE:
        return _queue(rest, command)
    found, rest = _ticket_number(rest, number)
    if found is None:
        return _no_number(do, rest, command)
    return _READERS.get(do, _bare)(do, found, rest, command)


def read_sla(text: str, *, command: str = COMMANDS.sla) -> Request | Mistake:
    """Understand what follows `/sla`: `status`, `why 17`, `promises`, `whatif` or `help`."""
    word, rest = _first_word(text)
    do = _SLA.get(word.casefold())
    if do is None:
        return _unknown(word, _SLA_EXAMPLES, command)
    if do is not Do.WHY:
        return Request(do=do)
    found, _ = _ticket_number(rest, None)
    if found is None:
        return Mistake(wrong="Which ticket?", example=f"{command} why 17")
    return Request(do=Do.WHY, number=found)


def mentioned_text(text: str) -> str:
    """What was said to the bot in an `app_mention`: the text without its first mention."""
    return _USER.sub("", text, count=1).strip()


def example(do: Do, command: str = COMMANDS.ticket) -> str:
    """A command that works, to show beside a mistake."""
    return f"{command} {EXAMPLES[do]}"


def as_typed(text: str) -> str:
    """What a person typed, with Slack's own marks for links and mentions undone.

    A link becomes its address, a mail link its words, a mention the name it shows.
    """
    shown = _MARK.sub(_unmarked, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unmarked(mark: re.Match[str]) -> str:
    sign, target, label = mark[1], mark[2], mark[3] or ""
    if sign:
        return f"{sign}{label or target}"
    return label if target.startswith(("mailto:", "tel:")) and label else target


def _first_word(text: str) -> tuple[str, str]:
    # `split` takes every Unicode space, so a pasted no-break space separates like any other.
    parts = text.strip(_INVISIBLE).split(maxsplit=1)
    word = parts[0].strip(_QUOTES + _INVISIBLE) if parts else ""
    return word, parts[1] if len(parts) > 1 else ""


def _ticket_number(rest: str, known: int | None) -> tuple[int | None, str]:
    word, after = _first_word(rest)
    match = _NUMBER.fullmatch(word)
    if match is None:
        return known, rest
    # In a thread the ticket is known: `reply 2 pieces are missing` is an answer, not ticket 2.
    if known is not None and not word.startswith("#") and int(match[1]) != known:
        return known, rest
    return int(match[1]), after


def _no_number(do: Do, rest: str, command: str) -> Mistake:
    word, _ = _first_word(rest)
    wrong = f"“{word[:40]}” is not a ticket number." if word else "The ticket number is missing."
    return Mistake(wrong=wrong, example=example(do, command))


def _unknown(word: str, known: Mapping[str, str], command: str) -> Mistake:
    shown = word[:40]
    close = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    if not close:
        return Mistake(wrong=f"I do not know “{shown}”.", example=f"{command} help")
    return Mistake(
        wrong=f"I do not know “{shown}”. Did you mean {close[0]}?",
        example=f"{command} {known[close[0]]}",
    )


def _queue(rest: str, command: str) -> Request | Mistake:
    word, _ = _first_word(rest)
    which = word.casefold() or "mine"
    if which in QUEUES:
        return Request(do=Do.QUEUE, which=QUEUES[which])
    close = difflib.get_close_matches(which, QUEUES, n=1)
    meant = close[0] if close else "unclaimed"
    return Mistake(
        wrong=f"There is no queue “{word[:40]}”: it is mine, unclaimed or all.",
        example=f"{command} queue {meant}",
    )


def _bare(do: Do, number: int, _rest: str, _command: str) -> Request | Mistake:
    return Request(do=do, number=number)


def _with_text(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    # An empty reply opens the window to write it in; an empty note says nothing.
    if do is Do.NOTE and not rest.strip():
        return Mistake(wrong="The note is empty.", example=example(do, command))
    return Request(do=do, number=number, text=as_typed(rest.strip()))


def _assign(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    person = _person(rest.strip())
    if person is None:
        return Mistake(
            wrong="To whom? Name a person with @, or say me.", example=example(do, command)
        )
    return Request(do=do, number=number, person=person)


def _person(text: str) -> Person | None:
    shown = text.removeprefix("to ").strip()
    match = _USER.match(shown)
    if match is not None:
        return Person(slack_id=match[1])
    name = shown.strip(_QUOTES + _INVISIBLE).lstrip("@").strip(" .")
    if not name:
        return None
    if name.casefold() == "me":
        return Person(me=True)
    if _WHOLE_ID.fullmatch(name):
        return Person(slack_id=name)
    return Person(name=name)


def _snooze(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    when = read_when(rest.strip(_QUOTES + _INVISIBLE))
    if when is None:
        shown = f"I cannot read “{rest.strip()[:40]}” as a time." if rest.strip() else "Until when?"
        return Mistake(
            wrong=f"{shown} Say 30m, 2h, tomorrow or until 18:00.", example=example(do, command)
        )
    return Request(do=do, number=number, when=when)


def _wait(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    found = read_waiting(rest.strip(_QUOTES + _INVISIBLE))
    if isinstance(found, str):
        return Mistake(wrong=found, example=example(do, command))
    on, time = found
    if not time:
        return Request(do=do, number=number, waiting=on)
    when = read_when(time)
    if when is None:
        return Mistake(
            wrong=f"I cannot read “{time[:40]}” as a time. Say 2h, 3d or until tomorrow 9:00.",
            example=example(do, command),
        )
    return Request(do=do, number=number, waiting=on, when=when)


def _class(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    change = read_class(rest.strip(_QUOTES + _INVISIBLE))
    if isinstance(change, str):
        return Mistake(wrong=change, example=example(do, command))
    return Request(do=do, number=number, change=change)


_READERS = {
    Do.REPLY: _with_text,
    Do.NOTE: _with_text,
    Do.ASSIGN: _assign,
    Do.SNOOZE: _snooze,
    Do.WAIT: _wait,
    Do.CLASS: _class,
}
