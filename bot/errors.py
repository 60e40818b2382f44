"""What the desk itself can refuse, with a sentence a person can act on.

DeskError
├── SettingsError    a setting is unknown, impossible or missing; names file, key and remedy
├── NotAllowed       this person may not do that
├── NoSuchTicket     no ticket of that number
│   └── NotInSight   none among those that this person sees; whether there is one stays unsaid
└── Conflict         somebody else changed the ticket first
"""

from bot.language import tr


class DeskError(Exception):
    """Root of everything the desk refuses on purpose. Its text is shown to people."""


class SettingsError(DeskError):
    """A setting cannot be used. `problems` lists every one found, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NotAllowed(DeskError):
    """This person may not do that. `verb` is what the roster was asked for, where it was."""

    def __init__(self, sentence: str, *, verb: str = "") -> None:
        super().__init__(sentence)
        self.verb = verb


class NoSuchTicket(DeskError):
    """No ticket of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(tr("There is no ticket #{number}.", number=number))
        self.number = number


class NotInSight(NoSuchTicket):
    """No ticket that somebody who sees some inboxes only may know of."""

    def __init__(self) -> None:
        DeskError.__init__(self, tr("There is no such ticket in the inboxes you work in."))


class Conflict(DeskError):
    """Somebody else changed the ticket first."""
