"""Raw items of disputes and claims: their states, and the messages of their chats. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.allegro.client import Row
from connectors.allegro.items import name_of, raw_item
from connectors.contract import Json, RawItem
from connectors.fields import Fields

CLOSED: Final = frozenset(
    {"CLAIM_ACCEPTED", "CLAIM_REJECTED", "DISPUTE_CLOSED", "DISPUTE_UNRESOLVED"}
)
"""States in which nothing is left to decide. One that this version does not know is open."""

REMINDED: Final = timedelta(days=2)
"""So long before its deadline, a claim that was answered but not decided is told once more."""

_HEAD: Final = (
    "id", "type", "referenceNumber", "decisionDueDate", "openedDate", "subject", "currentState",
    "description", "expectations", "reason", "right", "attachments", "offer", "product",
)  # fmt: skip
"""What the items of an issue need of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What an issue is at, as far as a change of it is news."""

    status: str
    told: str

    @property
    def is_open(self) -> bool:
        """Whether it waits to be decided or settled."""
        return self.status not in CLOSED


def state_of(issue: Row, now: datetime) -> State:
    """The state of an issue. A claim that was answered only becomes news again near its end."""
    raw = Fields(issue)
    current = raw.inner("currentState")
    status = current.text("status", default="")
    due = [raw.text("decisionDueDate", default=""), current.text("statusDueDate", default="")]
    parts = [
        raw.text("type", default=""), status, raw.text("openedDate", default=""), *due,
        "soon" if status not in CLOSED and _is_due_soon(raw, now) else "",
    ]  # fmt: skip
    return State(status=status, told="|".join(parts))


def due_of(issue: Fields) -> datetime | None:
    """The deadline Allegro names: read, never computed. The nearer one where it names two."""
    named = (
        issue.instant_or_none("decisionDueDate"),
        issue.inner("currentState").instant_or_none("statusDueDate"),
    )
    return min((at for at in named if at is not None), default=None)


def changed_at(issue: Row) -> datetime | None:
    """When somebody last wrote in an issue, or opened it."""
    raw = Fields(issue)
    told = (
        raw.inner("chat").inner("lastMessage").instant_or_none("createdAt"),
        raw.instant_or_none("openedDate"),
    )
    return max((at for at in told if at is not None), default=None)


def of_issue(
    issue: Row,
    chat: Sequence[Row],
    *,
    before: str | None,
    state: State,
    floor: datetime,
    now: datetime,
) -> Sequence[RawItem]:
    """The issue's new state, if it is news, and its messages since `floor`, oldest first.

    `before` is the state in which it was told last; None where it never was.
    """
    head = _head(issue)
    found = list[RawItem]()
    if state.told != before and (state.is_open or before is not None):
        found.append(_of_state(issue, chat, before, state, now))
    for message in sorted((Fields(one) for one in chat), key=lambda one: _at(one, now)):
        sent = message.instant_or_none("createdAt")
        if sent is not None and sent < floor:
            continue
        payload: Row = {"issue": head, "chat": message.value}
        # By the message alone: a chat may also show those of an earlier claim on the same order.
        found.append(raw_item(f"chat:{name_of(message)}", sent, now, payload))
    return found


def _of_state(
    issue: Row, chat: Sequence[Row], before: str | None, state: State, now: datetime
) -> RawItem:
    raw = Fields(issue)
    first = raw.inner("chat").inner("initialMessage")
    # A first message that Allegro does not have is one word, in its id and its text alike.
    nothing = {"", first.text("id", default="")}
    shown = {Fields(one).text("text", default="") for one in chat} | nothing
    payload: Row = {
        "issue": _head(issue),
        "is_open": state.is_open,
        "is_reminder": before is not None and state.told == f"{before}soon",
        "is_first": before is None,
        "first": None if first.text("text", default="") in shown else first.value,
    }
    # Received now, however old: it is open now, and no history to be filed away.
    return raw_item(f"issue:{raw.id('id', default='')}:{state.told}", None, now, payload)


def _head(issue: Row) -> Row:
    head: dict[str, Json] = {key: issue[key] for key in _HEAD if key in issue}
    raw = Fields(issue)
    head["buyer"] = {"login": raw.inner("buyer").text("login", default="")}
    head["order"] = raw.inner("checkoutForm").id("id", default="")
    return head


def _is_due_soon(issue: Fields, now: datetime) -> bool:
    due = due_of(issue)
    answered = issue.inner("chat").inner("lastMessage").text("status", default="")
    return answered == "SELLER_REPLIED" and due is not None and due - now <= REMINDED


def _at(message: Fields, now: datetime) -> datetime:
    return message.instant_or_none("createdAt") or now
