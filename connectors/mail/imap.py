"""One IMAP connection, used from one thread. It only looks: read-only, nothing is marked seen.

Every failure leaves as a `connectors.errors` class; no server text, address or password in it.
"""

import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime

from imap_tools import (
    BaseMailBox,
    MailBox,
    MailboxFolderSelectError,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
)
from imap_tools.errors import UnexpectedCommandStatusError

from connectors.errors import AuthExpired, ConnectorError, Unavailable
from connectors.mail.access import LogIn
from connectors.mail.config import MailConfig

TIMEOUT = 30.0
"""Seconds until a silent server counts as gone."""

OVERSIZE = 35_000_000
"""Bytes; of a larger mail only the headers and the first OVERSIZE_TEXT bytes are read."""

OVERSIZE_TEXT = 65_536

PARTIAL_HEADER = b"X-Threadline-Partial"
"""First line of what is handed over instead of a mail that was not read whole."""

_NOT_THE_PASSWORD = re.compile(r"\[?(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\b", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_FAILURES = (
    (imaplib.IMAP4.abort, "broke the connection"),
    (ssl.SSLCertVerificationError, "has no valid certificate for that name"),
    (imaplib.IMAP4.error, "refused a command"),
    (UnexpectedCommandStatusError, "refused a command"),
)
_SENT_NAMES = frozenset(
    {"sent", "sent items", "sent messages", "inbox.sent", "[gmail]/sent mail", "posta inviata"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What the server says of a folder when it is opened."""

    uidvalidity: int
    uidnext: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailMeta:
    """One mail without its content. `arrived_at` is the server's INTERNALDATE, if it told."""

    uid: int
    size: int
    arrived_at: datetime | None


class ImapSession:
    """A connection that is opened when needed and kept, by the log-in it is given then."""

    def __init__(self, config: MailConfig, *, timeout: float = TIMEOUT) -> None:
        self._config = config
        self._timeout = timeout
        self._box: BaseMailBox | None = None

    def open(self, log_in: LogIn) -> Folder:
        """Connect if needed and open the folder for looking. One silent reconnect."""
        if self._box is not None:
            with suppress(ConnectorError):
                return self._examine()
            self.close()
        self._connect(log_in)
        return self._examine()

    def search(self, criteria: str) -> list[int]:
        """UIDs that match, ascending."""
        with self._mapped() as box:
            return sorted(int(uid) for uid in box.uids(criteria, charset=None))

    def metadata(self, uids: Sequence[int]) -> list[MailMeta]:
        """Size and arrival of those mails that still exist, ascending."""
        with self._mapped() as box:
            parts = self._fetch(box, uids, "(UID INTERNALDATE RFC822.SIZE)")
        found = (_meta(part if isinstance(part, bytes) else part[0]) for part in parts)
        return sorted((one for one in found if one), key=lambda one: one.uid)

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Whole mails by UID, as far as they still exist.

        A mail the server cannot produce comes as its headers, or as a stub that says so: one
        broken mail never hides the others.
        """
        try:
            with self._mapped(keep_refusals=True) as box:
                return dict(_literals(self._fetch(box, uids, "(UID BODY.PEEK[])")))
        except imaplib.IMAP4.error:
            if len(uids) == 1:
                return {uids[0]: self._headers_of(uids[0])}
            return {uid: raw for one in uids for uid, raw in self.bodies([one]).items()}

    def beginning(self, uid: int, size: int) -> bytes:
        """Headers and first text of an oversize mail, marked as not whole."""
        what = f"(UID BODY.PEEK[HEADER] BODY.PEEK[TEXT]<0.{OVERSIZE_TEXT}>)"
        with self._mapped() as box:
            parts = self._fetch(box, [uid], what)
        return _marked(f"{size} bytes", b"".join(p[1] for p in parts if isinstance(p, tuple)))

    def has(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID is in the folder or among the sent mail."""
        wanted = f'HEADER Message-ID "{message_id}"'
        if self.search(wanted):
            return True
        with self._mapped() as box:
            sent = [
                entry.name
                for entry in box.folder.list()
                if "\\Sent" in entry.flags or entry.name.lower() in _SENT_NAMES
            ]
            for name in sent:
                box.folder.set(name, readonly=True)
                if box.uids(wanted, charset=None):
                    return True
        return False

    def close(self) -> None:
        """Leave without a word; the server notices."""
        box, self._box = self._box, None
        if box is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                box.client.shutdown()

    def _connect(self, log_in: LogIn) -> None:
        with self._mapped_errors():
            box = _BOXES[self._config.imap_security](self._config, self._timeout)
            self._box = box
            if log_in.by_token:
                _authenticate(box, log_in)
                return
            plain = (log_in.user + log_in.secret).isascii()
            login = box.login if plain else box.login_utf8
            login(log_in.user, log_in.secret, initial_folder=None)

    def _examine(self) -> Folder:
        with self._mapped() as box:
            box.folder.set(self._config.folder, readonly=True)
            uidvalidity = _number(box, "UIDVALIDITY")
            if uidvalidity is None:
                raise Unavailable("the IMAP server gave the folder no UIDVALIDITY")
            return Folder(uidvalidity=uidvalidity, uidnext=_number(box, "UIDNEXT"))

    def _headers_of(self, uid: int) -> bytes:
        try:
            with self._mapped(keep_refusals=True) as box:
                parts = self._fetch(box, [uid], "(UID BODY.PEEK[HEADER])")
            head = b"".join(part[1] for part in parts if isinstance(part, tuple))
        except imaplib.IMAP4.error:
            head = b""
        return _marked(f"mail {uid} could not be read from the server", head or b"\r\n")

    @staticmethod
    def _fetch(
        box: BaseMailBox, uids: Sequence[int], what: str
    ) -> list[bytes | tuple[bytes, bytes]]:
        if not uids:
            return []
        status, parts = box.client.uid("FETCH", ",".join(map(str, uids)), what)
        if status != "OK":
            raise imaplib.IMAP4.error("FETCH refused")
        return [part for part in parts if part]

    @contextmanager
    def _mapped(self, *, keep_refusals: bool = False) -> Iterator[BaseMailBox]:
        if self._box is None:
            raise Unavailable("the IMAP connection is closed")
        with self._mapped_errors(keep_refusals=keep_refusals):
            yield self._box

    @contextmanager
    def _mapped_errors(self, *, keep_refusals: bool = False) -> Iterator[None]:
        """Turn what imaplib raises into our classes, dropping a connection that is of no use."""
        try:
            yield
        except (MailboxLoginError, imaplib.IMAP4.abort, OSError) as error:
            self.close()
            raise self._explained(error) from None
        except (UnexpectedCommandStatusError, imaplib.IMAP4.error) as error:
            if keep_refusals and isinstance(error, imaplib.IMAP4.error):
                raise
            raise self._explained(error) from None

    def _explained(self, error: Exception) -> ConnectorError:
        if isinstance(error, MailboxLoginError):
            if _NOT_THE_PASSWORD.search(str(error)):
                return Unavailable("the IMAP server takes no log-in at the moment")
            return AuthExpired("the IMAP server refused the log-in")
        if isinstance(error, MailboxFolderSelectError):
            return Unavailable(f"there is no IMAP folder {self._config.folder!r}")
        if isinstance(error, TimeoutError):
            return Unavailable(f"{self._where} did not answer in {self._timeout:.0f} s")
        for kind, says in _FAILURES:
            if isinstance(error, kind):
                return Unavailable(f"{self._where} {says}")
        return Unavailable(f"{self._where}: {type(error).__name__}")

    @property
    def _where(self) -> str:
        return f"IMAP {self._config.imap_host}:{self._config.imap_port}"


def _authenticate(box: BaseMailBox, log_in: LogIn) -> None:
    """XOAUTH2. A server that refuses first says why, and wants an empty line for it."""
    answers = iter((log_in.xoauth2.encode(),))
    try:
        box.client.authenticate("XOAUTH2", lambda _challenge: next(answers, b""))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = error.args[0] if error.args else b""
        raise MailboxLoginError((said, []), "OK") from None


def since(day: date) -> str:
    """The SEARCH criterion "arrived on or after `day`", as IMAP spells dates."""
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * day.month - 3 : 3 * day.month]
    return f"SINCE {day.day:02d}-{month}-{day.year:04d}"


_BOXES: dict[str, Callable[[MailConfig, float], BaseMailBox]] = {
    "tls": lambda c, timeout: MailBox(
        c.imap_host, c.imap_port, timeout=timeout, ssl_context=ssl.create_default_context()
    ),
    "starttls": lambda c, timeout: MailBoxStartTls(
        c.imap_host, c.imap_port, timeout=timeout, ssl_context=ssl.create_default_context()
    ),
    "none": lambda c, timeout: MailBoxUnencrypted(c.imap_host, c.imap_port, timeout=timeout),
}


def _number(box: BaseMailBox, name: str) -> int | None:
    _, values = box.client.response(name)
    found = next((value for value in reversed(values or []) if value), None)
    return int(found) if found is not None and found.isdigit() else None


def _meta(line: bytes) -> MailMeta | None:
    uid, size = _UID.search(line), _SIZE.search(line)
    if uid is None:
        return None
    arrived = imaplib.Internaldate2tuple(line)
    return MailMeta(
        uid=int(uid.group(1)),
        size=int(size.group(1)) if size else 0,
        arrived_at=datetime.fromtimestamp(time.mktime(arrived), UTC) if arrived else None,
    )


def _literals(parts: Sequence[bytes | tuple[bytes, bytes]]) -> Iterator[tuple[int, bytes]]:
    """(uid, literal) pairs; servers may put the UID before the literal or after it."""
    for part, following in zip(parts, [*parts[1:], b""], strict=True):
        if not isinstance(part, tuple):
            continue
        tail = following if isinstance(following, bytes) else b""
        uid = _UID.search(part[0]) or _UID.search(tail)
        if uid is not None:
            yield int(uid.group(1)), part[1]


def _marked(why: str, raw: bytes) -> bytes:
    return PARTIAL_HEADER + b": " + why.encode("ascii", "replace") + b"\r\n" + raw
