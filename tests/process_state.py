"""What belongs to the whole process and a test may change: kept, and put back after the test.

Commands run in the tests' own process, and so set its logs and its umask as they do in a process
of their own. Without this, a test's outcome would hang on the tests that ran before it.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

import structlog


class _Logger(NamedTuple):
    """How one logger is set. Made for every logger before and after every test: no dataclass."""

    level: int
    propagate: bool
    disabled: bool
    handlers: tuple[logging.Handler, ...]
    filters: tuple[Any, ...]

    @classmethod
    def of(cls, logger: logging.Logger) -> Self:
        return cls(
            level=logger.level,
            propagate=logger.propagate,
            disabled=logger.disabled,
            handlers=tuple(logger.handlers),
            filters=tuple(logger.filters),
        )

    def put_back(self, logger: logging.Logger) -> None:
        logger.setLevel(self.level)
        logger.propagate = self.propagate
        logger.disabled = self.disabled
        logger.handlers[:] = self.handlers
        logger.filters[:] = self.filters


_NEW = _Logger(level=logging.NOTSET, propagate=True, disabled=False, handlers=(), filters=())
"""How a logger is that nobody has set."""


def _loggers() -> dict[str, logging.Logger]:
    named = logging.root.manager.loggerDict.items()
    real = {name: one for name, one in named if isinstance(one, logging.Logger)}
    return {"": logging.root, **real}


@contextmanager
def kept_logs() -> Iterator[None]:
    """Put every logger back, those made meanwhile included, and the form of our own lines."""
    loggers = {name: _Logger.of(one) for name, one in _loggers().items()}
    below = logging.root.manager.disable
    configured, form = structlog.is_configured(), structlog.get_config()
    try:
        yield
    finally:
        for name, one in _loggers().items():
            before = loggers.get(name, _NEW)
            if _Logger.of(one) != before:
                before.put_back(one)
        logging.disable(below)
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()
        if configured:
            structlog.configure(**form)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _environ() -> dict[str, str]:
    """The environment without what the test runner keeps there for itself."""
    return {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}


@contextmanager
def kept_surroundings() -> Iterator[None]:
    """Put the environment, the working directory and the umask back."""
    environ, folder, mask = _environ(), Path.cwd(), _umask()
    try:
        yield
    finally:
        os.umask(mask)
        os.chdir(folder)
        for name in _environ().keys() - environ.keys():
            del os.environ[name]
        os.environ.update(environ)
