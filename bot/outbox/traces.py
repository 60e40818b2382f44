"""What broke unexpectedly, for the log, without the words it broke with: they may quote a customer."""

import traceback
from typing import Any

import structlog

log = structlog.get_logger(__name__)

FRAMES = 3


def origin(exc: BaseException) -> str:
    """The exception's class and its innermost frames."""
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    places = " < ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames))
    return f"{type(exc).__name__} at {places}" if places else type(exc).__name__


def broke(event: str, exc: BaseException, **fields: Any) -> None:
    """Log that `event` failed with `exc`."""
    log.error(event, error=origin(exc), **fields)
