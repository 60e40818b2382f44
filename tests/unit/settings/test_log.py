import io
import json
import logging
import time

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.log import HIDDEN, configure, redact

CANARIES = (
    "xoxb-123456789012-abcdefGHIJKL",
    "xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4",
    "xapp-1-A012-345-6789abcdef",
    "Bearer eyJhbGciOi.canary",
    "postgresql://desk:s3cr3t-canary@db.shop.example/desk",
    "password=hunter2-canary",
    'smtp_password: "hunter2 canary"',
    "anna.rossi@customer.example",
    "o'brien+spam@customer.example",
    "+39 333 123 4567",
    "0039 02 1234 5678",
    "(0351) 123-4567",
    "333 123 4567",
    "3331234567",
)


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    configure(style="json", level="info", stream=stream)
    return stream


def _secret_part(canary: str) -> str:
    return canary.rpartition("//")[2].partition("@db")[0].removeprefix("password=")


@pytest.mark.parametrize("canary", CANARIES)
def test_invariant_11_no_secret_or_personal_data_reaches_a_log_line(
    lines: io.StringIO, canary: str
) -> None:
    log = structlog.get_logger("test")
    said = f"event {canary}"
    log.info(
        said,
        field=canary,
        nested={"deep": [canary]},
        other=ValueError(canary),
    )
    logging.getLogger("some.library").error("said %s", canary)
    try:
        raise RuntimeError(f"failed with {canary}")
    except RuntimeError:
        log.exception("task.failed")

    text = lines.getvalue()
    assert text.count("\n") == 3
    assert _secret_part(canary) not in text
    assert HIDDEN in text


def test_invariant_11_a_field_named_like_a_secret_is_never_shown(lines: io.StringIO) -> None:
    structlog.get_logger("test").info(
        "x.done", imap_password="plain", api_key="plain", token="plain"
    )

    assert "plain" not in lines.getvalue()


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-03-02T09:00:00+00:00",
        "2026-03-02 09:00:00",
        "ticket 17 is due",
        "1767225600.000100",
        "C012ABCDE",
        "lane ticket:1234567890123456789",
        "took 12.5 s",
        "127.0.0.1:8080",
        "sha256:3331234567abcdef",
    ],
)
def test_what_an_operator_needs_stays_readable(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_an_event_is_one_line_of_json_with_level_and_time(lines: io.StringIO) -> None:
    structlog.get_logger("bot.test").warning("poll.failed", inbox="amazon-it", failures=3)

    event = json.loads(lines.getvalue())
    assert event["event"] == "poll.failed"
    assert event["level"] == "warning"
    assert event["inbox"] == "amazon-it"
    assert event["failures"] == 3
    assert event["timestamp"].endswith("Z")


def test_a_line_break_in_a_value_forges_no_second_line(lines: io.StringIO) -> None:
    structlog.get_logger("test").info("x.done", value="a\r\n{'event': 'forged'}\u2028b\x1b[31m")

    assert lines.getvalue().count("\n") == 1
    assert "\x1b" not in lines.getvalue()
    assert "\\r" not in lines.getvalue()


@pytest.mark.parametrize("name", ["slack_sdk", "slack_bolt", "httpx"])
def test_chatty_libraries_are_heard_from_warnings_on(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("request body")
    logging.getLogger(name).warning("warned")

    assert "request body" not in lines.getvalue()
    assert "warned" in lines.getvalue()


@given(st.text(max_size=400))
def test_redaction_is_stable(text: str) -> None:
    once = redact(text)

    assert redact(once) == once


@pytest.mark.parametrize("piece", ["1 ", "a", "a@", "(((", "password", "://a:", "bearer "])
def test_redaction_of_a_long_hostile_text_takes_no_time(piece: str) -> None:
    begun = time.process_time()

    redact(piece * (100_000 // len(piece)))

    assert time.process_time() - begun < 1.0
