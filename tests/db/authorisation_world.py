"""Everybody there is, everything that can be asked of the desk, and what comes of each with each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.assist.llm.uses import Help
from bot.configuration.macros import Macro
from bot.db.macro_rows import MacroText
from bot.db.unit import Database
from bot.domain.desk import Desk, Workspace
from bot.domain.roster import Agent, Role
from bot.domain.standing import standing_of
from bot.usecases.claim import Claim, claim
from bot.usecases.confirm_reply import reply_started, reply_unsure
from bot.usecases.hold_reply import Held
from bot.usecases.macros import SaveMacro, save_macro
from bot.usecases.reply import QueueReply, queue_reply
from bot.usecases.standing import Stands, hear_standing
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    hours,
    queue,
)
from tests.db.reading import last_event

AT = NOW + hours(1)
OURS, THEIRS = "T0OURS", "T0THEIRS"

REFUND = Macro(ref="file::refund", name="refund", text="You get it back.", approval=True)

# --- Everybody.

ROLES = tuple(Role)

NOBODIES: Mapping[str, dict[str, Any]] = {
    "guest": {"team_id": OURS, "is_restricted": True},
    "single-channel guest": {"team_id": OURS, "is_restricted": True, "is_ultra_restricted": True},
    "outsider": {"is_stranger": True},
    "of another workspace": {"team_id": THEIRS},
    "bot": {"team_id": OURS, "is_bot": True},
    "deactivated": {"team_id": OURS, "deleted": True},
}
"""As Slack describes them. Each stands in the settings as an admin, by mistake."""

UNKNOWN = "U0UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, as the table of expectations needs them; no `role`: nothing is theirs to do."""

    name: str
    slack_id: str
    role: Role | None
    sees_amazon: bool = True


def everybody() -> Iterator[Person]:
    for role in ROLES:
        for place, sees in (("everywhere", True), ("own inbox", True), ("other inbox", False)):
            name = f"{role} {place}"
            slack_id = f"U0{role}{place[:3]}".upper().replace(" ", "")
            yield Person(name=name, slack_id=slack_id, role=role, sees_amazon=sees)
    for name in NOBODIES:
        yield Person(name=name, slack_id=f"U0X{name[:12]}".upper().replace(" ", ""), role=None)
    yield Person(name="unknown", slack_id=UNKNOWN, role=None)


def the_desk() -> Desk:
    plain = a_desk()
    sight = {"everywhere": None, "own inbox": frozenset({AMAZON}), "other inbox": frozenset({SHOP})}
    people = {
        one.slack_id: Agent(
            slack_id=one.slack_id,
            name=one.name,
            role=one.role or Role.ADMIN,
            inboxes=next((sight[key] for key in sight if one.name.endswith(key)), None),
        )
        for one in everybody()
        if one.slack_id != UNKNOWN
    }
    helped = replace(plain.inboxes[AMAZON], llm=frozenset(Help))
    return replace(
        plain,
        inboxes={**plain.inboxes, AMAZON: helped},
        roster=replace(plain.roster, agents={**plain.roster.agents, **people}),
        macros=(REFUND,),
        rank_people=True,
        workspace=Workspace(team=OURS),
    )


# --- Everything.


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is to be asked about; every ticket is of Amazon's inbox."""

    desk: Desk
    ticket: int
    same_customer: int
    claimed: int
    event: int
    waiting_reply: int
    unsure_reply: int
    held: int
    guarded: Macro


async def a_world(db: Database) -> World:
    desk = the_desk()
    ids = [
        (await a_ticket(db, desk, an_inbound(sender_handle="mara@marketplace.example"))).id
        for _ in range(6)
    ]
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=ids[2], actor=ANNA)), now=AT)
    waiting = await queue(db, desk, ids[3], at=AT)
    unsure = await queue(db, desk, ids[4], at=AT)
    await db.write(lambda tx: reply_started(tx, unsure.message_id), now=AT)
    await db.write(lambda tx: reply_unsure(tx, desk, unsure.message_id, "no answer"), now=AT)
    command = a_reply(ids[5], ANNA, macros=(REFUND.ref,))
    held = await db.write(lambda tx: queue_reply(tx, desk, command), now=AT)
    assert isinstance(held, Held)
    text = MacroText(name="goodwill", text="You keep it.", approval=True)
    lead = next(one.slack_id for one in everybody() if one.name == "lead everywhere")
    save = SaveMacro(actor=lead, text=text)
    guarded = await db.write(lambda tx: save_macro(tx, desk, save), now=AT)
    for one in everybody():
        if one.name in NOBODIES:
            stands = standing_of({"id": one.slack_id, **NOBODIES[one.name]}, OURS)
            heard = Stands(who=one.slack_id, standing=stands)
            await db.write(partial(hear_standing, desk=desk, command=heard), now=AT)
    return World(
        desk=desk,
        ticket=ids[0],
        same_customer=ids[1],
        claimed=ids[2],
        event=(await last_event(db, ids[2], "claimed")).id,
        waiting_reply=waiting.message_id,
        unsure_reply=unsure.message_id,
        held=held.approval_id,
        guarded=guarded,
    )


def a_reply(ticket_id: int, actor: str, **more: Any) -> QueueReply:
    return QueueReply(
        ticket_id=ticket_id, actor=actor, text="Soon.", key="form", seen_message_id=None, **more
    )
