"""Whatever is asked over HTTP: no answer is a failure of ours, and no stranger has an effect.

The JSON API is asked by its own description; every other address by visits made of odd parts.
"""

import asyncio
import random
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette

from bot.db.unit import Database
from bot.domain.desk import Desk, InboxRoute
from bot.language import Language, speaking
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.report_links import report_link
from bot.web.api import openapi
from connectors.capabilities import Webhooks
from tests.api_world import LATER, happened, some_links
from tests.builders import SHOP, a_desk
from tests.databases import open_database
from tests.security.http_world import (
    API_TOKEN,
    METRICS_TOKEN,
    SLACK_SECRET,
    WALL_TOKEN,
    Heard,
    Reply,
    Visit,
    a_whole_app,
    ask,
    everything,
)
from tests.security.test_signatures import SOURCES, bench_of
from tests.unit.web.test_report_page import a_question, path_of

QUICK, SLOW = 60, 4_000
VISITS, MANY_VISITS = 400, 20_000


class Stand:
    """A desk with a past, its database and its web app, on a loop of its own."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.url = url
        self.heard = Heard()
        self.desk = a_desk(links=some_links(), language=Language.IT)
        self.db = self.runner.run(self._begin())
        self.app = self.runner.run(self._open())

    async def _begin(self) -> Database:
        db = open_database(self.url)
        await happened(db, self.desk)
        # A running desk has a row for each of its inboxes.
        routes = {n: InboxRoute(name=n, connector=n, channel="C0SHOP") for n in hooks()}
        whole = replace(self.desk, inboxes={**routes, **self.desk.inboxes})
        await db.write(lambda tx: sync_inboxes(tx, whole), now=LATER)
        return db

    async def _open(self) -> Starlette:
        return a_whole_app(self.db, self.url, self.desk, hooks(), heard=self.heard)

    def ask(self, visit: Visit) -> Reply:
        """One visit."""
        return self.runner.run(ask(self.app, visit))

    def rows(self) -> dict[str, list[Any]]:
        """Everything in the database."""
        return self.runner.run(self.db.read(everything))

    def close(self) -> None:
        self.runner.run(self.db.close())
        self.runner.close()


def hooks() -> dict[str, Webhooks]:
    """One inbox of each platform that signs its calls, none of them awake."""
    found: dict[str, Webhooks] = {}
    for name, source in SOURCES.items():
        connector = bench_of(name, source.bench).asleep()
        assert isinstance(connector, Webhooks)
        found[SHOP if name == "website" else name] = connector
    return found


@pytest.fixture
def stand(sqlite_url: str) -> Iterator[Stand]:
    made = Stand(sqlite_url)
    yield made
    made.close()


# --- the API, by its own description ----------------------------------------------------------------

DESCRIBED = schemathesis.openapi.from_dict(dict(openapi()))
OPERATIONS: list[Any] = [cast("Any", found).ok() for found in DESCRIBED.get_all_operations()]
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]


def cases(desk: Desk) -> st.SearchStrategy[Any]:
    """Rightly and wrongly filled requests; some name an inbox there is."""
    made = [
        operation.as_strategy(mode) for operation in OPERATIONS for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or operation.query
    ]  # fmt: skip
    inboxes = st.sampled_from([None, *desk.inboxes])
    return st.builds(_with_inbox, st.one_of(made), inboxes)


def _with_inbox(case: Any, inbox: str | None) -> Any:
    query = case.query if isinstance(case.query, dict) else {}
    if inbox is not None and "inbox" in query:
        case.query = {**query, "inbox": [inbox]}
    return case


def told_as_described(stand: Stand, case: Any) -> None:
    kwargs = case.as_transport_kwargs(base_url="http://desk.example/api/v1")
    kwargs["headers"] = {**kwargs["headers"], "Authorization": f"Bearer {API_TOKEN}"}
    kwargs.pop("cookies", None)
    try:
        request = requests.Request(**kwargs).prepare()
    except (ValueError, UnicodeError, requests.RequestException):
        return  # what no client can write, none can send
    got = stand.ask(as_visit(request))
    assert got.status < 500, (request.url, got.body)
    case.validate_response(as_response(request, got), checks=CHECKS)


def as_visit(request: requests.PreparedRequest) -> Visit:
    parts = urlsplit(request.url or "")
    headers = [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        if isinstance(value, str)
        else (name.encode(), value)
        for name, value in request.headers.items()
    ]
    return Visit(
        method=request.method or "GET",
        path=parts.path,
        query=parts.query.encode(),
        headers=headers,
    )


def as_response(request: requests.PreparedRequest, got: Reply) -> Response:
    return Response(
        status_code=got.status,
        headers={name: [value] for name, value in got.headers.items()},
        content=got.body,
        request=request,
        elapsed=0.0,
        verify=False,
    )


@contextmanager
def unheard_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def fuzz_api(stand: Stand, examples: int) -> None:
    @given(case=cases(stand.desk))
    @effort(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: Any) -> None:
        told_as_described(stand, case)

    with unheard_warnings():
        asked()


def test_every_answer_of_the_api_is_one_it_describes(stand: Stand) -> None:
    fuzz_api(stand, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thousands_of_answers_of_the_api_are_as_described(stand: Stand) -> None:
    fuzz_api(stand, SLOW)


# --- every address, by whoever may come along -------------------------------------------------------

PATHS = (
    "/", "/healthz", "/readyz", "/metrics", "/slack/events", "/slack/", f"/webhooks/{SHOP}", "/webhooks/ebay",
    "/webhooks/facebook", "/webhooks/tiktok_shop", "/webhooks/judge_me", "/webhooks/shopify", "/webhooks/nowhere",
    "/webhooks/", "/wallboard", "/wallboard/events", "/wallboard/state", "/wallboard/board.css", "/wallboard/board.js",
    "/api/v1/report", "/api/v1/tickets/at-risk", "/api/v1/health", "/api/v1/definitions", "/api/v1/openapi.json",
    "/api/v2", "/api/", "/report/x", "/survey/x", "/report/", "/survey/", "/robots.txt", "/.env", "/docs", "//", "/%2e%2e/",
)  # fmt: skip
METHODS = (
    "GET",
    "GET",
    "POST",
    "POST",
    "HEAD",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "get",
    "PROPFIND",
)
TEXTS = (
    b"", b"x", b"\x00", b"\xff\xfe\xed\xa0\x80", b"../../etc/passwd", b"' OR 1=1 --", b"<script>alert(1)</script>", b"%00%ff%",
    b"a" * 5_000, b"1772442000", b"0", b"-1", b"9" * 30, b"NaN", b"null", b"[]", b"{}", b'{"a":' * 2_000, b"\r\nX: y",
    b"Bearer ", b"Bearer x", b"Basic x", b"v0=" + b"0" * 64, b"sha256=" + b"0" * 64, b"v1,eA==", "\u202e\u0661".encode(),
    b"type=url_verification&challenge=x", b'{"type":"url_verification","challenge":"x"}', b"payload=%7B%7D", b"score=5&comment=x",
    b"hub.mode=subscribe&hub.verify_token=&hub.challenge=1", b"challenge_code=x", b"token=", b"token=x&token=y", b"period=7d&by=agent",
)  # fmt: skip
HEADERS = (
    b"authorization", b"cookie", b"content-type", b"content-length", b"x-slack-signature", b"x-slack-request-timestamp",
    b"x-slack-retry-num", b"webhook-id", b"webhook-timestamp", b"webhook-signature", b"x-hub-signature-256", b"x-ebay-signature",
    b"x-shopify-hmac-sha256", b"x-shopify-shop-domain", b"x-shopify-webhook-id", b"judgeme-hmac-sha256", b"x-forwarded-for",
    b"x-forwarded-proto", b"host", b"accept-language", b"accept-encoding", b"range", b"if-none-match", b"expect", b"sec-fetch-site",
    b"transfer-encoding", b"connection", b"upgrade", b"x-http-method-override", b"origin", b"last-event-id",
)  # fmt: skip
TYPES = (
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=b",
    b"text/plain; charset=idna",
)


def a_visit(dice: random.Random) -> Visit:
    """A visit of odd parts, some of them from another one's right place."""
    path = dice.choice(PATHS)
    if dice.random() < 0.2:
        path += "".join(chr(dice.choice((0, 37, 46, 47, 63, 233, 0x202E, 0x1F600))) for _ in range(dice.randint(1, 8)))  # fmt: skip
    headers = [
        (dice.choice(HEADERS), dice.choice(TEXTS)[:2_000]) for _ in range(dice.randint(0, 5))
    ]
    if dice.random() < 0.5:
        headers.append((b"content-type", dice.choice(TYPES)))
    body = (
        dice.choice(TEXTS)
        if dice.random() < 0.8
        else bytes(dice.randrange(256) for _ in range(200))
    )
    return Visit(
        method=dice.choice(METHODS),
        path=path,
        query=dice.choice(TEXTS)[:2_000],
        headers=headers,
        body=body * dice.choice((1, 1, 1, 3, 60)),
    )


def strangers_come_along(stand: Stand, visits: int, seed: int) -> None:
    dice, before = random.Random(seed), stand.rows()
    for _ in range(visits):
        visit = a_visit(dice)
        got = stand.ask(visit)
        assert 200 <= got.status < 500, (got.status, visit)
        assert got.headers["x-content-type-options"] == "nosniff", visit
        assert "content-security-policy" in got.headers, visit
        assert "server" not in got.headers
        assert b"Traceback" not in got.body
    assert stand.rows() == before
    assert stand.heard.commands == []


def test_strangers_get_plain_answers_and_change_nothing(stand: Stand) -> None:
    strangers_come_along(stand, VISITS, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_strangers_get_plain_answers_and_change_nothing(stand: Stand) -> None:
    strangers_come_along(stand, MANY_VISITS, seed=int(time.time()))


def test_whoever_is_known_gets_through_with_odd_parts_too(stand: Stand) -> None:
    """Behind each guard the same odd parts: still no failure of ours."""
    with speaking(Language.DE):
        report = path_of(report_link(stand.desk, a_question(), LATER))
    known = [(b"authorization", f"Bearer {token}".encode()) for token in (API_TOKEN, METRICS_TOKEN)]
    dice = random.Random(2)
    for number in range(60):
        visit = a_visit(dice)
        if number % 20 == 0:
            visit = replace(visit, path=report, method="GET")
        elif number % 2:
            visit = slacks(visit)
        elif b"token" not in visit.query:
            visit = replace(visit, query=b"token=" + WALL_TOKEN.encode() + b"&" + visit.query)
        visit = replace(visit, headers=[dice.choice(known), *visit.headers])
        assert stand.ask(visit).status < 500, visit


def slacks(visit: Visit) -> Visit:
    """The same odd body, signed with the app's secret."""
    at = str(int(time.time()))
    try:
        signature = SignatureVerifier(SLACK_SECRET).generate_signature(
            timestamp=at, body=visit.body
        )
    except UnicodeDecodeError:
        signature = ""
    headers = [
        *((name, value) for name, value in visit.headers if not name.startswith(b"x-slack")),
        (b"x-slack-request-timestamp", at.encode()),
        (b"x-slack-signature", (signature or "").encode()),
    ]
    return replace(visit, path="/slack/events", method="POST", headers=headers)
