"""An answer before it leaves: to whom, in which thread, within which limits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.contract import Json, ReplyCommand
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.limits import check_files, parts_of
from connectors.manifest import manifest_beside
from connectors.mirakl.normalise import CUSTOMER, OPERATOR
from connectors.mirakl.operators import AnswersTo
from connectors.probing import SKEW, Traces

LIMITS: Final = manifest_beside(__file__).limits

SHORTEST: Final = 3
"""Characters (M12 and OR43, `minLength`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where an answer goes: into `thread`, or into a new one on `order`. `to` are types."""

    thread: str
    order: str
    to: Sequence[str]
    customer: str
    name: str

    @property
    def recipients(self) -> Sequence[Mapping[str, str]]:
        """As M12 wants them: the operator has no id."""
        return [
            {"type": kind, "id": self.customer} if kind == CUSTOMER and self.customer
            else {"type": kind}
            for kind in self.to
        ]  # fmt: skip

    def shown(self, marketplace: str) -> str:
        """Who gets it, for the agent to see before sending."""
        customer = f"the customer {self.name}".strip()
        names = {CUSTOMER: customer, OPERATOR: f"the operator, {marketplace}"}
        return " and ".join(names[kind] for kind in self.to)


def route_of(context: Mapping[str, Json], answers_to: AnswersTo) -> Route:
    """Where an answer to this message goes. Raises Rejected when the message does not say."""
    thread, order = _text(context, "thread"), _text(context, "order")
    if not (thread or order):
        raise Rejected("this message names neither a thread nor an order to answer")
    writer = OPERATOR if context.get("writer") == OPERATOR else CUSTOMER
    read = context.get("to")
    also = {one for one in read if isinstance(one, str)} if isinstance(read, list) else set()
    to = {writer}
    if answers_to == "mirror":
        to |= also & {CUSTOMER, OPERATOR}
    elif answers_to == "everybody":
        # An aside between shop and operator stays one: the customer never wrote in it.
        to |= {OPERATOR} | (also & {CUSTOMER})
    return Route(
        thread=thread,
        order=order,
        to=sorted(to),
        customer=_text(context, "customer"),
        name=_text(context, "name"),
    )


def body_of(command: ReplyCommand) -> str:
    """The text as it is sent. Raises Rejected for what Mirakl would refuse."""
    if len(command.text.strip()) < SHORTEST:
        raise Rejected(f"the answer is empty or shorter than {SHORTEST} characters")
    check_files(command.attachments, LIMITS)
    return parts_of(command.text, LIMITS)[0]


def topic_of(context: Mapping[str, Json]) -> str:
    """The subject of a new thread on an order."""
    return f"Order {_text(context, 'order')}"[:200]


def traces_of(threads: Sequence[Json], command: ReplyCommand, body: str) -> Traces:
    """Looks for the shop's message with this text from after the agent's decision."""
    since = command.decided_at.replace(microsecond=0) if command.decided_at else None
    doubtful = False
    for thread in threads:
        for said in Fields(thread).each("messages") if isinstance(thread, dict) else ():
            if not _is_ours(said, body):
                continue
            at = said.instant_or_none("date_created")
            if _is_after(at, since):
                name = said.id("id", default="")
                return Traces(message_id=name, doubtful=not name)
            doubtful |= at is None or (since is not None and at >= since - SKEW)
    return Traces(doubtful=doubtful)


def _is_ours(said: Fields, body: str) -> bool:
    by_shop = said.inner("from").text("type", default="") == "SHOP_USER"
    return by_shop and said.text("body", default="").split() == body.split()


def _is_after(at: datetime | None, since: datetime | None) -> bool:
    return since is None or (at is not None and at >= since)


def _text(context: Mapping[str, Json], name: str) -> str:
    value = context.get(name)
    return value if isinstance(value, str) else ""
