"""What a trial cost, in numbers: how much was trusted to the desk, and what was lost or doubled."""

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.e2e.ledger import Ledger, cards_by_number, mailed_times, posts_by_effect, shown_times
from tests.e2e.moments import Trial
from tests.e2e.town import Town
from tests.e2e.trials import BOTH, Ended


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Counts over a whole trial. What was set aside is shown as a ticket that says so."""

    kills: int
    messages: int
    set_aside: int
    messages_lost: int
    messages_shown_twice: int
    tickets: int
    cards_missing: int
    cards_doubled: int
    answers: int
    answers_lost: int
    answers_doubled: int
    pings_due: int
    pings_lost: int
    posts: int
    posts_doubled: int  # after a doubt that the log tells of

    @property
    def lost(self) -> int:
        return self.messages_lost + self.cards_missing + self.answers_lost + self.pings_lost

    @property
    def doubled(self) -> int:
        """Of what must never be doubled."""
        return self.messages_shown_twice + self.cards_doubled + self.answers_doubled


def tally(trial: Trial, rows: Ledger, *, kills: int) -> Tally:
    """Count. The desk has stopped, or is quiet."""
    town = trial.town
    aside = [r["payload"] for r in rows.raw if r["state"] == "quarantined"]
    set_aside = {w for w in trial.delivered.values() if any(w.encode() in one for one in aside)}
    shown = {w: shown_times(town, w, *BOTH) for w in trial.delivered.values()}
    cards = cards_by_number(town, *BOTH)
    numbers = {ticket["number"] for ticket in rows.tickets}
    mailed = [mailed_times(town, words) for words in trial.promised + trial.asked]
    posts = posts_by_effect(town)
    pings = [p for p in rows.pings if p["cancelled_at"] is None]
    return Tally(
        kills=kills,
        messages=len(trial.delivered),
        set_aside=len(set_aside),
        messages_lost=sum(n == 0 and w not in set_aside for w, n in shown.items()),
        messages_shown_twice=sum(n > 1 for n in shown.values()),
        tickets=len(numbers),
        cards_missing=len(numbers - set(cards)),
        cards_doubled=sum(n > 1 for n in cards.values()),
        answers=len(mailed),
        answers_lost=_lost_answers(trial, town, rows),
        answers_doubled=sum(n > 1 for n in mailed),
        pings_due=sum(p["fire_at"] <= _now() for p in pings),
        pings_lost=len(rows.unfired(_now())) + _unposted(rows, posts),
        posts=len(posts),
        posts_doubled=sum(len(found) > 1 for found in posts.values()),
    )


def tally_of(ended: Ended) -> Tally:
    """Of a trial that came to its end; its last life was not killed."""
    return tally(ended, ended.rows, kills=ended.lives - 1)


def said(title: str, counts: Tally | Mapping[str, object]) -> None:
    """Print the counts: `pytest -rP` shows them."""
    fields = (
        counts
        if isinstance(counts, Mapping)
        else {name: getattr(counts, name) for name in counts.__dataclass_fields__}
    )
    words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in fields.items())
    sys.stdout.write(f"{title}: {words}\n")


def _lost_answers(trial: Trial, town: Town, rows: Ledger) -> int:
    """Answers whose agent was told they go out, and that neither left nor ask for a person."""
    state = {m["body"]: m["state"] for m in rows.messages if m["direction"] == "out"}
    ends = [
        state.get(words) == "unsure" or mailed_times(town, words) > 0 for words in trial.promised
    ]
    return ends.count(False)


def _unposted(rows: Ledger, posts: Mapping[int, object]) -> int:
    """Pings that count as sent and that nobody finds in Slack."""
    kinds = Counter(
        e["id"] for e in rows.effects if e["kind"] == "post_ping" and e["state"] == "sent"
    )
    return len(set(kinds) - set(posts))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the processes ran in real time
