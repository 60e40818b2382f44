"""The JSON API: who may ask, what is answered, and what is said of a question that is none."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.db.apart import ReadApart
from bot.db.kept_rows import count_decided
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.reports.metrics import METRICS
from bot.web.api import ApiDoor
from bot.web.tokens import AccessToken
from sla_rules.vocabulary import Scope
from tests.api_world import BUYER, LATER, TOKEN, StillClock, happened, open_doors
from tests.builders import AMAZON, SHOP, days
from tests.web_server import Get, Got, a_visitor

BEARER = f"Bearer {TOKEN}"


async def ask(get: Get, path: str) -> Got:
    return await get(f"/api/v1{path}", authorization=BEARER)


@pytest.mark.postgres
async def test_a_report_is_the_same_as_everywhere(db: Database, db_url: str, desk: Desk) -> None:
    await happened(db, desk)

    async with a_visitor(open_doors(db, db_url, desk).routes()) as get:
        whole = await ask(get, "/report?period=7d&by=inbox")
        one = await ask(get, f"/report?period=7d&inbox={SHOP}")

    assert whole.status == 200, whole.text
    figures = {each["key"]: each for each in whole.json["figures"]}
    assert figures["received"]["value"] == 4
    assert figures["limit_missed"]["value"] == 2  # the late answer, and the one that is owed
    lately = await db.read(lambda conn: count_decided(conn, (LATER - days(7),), LATER))
    counted = [one for (_, scope), (one,) in lately.items() if scope is Scope.MARKETPLACE]
    assert sum(one.count for one in counted) == figures["limit_attained"]["sample"]
    assert sum(one.missed for one in counted) == figures["limit_missed"]["value"]
    assert [each["key"] for each in whole.json["cuts"]] == [AMAZON, SHOP]
    assert one.json["inboxes"] == [SHOP]
    assert {each["key"]: each["value"] for each in one.json["figures"]}["received"] == 1
    assert BUYER not in whole.text
    assert whole.headers["Cache-Control"] == "no-store"


async def test_tickets_at_risk_name_no_customer(db: Database, sqlite_url: str, desk: Desk) -> None:
    await happened(db, desk)

    async with a_visitor(open_doors(db, sqlite_url, desk).routes()) as get:
        found = await ask(get, "/tickets/at-risk")
        one = await ask(get, f"/tickets/at-risk?limit=1&inbox={AMAZON}")

    assert {each["inbox"] for each in found.json["tickets"]} == {AMAZON, SHOP}
    assert found.json["tickets"][0]["clock"] in {"marketplace", "internal"}
    assert len(one.json["tickets"]) == 1
    assert BUYER not in found.text
    assert "parcel" not in found.text


async def test_definitions_tell_every_metric(db: Database, sqlite_url: str, desk: Desk) -> None:
    async with a_visitor(open_doors(db, sqlite_url, desk).routes()) as get:
        found = await ask(get, "/definitions")

    assert [each["key"] for each in found.json["metrics"]] == [each.key for each in METRICS]


async def test_whoever_has_no_token_is_told_so(db: Database, sqlite_url: str, desk: Desk) -> None:
    headers = ("", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xff", TOKEN)
    paths = ("/v1/report", "/v1/openapi.json", "/v9/nothing")
    async with a_visitor(open_doors(db, sqlite_url, desk).routes()) as get:
        refused = [
            await get(f"/api{path}", authorization=header) for path in paths for header in headers
        ]

    assert {each.status for each in refused} == {401}
    assert refused[0].headers["Content-Type"] == "application/problem+json"
    assert refused[0].json["status"] == 401
    assert "WWW-Authenticate" in refused[0].headers


async def test_without_a_token_there_is_no_api(db: Database, sqlite_url: str, desk: Desk) -> None:
    async with a_visitor(open_doors(db, sqlite_url, desk, token="").routes()) as get:
        assert (await get("/api/v1/report", authorization="Bearer ")).status == 404


NO_QUESTIONS = [
    ("/report?period=soon", "period", "period=30d"),
    ("/report?period=2026-03-31..2026-03-01", "period", "period=30d"),
    ("/report?period=7d+by+agent", "period", "period=30d&by=agent"),
    ("/report?by=colour", "by", "by=channel"),
    ("/report?by=channel&by=inbox", "by", "by=channel"),
    ("/report?by=", "by", "by=channel"),
    ("/report?inbox=nowhere", "inbox", "inbox=amazon-it"),
    ("/report?perod=7d", "perod", None),
    ("/tickets/at-risk?limit=0", "limit", "limit=50"),
    ("/tickets/at-risk?limit=%D9%A3", "limit", "limit=50"),
    ("/definitions?by=channel", "by", None),
]


async def test_a_question_that_is_none_names_its_parameter_and_a_way_out(
    db: Database, sqlite_url: str, desk: Desk
) -> None:
    async with a_visitor(open_doors(db, sqlite_url, desk).routes()) as get:
        refused = [await ask(get, asked) for asked, *_ in NO_QUESTIONS]

    assert {each.status for each in refused} == {400}
    said = [(each.json["parameter"], each.json.get("example")) for each in refused]
    assert said == [tuple(expected) for _, *expected in NO_QUESTIONS]
    assert all(each.json["detail"].startswith(f"{each.json['parameter']}: ") for each in refused)


async def test_people_are_told_apart_only_where_the_owner_allows_it(
    db: Database, sqlite_url: str, desk: Desk
) -> None:
    await happened(db, desk)
    allowed = replace(desk, rank_people=True)

    async with a_visitor(open_doors(db, sqlite_url, desk).routes()) as get:
        refused = await ask(get, "/report?by=agent")
    async with a_visitor(open_doors(db, sqlite_url, allowed).routes()) as get:
        answered = await ask(get, "/report?by=agent")

    assert refused.status == 403
    assert "rank_people" in refused.json["detail"]
    assert answered.json["by"] == "agent"


async def test_an_address_that_asks_too_often_waits_for_the_next_minute(desk: Desk) -> None:
    async def measured() -> bool:
        return True

    clock, token = StillClock(), AccessToken(SecretStr(TOKEN))
    apart = ReadApart("sqlite:////nowhere.db")
    door = ApiDoor(token, apart, lambda: desk, clock, measured, a_minute=3)
    async with a_visitor(door.routes()) as get:
        answers = [await ask(get, "/definitions") for _ in range(4)]
        clock.steady += 60
        after = await ask(get, "/definitions")

    assert [each.status for each in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert after.status == 200


async def test_nothing_is_counted_before_everything_is_measured(desk: Desk) -> None:
    async def measured() -> bool:
        return False

    door = ApiDoor(
        AccessToken(SecretStr(TOKEN)), ReadApart("sqlite://"), lambda: desk, StillClock(), measured
    )
    async with a_visitor(door.routes()) as get:
        answer = await ask(get, "/report")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")


async def test_a_database_that_cannot_be_read_is_said_plainly(
    db: Database, desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "empty.db").touch()
    async with a_visitor(open_doors(db, f"sqlite:///{tmp_path}/empty.db", desk).routes()) as get:
        answer = await ask(get, "/tickets/at-risk")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
    assert "empty" not in answer.text
