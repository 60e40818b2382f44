"""The one place where what went wrong becomes a private sentence.

What the desk refuses on purpose is told in its own words. Anything else gets an id that is in the
log too; its text may hold a customer's words and is shown and logged nowhere.
"""

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from bot.errors import DeskError
from bot.language import marked, tr
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from bot.slack.counted import count_refusal

Tell = Callable[[Rendered], Awaitable[None]]

log = structlog.get_logger(__name__)

_SLACK_SENTENCES: Mapping[str, str] = {
    "expired_trigger_id": marked(
        "Slack gave up waiting for the window to open. Please press again."
    ),
    "exchanged_trigger_id": marked("That window was opened before. Please press again."),
    "ratelimited": marked("Slack is busy. Please press again in a moment."),
}


def sentence_for(error: Exception) -> str:
    """What to tell the person; an error nobody foresaw is logged under the id that is told."""
    if isinstance(error, DeskError):
        count_refusal(error)
        return str(error)
    if isinstance(error, SlackApiError):
        code = str(error.response.get("error", ""))
        if code in _SLACK_SENTENCES:
            return tr(_SLACK_SENTENCES[code])
    error_id = token_hex(4)
    log.error("slack.request_failed", error_id=error_id, **described(error))
    return tr("That did not work; nothing is lost. Tell your admin this id: {id}", id=error_id)


def described(error: Exception) -> dict[str, str]:
    """An error without its text: its class, Slack's code if there is one, and where it arose."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    code = str(error.response.get("error", "")) if isinstance(error, SlackApiError) else ""
    return {"error": type(error).__name__, "code": code, "where": where}


@asynccontextmanager
async def telling(tell: Tell) -> AsyncIterator[None]:
    """Have whatever goes wrong inside told to the person who asked.

    Listeners must not leave it to Bolt: an error that comes within Bolt's next look at the
    acknowledgement takes the acknowledgement back, and the person sees a time-out beside it.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the border to people: everything becomes a sentence
        await tell(answers.say(sentence_for(error)))


def register(app: AsyncApp) -> None:
    """Log what is left: requests nobody listens to, and answers that could not be given."""

    @app.error
    async def on_error(
        error: Exception, body: Mapping[str, Any], response: BoltResponse | None
    ) -> BoltResponse | None:
        if isinstance(error, BoltUnhandledRequestError):
            log.info("slack.request_unhandled", type=str(body.get("type", "")))
        else:
            log.error("slack.answer_failed", **described(error))
        return BoltResponse(status=200, body="") if response is not None else None
