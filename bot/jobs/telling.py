"""What the ops channel hears of findings: each once an hour while it lasts, and once that it is over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.db.state_rows import CLEAN_AUDIT, FINDINGS, get_state, put_state
from bot.db.unit import Tx
from bot.domain.effects import post_ops
from bot.jobs.findings import AuditReport
from sla_rules.worded import marked, worded

OVER: Final[Mapping[str, str]] = {
    "pings_late": marked("Over after {length}: due pings are fired again."),
    "effects_late": marked("Over after {length}: messages go out through {subject} again."),
    "no_deadline": marked("Over after {length}: every customer who waits has a deadline."),
    "rules_lost": marked("Over after {length}: the rules of every open ticket can be read."),
    "source_silent": marked("Over after {length}: inbox {subject} is read well again."),
    "not_polled": marked("Over after {length}: inbox {subject} is looked at again."),
    "leases_expired": marked(
        "Over after {length}: what was begun through {subject} is looked up again."
    ),
    "answers_lost": marked("Over after {length}: nothing that an agent sent is left lying."),
    "answers_late": marked("Over after {length}: every answer is out, or settled."),
    "doubt_unshown": marked("Over after {length}: nobody has to be told of a doubtful answer."),
    "no_card": marked("Over after {length}: every open ticket has its card."),
    "second_card": marked("Over after {length}: no second card waits."),
    "pings_stray": marked("Over after {length}: no ping is planned for a deadline that is over."),
    "owner_gone": marked("Over after {length}: every open ticket's owner is of the desk."),
    "deadline_drift": marked("Over after {length}: deadlines are what the rules make of them."),
}
"""Every code of a finding, and what is said when it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`clean`: nothing is found, and nothing found before is unsettled. `over` ended just now."""

    clean: bool
    over: Sequence[str]


def tell(
    tx: Tx,
    report: AuditReport,
    *,
    since: datetime,
    settled: bool,
    named: Callable[[str], str] = str,
) -> Told:
    """Tell of the report's findings, and of those that are over; remember what lasts.

    `since` is when the process that audits began. What an earlier one found is only over once this
    one has run long enough to find it again (`settled`): a restart heals nothing by itself.
    `named` says what people call a finding's subject.
    """
    before = _remembered(tx)
    now_found = {finding.key for finding in report.findings}
    lasting: dict[str, str] = {}
    over: list[str] = []
    for key, at in before.items():
        if key in now_found:
            lasting[key] = at
        elif settled or datetime.fromisoformat(at) > since:
            _say_over(tx, key, at, named)
            over.append(key)
        else:
            lasting[key] = at
    for finding in report.findings:
        lasting.setdefault(finding.key, report.at.isoformat())
        hour = f"{report.at:%Y-%m-%dT%H}"
        text = worded("Please look: {finding}.", finding=finding.detail)
        tx.emit(post_ops(f"audit:{finding.key}:{hour}", text))
    if lasting != before:
        put_state(tx.conn, FINDINGS, lasting, report.at)
    clean = not lasting
    if clean:
        put_state(tx.conn, CLEAN_AUDIT, None, report.at)
    return Told(clean=clean, over=tuple(over))


def _remembered(tx: Tx) -> dict[str, str]:
    kept = get_state(tx.conn, FINDINGS)
    return dict(kept.value or {}) if kept else {}


def _say_over(tx: Tx, key: str, at: str, named: Callable[[str], str]) -> None:
    code, _, subject = key.partition(":")
    length = tx.now - datetime.fromisoformat(at)
    template = OVER.get(code)
    if template is not None:
        text = worded(template, length=length, subject=named(subject))
        tx.emit(post_ops(f"over:{key}:{at}", text))
