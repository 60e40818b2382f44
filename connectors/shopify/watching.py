"""Disputes and return requests: what waits for the seller, and what became of it.

They are looked for every few minutes. What is open is remembered in the cursor by its state; whatever
is open no longer is read once more, to say how it ended. A webhook asks for a look at once.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from connectors.contract import InboxContext, Json, RawItem
from connectors.errors import AuthExpired, Unavailable
from connectors.fields import Fields
from connectors.pages import kept_instant
from connectors.shopify.answers import Problem
from connectors.shopify.claims import state_key
from connectors.shopify.client import AdminApi, Told
from connectors.shopify.config import Config
from connectors.shopify.queries import (
    DISPUTES,
    DISPUTES_NOW,
    NODES,
    PAGE,
    RETURNS,
    RETURNS_NOW,
)

ASKED: Final = "look"
"""Under this name `keep` has the instant at which a webhook asked for a look."""

MOST_PAGES: Final = 5
"""Pages of one look: 250 open disputes, and as many orders with open returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the last look found open: ids and the state they were in, and when that was."""

    at: datetime | None = None
    open: Mapping[str, str]

    @classmethod
    def read(cls, state: Json) -> Self:
        """The same as stored; nothing usable is a first look."""
        told = Fields(state if isinstance(state, dict) else {})
        known = told.inner("open").value
        return cls(
            at=told.instant_or_none("at"),
            open={gid: key for gid, key in known.items() if isinstance(key, str)},
        )

    def stored(self) -> dict[str, Json]:
        """The same as JSON values."""
        return {"at": self.at.isoformat() if self.at else None, "open": dict(self.open)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    what: str
    listing: str
    standing: str
    top: str
    leaf: str
    sign: str
    nodes: Callable[[Told], Sequence[Fields]]


def _disputes(told: Told) -> Sequence[Fields]:
    return told.data.inner("disputes").each("nodes")


def _returns(told: Told) -> Sequence[Fields]:
    orders = told.data.inner("orders").each("nodes")
    return [one for order in orders for one in order.inner("returns").each("nodes")]


_KINDS: Final[Mapping[str, _Kind]] = {
    "disputes": _Kind(
        what="dispute",
        listing=DISPUTES,
        standing=DISPUTES_NOW,
        top="disputes",
        leaf="disputes",
        sign="/ShopifyPaymentsDispute/",
        nodes=_disputes,
    ),
    "returns": _Kind(
        what="return",
        listing=RETURNS,
        standing=RETURNS_NOW,
        top="orders",
        leaf="returns",
        sign="/Return/",
        nodes=_returns,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Looks for what `config.watch` names."""

    api: AdminApi
    config: Config
    context: InboxContext

    async def is_due(self, seen: Seen) -> bool:
        """Whether it is time for a look, or a webhook asked for one since the last."""
        if seen.at is None:
            return True
        asked = kept_instant(await self.context.keep.get(ASKED))
        if asked is not None and asked >= seen.at:
            return True
        return self.context.now() - seen.at >= timedelta(minutes=self.config.watch_minutes)

    async def look(self, seen: Seen) -> AsyncIterator[tuple[Sequence[RawItem], Seen]]:
        """Pages of new states, each with what is true once it is stored.

        Raises:
            AuthExpired: something that is watched may not be seen; says which scope is missing.
        """
        began, refusals = self.context.now(), list[str]()
        for name in dict.fromkeys(self.config.watch):
            kind = _KINDS[name]
            listed, problem, complete = await self._listed(kind)
            if problem is not None:
                refusals.append(str(problem))
                continue
            changed = [gid for gid, key in listed.items() if seen.open.get(gid) != key]
            gone = [gid for gid in seen.open if kind.sign in gid and gid not in listed]
            for start in range(0, len(changed), NODES):
                ids = changed[start : start + NODES]
                items = await self._opened(kind, ids)
                seen = replace(seen, open={**seen.open, **{gid: listed[gid] for gid in ids}})
                yield items, seen
            for start in range(0, len(gone) if complete else 0, NODES):
                ids = gone[start : start + NODES]
                items = await self._opened(kind, ids)
                seen = replace(seen, open={g: k for g, k in seen.open.items() if g not in ids})
                yield items, seen
        if refusals:
            # Not done: the next poll looks again, so that the inbox stays marked until it is mended.
            raise AuthExpired("; ".join(dict.fromkeys(refusals)))
        yield (), replace(seen, at=began)

    async def _listed(self, kind: _Kind) -> tuple[dict[str, str], Problem | None, bool]:
        """What waits for the seller: ids and states; a refusal; and whether that is all of it."""
        found: dict[str, str] = {}
        after: str | None = None
        for _ in range(MOST_PAGES):
            told = await self.api.ask(kind.listing, {"first": PAGE, "after": after})
            problem = told.refused(kind.top, kind.leaf)
            if problem is not None:
                return found, problem, False
            for node in kind.nodes(told):
                gid = node.id("id", default="")
                if kind.sign in gid:
                    found[gid] = state_key(kind.what, node)
            info = told.data.inner(kind.top).inner("pageInfo")
            after = info.text("endCursor", default="") or None
            if not info.flag("hasNextPage") or after is None:
                return found, None, True
        return found, None, False

    async def _opened(self, kind: _Kind, ids: Sequence[str]) -> list[RawItem]:
        """These disputes or returns as they stand now; one that is no more is passed over.

        Raises AuthExpired or Unavailable for one that is there and was not told.
        """
        wanted: list[Json] = list(ids)
        told = await self.api.ask(kind.standing, {"ids": wanted})
        nodes = [node for node in told.data.each("nodes") if node.id("id", default="") in ids]
        if len(nodes) < len(ids) and told.problems:
            problem = told.problems[0]
            denied = problem.code == "ACCESS_DENIED"
            raise AuthExpired(str(problem)) if denied else Unavailable(str(problem))
        return [
            RawItem(
                source_id=state_key(kind.what, node),
                received_at=self.context.now(),
                payload=_payload(kind.what, node),
            )
            for node in nodes
        ]


def _payload(what: str, node: Fields) -> bytes:
    return json.dumps({"what": what, "node": node.value}, ensure_ascii=False).encode()
