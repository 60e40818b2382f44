"""Every verb on a ticket, asked for in every way there is: the ticket cannot tell the difference."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.roster import Agent, Role, Roster
from bot.slack.request import Do
from bot.slack.verbs.table import VERBS
from tests.slack.front import GIULIA, MARCO, Front, a_front, card_ts
from tests.slack.loopback import as_object

Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A verb: what was done before, what follows it when typed, and what its window holds."""

    leaves: str
    before: tuple[str, ...] = ()
    typed: str = ""
    filled: Values = field(default_factory=dict)
    role: Role = Role.AGENT


def option(value: str) -> Mapping[str, Any]:
    return {"selected_option": {"value": value}}


UNCHANGED: Values = {
    "risk": option("normal"),
    "stage": option("post_sale"),
    "topic": option("other"),
    "vip": option("no"),
    "tags": {"value": ""},
}

CASES: Mapping[Do, Case] = {
    Do.CLAIM: Case(leaves="claimed"),
    Do.TAKE: Case(leaves="taken_over", before=(f"assign {{n}} <@{MARCO}|marco>",)),
    Do.RELEASE: Case(leaves="released", before=("claim {n}",)),
    Do.ASSIGN: Case(
        leaves="assigned",
        typed=f"<@{MARCO}|marco>",
        filled={"person": {"selected_user": MARCO}, "choice": option("named")},
    ),
    Do.NOTE: Case(leaves="note", typed="Call DHL.", filled={"text": {"value": "Call DHL."}}),
    Do.CLASS: Case(leaves="reclassified", typed="vip", filled={**UNCHANGED, "vip": option("yes")}),
    Do.RESOLVE: Case(leaves="resolved"),
    Do.REOPEN: Case(leaves="reopened", before=("resolve {n}",)),
    Do.NO_ANSWER: Case(leaves="no_answer_needed"),
    Do.ANSWERED: Case(leaves="answered_elsewhere"),
    Do.SNOOZE: Case(leaves="snoozed", typed="1h", filled={"until": option("1h")}),
    Do.WAIT: Case(
        leaves="waiting",
        typed="customer",
        filled={"on": option("customer"), "until": option("-")},
    ),
    Do.CONTINUE: Case(leaves="went_on", before=("wait {n} customer",)),
    Do.TAG: Case(leaves="reclassified", typed="gift b2b", filled={"tags": {"value": "gift, b2b"}}),
    Do.UNTAG: Case(
        leaves="reclassified",
        before=("tag {n} gift b2b",),
        typed="gift",
        filled={"tags": {"value": "gift"}},
    ),
    Do.TRANSFER: Case(
        leaves="transferred",
        typed=f"<@{MARCO}|marco> The promise was Friday.",
        filled={
            "person": {"selected_user": MARCO},
            "note": {"value": "The promise was Friday."},
        },
    ),
    Do.ESCALATE: Case(
        leaves="escalated",
        typed="angry, threatens a chargeback",
        filled={"reason": {"value": "angry, threatens a chargeback"}},
    ),
    Do.DEESCALATE: Case(leaves="deescalated", before=("escalate {n} angry",)),
    Do.LINK: Case(leaves="linked", typed="1", filled={"other": {"value": "1"}}),
    Do.UNLINK: Case(
        leaves="unlinked", before=("link {n} 1",), typed="#1", filled={"other": {"value": "1"}}
    ),
    Do.MERGE: Case(leaves="merged", typed="into 1", filled={"other": {"value": "1"}}),
    Do.SPLIT: Case(leaves="split_off"),
    Do.UNMERGE: Case(leaves="unmerged", before=("merge {n} into 1",)),
    Do.CORRECT: Case(
        leaves="verdict_corrected",
        before=("answered {n}",),
        typed="line 1 automatic Our autoresponder wrote it.",
        filled={
            "line": {"value": "1"},
            "ruling": option("automatic"),
            "reason": {"value": "Our autoresponder wrote it."},
        },
        role=Role.LEAD,
    ),
}

WITH_ANOTHER = {Do.LINK, Do.UNLINK, Do.MERGE, Do.UNMERGE}
"""Verbs on two tickets: the other one is #1."""

LOOKS = {Do.STATUS, Do.WHY, Do.LEDGER}
"""They change nothing: what they show is told apart below."""


async def by_command(front: Front, number: int, do: Do, case: Case) -> None:
    await front.command(GIULIA, f"{do} {number} {case.typed}")


async def by_name(front: Front, number: int, do: Do, case: Case) -> None:
    await front.mention(GIULIA, f"{do} {case.typed}", thread=card_ts(number))


async def by_menu(front: Front, number: int, do: Do, case: Case) -> None:
    await front.choose(GIULIA, "everything", await front.ticket(number))
    await in_window(front, do, case)


async def by_shortcut(front: Front, number: int, do: Do, case: Case) -> None:
    await front.shortcut(GIULIA, "msg_everything", card_ts(number))
    await in_window(front, do, case)


async def in_window(front: Front, do: Do, case: Case) -> Mapping[str, Any]:
    opened = as_object(front.slack.of("views.open")[-1]["view"])
    (select,) = opened["blocks"][1]["elements"]
    offered = [one["value"] for group in select["option_groups"] for one in group["options"]]
    assert do in offered
    await front.press(GIULIA, "act_chosen", do, view={**opened, "id": "V0ACT1111"})
    view = as_object(front.slack.of("views.update")[-1]["view"])
    values = {name: {name: value} for name, value in case.filled.items()}
    response = await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": {**view, "id": "V0ACT1111", "state": {"values": values}},
        }
    )
    told: Mapping[str, Any] = as_object(response.body)
    return told


async def has_role(front: Front, role: Role) -> None:
    agents = front.desk.roster.agents
    if agents[GIULIA].role is not role:
        giulia = replace(agents[GIULIA], role=role)
        roster = replace(front.desk.roster, agents={**agents, GIULIA: giulia})
        await front.restarts_with(roster=roster)


WAYS = (by_command, by_name, by_menu, by_shortcut)


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


def test_every_verb_is_tried() -> None:
    assert {*CASES, *LOOKS, Do.REPLY} == set(VERBS)


def every_verb_in_every_way() -> Iterator[Any]:
    """By turns: half of the ways of each verb are tried at once, the others in `make check-all`."""
    for place, do in enumerate(CASES):
        for turn, way in enumerate(WAYS):
            marks = () if (place + turn) % 2 == 0 else pytest.mark.slow
            yield pytest.param(do, way, marks=marks, id=f"{do}-{way.__name__}")


@pytest.mark.parametrize(("do", "way"), list(every_verb_in_every_way()))
async def test_a_verb_does_the_same_in_every_way(front: Front, do: Do, way: Any) -> None:
    case = CASES[do]
    await has_role(front, case.role)
    if do is Do.SPLIT:
        await front.customer_writes()
    if do in WITH_ANOTHER:
        await front.customer_writes(thread="another matter")
    number = await front.customer_writes()
    for text in case.before:
        await front.command(GIULIA, text.format(n=number))
    before = (await front.events(number)).count(case.leaves)

    await way(front, number, do, case)

    assert (await front.events(number)).count(case.leaves) == before + 1


@pytest.mark.parametrize("do", sorted(LOOKS))
async def test_what_a_look_shows_is_shown_in_a_window_too(front: Front, do: Do) -> None:
    number = await front.customer_writes()
    typed = await front.command(GIULIA, f"{do} {number}")
    await front.choose(GIULIA, "everything", await front.ticket(number))

    told = await in_window(front, do, Case(leaves=""))

    assert told["view"]["blocks"] == typed["blocks"]


async def test_the_window_of_every_verb_leads_to_the_answer_window(front: Front) -> None:
    number = await front.customer_writes()
    await front.choose(GIULIA, "everything", await front.ticket(number))

    told = await in_window(front, Do.REPLY, Case(leaves=""))

    assert told["view"]["callback_id"] == "reply_write"


async def test_what_makes_no_sense_now_is_not_offered(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"resolve {number}")
    await front.choose(GIULIA, "everything", await front.ticket(number))

    opened = as_object(front.slack.of("views.open")[-1]["view"])

    offered = [
        one["value"]
        for group in opened["blocks"][1]["elements"][0]["option_groups"]
        for one in group["options"]
    ]
    assert {"reopen", "note", "status"} <= set(offered)
    assert not {"resolve", "claim", "reply", "wait"} & set(offered)


async def test_a_window_without_fields_says_in_its_place_what_is_wrong(front: Front) -> None:
    number = await front.customer_writes()
    await front.choose(GIULIA, "everything", await front.ticket(number))
    looker = Agent(slack_id=GIULIA, name="Giulia Conti", role=Role.VIEWER)
    await front.restarts_with(roster=Roster(agents={GIULIA: looker}))

    told = await in_window(front, Do.RESOLVE, Case(leaves=""))

    assert "Only agents of this desk may do that" in str(told["view"]["blocks"])
    assert "resolved" not in await front.events(number)
