"""A desk with macros, and an agent who writes answers with them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slack_bolt.response import BoltResponse
from sqlalchemy import update

from bot.configuration.macros import Macro
from bot.db import tables
from bot.db.draft_rows import drafts_of
from bot.domain.roster import Agent, Role
from tests.slack.front import GIULIA, Front, the_desk
from tests.slack.loopback import as_object

LEAD = "U0LEADER1"
THANKS = Macro(
    ref="file:it:grazie",
    name="grazie",
    language="it",
    text="Gentile {customer.first_name|cliente}, grazie. {agent.first_name}",
    origin="macros/it.toml:2",
)
PARCEL = Macro(
    ref="file::parcel",
    name="parcel",
    text="Your parcel: {tracking.url}",
    channels=("amazon",),
    origin="macros/any.toml:2",
)
ELSEWHERE = Macro(ref="file::ebay", name="ebay", text="x", channels=("ebay",))


def a_desk() -> Any:
    plain = the_desk()
    lead = Agent(slack_id=LEAD, name="Lea Serra", role=Role.LEAD)
    roster = replace(plain.roster, agents={**plain.roster.agents, LEAD: lead})
    return replace(plain, macros=(THANKS, PARCEL, ELSEWHERE), roster=roster)


async def asked(front: Front, text: str = "Dov'è il mio pacco?", thread: str = "buyer-1") -> int:
    """A customer writes Italian; the number of the ticket."""
    number = await front.customer_writes(text, thread=thread)
    t = tables.ticket
    italian = update(t).where(t.c.number == number).values(language="it")
    await front.db.write(lambda tx: tx.conn.execute(italian), now=front.clock.at)
    return number


async def opened(front: Front, number: int, user: str = GIULIA) -> dict[str, Any]:
    await front.press(user, "reply", (await front.ticket(number)).id)
    return dict(as_object(front.slack.of("views.open")[-1]["view"]))


def updated(front: Front) -> dict[str, Any]:
    return dict(as_object(front.slack.of("views.update")[-1]["view"]))


def field(view: dict[str, Any]) -> dict[str, Any]:
    return next(block for block in view["blocks"] if block["type"] == "input")


def text_of(view: dict[str, Any]) -> str:
    return str(field(view)["element"].get("initial_value", ""))


def with_text(view: dict[str, Any], typed: str) -> dict[str, Any]:
    held = {field(view)["block_id"]: {"text": {"type": "plain_text_input", "value": typed}}}
    return {**view, "id": "V0REPLY11", "state": {"values": held}}


def offered(view: dict[str, Any]) -> list[list[str]]:
    """The macros in the window's list, group by group."""
    for block in view["blocks"]:
        for element in block.get("elements", ()):
            if element.get("action_id") == "macro_chosen":
                groups: list[dict[str, Any]] = element["option_groups"]
                return [[one["value"] for one in group["options"]] for group in groups]
    return []


async def inserts(
    front: Front, view: dict[str, Any], ref: str, typed: str = "", user: str = GIULIA
) -> dict[str, Any]:
    await front.press(user, "macro_chosen", ref, view=with_text(view, typed))
    return updated(front)


async def drafts(front: Front, number: int) -> Sequence[tuple[str, str]]:
    ticket = await front.ticket(number)
    found = await front.db.read(lambda conn: drafts_of(conn, ticket.id))
    return [(one.agent, one.text) for one in found]


def next_view(response: BoltResponse) -> dict[str, Any]:
    body = as_object(response.body)
    assert body["response_action"] == "update", body
    return dict(body["view"])


async def submits(front: Front, view: dict[str, Any], typed: str) -> BoltResponse:
    return await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": with_text(view, typed),
        }
    )
