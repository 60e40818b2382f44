"""The IMAP server of a simulated mailbox, below the real client: what `imap_tools` calls on a socket.

The connector works in a thread; here that work is done at once, and the loop is told how long it
took (`VirtualLoop.take`).
"""

import asyncio
import imaplib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from imap_tools import BaseMailBox, MailboxLoginError
from typing_extensions import override

from connectors.mail.config import MailConfig
from tests.simulation.faults import FaultKind
from tests.simulation.loop import VirtualLoop
from tests.simulation.mail_letters import UNFETCHABLE
from tests.simulation.mail_world import Mail, MailWorld, providers

_RANGE: Final = re.compile(r"UID (\d+):\*")
_SINCE: Final = re.compile(r"SINCE (\S+)")
_ID: Final = re.compile(r'HEADER Message-ID "([^"]+)"')

Answer = tuple[str, list[Any]]


class SimMailBox(BaseMailBox):
    """One connection. Its commands end in the world that answers at the address."""

    def __init__(self, config: MailConfig, timeout: float) -> None:
        self._server = _Server(providers[config.imap_host], timeout)
        super().__init__()

    @override
    def _get_mailbox_client(self) -> Any:
        return self._server


class _Server:
    """What a connection is to the client: commands, and the answers of a server with a bad day."""

    def __init__(self, world: MailWorld, timeout: float) -> None:
        self.state = "NONAUTH"
        self._world = world
        self._timeout = timeout
        self._told: dict[str, list[bytes]] = {}
        self._validity = world.validity
        self._folder = ""
        self._command("connect")

    def shutdown(self) -> None:
        """There is nothing to close."""

    def _quote(self, word: str) -> str:
        return word

    def _simple_command(self, name: str, *_words: Any) -> Answer:
        self._command(name.lower())
        if name == "LOGIN":
            self._log_in()
        return "OK", [b""]

    def _untagged_response(self, _typ: str, _data: Any, _name: str) -> Answer:
        return "OK", [b'() "/" "INBOX"', b'(\\Sent) "/" "Gesendet"']

    def select(self, folder: str | bytes, _readonly: bool) -> Answer:
        world = self._world
        if world.around.chance.happens(FaultKind.UIDVALIDITY):
            world.renumber()
        self._command("select")
        self._folder = folder.decode() if isinstance(folder, bytes) else folder
        world.numbered()
        self._validity = world.validity
        self._told = {
            "UIDVALIDITY": [str(world.validity).encode()],
            "UIDNEXT": [str(world.next_number).encode()],
        }
        return "OK", [b"1"]

    def response(self, name: str) -> tuple[str, list[bytes] | None]:
        return name, self._told.get(name)

    def uid(self, command: str, *words: Any) -> Answer:
        if command == "SEARCH":
            self._command("search")
            return "OK", [" ".join(map(str, self._found(words[0].decode()))).encode()]
        return self._fetch([int(each) for each in words[0].split(",")], words[1])

    def _found(self, criteria: str) -> list[int]:
        if wanted := _ID.search(criteria):
            return self._with_id(wanted.group(1))
        shown = self._shown()
        first = int(_RANGE.search(criteria).group(1))  # type: ignore[union-attr]
        found = [uid for uid in shown if uid >= first]
        if not found and shown:
            # n:* means the last mail where there is none from n on (RFC 3501 6.4.8).
            found = [max(shown)]
        if day := _SINCE.search(criteria):
            since = datetime.strptime(day.group(1), "%d-%b-%Y").date()  # noqa: DTZ007 - a date
            found = [uid for uid in found if shown[uid].filed_at.date() >= since]
        return found

    def _with_id(self, message_id: str) -> list[int]:
        if self._folder == "INBOX":
            return [uid for uid, mail in self._shown().items() if mail.message_id == message_id]
        copies = self._world.sent_copies()
        return [each.number for each in copies if each.message_id == message_id]

    def _shown(self) -> dict[int, Mail]:
        now = self._world.around.now()
        return {uid: one for uid, one in self._world.numbered().items() if one.visible_at <= now}

    def _fetch(self, uids: Sequence[int], what: str) -> Answer:
        self._command("fetch")
        shown, chance = self._shown(), self._world.around.chance
        wanted = [uid for uid in uids if uid in shown]
        if "BODY.PEEK[]" in what:
            if any(shown[uid].flavour == UNFETCHABLE for uid in wanted):
                raise imaplib.IMAP4.error("UID command error: NO [SERVERBUG] cannot read")
            if chance.happens(FaultKind.HALF_AN_ANSWER):
                wanted = wanted[:-1]
        if chance.happens(FaultKind.REORDER):
            wanted = self._world.dice.sample(wanted, len(wanted))
        parts: list[Any] = []
        for number, uid in enumerate(wanted, 1):
            parts += _told(number, uid, shown[uid], what)
            if chance.happens(FaultKind.PAGING_DRIFT):
                # Something else happened to the folder meanwhile, and is told in between.
                parts.append(f"{number} (FLAGS (\\Seen))".encode())
        return "OK", parts or [None]

    def _command(self, name: str) -> None:
        """The way of a command. Raises what ends it, or the connection."""
        world, chance = self._world, self._world.around.chance
        world.around.crash.point(f"imap.{name}")
        self._take(chance.dice(f"latency:{world.inbox}").uniform(0.05, 0.4))
        if chance.clogged(f"market:{world.inbox}") or chance.happens(
            FaultKind.MARKET_TIMEOUT_BEFORE
        ):
            world.tell(f"says nothing to {name}")
            self._take(self._timeout)
            raise TimeoutError("timed out")
        if chance.happens(FaultKind.LINE_CUT):
            world.tell(f"breaks the connection at {name}")
            raise imaplib.IMAP4.abort("socket error: EOF")
        if self._validity != world.validity and name in {"search", "fetch"}:
            raise imaplib.IMAP4.abort("BYE the mailbox was made anew")
        if name in {"select", "search"} and chance.happens(FaultKind.MARKET_5XX):
            world.tell(f"refuses {name}")
            raise imaplib.IMAP4.error("NO [SERVERBUG] internal error")

    def _log_in(self) -> None:
        if self._world.is_locked():
            raise MailboxLoginError(("NO", [b"[AUTHENTICATIONFAILED] no"]), "OK")

    def _take(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.take(seconds)


def _told(number: int, uid: int, mail: Mail, what: str) -> list[Any]:
    """What a FETCH answers of one mail."""
    if "RFC822.SIZE" in what:
        at = mail.filed_at.strftime("%d-%b-%Y %H:%M:%S +0000")
        size = len(mail.bytes())
        return [f'{number} (UID {uid} INTERNALDATE "{at}" RFC822.SIZE {size})'.encode()]
    raw = mail.bytes()
    if "HEADER" in what:
        raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    return [(f"{number} (UID {uid} BODY[] {{{len(raw)}}}".encode(), raw), b")"]
