"""Google's calls, and nothing else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from connectors.answer import HttpAnswer
from connectors.contract import InboxContext, Json
from connectors.errors import Rejected
from connectors.google_business.access import Access, refusal
from connectors.google_business.config import Config
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.tokens import TokenAuth

A_PAGE: Final = 50
"""The greatest `pageSize` of reviews (accounts.locations.reviews.list)."""

_ACCOUNTS_A_PAGE: Final = 20
_LOCATIONS_A_PAGE: Final = 100
_FIELDS: Final = "name,title,metadata"
_REVIEW: Final = re.compile(r"accounts/[^/\s]{1,60}/locations/[^/\s]{1,60}/reviews/[^/\s]{1,300}")

Row = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page, and the token of the next one; empty on the last."""

    rows: Sequence[Row]
    token: str


class GoogleClient:
    """The calls of one user. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._access = Access(config, context)
        auth = TokenAuth(self._access.source)
        # Each of these interfaces allows 300 calls a minute.
        limits = Limits(per_second=4, burst=8)
        self._reviews, self._accounts, self._locations = (
            MarketHttp(address, context, auth=auth, limits=limits, judge=refusal)
            for address in (config.base_url, config.accounts_url, config.locations_url)
        )

    async def accounts(self) -> Sequence[Row]:
        """The accounts the user manages, at most twenty."""
        params = {"pageSize": str(_ACCOUNTS_A_PAGE)}
        return _listed(await self._accounts.get("/v1/accounts", params=params), "accounts").rows

    async def locations(self, account: str, token: str) -> Listed:
        """A page of an account's locations (`accounts/1`)."""
        params = {"readMask": _FIELDS, "pageSize": str(_LOCATIONS_A_PAGE)}
        params |= {"pageToken": token} if token else {}
        answer = await self._locations.get(f"/v1/{account}/locations", params=params)
        return _listed(answer, "locations")

    async def reviews(self, parent: str, token: str) -> Listed:
        """A page of a location's reviews (`accounts/1/locations/2`), the latest change first."""
        params = {"pageSize": str(A_PAGE), "orderBy": "updateTime desc"}
        params |= {"pageToken": token} if token else {}
        return _listed(await self._reviews.get(f"/v4/{parent}/reviews", params=params), "reviews")

    async def review(self, name: str) -> Row | None:
        """One review by its whole name; None where there is none any more."""
        answer = await self._reviews.get(f"/v4/{_path(name)}", allow=(HTTPStatus.NOT_FOUND,))
        return None if answer.status == HTTPStatus.NOT_FOUND else answer.object()

    async def answer(self, name: str, text: str) -> Row:
        """Publish the answer to a review, in place of any other. Returns it as Google has it."""
        path = f"/v4/{_path(name)}/reply"
        return (await self._reviews.send("PUT", path, json={"comment": text})).object()

    async def close(self) -> None:
        """Close the connections."""
        for http in (self._reviews, self._accounts, self._locations):
            await http.close()
        await self._access.close()


def _path(name: str) -> str:
    if not _REVIEW.fullmatch(name):
        raise Rejected("this message names no review of a location")
    return quote(name, safe="/")


def _listed(answer: HttpAnswer, key: str) -> Listed:
    found: Mapping[str, Json] = answer.object()
    listed, token = found.get(key), found.get("nextPageToken")
    rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return Listed(rows=rows, token=token if isinstance(token, str) else "")
