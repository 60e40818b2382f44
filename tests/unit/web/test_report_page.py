"""A link to a report: what it opens, for how long, and what a page of it forbids a browser."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.language import Language, speaking
from bot.reports.question import Dimension, Period, Question
from bot.usecases.report_links import LASTS, language_in, question_in, report_link
from tests.api_world import BUYER, LATER, StillClock, happened, open_doors, some_links
from tests.builders import AMAZON, ANNA, NOW, SHOP, a_desk, days
from tests.web_server import a_visitor

BASE = "https://desk.rossi.example"


def a_linked_desk(**changes: object) -> Desk:
    return a_desk(links=some_links(), shop_name="Rossi Casa", language=Language.IT, **changes)


def a_question(**changes: object) -> Question:
    period = Period(since=NOW - days(6), until=LATER, zone="Europe/Rome")
    return replace(Question(period=period, by=Dimension.CHANNEL), **changes)  # type: ignore[arg-type]


def path_of(link: str | None) -> str:
    assert link is not None
    return link.removeprefix(BASE)


class Hand(StillClock):
    """A clock that stands where it is put."""

    at = LATER

    def now(self) -> datetime:
        return self.at


def test_a_link_says_what_was_asked_and_in_which_language() -> None:
    desk = a_linked_desk(rank_people=True)
    question = a_question(inboxes=frozenset({AMAZON, SHOP}), names_people=True, by=Dimension.AGENT)
    with speaking(Language.FR):
        token = path_of(report_link(desk, question, NOW)).removeprefix("/report/")

    claims = some_links().read("report", token, NOW + LASTS - timedelta(seconds=1))

    assert question_in(claims, desk) == question
    assert language_in(claims) is Language.FR


def test_whoever_may_no_longer_be_told_apart_is_not() -> None:
    question = a_question(names_people=True, by=Dimension.AGENT)
    token = path_of(report_link(a_linked_desk(rank_people=True), question, NOW))
    claims = some_links().read("report", token.removeprefix("/report/"), NOW)

    assert question_in(claims, a_linked_desk()) == a_question(by=None)


def test_a_desk_without_an_address_makes_no_links(desk: Desk) -> None:
    assert report_link(desk, a_question(), NOW) is None


async def test_the_page_is_served_to_whoever_has_the_link(db: Database, sqlite_url: str) -> None:
    desk = a_linked_desk()
    await happened(db, desk)
    with speaking(Language.DE):
        path = path_of(report_link(desk, a_question(), LATER))

    async with a_visitor(open_doors(db, sqlite_url, desk).routes()) as get:
        page = await get(path)

    assert page.status == 200
    assert '<html lang="de">' in page.text
    assert "Rossi Casa" in page.text
    assert BUYER not in page.text
    assert "Anna" not in page.text
    assert ANNA not in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "script-src 'none'" in page.headers["Content-Security-Policy"]


async def test_a_link_that_is_over_or_forged_says_so(db: Database, sqlite_url: str) -> None:
    desk, clock = a_linked_desk(), Hand()
    path = path_of(report_link(desk, a_question(), LATER))
    other = some_links().make("survey", {}, now=LATER, lasts=LASTS).rpartition("/")[2]

    async with a_visitor(open_doors(db, sqlite_url, desk, clock).routes()) as get:
        forged = [
            await get(f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}"),
            await get(f"/report/{other}"),
            await get("/report/%C3%A8.%00"),
        ]
        clock.at = LATER + LASTS
        over = await get(path)

    assert [each.status for each in forged] == [404] * 3
    assert over.status == 410
    assert '<html lang="it">' in over.text
    assert "noindex" in over.headers["X-Robots-Tag"]
