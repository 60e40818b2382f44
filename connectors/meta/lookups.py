"""What is looked up while Meta waits for the answer to its call: names, and mentioned comments.

Meta calls again, and in the end no more, when the answer is late; so look-ups have a few seconds
together, and a message is not kept waiting for a name that Meta does not give.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from connectors.contract import Json
from connectors.errors import ConnectorError
from connectors.fields import Fields
from connectors.meta.account import Account
from connectors.meta.graph import Graph
from connectors.meta.person import name_of

MOST_NAMES: Final = 500
LONGEST: Final = 2.0
"""Seconds one look-up may take. Meta waits about five for the whole answer."""


class Lookups:
    """Names are remembered; after one failure, nothing more is asked within the same call."""

    def __init__(self, account: Account, graph: Graph) -> None:
        self._account = account
        self._graph = graph
        self._names: dict[str, str] = {}

    def begin(self) -> "OneCall":
        """The look-ups of one call of Meta's."""
        return OneCall(self._account, self._graph, self._names)


class OneCall:
    """The look-ups of one call."""

    def __init__(self, account: Account, graph: Graph, names: dict[str, str]) -> None:
        self._account = account
        self._graph = graph
        self._names = names
        self._failed = False

    async def name(self, person: str) -> str:
        """The name of somebody who wrote; empty where Meta gives none in time."""
        if person in self._names:
            return self._names[person]
        fields = self._account.dialect.name_fields
        found = None if self._failed else await self._asked(person, fields)
        if found is None:
            return ""
        if len(self._names) >= MOST_NAMES:
            self._names.pop(next(iter(self._names)))
        self._names[person] = name_of(found)
        return self._names[person]

    async def mention(self, comment: str) -> Mapping[str, Json]:
        """A comment that names the account; empty where Meta does not give it in time."""
        found = None if self._failed else await self._asked(comment, "")
        return found.value if found is not None else {}

    async def _asked(self, identity: str, fields: str) -> Fields | None:
        try:
            async with asyncio.timeout(LONGEST):
                if fields:
                    return await self._graph.person(identity, fields)
                return await self._graph.mention(identity)
        except (ConnectorError, TimeoutError):
            self._failed = True
            return None
