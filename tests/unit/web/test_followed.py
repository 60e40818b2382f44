"""One click or call can be followed through the log by one name."""

import structlog
from structlog.testing import capture_logs

from bot.db.unit import Database
from bot.log import follow_request
from bot.slack.followed import followed
from tests.db.outbox_world import HandClock, Outside, dispatcher, effect
from tests.web_server import a_visitor

log = structlog.get_logger(__name__)


async def test_every_http_answer_names_its_request_and_takes_no_name_from_outside() -> None:
    async with a_visitor([]) as get:
        first = await get("/healthz", X_Request_Id="theirs")
        second = await get("/healthz")

    names = {first.headers["X-Request-Id"], second.headers["X-Request-Id"]}
    assert len(names) == 2
    assert all(len(name) == 8 for name in names)


async def test_a_slack_request_is_named_by_what_slack_calls_it_and_not_by_words() -> None:
    async def next_() -> None:
        """Bolt goes on."""

    for body, via in (
        ({"command": "/ticket", "text": "secret words"}, "slack:command"),
        ({"type": "block_actions"}, "slack:block_actions"),
        ({"event": {"type": "app_home_opened"}}, "slack:app_home_opened"),
        ({"type": "no <word>"}, "slack:other"),
    ):
        await followed(body, next_)
        assert structlog.contextvars.get_contextvars()["via"] == via
    structlog.contextvars.clear_contextvars()


async def test_a_request_names_its_effects_and_an_effect_its_sends(db: Database) -> None:
    clock = HandClock()
    processors = [structlog.contextvars.merge_contextvars]
    with capture_logs(processors=processors) as lines:
        name = follow_request("slack:block_actions")
        await db.write(lambda tx: tx.emit(effect("log:1")), now=clock.now())
        structlog.contextvars.clear_contextvars()
        await dispatcher(db, Outside(), clock).drain()

    decided = next(line for line in lines if line["event"] == "effects.decided")
    settled = next(line for line in lines if line["event"] == "outbox.settled")
    assert decided["request"] == name
    assert decided["keys"] == ["log:1"]
    assert settled["key"] == "log:1"
    assert settled["outbox_id"]
