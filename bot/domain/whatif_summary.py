"""What a what-if found, short enough to keep and to show: the counts, and the gravest tickets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.language import marked, tr, tr_many
from bot.language.forms import number
from sla_rules.explain import SCOPES
from sla_rules.vocabulary import Metric
from sla_rules.whatif import Flip, Group, Tally, WhatIf

SHOWN = 20
"""Flips shown by ticket; the counts tell of all."""

_METRICS: Final[Mapping[Metric, str]] = {
    Metric.FIRST_RESPONSE: marked("first response"),
    Metric.NEXT_RESPONSE: marked("next response"),
    Metric.RESOLUTION: marked("resolution"),
    Metric.UPDATE: marked("update"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLink:
    """What people call a ticket, and where it is in Slack."""

    number: int
    permalink: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfSummary:
    """One run. `proposal` says what was asked about, such as `policies of new.toml`.

    Tickets opened from `since` to `at` were replayed. `answers` and `outside` are those of
    `sla_rules.whatif.WhatIf`.
    """

    proposal: str
    since: datetime
    at: datetime
    tickets: int
    rows: tuple[tuple[Group, Tally], ...]
    flips: tuple[Flip, ...]
    answers: int = 0
    outside: int = 0

    @property
    def newly_late(self) -> int:
        """Clocks that only the new side calls late."""
        return sum(tally.newly_late for _, tally in self.rows)

    @property
    def no_longer_late(self) -> int:
        """Clocks that only the old side calls late."""
        return sum(tally.no_longer_late for _, tally in self.rows)


def summary_of(found: WhatIf, proposal: str, since: datetime, at: datetime) -> WhatIfSummary:
    """The part of a result that is kept: every count, and the first `SHOWN` flips."""
    return WhatIfSummary(
        proposal=proposal,
        since=since,
        at=at,
        tickets=found.tickets,
        rows=tuple(found.tallies.items()),
        flips=found.flips[:SHOWN],
        answers=found.answers,
        outside=found.outside,
    )


def clock_words(group: Group) -> str:
    """`first response, marketplace limit`."""
    return f"{tr(_METRICS[group.metric])}, {tr(SCOPES[group.scope])}"


def share_words(breaches: int, deadlines: int) -> str:
    """`3.5 %`, or that there is no such clock."""
    if not deadlines:
        return tr("no such clock")
    return f"{number(Decimal(f'{100 * breaches / deadlines:.1f}'))} %"


def verdict_words(newly_late: int, no_longer_late: int) -> str:
    """How many clocks change sides, as a sentence."""
    if not newly_late and not no_longer_late:
        return tr("No clock would have ended otherwise.")
    count = newly_late + no_longer_late
    return tr_many(
        "{figure} clock would have ended otherwise: {saved} no longer late, {lost} newly late.",
        "{figure} clocks would have ended otherwise: {saved} no longer late, {lost} newly late.",
        count,
        figure=number(count),
        saved=number(no_longer_late),
        lost=number(newly_late),
    )


def outside_words(answers: int, outside: int) -> str:
    """How far a roster explains the past; empty where none was asked about."""
    if not answers:
        return ""
    return tr_many(
        "Of {figure} answers, {outside} were given outside every shift "
        "and keep the delay they had.",
        "Of {figure} answers, {outside} were given outside every shift "
        "and keep the delay they had.",
        answers,
        figure=number(answers),
        outside=number(outside),
    )
