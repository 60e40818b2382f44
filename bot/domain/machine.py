"""What a language model is asked about a ticket, what is kept back, and what its answer may rest on.

Internal notes, other tickets, lifetime values and files are never among it, and an order only where
no platform's data rules hold (docs/assist.md lists everything that leaves).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.assist.llm.checking import Checked, Ground, checked
from bot.assist.llm.prompts import Prompt, Section, prompt_for
from bot.assist.llm.traces import Kind
from bot.assist.llm.uses import LANGUAGES, Use
from bot.assist.llm.veil import NAME, ORDER, TRACKING, Veil
from bot.configuration.macros import Macro, Variable
from bot.domain.card import MessageView, TicketView
from bot.domain.macro_values import Writer, order_asked_about, values_of
from bot.domain.macros import Values, fill, mark_of
from bot.language import marked, tr
from connectors.capabilities import Delivery, Payment
from connectors.contract import Verdict

MOST_SHOWN: Final = 3000
"""Characters of an answer: what a field of a window, or one text in it, holds."""

_ASIDE: Final = "-"
_EXAMPLES: Final = 3
"""Macros a model is shown, the fitting ones first."""

_SAID_BY_CUSTOMERS: Final = frozenset({Verdict.CUSTOMER, Verdict.CLAIM})
_GONE_OUT: Final = frozenset({"queued", "sending", "sent", "unsure"})
_OF_THE_CUSTOMER: Final = frozenset({Variable.CUSTOMER_NAME, Variable.CUSTOMER_FIRST_NAME})

MARKS: Final = {
    Kind.MARKUP: marked("formatting"),
    Kind.LINK: marked("link"),
    Kind.EMAIL: marked("e-mail address"),
    Kind.PHONE: marked("phone number"),
    Kind.ADDRESS: marked("address"),
    Kind.CARD: marked("card number"),
    Kind.HANDLE: marked("account name"),
    Kind.PROMISE: marked("promise"),
    Kind.AMOUNT: marked("amount"),
    Kind.TIME: marked("time"),
    Kind.NUMBER: marked("number"),
    Kind.MISSING: marked("to be filled in"),
}
"""What stands in an answer for what was taken out of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose words an answer began as: kept with its draft, and told in the ticket's history."""

    use: str
    model: str
    digest: str

    @classmethod
    def of(cls, use: Use, model: str, text: str) -> "Origin":
        """Of words just put into the field."""
        return cls(use=use, model=model[:80], digest=_digest(text))

    def dump(self) -> str:
        """As a draft and a window keep it."""
        return f"{self.use}|{self.digest}|{self.model}"

    @classmethod
    def told(cls, machine: Mapping[str, Any], text: str) -> "Origin":
        """Of an answer taken back, whose event told the use, the model and whether it was edited."""
        digest = "" if machine.get("edited") else _digest(text)
        use, model = str(machine.get("use") or ""), str(machine.get("model") or "")
        return cls(use=use, model=model, digest=digest)

    @classmethod
    def load(cls, kept: str) -> "Origin | None":
        """Back from there; None where nothing was kept, or its words were put aside."""
        parts = kept.split("|", 2) if not kept.startswith(_ASIDE) else ()
        return cls(use=parts[0], digest=parts[1], model=parts[2]) if len(parts) == 3 else None  # noqa: PLR2004

    def was_edited(self, text: str) -> bool:
        """Whether `text` is not what the machine wrote, blanks around it aside."""
        return _digest(text) != self.digest


def put_aside(kept: str) -> str:
    """The origin of words that leave the field for the agent's own, or come back into it."""
    return kept.removeprefix(_ASIDE) if kept.startswith(_ASIDE) else f"{_ASIDE}{kept}"


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A ticket as a model may be told of it.

    `agents` are colleagues whose names may stand in earlier answers, `macros` those the agent may
    use here, the fitting ones first. `with_orders` is false where a platform's data rules hold.
    """

    ticket: TicketView
    conversation: Sequence[MessageView]
    writer: Writer
    macros: Sequence[Macro] = ()
    agents: Sequence[str] = ()
    order_numbers: Sequence[str] = ()
    with_orders: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and all that is needed to make use of the answer."""

    use: Use
    prompt: Prompt
    veil: Veil = field(repr=False)
    ground: Ground
    most: int


def question(
    use: Use, case: Case, *, language: str, own: str = "", fence: str, room: int, most: int
) -> Question:
    """The question for one use. `language` is that of the answer, `own` the agent's words to translate.

    `room` is how many characters of data may leave, `most` how long the answer may be. `fence` is
    new for each question.
    """
    veil = Veil(known=tuple(_known(case)), order_numbers=case.order_numbers)
    # Whoever asks is the first to have a stand-in, however often others are named before.
    veil.over(f"{case.ticket.customer_name}\n{case.ticket.order_id or ''}")
    ground = _ground(use, case, own, fence)
    data = [Section(name=one.name, text=veil.over(one.text)) for one in _data(use, case, own)]
    prompt = prompt_for(use, language, data, fence=fence, most=room)
    return Question(use=use, prompt=prompt, veil=veil, ground=ground, most=most)


def finished(asked: Question, said: str, secrets: Sequence[str] = ()) -> Checked:
    """The answer as it may be shown: values put back, and a mark for what nobody backs. Raises NoUse."""
    ground = Ground(
        backed=asked.ground.backed,
        said=asked.ground.said,
        fence=asked.ground.fence,
        translated=asked.ground.translated,
        secrets=secrets,
    )
    return checked(
        asked.veil.lifted(said),
        asked.use,
        ground,
        language=asked.prompt.language,
        most=asked.most,
        mark=lambda kind: mark_of(tr(MARKS[kind])),
    )


def customer_language(ticket: TicketView) -> str | None:
    """The language to answer in, where it is known and can be asked for."""
    return ticket.language if ticket.language in LANGUAGES else None


def _known(case: Case) -> Iterator[tuple[str, str]]:
    ticket = case.ticket
    for name in (ticket.customer_name, *case.agents):
        yield NAME, name
        yield from ((NAME, word) for word in name.split() if word[:1].isupper())
    yield NAME, ticket.customer_handle
    if ticket.order_id:
        yield ORDER, ticket.order_id
    for order in ticket.order_context.orders if ticket.order_context else ():
        yield ORDER, order.order_id
        yield TRACKING, order.tracking_number


def _ground(use: Use, case: Case, own: str, fence: str) -> Ground:
    asked = _customers_words(case)
    if use is Use.ANSWER:
        return Ground(backed=own, fence=fence, translated=True)
    if use is Use.WORDS:
        return Ground(backed=asked, fence=fence, translated=True)
    shop = "\n".join(one.body for one in case.conversation if _is_ours(one))
    customers = "\n".join(one.body for one in case.conversation if not _is_ours(one))
    if use is Use.SUMMARY:
        return Ground(backed=f"{shop}\n{customers}\n{_facts(case)}", fence=fence, translated=True)
    macros = "\n".join(_macro_texts(case, without=_OF_THE_CUSTOMER))
    backed = f"{_facts(case)}\n{macros}\n{shop}"
    return Ground(backed=backed, said=customers, fence=fence)


def _data(use: Use, case: Case, own: str) -> Iterator[Section]:
    if use is Use.WORDS:
        yield Section(name="customer", text=_customers_words(case))
        return
    if use is Use.ANSWER:
        yield Section(name="answer", text=own)
        return
    last = case.ticket.last_customer_message
    for one in case.conversation:
        if last is None or one.id != last.id:
            yield Section(name="shop" if _is_ours(one) else "customer", text=one.body)
    if use is Use.DRAFT:
        for text in list(_macro_texts(case))[:_EXAMPLES]:
            yield Section(name="how the shop writes", text=text)
    facts = "\n".join(one for one in (_name(case), _facts(case)) if one)
    if facts:
        yield Section(name="facts", text=facts)
    yield Section(
        name="customer, last message", text=f"{case.ticket.subject}\n{_customers_words(case)}"
    )


def spoken_parts(messages: Sequence[MessageView]) -> list[MessageView]:
    """The messages that a customer wrote, and the answers that went out."""
    return [one for one in messages if _is_ours(one) or one.verdict in _SAID_BY_CUSTOMERS]


def _is_ours(message: MessageView) -> bool:
    return message.direction == "out" and message.state in _GONE_OUT


def _customers_words(case: Case) -> str:
    last = case.ticket.last_customer_message
    return last.body if last is not None else ""


def _macro_texts(case: Case, without: frozenset[Variable] = frozenset()) -> Iterator[str]:
    known = values_of(case.ticket, case.writer)
    values: Values = {name: value for name, value in known.items() if name not in without}
    yield from (fill(macro.text, values).text for macro in case.macros)


_DELIVERY: Final = {
    Delivery.NOT_SENT: "not sent yet",
    Delivery.PARTLY_SENT: "sent in part",
    Delivery.IN_TRANSIT: "on its way",
    Delivery.DELIVERED: "delivered",
    Delivery.FAILED: "delivery failed",
    Delivery.RETURNED: "returned",
    Delivery.CANCELLED: "cancelled",
}
_PAYMENT: Final = {
    Payment.OPEN: "not paid yet",
    Payment.PAID: "paid",
    Payment.PARTLY_REFUNDED: "paid, refunded in part",
    Payment.REFUNDED: "paid, refunded",
    Payment.DISPUTED: "disputed with the bank",
}


def _name(case: Case) -> str:
    """How to greet the customer. It backs nothing: they chose it themselves."""
    name = values_of(case.ticket, case.writer).get(Variable.CUSTOMER_NAME, "")
    return f"customer's name: {name}" if name else ""


def _facts(case: Case) -> str:
    """What the desk knows of the order asked about. Never its note, which a customer may have written."""
    order = order_asked_about(case.ticket) if case.with_orders else None
    values = values_of(case.ticket, case.writer)
    lines = {
        "order number": values.get(Variable.ORDER_ID, ""),
        "articles": ", ".join(f"{one.quantity} x {one.title}" for one in order.items)
        if order
        else "",
        "delivery": _DELIVERY.get(order.delivery, "") if order else "",
        "payment": _PAYMENT.get(order.payment, "") if order else "",
    }
    if order is not None:
        lines |= {
            "order total": values.get(Variable.ORDER_TOTAL, ""),
            "ordered on": values.get(Variable.ORDER_PLACED_AT, ""),
            "promised by": values.get(Variable.ORDER_PROMISED_BY, ""),
            "carrier": values.get(Variable.TRACKING_CARRIER, ""),
            "tracking number": values.get(Variable.TRACKING_NUMBER, ""),
            "tracking page": values.get(Variable.TRACKING_URL, ""),
        }
    return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
