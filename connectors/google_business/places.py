"""The locations whose reviews are read: which account they are of, and what they are called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json
from connectors.errors import AuthExpired
from connectors.fields import Fields
from connectors.google_business.client import GoogleClient
from connectors.google_business.config import Config

KNOWN_FOR: Final = timedelta(hours=6)
"""Locations open and close seldom; asked anew so often."""

MOST_PAGES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One location. `parent` is its name in the calls about reviews; `id` Google Maps' own id.

    Reviews of a place that is not `verified` can be neither read nor answered.
    """

    parent: str
    title: str
    id: str
    verified: bool

    def as_json(self) -> Json:
        """As it stands in a raw item."""
        return {"title": self.title, "id": self.id}


class Places:
    """The locations of one account. `now` is the desk's clock."""

    def __init__(self, client: GoogleClient, config: Config, now: Callable[[], datetime]) -> None:
        self._client = client
        self._config = config
        self._now = now
        self._known: Sequence[Place] = ()
        self._until: datetime | None = None

    async def listed(self) -> Sequence[Place]:
        """All of them, or those of the settings. Raises AuthExpired where the account is unclear."""
        if self._until is None or self._now() >= self._until:
            return await self.asked_anew()
        return self._known

    async def asked_anew(self) -> Sequence[Place]:
        """The same, certainly asked of Google now."""
        self._known = await self._asked(await self._account())
        self._until = self._now() + KNOWN_FOR
        return self._known

    async def _account(self) -> str:
        if self._config.account_id is not None:
            return f"accounts/{self._config.account_id}"
        found = [Fields(row) for row in await self._client.accounts()]
        names = [one.text("name", default="") for one in found]
        if len(names) == 1 and names[0].startswith("accounts/"):
            return names[0]
        called = ", ".join(
            f"{name.partition('/')[2]} ({one.text('accountName', default='')})"
            for name, one in zip(names, found, strict=True)
        )
        raise AuthExpired(f"set account_id to the account meant: {called or 'there is none'}")

    async def _asked(self, account: str) -> Sequence[Place]:
        found: list[Place] = []
        token = ""
        for _ in range(MOST_PAGES):
            page = await self._client.locations(account, token)
            found += [_place(account, Fields(row)) for row in page.rows]
            token = page.token
            if not token:
                break
        wanted = set(self._config.location_ids)
        return [one for one in found if not wanted or one.parent.rpartition("/")[2] in wanted]


def _place(account: str, raw: Fields) -> Place:
    """The two interfaces name a location differently: `locations/2` belongs below the account."""
    about = raw.inner("metadata")
    return Place(
        parent=f"{account}/{raw.text('name', default='')}",
        title=raw.text("title", default=""),
        id=about.text("placeId", default=""),
        verified=about.flag("hasVoiceOfMerchant", default=True),
    )
