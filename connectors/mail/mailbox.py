"""A mailbox as a source of raw items: pages after a cursor, at least once each, in order.

Nothing is remembered here and nothing is changed there: the cursor the desk stores is the only
record of what was read, so two readers or a crash between two pages cost a repeat, never a loss.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ParamSpec, TypeVar

from connectors.contract import Cursor, Page, RawItem
from connectors.errors import AuthExpired
from connectors.mail.access import Access, LogIn, imap_password
from connectors.mail.config import MailConfig
from connectors.mail.cursor import OVERLAP, MailCursor, fingerprint
from connectors.mail.imap import OVERSIZE, TIMEOUT, Folder, ImapSession, MailMeta, since

PAGE_ITEMS = 50
PAGE_BYTES = 40_000_000
"""A page ends early when its mails weigh more: one page is held in memory."""

RESCAN = timedelta(days=3)
"""How far before the newest known mail a renumbered folder is read again."""

_P = ParamSpec("_P")
_T = TypeVar("_T")
_A = TypeVar("_A")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be read, from which cursor, and the cursor once all of it was."""

    cursor: MailCursor
    uids: Sequence[int]
    highest: int


class Mailbox:
    """One folder of one account. All IMAP work happens in one thread of its own."""

    def __init__(
        self,
        config: MailConfig,
        *,
        name: str,
        now: Callable[[], datetime],
        timeout: float = TIMEOUT,
        access: Access | None = None,
    ) -> None:
        self._config = config
        self._access = access or imap_password(config)
        self._now = now
        self._timeout = timeout
        self._session = ImapSession(config, timeout=timeout)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"imap-{name}")

    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Pages after `cursor`. Raises AuthExpired or Unavailable; pages before it stay true."""
        plan = await self._logged_in(self._planned, MailCursor.read(cursor))
        at = plan.cursor
        for start in range(0, len(plan.uids), PAGE_ITEMS):
            chunk = plan.uids[start : start + PAGE_ITEMS]
            for group in _by_weight(await self._in_thread(self._session.metadata, chunk)):
                items = await self._in_thread(self._items, group)
                if not items:
                    continue
                at = at.after(items, max(item.received_at for item in items.values()))
                yield Page(items=tuple(items.values()), cursor=at.stored())
            # What was found and did not come is gone, or a server's bad moment: it is looked for
            # again as long as it is among the newest.
            at = at.passed(max(chunk))
        end = at.scanned(plan.highest)
        if cursor is None or end != MailCursor.read(cursor):
            yield Page(items=(), cursor=end.stored())

    async def check(self) -> str:
        """Open the folder and say how it is. Raises AuthExpired or Unavailable."""
        folder = await self._logged_in(self._aside, lambda _session, folder: folder)
        return f"{self._config.folder} opened, next mail gets number {folder.uidnext}"

    async def has(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID is in the folder or among the sent mail."""
        return await self._logged_in(self._aside, lambda session, _folder: session.has(message_id))

    async def close(self) -> None:
        """Close the connection and end the thread, even one that waits for a silent server."""
        self._session.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _aside(self, log_in: LogIn, work: Callable[[ImapSession, Folder], _T]) -> _T:
        """Work on a connection of its own, so that a reading in progress keeps its folder."""
        session = ImapSession(self._config, timeout=self._timeout)
        try:
            return work(session, session.open(log_in))
        finally:
            session.close()

    def _planned(self, log_in: LogIn, known: MailCursor | None) -> _Plan:
        folder = self._session.open(log_in)
        if known is None:
            known = self._from_date(folder, self._now() - timedelta(days=self._config.since_days))
        elif known.uidvalidity != folder.uidvalidity:
            known = self._from_date(folder, (known.newest or self._now()) - RESCAN)
        if known.since is not None:
            uids = self._session.search(f"UID {known.last_uid + 1}:* {since(known.since)}")
            uids = [uid for uid in uids if uid > known.last_uid]
            return _Plan(cursor=known, uids=uids, highest=_highest(folder, uids, known))
        first = max(1, known.last_uid + 1 - OVERLAP)
        uids = _unseen(self._session.search(f"UID {first}:*"), first, known)
        return _Plan(cursor=known, uids=uids, highest=known.last_uid)

    def _from_date(self, folder: Folder, start: datetime) -> MailCursor:
        """A cursor that reads from `start`. Older mail among the newest numbers counts as seen."""
        day = _day_before(start)
        known = MailCursor(uidvalidity=folder.uidvalidity, since=day, newest=start)
        first = max(1, (folder.uidnext or 1) - OVERLAP)
        wanted = set(self._session.search(f"UID {first}:* {since(day)}"))
        skipped = [uid for uid in self._session.search(f"UID {first}:*") if uid not in wanted]
        return replace(known, recent=tuple(skipped))

    def _items(self, group: Sequence[MailMeta]) -> dict[int, RawItem]:
        whole = [one.uid for one in group if one.size <= OVERSIZE]
        bodies = self._session.bodies(whole) if whole else {}
        for one in group:
            if one.size > OVERSIZE:
                bodies[one.uid] = self._session.beginning(one.uid, one.size)
        now = self._now()
        return {
            one.uid: RawItem(
                source_id=fingerprint(bodies[one.uid]),
                received_at=min(one.arrived_at or now, now),
                payload=bodies[one.uid],
            )
            for one in group
            if one.uid in bodies
        }

    async def _logged_in(self, work: Callable[[LogIn, _A], _T], argument: _A) -> _T:
        """`work` in the thread, with a log-in; once more with a new one if it was refused."""
        try:
            return await self._in_thread(work, await self._access.log_in(), argument)
        except AuthExpired:
            if not self._access.refused():
                raise
        return await self._in_thread(work, await self._access.log_in(), argument)

    async def _in_thread(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))


def _highest(folder: Folder, uids: Sequence[int], known: MailCursor) -> int:
    if folder.uidnext is not None:
        return folder.uidnext - 1
    return max([known.last_uid, *uids, *known.recent])


def _unseen(uids: Sequence[int], first: int, known: MailCursor) -> list[int]:
    """A search for n:* also answers with the last mail when there is none from n on."""
    seen = frozenset(known.recent)
    return [uid for uid in uids if uid >= first and uid not in seen]


def _day_before(at: datetime) -> date:
    """IMAP dates have no time zone; one day earlier is early enough in every zone."""
    return (at - timedelta(days=1)).date()


def _by_weight(mails: Sequence[MailMeta]) -> Iterator[list[MailMeta]]:
    group: list[MailMeta] = []
    weight = 0
    for one in mails:
        size = min(one.size, OVERSIZE)
        if group and weight + size > PAGE_BYTES:
            yield group
            group, weight = [], 0
        group.append(one)
        weight += size
    if group:
        yield group
