"""A customer's words through every renderer: nothing of theirs takes effect, nothing is refused."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.card import CardStage
from bot.domain.class_change import Reclassification, told
from bot.domain.home import HomeQueue, Shelf
from bot.domain.recomputation import Move
from bot.domain.status import InboxStatus, SlaStatus
from bot.slack.blocks import answers, kit, listing, moves, thread, views
from bot.slack.blocks.act_view import Act, act_view
from bot.slack.blocks.card import render_card
from bot.slack.blocks.home_view import home_view, plain_home
from bot.slack.blocks.log import render_log
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.reply_fields import Draft
from bot.slack.blocks.why import render_why
from bot.slack.commands import read_sla, read_ticket
from bot.slack.request import Do, Mistake
from bot.slack.text import inert
from bot.slack.verbs.table import VERBS
from bot.usecases.why import ClockWhy
from connectors.contract import ReplyPreview
from sandbox.slack.blocks import validate_blocks, validate_view
from sla_rules.explain import Explanation, Row
from tests.unit.slack.home_scenes import a_home
from tests.unit.slack.ledger_scenes import a_long_ledger
from tests.unit.slack.scenes import (
    GIULIA,
    HOSTILE,
    NOON,
    a_clock,
    a_desk,
    a_hostile_ticket,
    a_message,
    a_ping,
    a_row,
    an_event,
)

DESK = a_desk()
OURS = (GIULIA, *DESK.roster.managers)
FAILED = ("reply_failed", "reply_bounced", "reply_unsure")
EVENTS = [
    "verdict_corrected",
    "reply_sent",
    "reply_failed",
    "reply_bounced",
    "reply_unsure",
    "answered_elsewhere",
    "note",
    "taken_over",
    "snoozed",
    "resolved",
    "claim_closed",
    "verdict",
    "assigned",
    "opened",
    "waiting",
    "went_on",
    "reclassified",
    "recomputed",
    "never_heard_of",
]

HUGE = (HOSTILE * 600)[:60_000]
NASTY = [
    HOSTILE,
    HUGE,
    "",
    " \n ",
    "\u202e\u200b",
    "\x00",
    "👨‍👩‍👧" * 3000,
    "&" * 5000,
    "a\u0301" * 5000,
    "]|^}{%s{}",
]

IDS = [str(number) for number in range(len(NASTY))]


def inbox_status(text: str) -> InboxStatus:
    return InboxStatus(
        name=text,
        connector=text,
        open=1,
        unclaimed=1,
        due_soon=0,
        missed=0,
        oldest_waiting=NOON,
        next_due_at=None,
        last_ok_at=None,
        failures=3,
        last_error=text,
        paused_reason=text,
        unread=2,
    )


def messages(text: str) -> Iterator[Rendered]:
    ticket = a_hostile_ticket(text)
    message = replace(ticket.first_message or a_message(), body=text)
    preview = ReplyPreview(sender=text, recipient=text, subject=text, body=text)
    for stage in CardStage:
        state = "resolved" if stage is CardStage.RESOLVED else "open"
        yield render_card(replace(ticket, card_stage=stage, state=state), DESK, NOON)
    yield thread.render_message(ticket, message, DESK)
    yield thread.render_message(ticket, replace(message, author="platform"), DESK)
    for step in ("warn50", "warn20", "breach", "breach3"):
        yield thread.render_ping(ticket, [a_ping(step)], DESK, NOON, [GIULIA])
    for type_ in EVENTS:
        data = {"text": text, "reason": text, "verdict": text, "message_id": 5, "from_agent": text}
        data |= {"ruling": "automatic"}
        data |= {"what": text, "cause": text, "on": "customer", "moves": told([a_move(text)])}
        yield render_log(ticket, an_event(type_, **data), DESK)
    yield thread.render_ops(text)
    yield from private(text, ticket, preview, message)


def a_why(text: str) -> ClockWhy:
    rows = (Row(what=text, note=text, start=NOON, end=NOON),)
    return ClockWhy(clock=a_clock(), explanation=Explanation(promise=text, rows=rows))


def a_move(text: str) -> Move:
    return Move(metric="update", scope="window", before=NOON, after=NOON, policy=text, past=False)


def private(text: str, ticket: Any, preview: ReplyPreview, message: Any) -> Iterator[Rendered]:
    yield answers.yours(ticket, NOON)
    yield answers.held_by(ticket, "U1", NOON, DESK, NOON)
    yield answers.going_out(ticket, preview, 5, NOON, DESK)
    yield answers.given_back(17, text)
    yield answers.newer(ticket, message, text, DESK, seen=5)
    yield answers.refused(text, [text])
    yield answers.mistaken(Mistake(wrong=text, example=text))
    yield listing.render_queue(
        [a_row(subject=text, customer_name=text, assignee=text or None)] * 20, "all", DESK, NOON
    )
    yield listing.render_status(
        ticket, [an_event("note", text=text, reason=text)] * 40, [a_why(text)], DESK, NOON
    )
    yield render_why(ticket, [a_why(text)], DESK)
    change = Reclassification(what=text, moves=(a_move(text),), cause=text)
    yield moves.class_changed(ticket, change, DESK)
    yield a_long_ledger(text)
    yield listing.render_sla_status(SlaStatus(inboxes=(inbox_status(text),)), DESK, NOON)


def modals(text: str) -> Iterator[dict[str, Any]]:
    ticket = a_hostile_ticket(text)
    draft = Draft(ticket_id=17, seen=5)
    preview = ReplyPreview(sender=text, recipient=text, subject=text, body=text)
    yield views.reply_view(ticket, DESK, draft, now=NOON, limit=3000, policy=[text], lead=text)
    yield views.preview_view(
        ticket,
        DESK,
        draft,
        preview,
        text=text[:2000],
        limit=2000,
        warnings=[text],
        newer=ticket.first_message,
    )
    yield views.queued_view(ticket, draft, preview, 5, NOON)
    yield act_view(ticket, Act(ticket_id=ticket.id, choosing=True))
    for do in VERBS:
        yield act_view(ticket, Act(ticket_id=ticket.id, do=do))
    yield views.message_view("Answer", text)
    hostile = Shelf(
        queue=HomeQueue.ALL, rows=[a_row(subject=text, customer_name=text)] * 30, total=30
    )
    yield home_view(a_home(shelves=[hostile]), DESK, NOON)
    yield plain_home(text)


def parts(block: Any) -> Iterator[dict[str, Any]]:
    if isinstance(block, dict):
        yield block
        for value in block.values():
            yield from parts(value)
    elif isinstance(block, list):
        for value in block:
            yield from parts(value)


def assert_inert(blocks: Any) -> None:
    for part in parts(blocks):
        assert part.get("type") not in {"mrkdwn", "markdown", "broadcast", "emoji", "channel"}
        if part.get("type") == "plain_text":
            assert part["emoji"] is False
        if part.get("type") in {"plain_text", "text"}:
            assert part["text"] == inert(part["text"])
        if part.get("type") in {"user", "usergroup"}:
            assert part.get("user_id", part.get("usergroup_id")) in OURS
        assert "evil.example" not in str(part.get("url", ""))


def assert_spoken_safely(text: str) -> None:
    ours = text
    for one in OURS:
        ours = ours.replace(kit.called(one), "", 1)
    assert "<" not in ours
    assert ">" not in ours
    assert "\n" not in ours
    assert 0 < len(text) <= 4000


@pytest.mark.parametrize("text", NASTY, ids=IDS)
def test_invariant_9_no_message_lets_a_customers_words_take_effect(text: str) -> None:
    for rendered in messages(text):
        assert_inert(rendered.blocks)
        assert_spoken_safely(rendered.text)
        assert validate_blocks(rendered.blocks) == []


@pytest.mark.parametrize("text", NASTY, ids=IDS)
def test_invariant_9_no_window_lets_a_customers_words_take_effect(text: str) -> None:
    for view in modals(text):
        typed = [part.pop("initial_value", None) for part in parts(view)]
        assert_inert(view["blocks"])
        assert validate_view(view) == []
        assert typed


@given(text=st.text(st.characters(), max_size=120))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_invariant_9_holds_for_any_text(text: str) -> None:
    for rendered in messages(text):
        assert_inert(rendered.blocks)
        assert_spoken_safely(rendered.text)
        assert validate_blocks(rendered.blocks) == []


@given(text=st.text(st.characters(), max_size=80))
def test_any_command_gets_an_understanding_or_an_example(text: str) -> None:
    for read in (read_ticket(text), read_ticket(text, number=17), read_sla(text)):
        if isinstance(read, Mistake):
            assert read.wrong
            assert read.example.startswith(("/ticket ", "/sla "))
        else:
            assert read.do in Do


def test_a_card_keeps_its_skeleton_for_its_whole_life() -> None:
    seen = set()
    for stage in CardStage:
        for assignee in (None, GIULIA):
            for clocks in ((), (a_clock(),)):
                state = "resolved" if stage is CardStage.RESOLVED else "open"
                ticket = a_hostile_ticket("x", card_stage=stage, state=state, assignee=assignee)
                card = render_card(replace(ticket, clocks=clocks, first_message=None), DESK, NOON)
                seen.add(tuple(block["type"] for block in card.blocks))

    assert seen == {("header", "rich_text", "rich_text", "context", "actions")}


def test_a_ping_mentions_exactly_its_audience() -> None:
    ticket = a_hostile_ticket("hello", assignee=GIULIA)
    called = ["U0MARCO11", "S0MANAGERS"]

    ping = thread.render_ping(ticket, [a_ping("breach")], DESK, NOON, called)

    mentioned = [
        part.get("user_id") or part["usergroup_id"]
        for part in parts(ping.blocks)
        if part.get("type") in {"user", "usergroup"}
    ]
    assert mentioned == called
    assert ping.text.startswith("<@U0MARCO11> <!subteam^S0MANAGERS> ")
    assert ping.text.count("<@") + ping.text.count("<!") == len(called)


@pytest.mark.parametrize("type_", [type_ for type_ in EVENTS if type_ not in FAILED])
def test_a_log_line_mentions_nobody(type_: str) -> None:
    line = render_log(a_hostile_ticket("hello"), an_event(type_, from_agent=GIULIA), DESK)

    assert not [part for part in parts(line.blocks) if part.get("type") in {"user", "usergroup"}]
    assert "<@" not in line.text


@pytest.mark.parametrize("type_", FAILED)
def test_an_answer_that_did_not_arrive_calls_who_has_to_act(type_: str) -> None:
    unclaimed = replace(a_hostile_ticket("hello"), assignee=None)
    mine = replace(unclaimed, assignee=GIULIA)

    assert render_log(mine, an_event(type_), DESK).text.startswith(f"<@{GIULIA}> ")
    assert render_log(unclaimed, an_event(type_, agent=GIULIA), DESK).text.startswith(
        f"<@{GIULIA}> "
    )
    assert kit.called(DESK.roster.managers[0]) in render_log(unclaimed, an_event(type_), DESK).text
