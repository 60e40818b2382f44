"""Logs: structured, one line an event, and nothing secret or personal in them.

Redaction is the last step before a line is rendered, for our own events and for those of every
library, so that a careless call cannot leak (invariant 11). It knows shapes, not meanings:
message bodies and customers' names are kept out by never being logged.
"""

import logging
import re
import secrets
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal, TextIO

import structlog

HIDDEN: Final = "[hidden]"

_TOKENS: Final = (
    re.compile(r"\bxox[a-z](?:\.[a-z]+)?-[A-Za-z0-9-]{4,}"),
    re.compile(r"\bxapp-[A-Za-z0-9-]{4,}"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"),
    # user:password@ inside a URL, as in a database address
    re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"),
    # the single-use address of a Socket Mode link
    re.compile(r"(?<=[?&]ticket=)[\w-]+"),
)
_ASSIGNED: Final = (
    re.compile(
        r"(?i)(?:\b|_)(?:pass(?:word|wd)?|pwd|secret|token|api_?key|authorization|credentials?)\b"
        r"[\"']?\s*[=:]\s*(?:\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
    ),
)
_MAIL: Final = re.compile(
    # The look-behind keeps the search linear: a local part is tried from its first character only.
    r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"
)
_PHONE: Final = re.compile(
    r"(?<![\w.:+/-])(?!\d{4}-\d\d-\d\d)"
    r"(?:\+|00)?\(?\d{1,4}\)?(?:[ /-]?\(?\d{2,5}\)?){2,5}(?![\w:.])"
)
_PHONE_DIGITS: Final = range(8, 16)
"""E.164 allows at most 15 digits; fewer than 8 is no full number."""

_SECRET_KEY: Final = re.compile(
    r"(?i)(?:^|_)(?:pass(?:word|wd)?|pwd|secret|token|api_?key|authorization|credentials?|cookie)$"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_NOISY: Final = ("httpx", "httpcore", "slack_sdk", "slack_bolt", "apscheduler", "aiosqlite")

_OUR_OWN_KEYS: Final = frozenset({"timestamp", "level", "logger"})


def redact_tokens(text: str) -> str:
    """`text` without anything that is a credential by its own form."""
    for pattern in _TOKENS:
        text = pattern.sub(HIDDEN, text)
    return text


def redact(text: str) -> str:
    """`text` without secrets, e-mail addresses and telephone numbers."""
    text = redact_tokens(text)
    for pattern in (*_ASSIGNED, _MAIL):
        text = pattern.sub(HIDDEN, text)
    return _PHONE.sub(_hide_phone, text)


def _hide_phone(match: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in match.group())
    return HIDDEN if digits in _PHONE_DIGITS else match.group()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _CONTROL.sub(lambda m: f"\\x{ord(m.group()):02x}", redact(value))
    if isinstance(value, Mapping):
        return {_clean(k): _clean_field(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # Anything else is shown by its repr, which may quote what it holds.
    return _clean(repr(value))


def _clean_field(key: str, value: Any) -> Any:
    return HIDDEN if _SECRET_KEY.search(key) and value is not None else _clean(value)


def redacting(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The last processor before rendering: every value of the event, however deep, is cleaned."""
    for key, value in list(event.items()):
        if not key.startswith("_") and key not in _OUR_OWN_KEYS:
            event[key] = _clean_field(key, value)
    return event


def follow(**keys: str | int) -> None:
    """Have every later log line of this task, and of those it starts, carry `keys`."""
    structlog.contextvars.bind_contextvars(**keys)


def follow_request(via: str) -> str:
    """Give what this task answers a name of its own, which its log lines carry; returns it."""
    name = secrets.token_hex(4)
    follow(request=name, via=via)
    return name


def is_followed() -> bool:
    """Whether this task works for one request."""
    return "request" in structlog.contextvars.get_contextvars()


def configure(
    *,
    style: Literal["auto", "json", "console"] = "auto",
    level: str = "info",
    stream: TextIO | None = None,
) -> None:
    """Send every log line of the process, ours and the libraries', through one redacting chain.

    `auto` is for people on a terminal and JSON elsewhere. Levels are the names of `logging`.
    """
    out = stream or sys.stderr
    console = style == "console" or (style == "auto" and out.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=out.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacting, renderer]
    shared = _shared()
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last)
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Any]:
    """What happens to every event, ours or a library's, before the last steps."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
