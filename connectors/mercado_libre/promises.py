"""Conversations we answered lately, whose moderation may not be over.

Mercado Libre may refuse a message after it took it, and tells nobody: the conversation has to be
opened again. Names are kept where the process that polls finds them too.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json
from connectors.keep import KeyValue
from connectors.pages import kept_instant

WATCHED: Final = timedelta(hours=48)
"""How long after an answer it is looked for; no time is documented for moderation."""

MOST: Final = 200
"""Names kept at a time; of more, the newest."""

_KEY: Final = "answered_packs"


class Promises:
    """Packs that got an answer from us, and when."""

    def __init__(self, keep: KeyValue) -> None:
        self._keep = keep

    async def add(self, pack: str, at: datetime) -> None:
        """An answer went into this one."""
        known = {name: when for name, when in (await self._read()).items() if name != pack}
        known[pack] = at
        newest = dict(sorted(known.items(), key=lambda one: one[1])[-MOST:])
        await self._keep.put(_KEY, json.dumps({k: v.isoformat() for k, v in newest.items()}))

    async def since(self, at: datetime) -> Mapping[str, datetime]:
        """Those answered since `at`."""
        return {name: when for name, when in (await self._read()).items() if when >= at}

    async def _read(self) -> dict[str, datetime]:
        kept = await self._keep.get(_KEY)
        try:
            found: Json = json.loads(kept or "{}")
        except ValueError:
            return {}
        entries = found.items() if isinstance(found, dict) else ()
        return {name: at for name, one in entries if (at := kept_instant(one))}
