"""Ids of ours that no receipt carries: the further parts of an answer that was split."""

import json
from collections.abc import Sequence
from typing import Final

from connectors.contract import Json
from connectors.keep import KeyValue

KEY: Final = "further_parts"
PRIVATE: Final = "answered_privately"
MOST: Final = 200
"""How many are remembered, the newest."""


class SentParts:
    """Kept beyond the process, so that an answer's second part is not taken for another answer."""

    def __init__(self, keep: KeyValue, key: str = KEY) -> None:
        self._keep = keep
        self._key = key

    async def ids(self) -> frozenset[str]:
        """Those remembered."""
        return frozenset(await self._listed())

    async def add(self, ids: Sequence[str]) -> None:
        """Remember more."""
        if ids:
            kept = [*await self._listed(), *ids][-MOST:]
            await self._keep.put(self._key, json.dumps(kept))

    async def _listed(self) -> list[str]:
        kept: Json = json.loads(await self._keep.get(self._key) or "[]")
        return [one for one in kept if isinstance(one, str)] if isinstance(kept, list) else []
