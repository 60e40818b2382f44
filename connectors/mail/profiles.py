r"""A marketplace that only writes mail, as data: its `profile.toml`, typed.

A new one is a folder with `manifest.toml`, `profile.toml` and golden mails; no code. Patterns are
regular expressions, compared without regard to letter case; `^` and `$` stand at every line. They
read what anybody may send, so they repeat nothing without a bound: `[ ]{0,4}`, not `\s*`.
"""

import re
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import model_validator as checked

from connectors.contract import Verdict
from connectors.manifest import read_data
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

PROFILE: Final = "profile.toml"
FIELDS: Final = ("name", "order", "conversation", "sender", "reply")
"""What a thread key may be made of. `sender` is the customer's own address at the platform, `reply`
the address the platform wants to be answered at."""

_LITERAL: Final = re.compile(r"\\.|\[\^?\]?[^\]]*\]", re.DOTALL)
_UNBOUNDED: Final = re.compile(r"[*+]|\{\d*,\}")


def _compiled(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if _UNBOUNDED.search(_LITERAL.sub("", value)):
        raise ValueError("repeats without a bound (*, + or {n,}): write {0,80} or the like")
    try:
        return re.compile(value, re.IGNORECASE | re.MULTILINE)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error


Pattern = Annotated[re.Pattern[str], BeforeValidator(_compiled)]
Domain = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$"),
]
"""A domain; its sub-domains belong to it."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Sender(_Data):
    """Who writes for the marketplace.

    `domains` are those of From; a mail from there counts as the marketplace's only if one of
    `signed_by` (the same ones, if empty) signed it. `names` are words that nobody else's sender
    carries, `customers` the addresses behind which the platform hides its customers.
    """

    domains: tuple[Domain, ...] = ()
    signed_by: tuple[Domain, ...] = ()
    names: tuple[str, ...] = ()
    customers: Pattern | None = None


class Thread(_Data):
    """One name of a conversation, such as `order:{order}`; not used while a field is unknown.

    `days` is how long it leads to a conversation nothing was heard of; None: for ever.
    """

    key: str
    days: float | None = Field(default=None, gt=0)

    @checked(mode="after")
    def _of_known_fields(self) -> Self:
        named = {name for _, name, _, _ in Formatter().parse(self.key) if name is not None}
        if not named or named - set(FIELDS):
            raise ValueError(f"key is made of {', '.join(FIELDS)} in braces")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it is made of."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.key) if name)


class MailForm(_Data):
    """One sort of mail the marketplace writes: how to tell it, and what it means.

    It fits when the sender, one of the subjects and one of the bodies fit, as far as given. Groups
    of the subject's pattern named `name`, `order` or `conversation` are those fields.
    `reply` says where an answer goes: by mail to who is named in Reply-To or From, or in the
    portal. `says` is the reason people are shown.
    """

    says: str = Field(min_length=4)
    verdict: Literal[Verdict.CUSTOMER, Verdict.CLAIM, Verdict.NOTICE, Verdict.BULK]
    kind: Kind = Kind.MESSAGE
    topic: Topic = Topic.OTHER
    stage: Stage = Stage.UNKNOWN
    reply: Literal["mail", "portal"] = "portal"
    sender: Pattern | None = None
    subjects: tuple[Pattern, ...] = ()
    bodies: tuple[Pattern, ...] = ()
    threads: tuple[Thread, ...] = ()

    @checked(mode="after")
    def _tells_something(self) -> Self:
        if not (self.sender or self.subjects or self.bodies):
            raise ValueError("give a sender, subjects or bodies: it would fit every mail")
        return self


class Frame(_Data):
    """What stands around the customer's words. Without `end`, they go on to the mail's end."""

    begin: Pattern
    end: Pattern | None = None


class Fields(_Data):
    """Where a field stands, if not in the subject's pattern: the first group of the first match.

    `limit` is a time to answer the mail states: its group is named `hours` or `days`.
    """

    name: tuple[Pattern, ...] = ()
    order: tuple[Pattern, ...] = ()
    conversation: tuple[Pattern, ...] = ()
    limit: tuple[Pattern, ...] = ()


class Portal(_Data):
    """Where people answer: `url` always leads there, `links` are pages of single conversations."""

    url: str = Field(pattern=r"^https://[a-z0-9.-]+(/\S*)?$")
    links: tuple[Pattern, ...] = ()


class Profile(_Data):
    """One marketplace's mails. The first of `mails` that fits decides.

    `unknown` is where a mail of none of these sorts is answered.
    """

    sender: Sender
    portal: Portal
    mails: tuple[MailForm, ...] = Field(min_length=1)
    words: tuple[Frame, ...] = ()
    fields: Fields = Fields()
    unknown: Literal["mail", "portal"] = "portal"

    @property
    def by_mail(self) -> bool:
        """Whether any of its mails is answered by mail."""
        return any(form.reply == "mail" for form in self.mails)


def read_profile(folder: Path) -> Profile:
    """The profile in `folder`. Raises ManifestError, one sentence a problem."""
    return read_data(folder / PROFILE, Profile)
