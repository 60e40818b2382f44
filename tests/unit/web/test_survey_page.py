"""The page behind the link below an answer: one question, counted once, whatever is sent to it."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from typing_extensions import override

from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.survey import COMMENT_LIMIT, LASTS, SurveyKind
from bot.language import Language
from bot.usecases.confirm_reply import confirm_reply, reply_started
from bot.usecases.survey import Standing, Survey, outgoing
from bot.web.survey_page import A_MINUTE, BODY_LIMIT, SurveyPageDoor
from bot.web.survey_views import question_page, thanks_page
from connectors.contract import ReplyReceipt
from tests.api_world import LATER, StillClock, some_links
from tests.builders import SHOP, a_desk, a_ticket, an_inbound, hours, queue
from tests.db.reading import rows
from tests.web_server import Got, an_address

BASE = "https://desk.rossi.example"


class Hand(StillClock):
    """A clock that stands where it is put."""

    at = LATER

    @override
    def now(self) -> datetime:
        return self.at


def asking_desk(survey: Any = "csat") -> Desk:
    desk = a_desk(links=some_links(), shop_name="Casa & Conti", language=Language.IT)
    return replace(desk, inboxes={SHOP: replace(desk.inboxes[SHOP], survey=survey)})


@dataclass(frozen=True)
class Customer:
    """Who holds the link, and a browser."""

    url: str
    path: str
    clock: Hand
    session: aiohttp.ClientSession

    async def opens(self, path: str = "") -> Got:
        async with self.session.get(self.url + (path or self.path)) as answer:
            return await _got(answer)

    async def sends(self, *, follow: bool = True, **fields: object) -> Got:
        data = {name: str(value) for name, value in fields.items()}
        address = self.url + self.path
        async with self.session.post(address, data=data, allow_redirects=follow) as answer:
            return await _got(answer)

    async def posts(self, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Got:
        headers = {"Content-Type": kind}
        async with self.session.post(self.url + self.path, data=body, headers=headers) as answer:
            return await _got(answer)


async def _got(answer: aiohttp.ClientResponse) -> Got:
    return Got(status=answer.status, headers=answer.headers, text=await answer.text())


@asynccontextmanager
async def a_customer(db: Database, desk: Desk) -> AsyncIterator[Customer]:
    """A German customer, who was asked by an answer that reached them."""
    ticket = await a_ticket(db, desk, an_inbound(language="de"), inbox=SHOP)
    queued = await queue(db, desk, ticket.id, at=LATER - hours(1), survey=True)
    receipt = ReplyReceipt(external_id="<1@shop.example>", accepted_at=LATER)
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=LATER)
    await db.write(lambda tx: confirm_reply(tx, desk, queued.message_id, receipt), now=LATER)
    found = await db.read(lambda conn: outgoing(conn, desk, ticket.id, queued.message_id))
    assert found is not None
    path = found[1].text.rpartition("\n")[2].removeprefix(BASE)
    clock = Hand()
    door = SurveyPageDoor(db, lambda: desk, clock)
    async with an_address(door.routes()) as url, aiohttp.ClientSession() as session:
        yield Customer(url, path, clock, session)


async def kept(db: Database) -> tuple[int | None, str | None]:
    (row,) = await rows(db, tables.feedback)
    return row.score, row.comment


async def test_one_press_answers_and_a_second_one_changes_nothing(db: Database) -> None:
    async with a_customer(db, asking_desk()) as customer:
        page = await customer.opens()
        assert page.status == 200
        assert '<html lang="de">' in page.text
        assert "Wie zufrieden sind Sie mit unserer Antwort?" in page.text
        assert "Casa &amp; Conti" in page.text
        assert await kept(db) == (None, None)

        done = await customer.sends(score=4)
        assert done.status == 200
        assert "Ihre Antwort ist gezählt: 4 von 5." in done.text

        again = await customer.sends(score=1)
        assert again.status == 409
        assert "Ihre erste Antwort zählt: 4 von 5." in again.text
        assert await kept(db) == (4, None)


async def test_why_is_asked_after_the_rating_and_shown_as_text(db: Database) -> None:
    async with a_customer(db, asking_desk()) as customer:
        early = await customer.sends(comment="Early")
        assert early.status == 400
        await customer.sends(score=2)

        long = await customer.sends(comment="<b>" + "x" * COMMENT_LIMIT)
        assert (long.status, "&lt;b&gt;xxx" in long.text) == (400, True)
        assert "<b>x" not in long.text
        lines = "a\r\n" * 400 + "b" * 200
        assert (await customer.sends(comment=lines)).status == 200
        assert (await customer.sends(comment="Again")).status == 409

        score, comment = await kept(db)
        assert (score, len(comment or "")) == (2, COMMENT_LIMIT)
        customer.clock.at = LATER + hours(1)
        assert "<textarea" not in (await customer.opens()).text


async def test_a_link_that_is_forged_or_over_says_so_and_no_more(db: Database) -> None:
    async with a_customer(db, asking_desk()) as customer:
        links = some_links()
        other = links.token("report", {"feedback": 1}, now=LATER, lasts=LASTS)
        nobody = links.token("survey", {"feedback": 1}, now=LATER, lasts=LASTS)
        tail = "B" if customer.path.endswith("A") else "A"
        forged = (f"/survey/{other}", f"/survey/{nobody}", customer.path[:-1] + tail)
        pages = [await customer.opens(path) for path in (*forged, "/survey/%C3%A8.%00")]
        assert [page.status for page in pages] == [404] * 4
        assert len({page.text for page in pages}) == 1
        assert '<html lang="it">' in pages[0].text

        customer.clock.at = LATER + LASTS
        for page in (await customer.opens(), await customer.sends(score=5)):
            assert page.status == 410
            assert "30 Tage" in page.text
        assert await kept(db) == (None, None)


NO_ANSWERS = {
    b"score=6": 400,
    b"score=-1": 400,
    b"score=%D9%A3": 400,  # a three in Arabic digits
    b"score=00000000004": 400,
    b"score=": 400,
    b"": 400,
    b"\xff\xfe": 400,
    b"a=1&" * 50 + b"score=4": 400,
    b"score=4&" + b"x" * BODY_LIMIT: 413,
}


async def test_what_is_no_answer_counts_nothing(db: Database) -> None:
    async with a_customer(db, asking_desk()) as customer:
        for body, status in NO_ANSWERS.items():
            answer = await customer.posts(body)

            assert answer.status == status, body[:40]
            assert "Bitte wählen Sie eine dieser Antworten." in answer.text
            assert await kept(db) == (None, None)


async def test_only_a_form_is_read(db: Database) -> None:
    async with a_customer(db, asking_desk()) as customer:
        for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
            assert (await customer.posts(b"score=4", kind)).status == 415
        assert await kept(db) == (None, None)


async def test_a_page_forbids_what_it_does_not_need(db: Database) -> None:
    async with a_customer(db, asking_desk("nps")) as customer:
        page = await customer.opens()
        counted = await customer.sends(score=10, follow=False)

    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in page.headers
    assert counted.status == 303
    assert counted.headers["Referrer-Policy"] == "no-referrer"


async def test_an_address_that_asks_too_often_waits(db: Database) -> None:
    async with a_customer(db, asking_desk()) as customer:
        pages = await asyncio.gather(*(customer.opens("/survey/x") for _ in range(A_MINUTE + 1)))

    assert sorted(page.status for page in pages) == [404] * A_MINUTE + [429]


def test_a_desk_without_an_address_has_no_such_page(desk: Desk) -> None:
    nowhere: Any = None
    assert SurveyPageDoor(nowhere, lambda: desk, StillClock()).routes() == ()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("kind", "buttons"), [("csat", 5), ("nps", 11)])
def test_every_score_is_a_button_with_words(kind: str, buttons: int, language: Language) -> None:
    survey = Survey(
        id=1,
        kind=SurveyKind(kind),
        language=language,
        standing=Standing.OPEN,
        score=None,
        may_explain=False,
    )
    page = question_page(survey, "")

    found: Mapping[str, str] = dict(
        re.findall(r'<button name="score" value="(\d+)"[^>]*>(.+?)</button>', page)
    )
    assert list(map(int, found)) == list(survey.kind.scores)
    assert len(found) == buttons
    assert "{" not in re.sub(r"(?s)<style>.*?</style>", "", page)
    explained = replace(survey, standing=Standing.ANSWERED, score=0, may_explain=True)
    assert '<label for="why">' in thanks_page(explained, "")
