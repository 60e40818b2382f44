"""What a platform has called us about: names to look at, kept where the process that polls is."""

import json
from collections.abc import Collection, Sequence
from typing import Final

from connectors.contract import Json
from connectors.keep import KeyValue

MOST: Final = 100
"""Names kept at a time; of more, the newest. The regular look finds what is new anyway."""

LONGEST_NAME: Final = 64

_KEPT: Final = "called_about"


class CalledAbout:
    """Names of reviews, messages or whatever a platform calls about."""

    def __init__(self, keep: KeyValue, *, most: int = MOST) -> None:
        self._keep = keep
        self._most = most

    async def add(self, names: Sequence[str]) -> None:
        """The platform called about these. A name too long to be one is left out."""
        new = [one for one in names if 0 < len(one) <= LONGEST_NAME]
        if new:
            known = [one for one in await self.names() if one not in new]
            await self._keep.put(_KEPT, json.dumps([*known, *new][-self._most :]))

    async def names(self) -> Sequence[str]:
        """Those that are waiting, oldest call first."""
        kept = await self._keep.get(_KEPT)
        try:
            found: Json = json.loads(kept or "[]")
        except ValueError:
            return ()
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else ()

    async def forget(self, looked_at: Collection[str]) -> None:
        """A poll has read these; what was called about meanwhile stays."""
        if looked_at:
            left = [one for one in await self.names() if one not in looked_at]
            await self._keep.put(_KEPT, json.dumps(left))
