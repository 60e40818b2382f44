"""A report as it is posted: what happened, how that differs from before, and what was missed."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from bot.domain.desk import Desk
from bot.domain.figures import MissCause
from bot.language import marked, tr, tr_many, tr_parts
from bot.language.forms import led, listed, number
from bot.reports.charts import Chart
from bot.reports.metrics import Unit, metric_of
from bot.reports.names import (
    became_words,
    cause_words,
    change_words,
    metric_name,
    period_words,
    sample_words,
    small_words,
    value_words,
)
from bot.reports.report import Figure, Miss, Reconciled, Report
from bot.slack.blocks import kit
from bot.slack.blocks.clock_lines import due
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.report_charts import FEWEST, MOST_CHARTS, chart_block
from bot.slack.blocks.report_table import cut_block
from bot.slack.blocks.wording import sentence, span
from bot.slack.text import one_line, spoken
from sla_rules.vocabulary import Scope

HEADLINES: Final = (
    "received",
    "answers",
    "limit_attained",
    "target_attained",
    "first_response.median",
    "resolved",
    "backlog",
)
LISTED_MISSES: Final = 10
_NAMED_INBOXES: Final = 6

_WHY: Final = {
    Scope.MARKETPLACE: marked("Why limits were missed: {causes}."),
    Scope.INTERNAL: marked("Why targets were missed: {causes}."),
}
_CLOCKS: Final = {
    Scope.MARKETPLACE: marked("limit {when}"),
    Scope.INTERNAL: marked("target {when}"),
}


def render_report(report: Report, desk: Desk, *, modern: bool, link: str | None = None) -> Rendered:
    """The whole report. `modern`: with the charts and tables that Slack draws itself.

    `link` leads to its page on the desk's own web server, where there is one.
    """
    title = tr("Report: {period}", period=period_words(report.question.period))
    if report.is_empty:
        return render_nothing(report)
    parts = [_list(headline_lines(report))]
    parts += [kit.line(kit.words(line)) for line in _below(report)]
    blocks = [kit.header(title), kit.context(_about(report, desk)), kit.rich(*parts)]
    blocks += cut_block(report, modern=modern)
    if modern:
        blocks += _charts(report)
    if report.misses:
        blocks.append(kit.rich(*_misses(report, desk)))
    blocks.append(kit.context(_files_words(pictured(report, modern=modern))))
    if link is not None and kit.is_usable(link):
        opened = kit.link(link, tr("Open the report as a page"))
        within = tr_parts("{link} · for a week, by whoever has the link", link=opened)
        blocks.append(kit.rich(kit.line(*kit.pieces(within))))
    return Rendered(text=_spoken(title, report), blocks=blocks)


def render_nothing(report: Report) -> Rendered:
    """Nothing happened: one line."""
    said = tr(
        "{period}: nothing came in, and nothing was due. There are no figures to show.",
        period=sentence(period_words(report.question.period)),
    )
    return Rendered(text=spoken(said, 300), blocks=[kit.rich(kit.line(kit.words(said)))])


def pictured(report: Report, *, modern: bool) -> Sequence[Chart]:
    """The charts that the message itself does not show, to go into its thread as pictures."""
    worth = [each for each in report.charts if len(each.labels) >= FEWEST]
    if not modern:
        return worth[:MOST_CHARTS]
    others = [each for each in worth if chart_block(each, report.days) is None]
    return others[: MOST_CHARTS - len(_charts(report))]


def headline_lines(report: Report, keys: Sequence[str] = HEADLINES) -> list[list[Block]]:
    """Some figures, a line each: name, value, and the change against the period before."""
    return [_headline(report, each) for each in _headlines(report, keys)]


def miss_lines(report: Report, desk: Desk, most: int) -> list[list[Block]]:
    """The tickets with the gravest misses, a line each: the gravest of each."""
    first: dict[int, Miss] = {}
    for each in report.misses:
        first.setdefault(each.ticket_id, each)
    return [list(_miss(each, report, desk)) for each in list(first.values())[:most]]


def _headlines(report: Report, keys: Sequence[str] = HEADLINES) -> list[Figure]:
    """Those that say something: a desk whose channels have no limits has no share of them kept."""
    known = {each.key: each for each in report.figures}
    asked = [known[key] for key in keys if key in known]
    return [each for each in asked if each.value is not None or each.before is not None]


def _headline(report: Report, figure: Figure) -> list[Block]:
    value = value_words(figure.key, figure.value)
    name = metric_name(metric_of(figure.key).key)
    if metric_of(figure.key).spread and figure.value is not None:
        known = {each.key: each for each in report.figures}
        mean = known.get(f"{metric_of(figure.key).key}.mean")
        value = tr(
            "median {median}, mean {mean}",
            median=value,
            mean=value_words(figure.key, mean.value if mean else None),
        )
    more = [change_words(figure)] if figure.value is not None else []
    if figure.is_small and metric_of(figure.key).unit is not Unit.COUNT:
        more.append(f"{small_words()} ({sample_words(figure.sample)})")
    line = [kit.words(led(name)), kit.words(value, bold=True)]
    return [*line, kit.words(_after(more))] if more else line


def _after(facts: Sequence[str]) -> str:
    return "".join(f" · {fact}" for fact in facts)


def _about(report: Report, desk: Desk) -> str:
    """What is counted, and what it is compared with."""
    before = tr("changes are against the same length of time before")
    return f"{_inboxes(report, desk)} · {before}"


def _inboxes(report: Report, desk: Desk) -> str:
    wanted = report.question.inboxes
    if wanted is None:
        return tr("Every inbox")
    names = [_label(report, desk, name) for name in sorted(wanted)]
    if len(names) > _NAMED_INBOXES:
        return tr_many("{count} inbox", "{count} inboxes", len(names))
    return listed(names)


def _label(report: Report, desk: Desk, inbox: str) -> str:
    route = desk.inboxes.get(inbox)
    return one_line(report.labels.get(inbox) or (route.label if route else "") or inbox, 60)


def _below(report: Report) -> Iterator[str]:
    if report.reconciled.received:
        yield _became(report.reconciled)
    for scope, text in _WHY.items():
        causes = report.causes.get(scope) or {}
        found = sorted(
            ((count, cause) for cause, count in causes.items() if count),
            key=lambda each: (-each[0], list(MissCause).index(each[1])),
        )
        if found:
            words = [f"{cause_words(cause)} ({number(count)})" for count, cause in found]
            yield tr(text, causes=", ".join(words))


def _became(found: Reconciled) -> str:
    """What became of the tickets that were received; the parts add up."""
    return tr_many(
        "Of the {figure} ticket received: {parts}.",
        "Of the {figure} tickets received: {parts}.",
        found.received,
        figure=number(found.received),
        parts=", ".join(became_words(found)),
    )


def _charts(report: Report) -> list[Block]:
    blocks = (chart_block(each, report.days) for each in report.charts)
    return [each for each in blocks if each is not None][:MOST_CHARTS]


def _misses(report: Report, desk: Desk) -> list[Block]:
    lines = miss_lines(report, desk, LISTED_MISSES)
    title = tr_many(
        "The ticket with the gravest miss",
        "The {count} tickets with the gravest misses",
        len(lines),
    )
    return [kit.line(kit.words(title, bold=True)), _list(lines, style="ordered")]


def _miss(miss: Miss, report: Report, desk: Desk) -> Iterator[Block]:
    name = f"#{miss.number}"
    yield kit.link(miss.permalink, name) if miss.permalink else kit.words(name, bold=True)
    yield kit.words(f" · {_label(report, desk, miss.inbox)}")
    clock = tr_parts(_CLOCKS[miss.scope], when=due(miss.due_at, desk))
    yield from kit.pieces(clock, lead=" · ")
    length = span(timedelta(seconds=miss.late_seconds))
    if miss.ended_at is None:
        late = tr("{length} late and still waiting", length=length)
    elif miss.answered_at is None:
        late = tr("closed {length} late, without an answer", length=length)
    else:
        late = tr("{length} late", length=length)
    facts = [late, cause_words(miss.cause)]
    if report.question.names_people and miss.owner:
        facts.append(one_line(desk.roster.name(miss.owner), 40))
    yield kit.words(_after(facts))


def _list(lines: Sequence[list[Block]], *, style: str = "bullet") -> Block:
    elements = [kit.line(*line) for line in lines]
    return {"type": "rich_text_list", "style": style, "elements": elements}


def _files_words(pictures: Sequence[Chart]) -> str:
    if not pictures:
        return tr(
            "In the thread: every figure and the rows behind it as tables (CSV), "
            "and the report as a page to print."
        )
    return tr(
        "In the thread: charts, every figure and the rows behind it as tables (CSV), "
        "and the report as a page to print."
    )


def headlines_said(report: Report, keys: Sequence[str] = HEADLINES) -> str:
    """Some figures in one sentence each, for a notification and for whoever has it read out."""
    return " ".join(
        f"{led(metric_name(each.key))}{value_words(each.key, each.value)}."
        for each in _headlines(report, keys)
    )


def _spoken(title: str, report: Report) -> str:
    return spoken(f"{title}. {headlines_said(report)}", 900)
