"""The past of a mailbox: what came and what was sent since a day, read-only and in large pieces.

Like the live reader it changes nothing there and remembers nothing here. Of a large mail only the
beginning is read: the words stand before the photos, and the photos are nobody's question.
"""

import asyncio
import imaplib
import re
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ParamSpec, TypeVar

from typing_extensions import override

from connectors.capabilities import HistoryPage, HistoryWish, PastItem
from connectors.contract import Cursor, Json, RawItem
from connectors.errors import AuthExpired, Unavailable
from connectors.mail.access import Access, LogIn
from connectors.mail.config import MailConfig
from connectors.mail.cursor import fingerprint
from connectors.mail.headers import instant
from connectors.mail.imap import PARTIAL_HEADER, ImapSession, since
from connectors.mail.sent_folder import FolderName, find_sent

PIECE = 200
"""Mails asked for in one command."""

ENOUGH = 131_072
"""Bytes that are read of a mail: its headers and its words, and the beginning of its files."""

PATIENCE = 120.0
"""Seconds until a silent server counts as gone: it has 200 mails to look up."""

MOVED = timedelta(days=1)
"""A mail stored so long after its own stamp came with a whole mailbox that was moved."""

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_HEAD = 20_000
_RECEIVED = re.compile(rb"^received:((?:.*(?:\r?\n[ \t].*)*))", re.MULTILINE | re.IGNORECASE)
_DATE = re.compile(rb"^date:((?:.*(?:\r?\n[ \t].*)*))", re.MULTILINE | re.IGNORECASE)

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """A mail as far as it was read; `size` is that of the whole."""

    uid: int
    size: int
    stored_at: datetime | None
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A folder and how far it was read: up to `last_uid` of the numbering `uidvalidity`."""

    folder: str
    sent: bool
    uidvalidity: int
    last_uid: int
    todo: Sequence[int] = ()


class HistorySession(ImapSession):
    """A connection that also lists folders and reads many beginnings at once."""

    def __init__(self, config: MailConfig, *, timeout: float, enough: int = ENOUGH) -> None:
        super().__init__(config, timeout=timeout)
        self._enough = enough

    @override
    def close(self) -> None:
        if self._box is not None:
            # Whoever reads in the thread lets go at once; closing alone would wait for their answer.
            with suppress(OSError):
                self._box.client.sock.shutdown(socket.SHUT_RDWR)
        super().close()

    def folders(self) -> list[FolderName]:
        """Every folder there is."""
        with self._mapped() as box:
            return [
                FolderName(name=each.name, delimiter=each.delim, flags=each.flags)
                for each in box.folder.list()
            ]

    def mails(self, uids: Sequence[int]) -> list[_Mail]:
        """The beginnings of those mails that still exist, in one command if the server can."""
        try:
            with self._mapped(keep_refusals=True) as box:
                what = f"(UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{self._enough}>)"
                return list(_mails(self._fetch(box, uids, what)))
        except imaplib.IMAP4.error:
            if len(uids) > 1:
                # One mail the server cannot produce never hides the others.
                half = len(uids) // 2
                return [*self.mails(uids[:half]), *self.mails(uids[half:])]
        found = {one.uid: one for one in self.metadata(uids)}
        return [
            _Mail(uid=uid, size=len(raw), stored_at=found[uid].arrived_at, raw=raw)
            for uid, raw in self.bodies(uids).items()
            if uid in found
        ]


class MailHistory:
    """One reading of a mailbox's past. All IMAP work happens in one thread of its own.

    `piece` is how many mails one command asks for, `enough` how many bytes of each.
    """

    def __init__(
        self,
        config: MailConfig,
        *,
        name: str,
        now: Callable[[], datetime],
        access: Access,
        timeout: float = PATIENCE,
        piece: int = PIECE,
        enough: int = ENOUGH,
    ) -> None:
        self._config = config
        self._access = access
        self._now = now
        self._timeout = timeout
        self._piece = piece
        self._enough = enough
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"past-{name}")
        self._sessions: dict[str, HistorySession] = {}
        self._log_in = LogIn(user="", secret="")

    async def pages(self, wish: HistoryWish, cursor: Cursor | None) -> AsyncIterator[HistoryPage]:
        """What was wished for and is not behind `cursor`, folder by folder, oldest first.

        The next piece is read while the last one is worked on. Raises AuthExpired, Unavailable
        and NoSentFolder; pages before it stay true.
        """
        ahead: asyncio.Future[list[_Mail]] | None = None
        try:
            places = await self._planned(wish, cursor)
            reached = {each.folder: each for each in places}
            pieces = [piece for each in places for piece in _pieces(each, self._piece)]
            left = sum(len(each.todo) for each in places)
            ahead = self._ahead(pieces, 0)
            for number, piece in enumerate(pieces):
                mails = await ahead
                ahead = self._ahead(pieces, number + 1)
                left -= len(piece.todo)
                reached[piece.folder] = piece
                yield HistoryPage(
                    items=tuple(self._items(mails, piece, wish.since)),
                    cursor=_stored(wish, reached),
                    left=left,
                )
        finally:
            if ahead is not None:
                ahead.cancel()
            self.close()

    def close(self) -> None:
        """Close the connections and end the thread. Harmless twice."""
        for session in self._sessions.values():
            session.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ahead(self, pieces: Sequence[_Place], number: int) -> "asyncio.Future[list[_Mail]]":
        if number < len(pieces):
            return asyncio.ensure_future(self._in_thread(self._mails, pieces[number]))
        done: asyncio.Future[list[_Mail]] = asyncio.get_running_loop().create_future()
        done.set_result([])
        return done

    async def _planned(self, wish: HistoryWish, cursor: Cursor | None) -> list[_Place]:
        known = _known(wish, cursor)
        try:
            self._log_in = await self._access.log_in()
            return await self._in_thread(self._plan, wish, known)
        except AuthExpired:
            if not self._access.refused():
                raise
        self._log_in = await self._access.log_in()
        return await self._in_thread(self._plan, wish, known)

    def _plan(self, wish: HistoryWish, known: Mapping[str, tuple[int, int]]) -> list[_Place]:
        received = list(wish.folders) or [self._config.folder]
        first = self._session(received[0])
        first.open(self._log_in)
        sent = find_sent(first.folders(), wish.sent_folder)
        places = [(folder, False) for folder in dict.fromkeys(received) if folder != sent]
        places += [(sent, True)] if sent is not None else []
        day = (wish.since - timedelta(days=1)).date()
        return [self._place(folder, sent, known.get(folder), day) for folder, sent in places]

    def _place(self, folder: str, sent: bool, known: tuple[int, int] | None, day: date) -> _Place:
        session = self._session(folder)
        opened = session.open(self._log_in)
        same = known is not None and known[0] == opened.uidvalidity
        last = known[1] if known is not None and same else 0
        # IMAP dates have no time zone, and a search for n:* also answers with the last mail.
        found = session.search(f"UID {last + 1}:* {since(day)}")
        return _Place(
            folder=folder,
            sent=sent,
            uidvalidity=opened.uidvalidity,
            last_uid=last,
            todo=[uid for uid in found if uid > last],
        )

    def _session(self, folder: str) -> HistorySession:
        if folder not in self._sessions:
            config = self._config.model_copy(update={"folder": folder})
            self._sessions[folder] = HistorySession(
                config, timeout=self._timeout, enough=self._enough
            )
        return self._sessions[folder]

    def _mails(self, piece: _Place) -> list[_Mail]:
        session = self._session(piece.folder)
        try:
            return session.mails(piece.todo)
        except Unavailable:
            # A long reading outlives many a connection; one new one is tried before giving up.
            session.open(self._log_in)
            return session.mails(piece.todo)

    def _items(self, mails: Sequence[_Mail], piece: _Place, start: datetime) -> Iterator[PastItem]:
        now = self._now()
        for mail in mails:
            at = min(_arrived(mail, sent=piece.sent) or now, now)
            if at >= start:
                item = RawItem(
                    source_id=fingerprint(mail.raw), received_at=at, payload=_whole(mail)
                )
                yield PastItem(item=item, sent=piece.sent)

    async def _in_thread(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))


def _pieces(place: _Place, size: int) -> Iterator[_Place]:
    for start in range(0, len(place.todo), size):
        todo = place.todo[start : start + size]
        yield _Place(
            folder=place.folder,
            sent=place.sent,
            uidvalidity=place.uidvalidity,
            last_uid=todo[-1],
            todo=todo,
        )


def _known(wish: HistoryWish, cursor: Cursor | None) -> dict[str, tuple[int, int]]:
    """How far each folder was read. Nothing counts as read where more of the past is wished for."""
    state: Mapping[str, Json] = cursor.state if cursor else {}
    folders, begun = state.get("folders"), state.get("since")
    if not isinstance(folders, dict) or not isinstance(begun, str):
        return {}
    if wish.since < datetime.fromisoformat(begun):
        return {}
    return {
        name: (place[0], place[1])
        for name, place in folders.items()
        if isinstance(place, list) and isinstance(place[0], int) and isinstance(place[1], int)
    }


def _stored(wish: HistoryWish, reached: Mapping[str, _Place]) -> Cursor:
    folders: dict[str, Json] = {
        name: [place.uidvalidity, place.last_uid] for name, place in reached.items()
    }
    return Cursor(state={"since": wish.since.isoformat(), "folders": folders})


def _mails(parts: Sequence[bytes | tuple[bytes, bytes]]) -> Iterator[_Mail]:
    """What one FETCH brought; servers may put the other items before the literal or after it."""
    for part, following in zip(parts, [*parts[1:], b""], strict=True):
        if not isinstance(part, tuple):
            continue
        line = part[0] + (following if isinstance(following, bytes) else b"")
        uid, size = _UID.search(line), _SIZE.search(line)
        if uid is None:
            continue
        stored = imaplib.Internaldate2tuple(line)
        yield _Mail(
            uid=int(uid.group(1)),
            size=int(size.group(1)) if size else len(part[1]),
            stored_at=datetime.fromtimestamp(time.mktime(stored), UTC) if stored else None,
            raw=part[1],
        )


def _arrived(mail: _Mail, *, sent: bool) -> datetime | None:
    """When the mail came or went: when it was stored, unless that was long after its own stamp.

    The topmost Received is of the mailbox's own server; the Date of a sent mail of its own program.
    """
    stamp = _stamp(mail.raw[:_HEAD], sent=sent)
    if stamp is None or mail.stored_at is None:
        return mail.stored_at or stamp
    return stamp if mail.stored_at - stamp > MOVED else mail.stored_at


def _stamp(head: bytes, *, sent: bool) -> datetime | None:
    found = (_DATE if sent else _RECEIVED).search(head)
    if found is None:
        return None
    line = found.group(1)
    return instant(line if sent else line.rpartition(b";")[2])


def _whole(mail: _Mail) -> bytes:
    """The mail as readers take it: one that was not read whole says so in its first line."""
    if mail.size <= len(mail.raw) or mail.raw.startswith(PARTIAL_HEADER):
        return mail.raw
    return b"%s: %d bytes\r\n%s" % (PARTIAL_HEADER, mail.size, mail.raw)
