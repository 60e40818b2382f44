"""The few Web API calls that effects are made of, their errors in the outbox's own words."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbox.executor import Refused, SendError
from bot.slack.blocks.rendered import Rendered
from bot.slack.errors import AlreadySo, ContentRefused, MessageGone, send_error
from bot.slack.limits import DELETE, FILES, GROUPS, HISTORY, PINS, PUBLISH, UPDATE

log = structlog.get_logger(__name__)

CALL_SECONDS = 15.0
"""Slack answers in well under one; what takes longer has probably arrived, and is looked up."""

METADATA_TYPE = "threadline"
PAGES = 5
PAGE = 200
"""A look-up reads at most a thousand messages: the attempt it looks for was among the last ones."""

Call = Callable[[], Awaitable[AsyncSlackResponse]]


def without_retries(client: AsyncWebClient) -> AsyncWebClient:
    """The same workspace, but without the client's own retries.

    A call that is repeated after a lost answer posts twice. What to do about a lost answer is the
    dispatcher's decision.
    """
    return AsyncWebClient(
        token=client.token,
        base_url=client.base_url,
        timeout=client.timeout,
        ssl=client.ssl,
        proxy=client.proxy,
        session=client.session,
        trust_env_in_session=client.trust_env_in_session,
        headers=client.headers,
        retry_handlers=[],
    )


async def once(call: Call, *, seconds: float, gate: str) -> AsyncSlackResponse:
    """Make a call that gets `seconds` for its answer. Raises what `send_error` says a failure means."""
    try:
        async with asyncio.timeout(seconds):
            return await call()
    except Exception as exc:
        meaning = send_error(exc, gate=gate)
        if meaning is None:
            raise
        raise meaning from None


class SlackCalls:
    """Posts, edits and finds messages. Raises only SendError classes for what Slack answers."""

    def __init__(self, client: AsyncWebClient, *, call_seconds: float = CALL_SECONDS) -> None:
        self._call_seconds = call_seconds
        self._client = without_retries(client)

    async def post(
        self,
        channel: str,
        drawn: Rendered,
        *,
        outbox_id: int,
        gate: str,
        thread_ts: str | None = None,
    ) -> tuple[str, str, bool]:
        """Post; returns channel id, ts, and whether the words had to go without their layout."""

        def call(blocks: list[dict[str, Any]] | None) -> Call:
            return self._posting(channel, drawn.text, blocks, outbox_id, thread_ts)

        answer, plain = await self._with_fallback(call, drawn, gate)
        return str(answer["channel"]), str(answer["ts"]), plain

    async def post_as_drawn(
        self, channel: str, drawn: Rendered, *, outbox_id: int, gate: str
    ) -> tuple[str, str]:
        """Post; returns channel id and ts. Raises ContentRefused where its blocks are not taken."""
        call = self._posting(channel, drawn.text, drawn.blocks, outbox_id, None)
        answer = await self._call(call, gate=gate)
        return str(answer["channel"]), str(answer["ts"])

    def _posting(
        self,
        channel: str,
        text: str,
        blocks: list[dict[str, Any]] | None,
        outbox_id: int,
        thread_ts: str | None,
    ) -> Call:
        return lambda: self._client.chat_postMessage(
            channel=channel,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
            metadata={
                "event_type": METADATA_TYPE,
                "event_payload": {"outbox_id": str(outbox_id)},
            },
            unfurl_links=False,
            unfurl_media=False,
        )

    async def update(self, channel: str, ts: str, drawn: Rendered) -> bool:
        """Edit; returns whether the words had to go without their layout."""

        def call(blocks: list[dict[str, Any]] | None) -> Call:
            return lambda: self._client.chat_update(
                channel=channel, ts=ts, text=drawn.text, blocks=blocks
            )

        _, plain = await self._with_fallback(call, drawn, UPDATE)
        return plain

    async def publish(self, user: str, view: dict[str, Any]) -> None:
        """Show `view` as the Home of `user`."""
        await self._call(lambda: self._client.views_publish(user_id=user, view=view), gate=PUBLISH)

    async def pin(self, channel: str, ts: str, *, pinned: bool) -> None:
        """Pin a message, or unpin it; one that is so already, or is gone, is as good."""

        def call() -> Awaitable[AsyncSlackResponse]:
            if pinned:
                return self._client.pins_add(channel=channel, timestamp=ts)
            return self._client.pins_remove(channel=channel, timestamp=ts)

        try:
            await self._call(call, gate=PINS)
        except (AlreadySo, MessageGone) as exc:
            log.info("slack.pin_unchanged", pinned=pinned, why=exc.reason)

    async def group_named(self, handle: str) -> str | None:
        """The id of the user group `handle` (without `@`), if there is one."""
        answer = await self._call(self._client.usergroups_list, gate=GROUPS)
        groups = answer.get("usergroups") or ()
        return next((str(one["id"]) for one in groups if one["handle"] == handle), None)

    async def members(self, group: str) -> frozenset[str]:
        """Who is in a user group."""
        answer = await self._call(
            lambda: self._client.usergroups_users_list(usergroup=group), gate=GROUPS
        )
        return frozenset(map(str, answer.get("users") or ()))

    async def set_members(self, group: str, people: Sequence[str]) -> None:
        """Make these all who are in a user group; there has to be somebody."""
        await self._call(
            lambda: self._client.usergroups_users_update(usergroup=group, users=people),
            gate=GROUPS,
        )

    async def is_full_member(self, person: str) -> bool:
        """Whether somebody is of the workspace: neither deactivated, nor a guest, nor unknown."""
        try:
            answer = await self._call(lambda: self._client.users_info(user=person), gate=GROUPS)
        except Refused:
            return False
        user = answer.get("user") or {}
        return not any(user.get(key) for key in ("deleted", "is_restricted", "is_ultra_restricted"))

    async def delete(self, channel: str, ts: str) -> None:
        """Delete a message of ours. Raises MessageGone where there is none any more."""
        await self._call(lambda: self._client.chat_delete(channel=channel, ts=ts), gate=DELETE)

    async def delete_file(self, file: str) -> None:
        """Delete a file of ours; one that is gone is as good."""
        try:
            await self._call(lambda: self._client.files_delete(file=file), gate=FILES)
        except AlreadySo as exc:
            log.info("slack.file_gone", why=exc.reason)

    async def own_ids(self) -> frozenset[str]:
        """What marks a message as ours: the app's bot id and its user id."""
        answer = await self._call(self._client.auth_test, gate=HISTORY)
        return frozenset(str(answer[key]) for key in ("bot_id", "user_id") if answer.get(key))

    async def thread(
        self, channel: str, thread_ts: str, cursor: str | None
    ) -> tuple[Sequence[dict[str, Any]], str | None]:
        """Up to `PAGE` messages of a thread, its root first, and where the next begin."""
        answer = await self._page(channel, thread_ts, cursor)
        following = (answer.get("response_metadata") or {}).get("next_cursor")
        return list(answer["messages"]), following or None

    async def permalink(self, channel: str, ts: str) -> str | None:
        """The address of a message, or None: nothing depends on it."""
        try:
            answer = await self._call(
                lambda: self._client.chat_getPermalink(channel=channel, message_ts=ts),
                gate=HISTORY,
            )
        except SendError as exc:
            log.info("slack.no_permalink", why=str(exc))
            return None
        return str(answer["permalink"])

    async def find(self, channel: str, outbox_id: int, *, thread_ts: str | None) -> str | None:
        """The ts of our message that carries `outbox_id`, or None when it is not there."""
        cursor = None
        for _ in range(PAGES):
            answer = await self._page(channel, thread_ts, cursor)
            for message in answer["messages"]:
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if str(payload.get("outbox_id")) == str(outbox_id):
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    async def _page(
        self, channel: str, thread_ts: str | None, cursor: str | None
    ) -> AsyncSlackResponse:
        if thread_ts is None:
            return await self._call(
                lambda: self._client.conversations_history(
                    channel=channel, cursor=cursor, limit=PAGE, include_all_metadata=True
                ),
                gate=HISTORY,
            )
        return await self._call(
            lambda: self._client.conversations_replies(
                channel=channel, ts=thread_ts, cursor=cursor, limit=PAGE, include_all_metadata=True
            ),
            gate=HISTORY,
        )

    async def _with_fallback(
        self,
        call: Callable[[list[dict[str, Any]] | None], Call],
        drawn: Rendered,
        gate: str,
    ) -> tuple[AsyncSlackResponse, bool]:
        """An alarm is never lost to its formatting: refused blocks go again as plain words."""
        try:
            return await self._call(call(drawn.blocks), gate=gate), False
        except ContentRefused as exc:
            log.error("slack.layout_refused", why=exc.reason)  # noqa: TRY400 - the reason says it all
            return await self._call(call(None), gate=gate), True

    async def _call(self, call: Call, *, gate: str) -> AsyncSlackResponse:
        return await once(call, seconds=self._call_seconds, gate=gate)
