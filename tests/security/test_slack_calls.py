"""A request that Slack signed does its work once, whichever process it is shown to."""

import time
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from typing_extensions import override

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.prune import SIGNATURES_KEPT, Pruner
from bot.web.app import Probes, build_web
from bot.web.slack_calls import SlackCalls
from tests.builders import NOW
from tests.db.outbox_world import HandClock
from tests.db.reading import count
from tests.security.http_world import SLACK_SECRET, Heard, Visit, a_slack, ask


async def _ready() -> dict[str, str | None]:
    return {}


async def _metrics() -> bytes:
    return b""


def a_process(heard: Heard, calls: SlackCalls) -> Starlette:
    probes = Probes(loop_lag=lambda: 0.0, ready=_ready, metrics=_metrics)
    slack = a_slack(heard)
    return build_web(probes, slack=slack, signing_secret=SLACK_SECRET, slack_calls=calls)


def signed(text: str) -> Visit:
    body = f"command=%2Fticket&text={text}&user_id=U1&team_id=T1&channel_id=C1".encode()
    at = str(int(time.time()))
    signature = SignatureVerifier(SLACK_SECRET).generate_signature(timestamp=at, body=body)
    headers = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"x-slack-request-timestamp", at.encode()),
        (b"x-slack-signature", (signature or "").encode()),
    ]
    return Visit(method="POST", path="/slack/events", body=body, headers=headers)


@pytest.mark.postgres
async def test_a_request_shown_to_another_process_or_after_a_restart_does_nothing(
    db: Database,
) -> None:
    heard, visit = Heard(), signed("claim+17")
    calls = [SlackCalls(db, Clock()) for _ in range(3)]
    first, second, restarted = (a_process(heard, each) for each in calls)
    assert (await ask(first, visit)).status == 200
    assert (await ask(second, visit)).status == 401
    assert (await ask(restarted, visit)).status == 401
    assert heard.commands == ["claim 17"]
    assert [each.refused["replayed"] for each in calls] == [0, 1, 1]
    assert (await ask(second, signed("claim+18"))).status == 200


async def test_what_cannot_be_known_for_the_first_is_not_done(db: Database) -> None:
    class Away(Database):
        @override
        async def write(self, *_: Any, **__: Any) -> Any:
            raise OperationalError(None, None, Exception())

    heard, calls = Heard(), SlackCalls(Away(db.engine), Clock())
    assert (await ask(a_process(heard, calls), signed("claim+17"))).status == 503
    assert heard.commands == []
    assert calls.refused["not_now"] == 1


async def test_signatures_are_forgotten_when_they_are_good_for_nothing(
    db: Database, desk: Desk
) -> None:
    clock = HandClock(NOW)
    assert await SlackCalls(db, clock).refuse("v0=" + "a" * 64) is None
    for seconds, left in ((SIGNATURES_KEPT.total_seconds() - 1, 1), (2, 0)):
        clock.move(seconds)
        await Pruner(db, lambda: desk, clock).prune()
        assert await count(db, tables.slack_event) == left
