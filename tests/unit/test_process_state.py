"""The tests' own ground: what a test sets for the whole process ends with it."""

import io
import logging
import os
from pathlib import Path

import structlog

from bot.log import configure
from tests.process_state import kept_logs, kept_surroundings


def test_logs_are_as_they_were_after_a_command_has_set_them() -> None:
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    with kept_logs():
        configure(style="json", level="debug", stream=io.StringIO())
        logging.getLogger("kept.new").setLevel(logging.ERROR)
        logging.getLogger("kept.new").disabled = True
        logging.disable(logging.CRITICAL)
        structlog.contextvars.bind_contextvars(ticket=1)
    assert (root.level, root.handlers) == (logging.WARNING, handlers)
    assert logging.getLogger("slack_sdk").level == logging.NOTSET
    assert logging.getLogger("kept.new").isEnabledFor(logging.WARNING)
    assert not structlog.is_configured()
    assert structlog.contextvars.get_contextvars() == {}


def test_environment_folder_and_umask_are_as_they_were(tmp_path: Path) -> None:
    folder, path = Path.cwd(), os.environ["PATH"]
    with kept_surroundings():
        os.environ["KEPT_NEW"] = "1"
        del os.environ["PATH"]
        os.chdir(tmp_path)
        before = os.umask(0o077)
    assert (Path.cwd(), os.environ["PATH"]) == (folder, path)
    assert "KEPT_NEW" not in os.environ
    assert os.umask(before) == before
