"""A shop's mailbox at a provider: what customers mail, what comes of answers, and its numbering.

Its books are a marketplace's (`shop_world`), kept as mails: the desk reads them through the real
mail connector, by IMAP (`mail_imap`), and answers by SMTP (`mail_smtp`). Nothing here shows a mail
later than the connector looks back: the 50 newest numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakValueDictionary

from typing_extensions import override

from bot.clock import Clock
from connectors.contract import Connector, InboxContext
from connectors.mail.cursor import OVERLAP as LOOKS_BACK
from connectors.mail.cursor import fingerprint
from connectors.mail.message_id import read_own_id
from connectors.mail.mime import ParsedMail, parse_mail
from connectors.website.config import Config
from connectors.website.connector import WebsiteChannel
from tests.simulation import mail_letters
from tests.simulation.faults import FaultKind
from tests.simulation.mail_letters import SHOP, UNFETCHABLE, Letter
from tests.simulation.ports import Around
from tests.simulation.shop_world import LATEST, By, Said, ShopPlan, ShopWorld, Taken

KEY: Final = b"the key of a simulated desk: 32 b"
PASSWORD: Final = "correct"

providers: WeakValueDictionary[str, "MailWorld"] = WeakValueDictionary()
"""Whose server answers at an address; the newest world's."""


@dataclass(slots=True, kw_only=True)
class Mail(Said):
    """One mail. `filed_at` is when it got its number, `visible_at` when a search first finds it.

    `raw` and `name` (the source's id of it) are made when first asked for: a bounce learns what it
    is about after it was drawn. Mail that is not `in_inbox` is filed among what was sent, if it is
    `kept` at all.
    """

    filed_at: datetime
    compose: Callable[["Mail"], bytes]
    message_id: str = ""
    flavour: str = ""
    in_inbox: bool = True
    twice: bool = False
    kept: bool = True
    raw: bytes = b""
    name: str = ""

    def bytes(self) -> bytes:
        """The mail as it lies there."""
        if not self.raw:
            self.raw = self.compose(self)
        return self.raw

    @property
    @override
    def id(self) -> str:
        """What the connector calls it: no renumbering changes that, and no second delivery."""
        if not self.name:
            raw = self.bytes()
            head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            self.name = fingerprint(head if self.flavour == UNFETCHABLE else raw)
        return self.name

    @property
    @override
    def source_id(self) -> str:
        return self.id


@dataclass(slots=True)
class _Folder:
    """The numbers that mails have under one UIDVALIDITY."""

    mails: dict[int, Mail] = field(default_factory=dict)
    next: int = 1

    def file(self, mail: Mail) -> None:
        self.mails[self.next] = mail
        self.next += 1


class MailWorld(ShopWorld):
    """One mailbox that outlives every process of the desk.

    `validity` is its UIDVALIDITY; `folders` are its numberings by it. `files_sent` says whether the
    provider keeps a copy of what is handed over: without one nobody can look an answer up.
    """

    def __init__(self, around: Around, *, inbox: str, plan: ShopPlan | None = None) -> None:
        self.validity = 1
        self.folders: dict[int, _Folder] = {1: _Folder()}
        self._waiting: list[Mail] = []
        self._instants: set[datetime] = set()
        self.host = "127.0.0.9"
        super().__init__(around, inbox=inbox, plan=plan)
        providers[self.host] = self

    @override
    def connector(self, clock: Clock) -> Connector:
        self.waits.forget()
        told: Mapping[str, Any] = {
            "imap_host": self.host,
            "imap_port": 143,
            "imap_security": "none",
            "imap_user": SHOP,
            "imap_password": PASSWORD,
            "smtp_host": self.host,
            "smtp_port": 587,
            "smtp_security": "none",
            "smtp_user": SHOP,
            "smtp_password": PASSWORD,
            "from_address": SHOP,
        }
        context = InboxContext(inbox=self.inbox, instance_key=KEY, now=clock.now)
        return WebsiteChannel(Config.model_validate(told), context)

    @override
    def visible(self, at: datetime) -> list[Said]:
        return [each for each in super().visible(at) if _mail(each).in_inbox]

    # What the server does.

    def numbered(self) -> Mapping[int, Mail]:
        """The folder as it is now: mails by their numbers, shown or not yet."""
        now, folder = self.around.now(), self.folders[self.validity]
        due = [each for each in self._waiting if each.filed_at <= now]
        for mail in sorted(due, key=lambda each: (each.filed_at, each.number)):
            self._waiting.remove(mail)
            folder.file(mail)
            if mail.twice:
                folder.file(mail)
        return folder.mails

    @property
    def next_number(self) -> int:
        """UIDNEXT."""
        return self.folders[self.validity].next

    def renumber(self) -> None:
        """The mailbox is made anew from its mails: other numbers, and another UIDVALIDITY."""
        old = list(self.numbered().values())
        self.validity += self.dice.randint(1, 5)
        self.folders[self.validity] = _Folder(next=self.dice.randint(1, 9))
        for number, mail in enumerate(old):
            if all(mail is not each for each in old[:number]):
                self.folders[self.validity].file(mail)
        self.tell("numbers its mails anew")

    def sent_copies(self) -> Sequence[Mail]:
        """What a search among the sent mail finds now."""
        now = self.around.now()
        mails = (_mail(each) for each in self.said)
        return [one for one in mails if one.kept and not one.in_inbox and one.visible_at <= now]

    def promised(self, state: Mapping[str, Any]) -> Sequence[Said]:
        """The mails of which a cursor says that nobody need look at them again."""
        folder = self.folders.get(state["uidvalidity"], _Folder())
        seen, last = frozenset(state["recent"]), state["last_uid"]
        return [
            mail
            for uid, mail in folder.mails.items()
            if uid <= last and (uid in seen or uid <= last - LOOKS_BACK)
        ]

    def hand_over(self, raw: bytes) -> Taken:
        """Take a mail for a customer, and file a copy where the provider does so."""
        mail = parse_mail(raw)
        own = read_own_id(KEY, mail.message_id or "")
        key = own.reply if own is not None else ""
        taken = self.take(key, self._thread_of(mail), mail.new_text.strip())
        copy = _mail(taken.said)
        copy.raw, copy.message_id = raw, mail.message_id or ""
        copy.in_inbox, copy.kept = self.dice.random() < 0.1, self.plan.probes
        if copy.in_inbox:
            self._waiting.append(copy)
        return taken

    def _thread_of(self, mail: ParsedMail) -> str:
        to = mail.recipients[0].address if mail.recipients else ""
        return to.partition("@")[0].removeprefix("buyer-")

    # What is written.

    @override
    def _write(self, thread: str, by: By, text: str, at: datetime) -> Said:
        self._numbers += 1
        chance, dice = self.around.chance, self.dice
        at = self._an_instant(at)
        filed = at + timedelta(seconds=dice.uniform(0, 20))
        late = timedelta()
        if chance.happens(FaultKind.LATE_VISIBLE):
            late = dice.random() * (LATEST - timedelta(seconds=21))
        before = self._books.by_thread.get(thread, ())
        mail = Mail(
            number=self._numbers,
            thread=thread,
            by=by,
            text=text,
            sent_at=at,
            filed_at=filed,
            visible_at=filed + late,
            compose=self._composed,
            message_id=f"m{self._numbers}@post.example",
            in_inbox=by is not By.SELLER,
            twice=chance.happens(FaultKind.DUPLICATE),
        )
        if before and by is By.BUYER and chance.happens(FaultKind.SAME_ID):
            mail.message_id = next(
                (_mail(each).message_id for each in before if each.by is By.BUYER), mail.message_id
            )
        if mail.in_inbox:
            self._waiting.append(mail)
        return self._books.add(mail)

    def _an_instant(self, at: datetime) -> datetime:
        """Mails are dated by the second, and these are told apart by their dates."""
        at = at.replace(microsecond=0)
        while at in self._instants:
            at += timedelta(seconds=1)
        self._instants.add(at)
        return at

    @override
    def _buyer_writes(self, thread: str, at: datetime) -> Said:
        said = self._write(thread, By.BUYER, f"Question {self._numbers + 1} of {thread}", at)
        if self.around.chance.happens(FaultKind.POISON):
            _mail(said).flavour = self.dice.choice(mail_letters.HOSTILE)
        return said

    @override
    def moderates(self) -> bool:
        return False

    def _composed(self, mail: Mail) -> bytes:
        """A mail that came in, as bytes."""
        answers = self._answered_by(mail)
        if mail.by is By.BOUNCE:
            lost = next(_mail(each) for each in self.said if each.number == mail.about)
            dice = self.around.chance.dice(f"bounce:{self.inbox}:{mail.number}")
            letter = _of_a_server(mail, "Undelivered Mail Returned to Sender")
            return mail_letters.bounce(letter, lost=lost.message_id, dice=dice)
        if mail.by is By.AUTOMATIC and mail.number % 3 == 0:
            return mail_letters.delayed(_of_a_server(mail, "Delayed"), late=answers)
        letter = Letter(
            message_id=mail.message_id,
            sender=f"Buyer <buyer-{mail.thread}@post.example>",
            subject=("Re: " if answers else "") + f"Where is {mail.thread}",
            at=mail.sent_at,
            text=mail.text,
            answers=answers,
            extra=(mail.flavour,) if ":" in mail.flavour else (),
        )
        automatic = mail.by is By.AUTOMATIC
        return mail_letters.absence(letter) if automatic else mail_letters.written(letter)

    def _answered_by(self, mail: Mail) -> str:
        """The newest mail of the conversation before this one."""
        before = [
            _mail(each)
            for each in self._books.by_thread[mail.thread]
            if each.sent_at < mail.sent_at and each.by in {By.BUYER, By.SELLER}
        ]
        newest = max(before, key=lambda each: (each.sent_at, each.number), default=None)
        return newest.message_id if newest is not None else ""


def _of_a_server(mail: Mail, subject: str) -> Letter:
    return Letter(
        message_id=mail.message_id,
        sender="Mail Delivery System <mailer-daemon@mx.post.example>",
        subject=subject,
        at=mail.sent_at,
        text=mail.text,
    )


def _mail(said: Said) -> Mail:
    assert isinstance(said, Mail)
    return said
