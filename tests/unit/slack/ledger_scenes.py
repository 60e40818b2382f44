"""Response ledgers as people see them."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.domain.ledger import Entry, LedgerLine, Stopped, Taken, WhyNone
from bot.domain.rulings import Correction, Ruling
from bot.slack.blocks.ledger import LINES_SHOWN, render_ledger
from bot.slack.blocks.log import render_log
from bot.slack.blocks.rendered import Rendered
from sla_rules.vocabulary import Author, Metric, Scope
from tests.unit.slack.scenes import DANA, GIULIA, NOON, a_desk, a_ticket, an_event

HOUR = timedelta(hours=1)
DESK = a_desk()
LIMIT = Stopped(metric=Metric.FIRST_RESPONSE, scope=Scope.MARKETPLACE, late=False)
TARGET = Stopped(metric=Metric.FIRST_RESPONSE, scope=Scope.INTERNAL, late=True)


def an_entry(taken: Taken, *, state: str = "sent", reason: str = "") -> Entry:
    return Entry(
        id=9_100_000_000_000_001,
        at=NOON - HOUR,
        taken=taken,
        author=Author.AGENT,
        agent=GIULIA,
        state=state,
        reason=reason,
    )


def corrected(reason: str) -> Correction:
    return Correction(ruling=Ruling.AUTOMATIC, by=DANA, at=NOON, reason=reason)


RECEIPT = an_entry(Taken.RECEIPT, state="", reason="Auto-Submitted: auto-replied")

LINES = (
    LedgerLine(number=1, entry=RECEIPT, correction=None, counts=Ruling.AUTOMATIC, stopped=(LIMIT,)),
    LedgerLine(
        number=2,
        entry=an_entry(Taken.ANSWER),
        correction=None,
        counts=Ruling.PERSON,
        stopped=(TARGET, LIMIT),
    ),
    LedgerLine(
        number=3,
        entry=an_entry(Taken.ANSWER, state="bounced"),
        correction=None,
        counts=None,
        why_none=WhyNone.BOUNCED,
    ),
    LedgerLine(
        number=4,
        entry=an_entry(Taken.COPY),
        correction=corrected("Our autoresponder wrote it."),
        counts=Ruling.AUTOMATIC,
        why_none=WhyNone.AUTOMATIC,
    ),
    LedgerLine(
        number=5,
        entry=an_entry(Taken.ATTESTED),
        correction=None,
        counts=Ruling.PERSON,
        why_none=WhyNone.NOBODY_WAITED,
    ),
)


def a_long_ledger(reason: str, *, page: int = 0, corrects: bool = False) -> Rendered:
    """More lines than are shown, each with the longest words."""
    return render_ledger(a_ticket(), many_lines(reason), DESK, page=page, corrects=corrects)


def many_lines(reason: str) -> list[LedgerLine]:
    """Very many of them."""
    return [
        LedgerLine(
            number=number,
            entry=an_entry(Taken.AUTOMATIC, state="", reason=reason),
            correction=corrected(reason),
            counts=None,
            why_none=WhyNone.THEIRS,
        )
        for number in range(1, LINES_SHOWN + 500)
    ]


def _log() -> Rendered:
    event = an_event(
        "verdict_corrected",
        actor=DANA,
        line="9100000000000001",
        number=4,
        ruling="automatic",
        reason="Our autoresponder wrote it.",
    )
    return render_log(a_ticket(), event, DESK)


LEDGER_MESSAGES: Mapping[str, Callable[[], Rendered]] = {
    "ledger": lambda: render_ledger(a_ticket(), LINES, DESK),
    "ledger_of_a_lead": lambda: render_ledger(a_ticket(), LINES, DESK, corrects=True),
    "ledger_page": lambda: render_ledger(a_ticket(), LINES * 5, DESK, page=1),
    "ledger_empty": lambda: render_ledger(a_ticket(), (), DESK),
    "log_verdict_corrected": _log,
}
