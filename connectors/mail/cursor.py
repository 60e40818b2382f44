"""Where reading a mailbox stopped, and the name of a mail that outlives any renumbering."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from connectors.contract import Cursor, Json

OVERLAP = 50
"""How many of the newest numbers are looked at again: numbers are given before mail is visible,
so a lower one can appear after a higher one."""

_FINGERPRINT_HEADERS = (b"message-id", b"date", b"from", b"subject")
_HEADER = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_SPACES = re.compile(rb"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailCursor:
    """Every mail up to `last_uid` was handed over, or is named in `recent`'s gaps.

    `recent` are the numbers within OVERLAP of `last_uid` that need no second look.
    While a mailbox is read from a date (first run, renumbered), `since` is that date.
    `newest` is the latest arrival handed over: where to start after a renumbering.
    """

    uidvalidity: int
    last_uid: int = 0
    recent: tuple[int, ...] = ()
    newest: datetime | None = None
    since: date | None = None

    @classmethod
    def read(cls, cursor: Cursor | None) -> Self | None:
        """The cursor as stored, or None where nothing usable is stored (then: first run)."""
        state = cursor.state if cursor else {}
        uidvalidity, last_uid, recent = (
            state.get("uidvalidity"),
            state.get("last_uid"),
            state.get("recent"),
        )
        if not isinstance(uidvalidity, int) or not isinstance(last_uid, int):
            return None
        return cls(
            uidvalidity=uidvalidity,
            last_uid=last_uid,
            recent=tuple(uid for uid in recent if isinstance(uid, int))
            if isinstance(recent, list)
            else (),
            newest=_moment(state.get("newest")),
            since=_day(state.get("since")),
        )

    def stored(self) -> Cursor:
        """The same as JSON values."""
        return Cursor(
            state={
                "uidvalidity": self.uidvalidity,
                "last_uid": self.last_uid,
                "recent": list(self.recent),
                "newest": self.newest.isoformat() if self.newest else None,
                "since": self.since.isoformat() if self.since else None,
            }
        )

    def after(self, uids: Iterable[int], newest: datetime | None) -> Self:
        """The cursor that is true once these mails are stored."""
        handed = frozenset(uids)
        last = max(self.last_uid, *handed) if handed else self.last_uid
        arrivals = [at for at in (self.newest, newest) if at is not None]
        return replace(
            self,
            last_uid=last,
            recent=_within(handed.union(self.recent), last),
            newest=max(arrivals, default=None),
        )

    def passed(self, uid: int) -> Self:
        """The cursor past a number; those up to it that were not handed over get a second look."""
        last = max(self.last_uid, uid)
        return replace(self, last_uid=last, recent=_within(self.recent, last))

    def scanned(self, highest: int) -> Self:
        """The cursor at the end of reading from a date, when numbers went up to `highest`."""
        return replace(self.passed(highest), since=None)


def fingerprint(raw: bytes) -> str:
    """A name for a mail that no renumbering and no second delivery changes.

    Hash over Message-ID, Date, From, Subject and the body: a Message-ID alone is neither always
    present nor always unique.
    """
    head, _, body = _split(raw)
    found: dict[bytes, bytes] = {}
    for match in _HEADER.finditer(head):
        found.setdefault(match.group(1).lower(), match.group(2))
    digest = hashlib.sha256()
    for name in _FINGERPRINT_HEADERS:
        digest.update(_SPACES.sub(b" ", found.get(name, b"")).strip() + b"\0")
    digest.update(hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip(b"\n")).digest())
    return digest.hexdigest()


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    blank = _BLANK_LINE.search(raw)
    if blank is None:
        return raw, b"", b""
    return raw[: blank.start()], blank.group(), raw[blank.end() :]


def _within(uids: Iterable[int], last: int) -> tuple[int, ...]:
    return tuple(sorted(uid for uid in uids if uid > last - OVERLAP))


def _moment(value: Json) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _day(value: Json) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
