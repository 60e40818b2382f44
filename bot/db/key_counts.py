"""How many values are sealed by which key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Text,
    case,
    cast,
    func,
    literal,
    select,
)

from bot.db.key_rows import SPOTS
from bot.db.sealed import BYTES, KEY_ID_LENGTH, TEXT, WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Values of one table: by key, plain ones, and those under a key that nobody has."""

    table: str
    by_key: Mapping[str, int]
    plain: int
    lost: int


def counts(conn: Connection, kids: Sequence[str]) -> Iterator[Count]:
    """How many values are under which of these keys, table by table."""
    for spot in SPOTS:
        by_key = dict.fromkeys(kids, 0)
        plain = sealed = 0
        for name in spot.columns:
            row = conn.execute(_counting(spot.table.c[name], kids)).one()
            sealed += row.sealed
            plain += row.whole - row.sealed
            for at, kid in enumerate(kids):
                by_key[kid] += row[2 + at]
        yield Count(table=spot.name, by_key=by_key, plain=plain, lost=sealed - sum(by_key.values()))


def _counting(column: Column[Any], kids: Sequence[str]) -> Any:
    if isinstance(column.type, LargeBinary):
        filled: ColumnElement[bool] = func.length(column) > 0
        return _by_beginning(
            func.substr(column, 1, len(BYTES) + KEY_ID_LENGTH), filled, BYTES, kids
        )
    if isinstance(column.type, Text):
        beginning = func.substr(column, 1, len(TEXT) + KEY_ID_LENGTH)
        return _by_beginning(beginning, column != "", TEXT, kids)
    said = cast(column, Text)
    has_words = said.regexp_match(rf'"({"|".join(WORDS)})": ?"[^"]')
    inside = func.count(case((said.contains(f'": "{TEXT}', autoescape=True), 1)))
    each = (
        func.count(case((said.contains(f'": "{TEXT}{kid}:', autoescape=True), 1))) for kid in kids
    )
    return select(
        func.count(case((has_words, 1))).label("whole"), inside.label("sealed"), *each
    ).where(column.is_not(None))


def _by_beginning(
    beginning: ColumnElement[Any],
    filled: ColumnElement[bool],
    sign: str | bytes,
    kids: Sequence[str],
) -> Any:
    def begins(kid: str) -> ColumnElement[int]:
        whole = sign + kid if isinstance(sign, str) else sign + kid.encode("ascii")
        return func.count(case((beginning == literal(whole), 1)))

    is_sealed = func.substr(beginning, 1, len(sign)) == literal(sign)
    return select(
        func.count().label("whole"),
        func.count(case((is_sealed, 1))).label("sealed"),
        *(begins(kid) for kid in kids),
    ).where(filled)
