"""What became of the tickets received, and the period day by day."""

from collections.abc import Sequence

import numpy as np

from bot.reports.counting.columns import FAR, Ints
from bot.reports.counting.window import Window
from bot.reports.counting.zones import date_of
from bot.reports.report import Day, Reconciled
from sla_rules.vocabulary import Scope


def reconciled(window: Window) -> Reconciled:
    """The tickets received in the window by what had become of them at its end, each once.

    The first that holds, in this order: merged, waiting, answered, waved, settled. What is left was
    never waited for: notices, and tickets that the shop began itself.
    """
    left = window.received.copy()
    counted = {"received": int(left.sum())}
    for name, marks in (
        ("merged", window.merged != FAR),
        ("waiting", window.with_wait(window.waiting)),
        ("answered", (window.first_answer != FAR) | window.with_wait(window.is_answer)),
        ("waved", window.with_wait(window.is_waved)),
        ("settled", window.with_wait(window.is_settled)),
    ):
        counted[name] = int((left & marks).sum())
        left &= ~marks
    return Reconciled(told=int(left.sum()), **counted)


def by_day(window: Window) -> Sequence[Day]:
    """Every day of the window by the clock on the wall, also those on which nothing happened."""
    if window.until <= window.since:
        return []
    local = window.columns.local
    ends = np.array([window.since, window.until - 1], dtype=np.int64)
    first, last = (int(day) for day in local.days(ends))

    def counts(instants: Ints) -> Ints:
        return np.bincount(local.days(instants) - first, minlength=last - first + 1)

    received = counts(window.opened[window.received])
    answers = counts(window.ended[window.answered_now])
    clocks = [
        counts(np.minimum(of.due, window.ended)[marks])
        for of in (window.clocks(Scope.MARKETPLACE), window.clocks(Scope.INTERNAL))
        for marks in (of.decided, of.missed)
    ]
    return [
        Day(
            day=date_of(first + at),
            received=int(received[at]),
            answers=int(answers[at]),
            limit_decided=int(clocks[0][at]),
            limit_missed=int(clocks[1][at]),
            target_decided=int(clocks[2][at]),
            target_missed=int(clocks[3][at]),
        )
        for at in range(last - first + 1)
    ]
