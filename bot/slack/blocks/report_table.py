"""The figures of every part of a report: as the table that Slack draws, or as a list.

Limits: Slack's reference of `data_table`, 2026: 20 columns, 100 rows and some 20,000 characters.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.language import marked, tr, tr_many
from bot.language.forms import led, number
from bot.reports.metrics import SMALL_SAMPLE, Unit, metric_of
from bot.reports.names import dimension_name, small_words, value_words
from bot.reports.report import Cut, Report
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.text import one_line

_COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "limit_attained": (marked("Limit kept"), marked("limit kept {value}")),
    "target_attained": (marked("Target kept"), marked("target kept {value}")),
    "first_response.median": (
        marked("First answer (median)"),
        marked("first answer after {value} (median)"),
    ),
    # For translators: the count of limits missed.
    "limit_missed": (marked("Limits missed"), marked("limits missed: {value}")),
}
"""Each figure as the head of a column, and in a list."""

_ROWS: Final = 60
_PAGE: Final = 10
_LISTED: Final = 15
"""Parts that the list names; the file has all of them."""

_LABEL: Final = 60
_HEAD: Final = 80


def cut_block(report: Report, *, modern: bool) -> list[Block]:
    """The parts of the report, the largest first; nothing where none were asked for."""
    by = report.question.by
    if by is None or not report.cuts:
        return []
    name = dimension_name(by)
    return [_table(name, report.cuts) if modern else _list(name, report.cuts)]


def _table(name: str, cuts: Sequence[Cut]) -> Block:
    head = [name, tr("Tickets"), *(tr(column) for column, _ in _COLUMNS.values())]
    rows = [[_cell(one_line(each, _HEAD)) for each in head]]
    rows += [[_cell(value) for value in _values(each)] for each in cuts[:_ROWS]]
    return {
        "type": "data_table",
        "caption": name,
        "page_size": _PAGE,
        "row_header_column_index": 0,
        "rows": rows,
    }


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": text or "-"}


def _values(cut: Cut) -> list[str]:
    tickets = number(cut.sample)
    if _is_small(cut):
        tickets = f"{tickets} ({small_words()})"
    return [_label(cut), tickets, *(_value(cut, key) for key in _COLUMNS)]


def _is_small(cut: Cut) -> bool:
    """Whether so few tickets say little; then it is said of them, and not of every figure."""
    return 0 < cut.sample < SMALL_SAMPLE


def _label(cut: Cut) -> str:
    return one_line(cut.label, _LABEL) or one_line(cut.key, _LABEL) or "-"


def _value(cut: Cut, key: str) -> str:
    figure = cut.figures.get(key)
    if figure is None:
        return value_words(key, None)
    shown = value_words(key, figure.value)
    counts = metric_of(key).unit is Unit.COUNT
    says_little = figure.is_small and not counts and not _is_small(cut)
    return f"{shown} ({small_words()})" if says_little else shown


def _list(name: str, cuts: Sequence[Cut]) -> Block:
    items = [kit.line(kit.words(led(_label(each)), bold=True), _facts(each)) for each in cuts]
    parts = [
        kit.line(kit.words(name, bold=True)),
        {"type": "rich_text_list", "style": "bullet", "elements": items[:_LISTED]},
    ]
    more = len(cuts) - _LISTED
    if more > 0:
        said = tr_many(
            "And {count} more, in the file below.", "And {count} more, in the file below.", more
        )
        parts.append(kit.line(kit.words(said)))
    return kit.rich(*parts)


def _facts(cut: Cut) -> Block:
    facts = [tr_many("{figure} ticket", "{figure} tickets", cut.sample, figure=number(cut.sample))]
    if _is_small(cut):
        facts.append(small_words())
    facts += [tr(words, value=_value(cut, key)) for key, (_, words) in _COLUMNS.items()]
    return kit.words(" · ".join(facts))
