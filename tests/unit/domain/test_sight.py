"""People who see some inboxes only: who hears of what, and who is asked."""

from dataclasses import replace

import pytest

from bot.configuration.macros import Macro
from bot.domain.approvals import SECOND, guarded, remembered, watched
from bot.domain.called import who_is_called
from bot.domain.roster import Role, Roster, Verb
from bot.domain.routes import ANYBODY, Asked, Work, routing_of
from bot.domain.standing import Standing, standing_of
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Audience, Risk
from tests.builders import AMAZON, ANNA, BRUNO, CARLA, DORA, GONE, NOW, SHOP, a_roster

ELSEWHERE = frozenset({SHOP})
REFUND = Macro(ref="file::refund", name="refund", text="x", approval=True)
THANKS = Macro(ref="file::thanks", name="thanks", text="x")


def kept_to_the_shop(*people: str) -> Roster:
    roster = a_roster()
    limited = {who: replace(roster.agents[who], inboxes=ELSEWHERE) for who in people}
    return replace(roster, agents={**roster.agents, **limited})


def test_nobody_hears_of_a_miss_in_an_inbox_that_is_none_of_theirs() -> None:
    roster = replace(kept_to_the_shop(DORA), managers=(DORA, CARLA, "S0MANAGERS"))
    called = who_is_called(
        roster,
        Audience.MANAGERS,
        assignee=None,
        group=(),
        limit_at=None,
        now=NOW,
        inbox=AMAZON,
    )
    assert called.mentioned == (CARLA, "S0MANAGERS")
    assert roster.leads(inbox=AMAZON) == [CARLA, "S0MANAGERS"]
    assert DORA in roster.leads(inbox=SHOP)


def test_an_answer_is_let_out_by_who_sees_the_inbox_and_did_not_write_it() -> None:
    assert kept_to_the_shop(DORA).approvers(AMAZON, but=ANNA) == [CARLA]
    assert kept_to_the_shop().approvers(AMAZON, but=CARLA) == [DORA]
    assert kept_to_the_shop(DORA, CARLA).approvers(AMAZON, but=ANNA) == []


def test_no_route_gives_a_ticket_to_who_does_not_see_it() -> None:
    for limited, chosen in (((ANNA,), BRUNO), ((ANNA, BRUNO), CARLA), ((ANNA, BRUNO, CARLA), None)):
        asked = Asked(facts=TicketFacts(channel="amazon", inbox=AMAZON), risk=Risk.NORMAL)
        found = routing_of([ANYBODY], kept_to_the_shop(*limited), asked, Work(), NOW)
        assert found is not None
        assert found.assignee == chosen


def test_who_is_gone_sees_nothing_whatever_they_were_kept_to() -> None:
    roster = kept_to_the_shop(ANNA)
    assert roster.sees(ANNA, SHOP)
    assert not roster.sees(ANNA, AMAZON)
    assert roster.sees(BRUNO, AMAZON)
    assert not roster.sees(GONE, AMAZON)
    assert not roster.sees("U0NOBODY", AMAZON)
    assert not roster.as_they_stand({BRUNO: False}).may_in(BRUNO, Verb.VIEW, AMAZON)
    assert roster.as_they_stand({GONE: True}).may_in(GONE, Verb.WORK, AMAZON)


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({}, Standing.MEMBER),
        ({"team_id": "T0OURS"}, Standing.MEMBER),
        ({"team_id": "T0THEIRS"}, Standing.OUTSIDER),
        ({"is_stranger": True}, Standing.OUTSIDER),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_ultra_restricted": True}, Standing.GUEST),
        ({"is_bot": True}, Standing.BOT),
        ({"is_workflow_bot": True}, Standing.BOT),
        ({"deleted": True, "is_restricted": True}, Standing.GONE),
    ],
)
def test_what_somebody_is_to_the_workspace(facts: dict[str, object], standing: Standing) -> None:
    assert standing_of(facts, "T0OURS") is standing


def test_roles_rise_in_their_order() -> None:
    assert [role.value for role in Role] == ["viewer", "agent", "lead", "manager", "admin"]


def test_what_wants_a_second_person_is_never_forgotten_for_what_is_newer() -> None:
    macros = (REFUND, THANKS)
    refs = (REFUND.ref, *(f"file::m{n}" for n in range(6)), THANKS.ref)
    kept = remembered(macros, refs, 4)
    assert kept == ("file::m3", "file::m4", "file::m5", THANKS.ref, SECOND)
    assert watched(macros, kept) == (SECOND,)
    assert watched(macros, refs) == (REFUND.ref, SECOND)
    assert remembered(macros, (THANKS.ref,), 4) == (THANKS.ref,)
    assert watched(macros, (THANKS.ref,)) == ()
    # The macro may be gone by then.
    assert remembered((), kept, 1) == (THANKS.ref, SECOND)


WORDS = "We have refunded {order.total} today, and you keep the parcel."
WANTING = Macro(ref="db:1", name="Goodwill", language="it", text=WORDS, approval=True)


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"name": "mine", "text": f"Dear you,\n{WORDS.upper()} Bye!"}, True),
        ({"name": "goodwill", "text": "Otherwise."}, True),
        ({"name": "goodwill", "language": "it", "text": "Otherwise."}, True),
        ({"name": "goodwill", "language": "de", "text": "Otherwise."}, False),
        ({"name": "mine", "text": "We have refunded it."}, False),
        ({"name": "mine", "text": WORDS, "origin": "macros/any.toml:2"}, False),
    ],
)
def test_a_macro_that_stands_in_for_one_wants_a_second_person_too(
    changes: dict[str, str], held: bool
) -> None:
    one = Macro(ref="db:2", **changes)  # type: ignore[arg-type]
    assert [each.approval for each in guarded((WANTING, one))] == [True, held]


def test_a_few_words_are_not_found_in_every_answer() -> None:
    short = replace(WANTING, text="Money back.")
    longer = Macro(ref="db:2", name="no", text="There is no money back.")
    same = Macro(ref="db:3", name="same", text="money back")
    assert [each.approval for each in guarded((short, longer, same))] == [True, False, True]
