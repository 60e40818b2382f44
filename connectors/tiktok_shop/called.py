"""Chats that TikTok has called us about and no poll has looked into yet.

The order of TikTok's list of conversations is not documented: a chat it called about is opened by
its own name when the pages that a poll walks do not hold it.
"""

import json
from collections.abc import Collection, Sequence
from typing import Final

from connectors.contract import Json
from connectors.keep import KeyValue

MOST: Final = 50
"""Names kept at a time; of more, the newest. The hourly walk finds the others."""

_KEY: Final = "called_about"


class Called:
    """Names of conversations, kept where the process that polls finds them too."""

    def __init__(self, keep: KeyValue) -> None:
        self._keep = keep

    async def add(self, conversation: str) -> None:
        """TikTok called about this one."""
        known = [one for one in await self.names() if one != conversation]
        await self._keep.put(_KEY, json.dumps([*known, conversation][-MOST:]))

    async def names(self) -> Sequence[str]:
        """Those that are waiting, oldest call first."""
        kept = await self._keep.get(_KEY)
        try:
            found: Json = json.loads(kept or "[]")
        except ValueError:
            return ()
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else ()

    async def forget(self, looked_into: Collection[str]) -> None:
        """A poll has read these; what was called about meanwhile stays."""
        if looked_into:
            left = [one for one in await self.names() if one not in looked_into]
            await self._keep.put(_KEY, json.dumps(left))
