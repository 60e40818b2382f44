"""Octopia's calls, and nothing else."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from connectors.answer import HttpAnswer
from connectors.contract import File, InboxContext, Json
from connectors.errors import Unavailable
from connectors.http import MarketHttp
from connectors.octopia.access import Access
from connectors.octopia.config import Config
from connectors.octopia.refusal import refusal
from connectors.pace import Limits

A_PAGE: Final = 50
"""The greatest page is not documented; a usual size is asked for."""

_FILES: Final = 16 * 1024 * 1024
"""Of one answer with attachments: a few messages' 4 MB, as base64."""


class OctopiaClient:
    """The calls of one seller. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        channels = config.sales_channels
        # The filter takes one channel; of several, the reader leaves out the others.
        self._channel = {"salesChannel": channels[0]} if len(channels) == 1 else {}
        self._access = Access(config, context)
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=self._access,
            limits=Limits(per_second=4, burst=8),
            judge=refusal,
            most_bytes=_FILES,
        )

    async def count_of_waiting(self) -> int | None:
        """How many discussions are to be treated; None where the answer has no such number."""
        params = {"processStatus": "ToTreat", "isOpen": "true", **self._channel}
        found = (await self._http.get("/discussions/count", params=params)).json()
        if isinstance(found, dict):
            found = next((one for one in found.values() if isinstance(one, int)), None)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    async def discussions(
        self, since: datetime, page: int | None, *, waiting: bool
    ) -> Sequence[Json]:
        """A page of the discussions updated at or after `since`.

        The first page is asked for without a number: what Octopia counts from is not documented.
        `waiting` leaves those that are open and to be treated.
        """
        params = {"updatedAtMin": _instant(since), "pageSize": str(A_PAGE), **self._channel}
        if waiting:
            params |= {"processStatus": "ToTreat", "isOpen": "true"}
        if page is not None:
            params["pageIndex"] = str(page)
        return _rows(await self._http.get("/discussions", params=params))

    async def discussion(self, discussion_id: str) -> dict[str, Json] | None:
        """One discussion with its messages and who may be answered; None where there is none."""
        answer = await self._http.get(
            f"/discussions/{quote(discussion_id, safe='')}", allow=(HTTPStatus.NOT_FOUND,)
        )
        return None if answer.status == HTTPStatus.NOT_FOUND else answer.object()

    async def say(
        self, discussion_id: str, text: str, receiver: str, files: Sequence[File]
    ) -> None:
        """Write into a discussion. What the answer to it holds is not documented."""
        content: dict[str, Json] = {
            "discussionId": discussion_id,
            "body": text,
            "receiver": receiver,
        }
        if files:
            content["attachments"] = [_attached(one) for one in files]
        await self._http.send("POST", "/messages", json=content)

    async def attachments(self, discussion_id: str, message_id: str) -> Sequence[Json]:
        """The files of a message, with their content."""
        params = {"discussionId": discussion_id, "messageId": message_id}
        answer = await self._http.get("/attachments", params=params, allow=(HTTPStatus.NOT_FOUND,))
        return () if answer.status == HTTPStatus.NOT_FOUND else _rows(answer)

    async def orders(self, reference: str) -> Sequence[Json]:
        """The orders with this reference."""
        params = {"reference": reference, "pageSize": "1"}
        answer = await self._http.get("/orders", params=params, allow=(HTTPStatus.NOT_FOUND,))
        return () if answer.status == HTTPStatus.NOT_FOUND else _rows(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._access.close()


def _attached(file: File) -> Json:
    name = PurePath(file.name)
    return {
        "name": name.stem,
        "fileFormat": name.suffix.lstrip(".").lower() or file.media_type.rpartition("/")[2],
        "content": base64.b64encode(file.content).decode(),
    }


def _rows(answer: HttpAnswer) -> Sequence[Json]:
    """The entries of a list: the answer itself, its `items`, or the one list that it holds.

    Raises Unavailable where there is none: an empty list must not be read out of a new form.
    """
    if answer.status == HTTPStatus.NO_CONTENT:
        return ()
    found = answer.json()
    if isinstance(found, dict):
        held = [one for one in found.values() if isinstance(one, list)]
        found = found["items"] if "items" in found else held[0] if len(held) == 1 else found
    if isinstance(found, dict):
        raise Unavailable(f"{answer.request}: the answer holds no list that is known")
    return found if isinstance(found, list) else ()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
