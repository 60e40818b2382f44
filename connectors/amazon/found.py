"""One of Amazon's mails with everything that was found in it, before it is told to the desk."""

from dataclasses import dataclass

from connectors.amazon.address import Alias
from connectors.amazon.body import Body
from connectors.amazon.formats import MailKind
from connectors.amazon.marketplace import Marketplace
from connectors.amazon.sorting import Meaning
from connectors.contract import RawItem, Verdict
from connectors.mail.mime import ParsedMail


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`genuine` says that Amazon sent it; `named` is the buyer as the subject names them."""

    item: RawItem
    mail: ParsedMail
    body: Body
    sender: str
    sender_name: str
    alias: Alias | None
    from_relay: bool
    genuine: bool
    order: str | None
    kind: MailKind
    meaning: Meaning
    marketplace: Marketplace | None
    named: str

    @property
    def suspect(self) -> bool:
        """Whether it only looks like Amazon."""
        return self.meaning.verdict is Verdict.SUSPECT

    @property
    def buyer(self) -> Alias | None:
        """The buyer's alias, where it was a buyer who wrote."""
        return self.alias if self.meaning.verdict is Verdict.CUSTOMER else None
