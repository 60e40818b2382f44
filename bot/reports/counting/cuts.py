"""The same figures for every part: every channel, every agent, every hour of the day.

The parts of one cut add up to the whole. Tickets belong to a part by what they are, waits by what
their ticket is, with two exceptions. By agent, a wait belongs to whoever answered it, or to the
ticket's owner while nobody has; tickets belong to their last owner. By weekday and hour, a ticket
belongs to when it was opened, a wait to when it began, and a rating to its ticket.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from bot.domain.desk import Desk
from bot.reports.counting.columns import Columns, Ints
from bot.reports.counting.part_names import part_name
from bot.reports.counting.parts import Parts, merged, of_tickets
from bot.reports.question import Dimension
from bot.reports.report import Cut, Figure
from sla_rules.topics import RISK, Topic
from sla_rules.vocabulary import Risk

NOT_CUT: Final = frozenset({"answers_per_hour"})
"""Figures that only the whole has: shifts are of no channel and no language."""

_IN_ORDER: Final = frozenset({Dimension.WEEKDAY, Dimension.HOUR})

LEVELS: Final = ("easy", "middling", "hard")
_MANY_TURNS: Final = 3
_VERY_MANY_TURNS: Final = 5
_MOST_HAND_OVERS: Final = 2
_HARD: Final = 3
_RISKS: Final = tuple(Risk)


def parts_by(columns: Columns, desk: Desk, by: Dimension, until: int) -> Parts:
    """Which part each ticket and each wait belongs to, by what was known before `until`.

    `until` is in seconds since 1970. The parts' names and their order do not depend on it.
    """
    if by is Dimension.AGENT:
        return _by_agent(columns, until)
    return _PARTS.get(by, _by_word)(columns, desk)


def cuts(
    by: Dimension, desk: Desk, parts: Parts, figures: Sequence[Mapping[str, Figure]]
) -> Sequence[Cut]:
    """The parts in which anything happened: the largest first, hours and weekdays in their order.

    People come by their names: nobody is ranked. `figures` are those of each part.
    """
    found = [
        Cut(
            key=key,
            label=part_name(by, key, desk),
            sample=own["received"].sample,
            figures={name: each for name, each in own.items() if name not in NOT_CUT},
        )
        for key, own in zip(parts.keys, figures, strict=True)
        if any(each.sample or each.before_sample for each in own.values())
    ]
    if by in _IN_ORDER:
        return sorted(found, key=lambda cut: int(cut.key))
    if by is Dimension.AGENT:
        return sorted(found, key=lambda cut: (not cut.key, cut.label.casefold(), cut.key))
    return sorted(found, key=lambda cut: (-cut.sample, cut.key))


def _by_word(columns: Columns, _desk: Desk) -> Parts:
    word = columns.tickets.word
    return of_tickets(columns, word.names, word.codes)


def _by_inbox(columns: Columns, _desk: Desk) -> Parts:
    return _of_inboxes(columns, {each.id: each.name for each in columns.inboxes.values()})


def _by_channel(columns: Columns, desk: Desk) -> Parts:
    """By what rules call the channel; by the connector where the inbox is configured no more."""
    known = desk.inboxes
    channels = {
        each.id: known[each.name].rule_channel if each.name in known else each.connector
        for each in columns.inboxes.values()
    }
    return _of_inboxes(columns, channels)


def _of_inboxes(columns: Columns, names: Mapping[int, str]) -> Parts:
    ids, places = np.unique(columns.tickets.inbox, return_inverse=True)
    own = [names.get(int(id_), "") for id_ in ids]
    keys = list(dict.fromkeys(own))
    codes = np.array([keys.index(name) for name in own], dtype=np.int64)
    return of_tickets(columns, keys, codes[places])


def _by_agent(columns: Columns, until: int) -> Parts:
    owners, people = columns.tickets.word, columns.waits.answered_by
    names, as_people = merged(owners.names, people.names)
    own = owners.codes[columns.waits.place]
    answered = as_people(people.codes)
    known = (people.codes != people.code("")) & (columns.waits.ended < until)
    return of_tickets(columns, names, owners.codes, np.where(known, answered, own))


def _by_vip(columns: Columns, _desk: Desk) -> Parts:
    return of_tickets(columns, ["no", "yes"], columns.tickets.vip)


def _by_weekday(columns: Columns, _desk: Desk) -> Parts:
    return _by_time(columns, 7, columns.local.weekdays)


def _by_hour(columns: Columns, _desk: Desk) -> Parts:
    return _by_time(columns, 24, columns.local.hours)


def _by_time(columns: Columns, size: int, of: Callable[[Ints], Ints]) -> Parts:
    keys = [str(at) for at in range(size)]
    return of_tickets(columns, keys, of(columns.tickets.opened), of(columns.waits.began))


def _by_complexity(columns: Columns, _desk: Desk) -> Parts:
    """By points: none is easy, one or two are middling, more are hard.

    Three messages of the customer are a point, five are two; each hand-over is one, up to two; a
    topic of elevated risk is one, a critical topic two.
    """
    tickets = columns.tickets
    points = (tickets.customer_turns >= _MANY_TURNS).astype(np.int64)
    points += tickets.customer_turns >= _VERY_MANY_TURNS
    points += np.minimum(tickets.hand_overs, _MOST_HAND_OVERS)
    risks = [_RISKS.index(_risk_of(name)) for name in tickets.word.names]
    points += np.array(risks, dtype=np.int64)[tickets.word.codes]
    return of_tickets(columns, LEVELS, (points > 0).astype(np.int64) + (points >= _HARD))


def _risk_of(intent: str) -> Risk:
    """What is at stake in a topic; nothing in one that this version does not know."""
    return RISK[Topic(intent)] if intent in set(Topic) else Risk.NORMAL


_PARTS: Final[Mapping[Dimension, Callable[[Columns, Desk], Parts]]] = {
    Dimension.INBOX: _by_inbox,
    Dimension.CHANNEL: _by_channel,
    Dimension.COMPLEXITY: _by_complexity,
    Dimension.VIP: _by_vip,
    Dimension.WEEKDAY: _by_weekday,
    Dimension.HOUR: _by_hour,
}
