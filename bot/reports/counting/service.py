"""Volume, speed and deadlines: what came, how fast it was answered, and what was kept."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from bot.reports.counting.columns import FAR, Ints, Marks
from bot.reports.counting.parts import Parts
from bot.reports.counting.tally import Tallies, Tally, count, share, spread
from bot.reports.counting.window import Window
from sla_rules.vocabulary import Scope

_NAMES: Final[Mapping[Scope, str]] = {Scope.MARKETPLACE: "limit", Scope.INTERNAL: "target"}


def volume(window: Window, parts: Parts) -> Tallies:
    """What came, what was done, and what is left.

    - `received`: tickets opened in the period.
    - `handled`: tickets on which a wait was answered or waved in the period, or that were resolved
      in it; each once.
    - `resolved`: tickets resolved in the period.
    - `backlog`: tickets whose customer waits at the end of the period; `backlog_age` is how long
      the waits have lasted by then.
    - `resolution_rate`: of the tickets received in the period, those resolved by its end. Tickets
      merged into another by then are left out: they go on in that one.
    """
    size, waits = parts.size, window.waiting
    goes_on = window.received & (window.merged == FAR)
    return {
        "received": count(parts.tickets[window.received], size),
        "handled": count(parts.tickets[window.handled], size),
        "resolved": count(parts.tickets[window.resolved_now], size),
        "backlog": count(parts.waits[waits], size),
        **spread("backlog_age", parts.waits[waits], window.until - window.began[waits], size),
        "resolution_rate": share(parts.tickets[goes_on], window.resolved[goes_on] != FAR, size),
    }


def speed(window: Window, parts: Parts) -> Tallies:
    """How long customers waited, and tickets lay unclaimed.

    - `first_response`, `next_response`: the waits answered in the period, through the desk or in
      the platform's console, from the first unanswered message to the answer; the conversation's
      first wait, or a later one. `…_worked` counts the shop's own hours.
    - `resolution`: tickets resolved in the period, from their opening; `…_worked` likewise.
    - `unclaimed`: waits that were claimed in the period, or ended in it without a claim, from when
      the desk knew of them until then. What is still unclaimed at the end has no length yet.
    """
    waits, tickets = window.columns.waits, window.columns.tickets
    first = window.answered_now & (waits.instance == 0)
    following = window.answered_now & (waits.instance > 0)
    taken = np.where(window.claimed != FAR, window.claimed, window.ended)
    resolved = window.resolved_now
    return {
        **_responses("first_response", window, parts, first),
        **_responses("next_response", window, parts, following),
        **_lengths("resolution", parts.tickets, window.resolved - window.opened, resolved, parts),
        **_known("resolution_worked", parts.tickets, tickets.resolution_worked, resolved, parts),
        **_lengths("unclaimed", parts.waits, taken - waits.seen, window.has(taken), parts),
    }


def deadlines(window: Window, parts: Parts) -> Tallies:
    """Clocks decided in the period: when the wait ended, or at the deadline if that came sooner.

    `limit_…` are the marketplace's, `target_…` the shop's own. `…_attained`: of those decided, the
    share met by an answer; `…_missed`: how many were not. A wait that was waved, or settled without
    an answer, by its deadline counts for no clock; after it, it was missed. So is one that lasts.
    """
    found: dict[str, Tally] = {}
    for scope, name in _NAMES.items():
        clocks = window.clocks(scope)
        of = parts.waits[clocks.decided]
        found[f"{name}_attained"] = share(of, ~clocks.missed[clocks.decided], parts.size)
        missed = count(parts.waits[clocks.missed], parts.size)
        samples = found[f"{name}_attained"].samples
        found[f"{name}_missed"] = Tally(values=missed.values, samples=samples)
    return found


def _responses(key: str, window: Window, parts: Parts, which: Marks) -> Tallies:
    worked = window.columns.waits.worked
    return {
        **_lengths(key, parts.waits, window.ended - window.began, which, parts),
        **_known(f"{key}_worked", parts.waits, worked, which, parts),
    }


def _known(key: str, of: Ints, lengths: Ints, which: Marks, parts: Parts) -> Tallies:
    return _lengths(key, of, lengths, which & (lengths >= 0), parts)


def _lengths(key: str, of: Ints, lengths: Ints, which: Marks, parts: Parts) -> Tallies:
    return spread(key, of[which], lengths[which], parts.size)
