"""Files of Slack: told about, fetched, and shared in a thread.

Bytes come only from Slack's own hosts, or from the host the Web API itself is on, with the bot's
token and without following anybody elsewhere. Refusals name no address: a private one is a secret.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.reasons import NOT_HANDED_OUT
from bot.language import marked
from bot.outbox.executor import Refused, TryLater
from bot.slack.calls import CALL_SECONDS, once, without_retries
from bot.slack.limits import FILES, HISTORY
from connectors.contract import File

log = structlog.get_logger(__name__)

SLACK_HOSTS: Final = (".slack.com", ".slack-files.com")
"""Where Slack keeps files, and where it takes them."""

FETCH_SECONDS: Final = 30.0
UPLOAD_SECONDS: Final = 30.0
PAGE: Final = 200
OK: Final = 200
LOOK_SECONDS: Final = 5.0
"""How long somebody who pressed a button looks at a window that does not change."""

THREAD_PAGE: Final = 1000
"""The most that Slack tells of a thread at once, oldest first."""

_WITH_BYTES: Final = ("hosted", "snippet")
_SIGN_IN: Final = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFile:
    """What Slack says of a file. `url` is where its bytes are; empty where it has none."""

    id: str
    name: str
    size: int
    url: str


def slack_file(told: Any) -> SlackFile:
    """A file object of Slack's, whatever is missing in it."""
    return SlackFile(
        id=str(told.get("id") or ""),
        name=str(told.get("name") or ""),
        size=int(told.get("size") or 0),
        url=str(told.get("url_private_download") or told.get("url_private") or ""),
    )


async def files_in_thread(
    client: AsyncWebClient, channel: str, thread_ts: str | None
) -> list[SlackFile] | None:
    """Files that people put into a thread, newest first; None where Slack does not tell in time."""
    if thread_ts is None:
        return []
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            answer = await without_retries(client).conversations_replies(
                channel=channel, ts=thread_ts, limit=THREAD_PAGE
            )
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as exc:
        log.info("slack.no_files_at_hand", why=type(exc).__name__)
        return None
    found = {
        str(one.get("id")): slack_file(one)
        for message in answer.get("messages") or ()
        if not message.get("bot_id")
        for one in message.get("files") or ()
        if one.get("mode") in _WITH_BYTES and not one.get("is_external")
    }
    return [one for one in reversed(found.values()) if one.id and one.url and one.size]


class FileCalls:
    """Raises only SendError classes for what Slack answers."""

    def __init__(self, client: AsyncWebClient, *, call_seconds: float = CALL_SECONDS) -> None:
        self._client = without_retries(client)
        self._call_seconds = call_seconds

    async def fetch(self, file_id: str, *, most_bytes: int) -> bytes:
        """The bytes of a file. Raises Refused where there are none to be had, else TryLater."""
        answer = await self._call(lambda: self._client.files_info(file=file_id), FILES)
        file = slack_file(answer["file"])
        if not file.url:
            raise Refused(marked("Slack does not have it any more"))
        if file.size > most_bytes:
            raise Refused(marked("it is larger than it was when it was chosen"))
        return await self._download(file.url, most_bytes)

    async def upload(self, file: File) -> str:
        """Bring a file to Slack, where nobody sees it yet; its id."""
        ticket = await self._call(
            lambda: self._client.files_getUploadURLExternal(
                filename=file.name, length=len(file.content)
            ),
            FILES,
        )
        url = str(ticket["upload_url"])
        self._must_be_slacks(url)
        try:
            async with (
                asyncio.timeout(UPLOAD_SECONDS),
                _session() as session,
                session.post(url, data=file.content, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise TryLater(f"a file could not be brought to Slack ({type(exc).__name__})") from None
        if status != OK:
            raise TryLater(f"a file could not be brought to Slack (status {status})")
        return str(ticket["file_id"])

    async def share(
        self, channel: str, thread_ts: str, files: Sequence[tuple[str, str]], words: str
    ) -> None:
        """Show uploaded files (id, title) in one message of a thread, below `words`."""
        given: list[dict[str, str | None]] = [
            {"id": file_id, "title": title} for file_id, title in files
        ]
        await self._call(
            lambda: self._client.files_completeUploadExternal(
                files=given, channel_id=channel, thread_ts=thread_ts, initial_comment=words
            ),
            FILES,
        )

    async def are_shown(self, channel: str, thread_ts: str, ids: Sequence[str]) -> bool:
        """Whether any of these files is in the thread."""
        cursor = None
        while True:
            answer = await self._replies(channel, thread_ts, cursor)
            for message in answer["messages"]:
                if any(one.get("id") in ids for one in message.get("files") or ()):
                    return True
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return False

    async def _replies(
        self, channel: str, thread_ts: str, cursor: str | None
    ) -> AsyncSlackResponse:
        return await self._call(
            lambda: self._client.conversations_replies(
                channel=channel, ts=thread_ts, cursor=cursor, limit=PAGE
            ),
            HISTORY,
        )

    async def _call(
        self, call: Callable[[], Awaitable[AsyncSlackResponse]], gate: str
    ) -> AsyncSlackResponse:
        return await once(call, seconds=self._call_seconds, gate=gate)

    async def _download(self, url: str, most_bytes: int) -> bytes:
        self._must_be_slacks(url)
        headers = {"Authorization": f"Bearer {self._client.token}"}
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                _session() as session,
                session.get(url, headers=headers, allow_redirects=False) as answer,
            ):
                _check_answer(answer)
                return await _bounded(answer.content, most_bytes)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise TryLater(
                f"a file could not be fetched from Slack ({type(exc).__name__})"
            ) from None

    def _must_be_slacks(self, url: str) -> None:
        """Raise Refused for an address that the bot's token must not go to."""
        parts, ours = urlsplit(url), urlsplit(self._client.base_url)
        same = (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
        host = f".{parts.hostname or ''}"
        if not same and not (parts.scheme == "https" and host.endswith(SLACK_HOSTS)):
            raise Refused(marked("Slack named an address that is not its own"))


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=True)


def _check_answer(answer: aiohttp.ClientResponse) -> None:
    if answer.content_type == _SIGN_IN or answer.status // 100 == 3:  # noqa: PLR2004 - redirects
        raise Refused(marked("Slack did not hand it out: the app needs the permission files:read"))
    if answer.status // 100 == 4:  # noqa: PLR2004 - of the file, whatever is tried
        raise Refused(NOT_HANDED_OUT.format(status=answer.status))
    if answer.status != OK:
        raise TryLater(f"a file could not be fetched from Slack (status {answer.status})")


async def _bounded(stream: aiohttp.StreamReader, most_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream.iter_any():
        size += len(chunk)
        if size > most_bytes:
            raise Refused(marked("it is larger than it was when it was chosen"))
        chunks.append(chunk)
    return b"".join(chunks)
