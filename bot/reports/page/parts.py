"""What a page is made of: escaped words, tables that become cards on a phone, marks of change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from bot.reports.drawing.words import shown
from bot.reports.metrics import Better, metric_of
from bot.reports.names import NOTHING, change_words, small_words, value_words
from bot.reports.report import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table; numbers stand at the right."""

    name: str
    is_number: bool = True


def text(words: str) -> str:
    """Words as a page takes them: nothing in them is markup, and nothing stays unseen."""
    return escape(shown(words))


def section(name: str, title: str, *parts: str) -> str:
    """One part of the page under its own heading; nothing where it holds nothing."""
    inner = "".join(parts)
    if not inner:
        return ""
    return f'<section id="{name}"><h2>{text(title)}</h2>{inner}</section>'


def paragraph(words: str, *, style: str = "") -> str:
    """A sentence or two; nothing where there are none."""
    named = f' class="{style}"' if style else ""
    return f"<p{named}>{text(words)}</p>" if words else ""


def table(
    caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, style: str = "cards"
) -> str:
    """A table of cells that are markup already; the first of a row is its heading.

    On a phone a table of `cards` becomes one card a row, of `cards brief` a smaller one: value,
    value before, change and cases. A table of no style stays one.
    """
    lines = [_row(columns, cells) for cells in rows]
    if not lines:
        return ""
    heads = "".join(f'<th scope="col"{_side(each)}>{text(each.name)}</th>' for each in columns)
    over = f"<caption>{text(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table class="{style}">{over}'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _row(columns: Sequence[Column], cells: Sequence[str]) -> str:
    head, *rest = cells
    found = [f'<th scope="row">{head}</th>']
    found += [
        f'<td{_side(column)} data-name="{text(column.name)}"><span>{cell}</span></td>'
        for column, cell in zip(columns[1:], rest, strict=True)
    ]
    return f"<tr>{''.join(found)}</tr>"


def _side(column: Column) -> str:
    return ' class="n"' if column.is_number else ""


def value(figure: Figure | None) -> str:
    """A value with its unit, marked where it is made from few cases."""
    if figure is None:
        return text(NOTHING)
    return marked_few(told(figure.key, figure.value), is_few=figure.is_small)


def told(key: str, amount: float | None) -> str:
    """A value in words that stay on one line."""
    return text(value_words(key, amount).replace(" ", "\N{NO-BREAK SPACE}"))


def before(figure: Figure) -> str:
    """The value of the period before."""
    return told(figure.key, figure.before)


def change(figure: Figure) -> str:
    """What changed, in words; the colour only says it again."""
    words = change_words(figure)
    return f'<span class="{_tone(figure, words)}">{text(words)}</span>'


def marked_few(cell: str, *, is_few: bool) -> str:
    """A cell that says so where it is made from few cases."""
    return f'{cell} <span class="few">{text(small_words())}</span>' if is_few else cell


def _tone(figure: Figure, words: str) -> str:
    way = metric_of(figure.key).better
    if not words.startswith(_ARROWS) or way is Better.NEITHER:
        return "same"
    return "better" if words.startswith("▲") is (way is Better.MORE) else "worse"


_ARROWS: Final = ("▲", "▼")
