"""The first report of a rebuilt past on a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.cli.backfill_report import Findings
from bot.cli.console import say
from bot.domain.desk import Desk
from bot.language import SOURCE, speaking
from bot.reports.metrics import SMALL_SAMPLE
from bot.reports.names import metric_name, period_words, value_words
from bot.reports.page.figures import scope_words
from bot.reports.report import Cut, Figure, HeatCell, Report
from bot.usecases.backfill_whatif import EVENING, TARGET, Missed, Sides, Trials
from sla_rules.durations import in_words
from sla_rules.vocabulary import Scope

_SHOWN: Final = (
    "received",
    "limit_attained",
    "target_attained",
    "first_response.median",
    "first_response.p90",
    "next_response.median",
    "backlog",
)
_IN_TIME: Final = ("limit_attained", "target_attained")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHADES: Final = ((0.0, "·"), (0.05, "░"), (0.15, "▒"), (0.3, "▓"), (1.01, "█"))
"""Up to which share of late answers an hour is drawn how."""

_MOMENT: Final = "%a %d %b %Y %H:%M"
_NAMED: Final = 44
_UNANSWERED: Final = 5


def show(findings: Findings, desk: Desk) -> None:
    """Print what was kept and missed, when it hurts, and what would have changed."""
    with speaking(SOURCE):
        _show(findings, desk)


def _show(findings: Findings, desk: Desk) -> None:
    report = findings.report
    say("")
    say(f"The first report: {period_words(report.question.period)}", style="bold")
    if report.is_empty:
        say("There is nothing to report: no customer wrote in that time.")
        return
    for line in _figures(report):
        say(line)
    if waiting := report.reconciled.waiting:
        say(
            f"  {waiting:,} conversations still wait, as far as mails tell. An answer given in a "
            "marketplace's own console leaves one only where it sends copies; a message marked "
            "there as needing no answer leaves none."
        )
    if len(report.cuts) > 1:
        say("\nAnswered in time", style="bold")
        for cut in report.cuts:
            say(_cut(cut))
    say("\nLate by the hour in which the customer wrote", style="bold")
    for line in heat_lines(report.heat):
        say(line)
    _misses(findings, ZoneInfo(desk.timezone))
    say("\nWhat would have changed", style="bold")
    for line in trial_lines(findings.trials, findings.staffed.source):
        say(line)


def _figures(report: Report) -> Iterator[str]:
    for key in _SHOWN:
        figure = report.figure(key)
        if figure.value is not None:
            yield f"  {metric_name(key):<40} {value_words(key, figure.value):>12}{_small(figure)}"


def _small(figure: Figure) -> str:
    return f"   (of {figure.sample} only)" if figure.is_small else ""


def _cut(cut: Cut) -> str:
    told = []
    for key in _IN_TIME:
        figure = cut.figures.get(key)
        if figure is not None and figure.value is not None:
            told.append(f"{metric_name(key)} {value_words(key, figure.value)}{_small(figure)}")
    return f"  {cut.label:<24} {cut.sample:>7,}  {'; '.join(told)}"


def heat_lines(heat: Sequence[HeatCell]) -> Iterator[str]:
    """The week, an hour a sign: the share of what was asked then that was answered late."""
    cells = {(each.weekday, each.hour): each for each in heat}
    yield "       " + "".join(f"{hour:<6}" for hour in range(0, 24, 3))
    for day, name in enumerate(_DAYS):
        signs = (_sign(cells.get((day, hour))) for hour in range(24))
        yield f"  {name}  {' '.join(signs)}".rstrip()
    yield "  · none late   ░ up to 5 %   ▒ up to 15 %   ▓ up to 30 %   █ more   (blank: nothing)"
    worst = sorted(heat, key=lambda each: (-each.late, -each.decided))[:3]
    told = [
        f"{_DAYS[each.weekday]} {each.hour}-{each.hour + 1}: {each.late} late of {each.decided}"
        for each in worst
        if each.late
    ]
    if told:
        yield f"  Most late answers: {'; '.join(told)}."


def _sign(cell: HeatCell | None) -> str:
    if cell is None or not cell.decided:
        return " "
    share = cell.late / cell.decided
    return next(sign for most, sign in _SHADES if share <= most)


def _misses(findings: Findings, zone: ZoneInfo) -> None:
    say("\nThe latest answers", style="bold")
    if not findings.late:
        say("  None was late.")
    for one in findings.late:
        name, late = _named(findings, one.ticket_id), _length(one.answered_at - one.due_at)
        scope = Scope.MARKETPLACE if one.by_marketplace else Scope.INTERNAL
        due = f"{scope_words(scope)}, due {_at(one.due_at, zone)}"
        answered = f"answered {_at(one.answered_at, zone)}, {late} late"
        say(f"  #{one.number:<6} {due}, {answered}: {name}")
    unanswered = [each for each in findings.report.misses if each.ended_at is None]
    if unanswered:
        say("\nLongest without an answer, as far as mails tell", style="bold")
    for miss in unanswered[:_UNANSWERED]:
        due = f"{scope_words(miss.scope)}, due {_at(miss.due_at, zone)}"
        say(f"  #{miss.number:<6} {due}: {_named(findings, miss.ticket_id)}")


def _named(findings: Findings, ticket_id: int) -> str:
    return findings.names.get(ticket_id, "")[:_NAMED]


def _length(late: timedelta) -> str:
    return in_words(timedelta(minutes=-(-late // timedelta(minutes=1))))


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):{_MOMENT}}"


def trial_lines(trials: Trials, source: str) -> Iterator[str]:
    """What both trials found, a sentence each, and what they stand on."""
    yield f"  {target_words(trials.target)}"
    if trials.evening_limits is None or trials.evening_targets is None:
        yield (
            "  One more evening shift: too few answers were found to say when somebody is at work. "
            "Write [shifts.NAME] tables, and it is worked out from them."
        )
        return
    if not trials.answers:
        yield "  One more evening shift: there are no answers to judge it by."
        return
    yield f"  {evening_words(trials)}"
    yield f"  Who works when was taken from {source}."
    if trials.outside:
        yield (
            f"  Of {trials.answers:,} answers, {trials.outside:,} were given outside those hours "
            "and keep the delay they had."
        )


def target_words(sides: Sides) -> str:
    """What another target would have meant."""
    hours = int(TARGET.total_seconds() // 3600)
    after = sides.after
    if not after.clocks:
        return f"A {hours}-hour target: nobody awaited an answer, so there is nothing to judge."
    now = f" Your target of today was missed {_of(sides.before)}." if sides.before.clocks else ""
    return f"A {hours}-hour target would have been missed {_of(after)}.{now}{_doubt(after)}"


def evening_words(trials: Trials) -> str:
    """What one more person in the evening would have meant."""
    told = [
        f"{scope_words(scope)} missed {sides.after.missed:,} instead of {sides.before.missed:,}"
        for scope, sides in (
            (Scope.MARKETPLACE, trials.evening_limits),
            (Scope.INTERNAL, trials.evening_targets),
        )
        if sides is not None and sides.before.clocks
    ]
    begins, ends = EVENING
    days = ", ".join(day.capitalize() for day in trials.days)
    found = "; ".join(told) or "no clock ran"
    return f"One more person from {begins} to {ends} ({days}): {found}."


def _of(found: Missed) -> str:
    times = "once" if found.missed == 1 else f"{found.missed:,} times"
    return f"{times} of {found.clocks:,} ({100 * found.missed / found.clocks:.1f} %)"


def _doubt(found: Missed) -> str:
    return " That is few to judge by." if found.clocks < SMALL_SAMPLE else ""
