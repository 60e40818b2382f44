"""What somebody asks of the desk, understood: by a command, a window, a button or the bot's name."""

from dataclasses import dataclass
from enum import StrEnum

from bot.db.queries import Which
from bot.domain.rulings import Ruling
from bot.slack.class_words import ClassChange
from bot.slack.when import When
from sla_rules.vocabulary import Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandNames:
    """The slash commands as the manifest declares them; another app may own the usual names.

    `claim` and `reply` are short for `ticket claim` and `ticket reply`, where the manifest was
    printed with them: such plain names are often another app's.
    """

    ticket: str = "/ticket"
    sla: str = "/sla"
    claim: str = "/claim"
    reply: str = "/reply"


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
    FIND = "find"
    HELP = "help"
    SLA_STATUS = "sla status"
    PROMISES = "promises"
    WHATIF = "whatif"
    SURGE = "surge"
    FORECAST = "forecast"
    REPORT = "report"
    WHY = "why"
    WAIT = "wait"
    CONTINUE = "continue"
    CLASS = "class"
    LEDGER = "ledger"
    CORRECT = "correct"
    TAG = "tag"
    UNTAG = "untag"
    TRANSFER = "transfer"
    ESCALATE = "escalate"
    DEESCALATE = "deescalate"
    MERGE = "merge"
    UNMERGE = "unmerge"
    LINK = "link"
    UNLINK = "unlink"
    SPLIT = "split"
    MACRO = "macro"
    ME = "me"
    AWAY = "away"
    BACK = "back"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody named in a command: by Slack id where Slack escaped the mention, else by name.

    A user group stands for whoever of it is there, `following` for whoever is next.
    """

    slack_id: str | None = None
    name: str = ""
    me: bool = False
    group_id: str | None = None
    following: bool = False


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
    line: int | None = None  # of the response ledger
    ruling: Ruling | None = None
    other: int | None = None  # the number of a second ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A command not understood: what was wrong, and an example of what would work."""

    wrong: str
    example: str
