"""A report as data: whole, safe to open in a spreadsheet, and enough to count it again."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from bot.db import tables
from bot.db.tables.figures import ticket_figure, wait_figure
from bot.db.unit import Database
from bot.reports.files.rows import ROW_COLUMNS, rows_csv
from bot.reports.files.tables import FIGURE_COLUMNS, cell, csv_of, json_of
from tests.report_world import MADE_AT, SINCE, UNTIL, a_question, sample_report


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_figure_of_the_whole_and_of_each_part_has_a_line() -> None:
    report = sample_report()
    found = lines(csv_of(report))

    assert list(found[0]) == list(FIGURE_COLUMNS)
    assert len(found) == len(report.figures) * (1 + len(report.cuts))
    first, part = (
        next(each for each in found if (each["figure"], each["part"]) == which)
        for which in (("first_response.p90", ""), ("limit_attained", "amazon"))
    )
    assert (
        first
        | {
            "since": "2026-09-30T22:00:00Z",
            "until": "2026-10-30T23:00:00Z",
            "zone": "Europe/Rome",
            "name": "Time to the first answer, 90th percentile",
            "statistic": "p90",
            "unit": "seconds",
            "value": "28944.0",
            "sample": "1131",
            "before": "34776.0",
            "few_cases": "no",
        }
        == first
    )
    assert (part["by"], part["part_name"], part["sample"]) == ("channel", "Amazon", "830")


@given(st.text(max_size=12))
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell(text).removeprefix("'") == text.removeprefix("'")


def test_a_label_of_commas_quotes_and_lines_comes_back_whole() -> None:
    evil = 'Rossi, "Casa"\r\n=1+1'
    report = sample_report(cuts=[replace(sample_report().cuts[0], label=evil)])

    assert {each["part_name"] for each in lines(csv_of(report))} == {"", evil}
    assert cell("=1+1") == "'=1+1"
    assert cell(-1) == "-1"


def test_json_has_every_figure_by_key_and_names_nobody() -> None:
    report = sample_report()
    told: Any = json.loads(json.dumps(json_of(report)))

    assert told["period"] == {
        "since": "2026-09-30T22:00:00Z",
        "until": "2026-10-30T23:00:00Z",
        "zone": "Europe/Rome",
    }
    assert [each["key"] for each in told["figures"]] == [each.key for each in report.figures]
    assert told["cuts"][3]["label"] == "Etsy"
    assert told["causes"]["internal"]["late_claim"] == 52
    assert sum(told["reconciled"].values()) == 2 * told["reconciled"]["received"]
    assert sum(each["received"] for each in told["days"]) == 1240
    assert len(told["heat"]) == 168
    assert "Anna" not in json.dumps(told)


HOUR = timedelta(hours=1)


def a_ticket(id_: int, opened_at: datetime, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ticket_id": id_,
        "number": id_,
        "marketplace": "",
        "language": "it",
        "kind": "message",
        "stage": "post_sale",
        "risk": "normal",
        "intent": "other",
        "vip": False,
        "owner": "U1",
        "opened_at": opened_at,
        "seen_at": opened_at,
        "state": "open",
        "first_answer_by": "",
        **dict.fromkeys(("customer_turns", "answer_turns", "hand_overs", "reopened"), 0),
        **dict.fromkeys(("pings", "needless_pings"), 0),
        "resolved_at": None,
        "version": 1,
    }
    return {**row, **changes}


def a_wait(id_: int, began_at: datetime, ended_at: datetime | None) -> dict[str, Any]:
    return {
        "ticket_id": id_,
        "instance": 0,
        "began_at": began_at,
        "seen_at": began_at,
        "ended_at": ended_at,
        "end": "answered" if ended_at else "",
        "answered_by": "U2" if ended_at else "",
        "limit_due_at": began_at + 24 * HOUR,
        "limit_cause": "",
        "target_due_at": None,
        "target_cause": "",
    }


async def keep(database: Database) -> None:
    """Five tickets: of before, over the edge, of the period, resolved in it, and of afterwards."""
    month = timedelta(days=30)
    opened = {
        1: SINCE - month,
        2: SINCE - 2 * HOUR,
        3: SINCE + HOUR,
        4: SINCE - month,
        5: UNTIL + HOUR,
    }
    ended = {1: SINCE - month + HOUR, 2: SINCE + HOUR, 3: None, 5: None}

    def rows(tx: Any) -> None:
        tx.conn.execute(insert(tables.inbox).values(id=7, name="=amazon", connector="amazon"))
        resolved = {4: SINCE + HOUR}
        tx.conn.execute(
            insert(ticket_figure),
            [
                a_ticket(id_, at, inbox_id=7, resolved_at=resolved.get(id_))
                for id_, at in opened.items()
            ],
        )
        tx.conn.execute(
            insert(wait_figure),
            [{**a_wait(id_, opened[id_], end), "inbox_id": 7} for id_, end in ended.items()],
        )

    await database.write(rows, now=MADE_AT)


@pytest.mark.postgres
@pytest.mark.parametrize("names_people", [False, True])
async def test_the_rows_behind_are_those_that_count(db: Database, names_people: bool) -> None:
    await keep(db)
    question = a_question(names_people=names_people)

    found = lines(await db.read(lambda conn: rows_csv(conn, question, MADE_AT)))

    assert list(found[0]) == list(ROW_COLUMNS)
    assert [each["number"] for each in found] == ["2", "3", "4"]
    over, open_, resolved = found
    assert (over["inbox"], over["wait_seconds"], over["wait_end"]) == (
        "'=amazon",
        "10800",
        "answered",
    )
    assert over["wait_limit_due_at"] == "2026-10-01T20:00:00Z"
    assert (open_["wait_ended_at"], open_["wait_seconds"]) == ("", "")
    assert (resolved["wait_began_at"], resolved["resolved_at"]) == ("", "2026-09-30T23:00:00Z")
    assert {each["owner"] for each in found} == ({"U1"} if names_people else {""})


async def test_rows_of_other_inboxes_are_left_out(db: Database) -> None:
    await keep(db)
    question = a_question(inboxes=frozenset({"shop"}))

    assert lines(await db.read(lambda conn: rows_csv(conn, question, MADE_AT))) == []
    assert await db.read(lambda conn: len(conn.execute(select(ticket_figure)).all())) == 5
