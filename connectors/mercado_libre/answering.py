"""Where an answer goes, what it may hold, and how it is found again. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors import traces
from connectors.contract import Absent, Found, Json, ReplyCommand, ReplyReceipt, Unknown
from connectors.errors import OutcomeUnknown, Rejected
from connectors.fields import Fields
from connectors.limits import check_files
from connectors.manifest import manifest_beside
from connectors.mercado_libre.claims import MEDIATOR, SELLER
from connectors.mercado_libre.explain_claim import sent_name
from connectors.mercado_libre.items import moderation_of, sellers_of, written_at
from connectors.mercado_libre.refusals import moderated_because
from connectors.probing import SKEW

LIMITS: Final = manifest_beside(__file__).limits

LONGEST_QUESTION: Final = 2000
LONGEST_MESSAGE: Final = 350
"""Characters of an answer to a question, and of a message after a sale."""


_ID: Final = re.compile(r"\d{1,20}")
_SITE: Final = re.compile(r"[A-Z]{3}")
_PLAIN: Final = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u202f": "\u00a0",
    }
)
"""Typographic quotes, dashes, dots and the narrow blank: Latin-1 has signs that stand for them."""

_JOINERS: Final = frozenset("\u200d\ufe0f\u20e3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where an answer goes: `to` is "question", "pack" or "claim", `name` its number."""

    to: str
    name: str
    buyer: str = ""
    receiver: str = ""
    site: str = ""
    longest: int = LONGEST_QUESTION

    @property
    def shown(self) -> str:
        """Who reads it, for the preview."""
        if self.to == "question":
            return "everybody, below the item"
        if self.to == "pack":
            return f"the buyer of sale {self.name}"
        return (
            "Mercado Libre's mediator" if self.receiver == MEDIATOR else "the buyer, in the claim"
        )


def route_of(context: Mapping[str, Json]) -> Route:
    """Where the answer to a message goes. Raises Rejected where there is no such place."""
    to = _text(context, "to")
    name = _text(context, to) if to in {"question", "pack", "claim"} else ""
    site = _text(context, "site")
    if not _ID.fullmatch(name):
        raise Rejected("this takes no answer here; look at it in Mercado Libre")
    site = site if _SITE.fullmatch(site) else ""
    if to == "pack":
        buyer, told = _text(context, "buyer"), context.get("length")
        if not _ID.fullmatch(buyer):
            raise Rejected("nobody knows who the buyer is; answer in Mercado Libre")
        longest = (
            told if isinstance(told, int) and 0 < told <= LONGEST_QUESTION else LONGEST_MESSAGE
        )
        return Route(to=to, name=name, buyer=buyer, site=site, longest=longest)
    return Route(to=to, name=name, receiver=_text(context, "receiver"), site=site)


def body_of(command: ReplyCommand, route: Route) -> str:
    """The text as it is sent. Raises Rejected for what Mercado Libre would refuse."""
    if not command.text.strip():
        raise Rejected("the answer is empty")
    if command.public and route.to != "question":
        raise Rejected("this conversation is private: it takes no public answer")
    if route.to == "question" and not command.public:
        raise Rejected("everybody can read the answer to a question: it cannot be private")
    check_files(command.attachments, LIMITS)
    if command.attachments and route.to != "pack":
        raise Rejected("files can be sent with messages about a sale only")
    body = command.text.translate(_PLAIN) if route.to == "pack" else command.text
    if len(body) > route.longest:
        raise Rejected(f"the answer is too long: {len(body)} of at most {route.longest} characters")
    strange = _strange(body) if route.to == "pack" else ""
    if strange:
        raise Rejected(f"Mercado Libre's messages cannot hold these characters: {strange}")
    return body


def _strange(body: str) -> str:
    """Characters outside Latin-1 that are no emoji, a few of them."""
    pictures = {body[start:end] for start, end in traces.emoji(body)} | _JOINERS
    return " ".join(sorted({c for c in body if ord(c) > 0xFF and c not in pictures}))[:40]  # noqa: PLR2004


def sent_message(answer: Json) -> str:
    """The id of a message Mercado Libre took.

    Raises Rejected when moderation refused it at once, OutcomeUnknown while it looks at it, and
    where the answer does not say which message it is.
    """
    message = _message_in(answer)
    verdict, why = moderation_of(message)
    if verdict == "rejected":
        raise Rejected(f"Mercado Libre's moderation refuses the answer: {moderated_because(why)}")
    if verdict == "pending":
        raise OutcomeUnknown("Mercado Libre's moderation looks at the answer first")
    name = message.id("id", default="") or message.id("message_id", default="")
    if not name:
        raise OutcomeUnknown("Mercado Libre took the answer and gave no id")
    return name


def _message_in(answer: Json) -> Fields:
    """The answer's shape is not documented: the message, a list of one, or the usual envelope."""
    if isinstance(answer, dict) and isinstance(answer.get("messages"), list):
        answer = answer["messages"]
    if isinstance(answer, list):
        answer = answer[0] if answer else None
    return Fields(answer if isinstance(answer, dict) else {})


def answered(
    question: Fields, command: ReplyCommand, body: str, at: datetime
) -> Found | Absent | Unknown:
    """Whether a question has this answer. Somebody else's answer is for a person to look at."""
    answer = question.inner("answer")
    if not answer.value:
        return Absent()
    when = answer.instant_or_none("date_created")
    same = answer.text("text", default="").split() == body.split()
    if same and answer.text("status", default="ACTIVE") == "ACTIVE" and _is_after(when, command):
        name = f"answer:{question.id('id', default='')}"
        return Found(receipt=ReplyReceipt(external_id=name, accepted_at=at))
    return Unknown()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A message of ours with the text looked for: when, under which name, and what became of it."""

    at: datetime | None
    name: str
    verdict: str


def traces_in_pack(messages: Sequence[Fields], seller_id: str, body: str) -> list[Trace]:
    """Messages of the seller with this text."""
    return [
        Trace(
            at=written_at(one),
            name=f"message:{one.id('id', default='')}",
            verdict=moderation_of(one)[0],
        )
        for one in messages
        if one.inner("from").id("user_id", default="") in sellers_of(one, seller_id)
        and one.text("text", default="").split() == body.split()
    ]


def traces_in_claim(messages: Sequence[Fields], claim: str, body: str) -> list[Trace]:
    """Messages of the seller with this text, in a claim."""
    return [
        Trace(
            at=one.instant_or_none("date_created"),
            name=sent_name(claim, body),
            verdict=moderation_of(one)[0],
        )
        for one in messages
        if one.text("sender_role", default="") == SELLER
        and one.text("message", default="").split() == body.split()
    ]


def look_at(
    found: Sequence[Trace], command: ReplyCommand, at: datetime
) -> Found | Absent | Unknown:
    """What the traces prove. One that moderation holds or refused must not be sent again."""
    since = command.decided_at
    clean = [one for one in found if one.verdict == "clean" and _is_after(one.at, command)]
    if clean:
        return Found(receipt=ReplyReceipt(external_id=clean[0].name, accepted_at=at))
    doubtful = [one for one in found if since is None or one.at is None or one.at >= since - SKEW]
    return Unknown() if doubtful else Absent()


def is_held(found: Sequence[Trace], command: ReplyCommand) -> bool:
    """Whether moderation still looks at the answer."""
    return any(one.verdict == "pending" for one in found if _is_after(one.at, command))


def _is_after(at: datetime | None, command: ReplyCommand) -> bool:
    """Mercado Libre's times may be whole seconds."""
    since = command.decided_at.replace(microsecond=0) if command.decided_at else None
    return since is None or (at is not None and at >= since)


def _text(context: Mapping[str, Json], name: str) -> str:
    value = context.get(name)
    return value if isinstance(value, str) else ""
