"""Every message as agents see it, kept as JSON. `THREADLINE_REWRITE_GOLDEN=1` writes them anew."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.card import CardStage
from bot.domain.status import InboxStatus, SlaStatus
from bot.slack.blocks import answers, listing, thread, views
from bot.slack.blocks.act_view import Act, act_view
from bot.slack.blocks.card import render_card
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.reply_fields import Draft, file_to_attach
from bot.slack.request import COMMANDS, Do, Mistake
from connectors.contract import ReplyPreview
from connectors.manifest import AttachmentLimits
from sandbox.slack.blocks import validate_blocks, validate_view
from sla_rules.vocabulary import ClockState, Kind, Metric, Scope
from tests.unit.slack.clock_scenes import CLOCK_MESSAGES, a_why
from tests.unit.slack.forecast_scenes import FORECAST_MESSAGES
from tests.unit.slack.home_scenes import HOME_VIEWS
from tests.unit.slack.ledger_scenes import LEDGER_MESSAGES
from tests.unit.slack.machine_scenes import MACHINE_VIEWS
from tests.unit.slack.macro_scenes import MACRO_MESSAGES, MACRO_VIEWS
from tests.unit.slack.order_scenes import ORDER_MESSAGES
from tests.unit.slack.ping_scenes import PING_MESSAGES
from tests.unit.slack.route_scenes import ROUTE_MESSAGES
from tests.unit.slack.scenes import (
    DANA,
    GIULIA,
    MANAGERS,
    MARCO,
    NOON,
    a_clock,
    a_desk,
    a_message,
    a_ping,
    a_row,
    a_ticket,
    an_event,
    an_internal_clock,
)
from tests.unit.slack.together_scenes import TOGETHER_MESSAGES, TOGETHER_VIEWS

GOLDEN = Path(__file__).parent / "golden"
DESK = a_desk()
HOUR = timedelta(hours=1)
PREVIEW = ReplyPreview(
    sender="Shop <shop@seller.example>",
    recipient="a1b2c3+case@marketplace.amazon.example",
    subject="Re: Dove è il mio ordine?",
    body="Buongiorno Lucia,\n\nil pacco arriva domani.\n",
)
MISSED = a_ticket(
    assignee=MARCO,
    card_stage=CardStage.MISSED,
    clocks=(a_clock(due_at=NOON + 2 * HOUR), an_internal_clock(due_at=NOON - 10 * HOUR)),
)
LINKED = a_ticket(
    last_customer_message=a_message(
        links={
            "no_response": "https://sellercentral.amazon.example/no-response?m=1",
            "case": "https://sellercentral.amazon.example/case?m=1",
        }
    )
)

DRAFT = Draft(ticket_id=17, seen=5)
LABEL = file_to_attach("F0LABEL11", "etichetta reso.pdf", 84_000)
PHOTO = file_to_attach("F0PHOTO11", "foto.jpg", 2_400_000)
FILED = Draft(ticket_id=17, seen=5, files=(LABEL,), at_hand=(LABEL, PHOTO), public=False)
TAKEN = AttachmentLimits(
    types=("image/*", "application/pdf"), count=3, bytes_each=10_000_000, bytes_all=18_000_000
)
A_FEW_FILES = a_message(
    attachments=(
        {"name": "foto.jpg", "media_type": "image/jpeg", "size": 2_400_000},
        {"name": "fattura.pdf", "media_type": "application/pdf", "size": 84_000},
    )
)
SHOWING = replace(
    DESK,
    inboxes={
        name: replace(route, fetches_attachments=True) for name, route in DESK.inboxes.items()
    },
)
INBOX = InboxStatus(
    name="amazon-it",
    connector="amazon",
    open=5,
    unclaimed=2,
    due_soon=1,
    missed=0,
    oldest_waiting=NOON - 3 * HOUR,
    next_due_at=NOON + HOUR,
    last_ok_at=NOON,
    failures=0,
    last_error=None,
    paused_reason=None,
    unread=0,
)

MESSAGES: dict[str, Callable[[], Rendered]] = {
    "card_new": lambda: render_card(a_ticket(), DESK, NOON),
    "card_claimed": lambda: render_card(
        a_ticket(assignee=GIULIA, card_stage=CardStage.SOON), DESK, NOON
    ),
    "card_missed": lambda: render_card(MISSED, DESK, NOON),
    "card_answered": lambda: render_card(
        a_ticket(
            assignee=GIULIA,
            state="answered",
            card_stage=CardStage.ANSWERED,
            waiting_since=None,
            clocks=(
                a_clock(state=ClockState.MET, stopped_at=NOON),
                an_internal_clock(state=ClockState.LATE, stopped_at=NOON, due_at=NOON - 2 * HOUR),
            ),
        ),
        DESK,
        NOON,
    ),
    "card_resolved": lambda: render_card(
        a_ticket(
            assignee=GIULIA, state="resolved", card_stage=CardStage.RESOLVED, waiting_since=None
        ),
        DESK,
        NOON,
    ),
    "card_claim_of_a_vip": lambda: render_card(
        a_ticket(
            kind=Kind.CLAIM,
            vip=True,
            lifetime_value=1240.5,
            currency="EUR",
            orders=7,
            first_message=a_message(
                attachments=({"name": "foto.jpg", "media_type": "image/jpeg", "size": 2_400_000},)
            ),
        ),
        DESK,
        NOON,
    ),
    "card_snoozed": lambda: render_card(
        a_ticket(
            snoozed_until=NOON + HOUR,
            clocks=(
                a_clock(state=ClockState.CANCELLED),
                an_internal_clock(state=ClockState.LATE, clamped="pulled forward"),
            ),
        ),
        DESK,
        NOON,
    ),
    "card_business_hours": lambda: render_card(
        a_ticket(
            inbox="shop",
            connector="website",
            clocks=(
                an_internal_clock(
                    calendar="shop", target_seconds=7200, clamped="ends before the limit"
                ),
                an_internal_clock(metric=Metric.RESOLUTION, target_seconds=259_200),
            ),
        ),
        DESK,
        NOON,
    ),
    "answer_nothing_awaited": lambda: answers.nothing_awaited(LINKED),
    "status_linked": lambda: listing.render_status(LINKED, [], [], DESK, NOON),
    "card_notice": lambda: render_card(
        a_ticket(kind=Kind.NOTICE, clocks=(), waiting_since=None, first_message=None), DESK, NOON
    ),
    "message_customer": lambda: thread.render_message(a_ticket(), a_message(), DESK),
    "message_files": lambda: thread.render_message(a_ticket(), A_FEW_FILES, SHOWING),
    "message_suspect_files": lambda: thread.render_message(
        a_ticket(), replace(A_FEW_FILES, verdict="suspect"), SHOWING
    ),
    "message_elsewhere": lambda: thread.render_message(
        a_ticket(), a_message(author="agent", direction="out", body="Arriva domani."), DESK
    ),
    "ping_half_time": lambda: thread.render_ping(
        a_ticket(assignee=GIULIA), [a_ping()], DESK, NOON, [GIULIA]
    ),
    "ping_unclaimed": lambda: thread.render_ping(
        a_ticket(),
        [a_ping("warn20", clock=an_internal_clock(due_at=NOON + 2 * HOUR))],
        DESK,
        NOON,
        [MARCO, GIULIA],
    ),
    "ping_breach": lambda: thread.render_ping(
        MISSED,
        [a_ping("breach", clock=MISSED.clocks[1], fire_at=NOON)],
        DESK,
        NOON,
        [MANAGERS],
    ),
    "ping_late": lambda: thread.render_ping(
        MISSED,
        [a_ping("breach2", clock=MISSED.clocks[1], fire_at=NOON - timedelta(minutes=40))],
        DESK,
        NOON,
        [MANAGERS, DANA],
    ),
    "log_sent": lambda: thread.render_log(
        a_ticket(), an_event("reply_sent", agent=GIULIA, text="Arriva domani."), DESK
    ),
    "log_failed": lambda: thread.render_log(
        a_ticket(),
        an_event("reply_failed", actor="desk", agent=GIULIA, reason="mailbox full", text="Ciao"),
        DESK,
    ),
    "log_unsure": lambda: thread.render_log(
        a_ticket(),
        an_event("reply_unsure", actor="desk", agent=GIULIA, message_id=71, text="Ciao"),
        DESK,
    ),
    "log_note": lambda: thread.render_log(a_ticket(), an_event("note", text="Chiama DHL."), DESK),
    "log_taken_over": lambda: thread.render_log(
        a_ticket(), an_event("taken_over", from_agent=MARCO), DESK
    ),
    "log_snoozed": lambda: thread.render_log(
        a_ticket(), an_event("snoozed", until=(NOON + HOUR).isoformat()), DESK
    ),
    "log_verdict": lambda: thread.render_log(
        a_ticket(),
        an_event("verdict", actor="customer", verdict="auto_reply", reason="vacation header"),
        DESK,
    ),
    "ops": lambda: thread.render_ops("The inbox amazon-it was not read for 20 min."),
    "answer_yours": lambda: answers.yours(a_ticket(assignee=GIULIA), NOON),
    "answer_held": lambda: answers.held_by(
        a_ticket(assignee=MARCO), MARCO, NOON - HOUR, DESK, NOON
    ),
    "answer_mistake": lambda: answers.mistaken(
        Mistake(wrong="The ticket number is missing.", example="/ticket claim 17")
    ),
    "answer_going_out": lambda: answers.going_out(
        a_ticket(), PREVIEW, 71, NOON + timedelta(seconds=10), DESK
    ),
    "answer_given_back": lambda: answers.given_back(17, "Arriva domani."),
    "answer_newer": lambda: answers.newer(a_ticket(), a_message(), "Arriva domani.", DESK, seen=5),
    "answer_refused": lambda: answers.refused("Call 0123", ["Amazon forbids phone numbers."]),
    "answer_snoozed": lambda: answers.snoozed(a_ticket(), NOON + HOUR, DESK),
    "answer_help": lambda: answers.help_text(COMMANDS),
    "queue": lambda: listing.render_queue(
        [
            a_row(card_stage=CardStage.MISSED, next_due_at=NOON - HOUR, assignee=MARCO),
            a_row(number=18, next_scope=Scope.MARKETPLACE),
            a_row(number=19, next_due_at=None, next_scope=None, permalink=None),
        ],
        "all",
        DESK,
        NOON,
    ),
    "queue_empty": lambda: listing.render_queue([], "mine", DESK, NOON),
    "status": lambda: listing.render_status(
        a_ticket(assignee=GIULIA),
        [an_event("opened", actor="desk"), an_event("claimed")],
        [a_why(a_clock())],
        DESK,
        NOON,
    ),
    "sla_status": lambda: listing.render_sla_status(SlaStatus(inboxes=(INBOX,)), DESK, NOON),
    **CLOCK_MESSAGES,
    **MACRO_MESSAGES,
    **ORDER_MESSAGES,
    **PING_MESSAGES,
    **LEDGER_MESSAGES,
    **TOGETHER_MESSAGES,
    **FORECAST_MESSAGES,
    **ROUTE_MESSAGES,
}

VIEWS: dict[str, Callable[[], dict[str, Any]]] = {
    "view_reply": lambda: views.reply_view(
        a_ticket(),
        DESK,
        DRAFT,
        now=NOON,
        limit=3000,
        policy=["Amazon forbids links to other shops."],
    ),
    "view_preview": lambda: views.preview_view(
        a_ticket(), DESK, DRAFT, PREVIEW, text="Ciao", limit=3000, warnings=["An emoji was found."]
    ),
    "view_reply_files": lambda: views.reply_view(
        a_ticket(), DESK, FILED, now=NOON, limit=3000, files=TAKEN, lead="Not sent: taken back."
    ),
    "view_preview_files": lambda: views.preview_view(
        a_ticket(), DESK, FILED, PREVIEW, text="Ciao", limit=3000
    ),
    "view_newer": lambda: views.preview_view(
        a_ticket(), DESK, DRAFT, PREVIEW, text="Ciao", limit=3000, newer=a_message()
    ),
    "view_queued": lambda: views.queued_view(
        a_ticket(), DRAFT, PREVIEW, 71, NOON + timedelta(seconds=10)
    ),
    "view_choose": lambda: act_view(a_ticket(), Act(ticket_id=17, choosing=True)),
    "view_chosen": lambda: act_view(a_ticket(), Act(ticket_id=17, do=Do.SNOOZE, choosing=True)),
    "view_resolve": lambda: act_view(a_ticket(), Act(ticket_id=17, do=Do.RESOLVE)),
    "view_assign": lambda: act_view(a_ticket(assignee=MARCO), Act(ticket_id=17, do=Do.ASSIGN)),
    "view_note": lambda: act_view(a_ticket(), Act(ticket_id=17, do=Do.NOTE)),
    "view_wait": lambda: act_view(a_ticket(), Act(ticket_id=17, do=Do.WAIT)),
    "view_class": lambda: act_view(
        a_ticket(tags=("gift",), vip=True), Act(ticket_id=17, do=Do.CLASS)
    ),
    "view_answer": lambda: views.answer_view("#17", answers.say("#17 goes on.")),
    "view_message": lambda: views.message_view("Answer", "Too late to undo."),
    **HOME_VIEWS,
    **MACHINE_VIEWS,
    **MACRO_VIEWS,
    **TOGETHER_VIEWS,
}


def matches_golden(name: str, shown: dict[str, Any]) -> None:
    path = GOLDEN / f"{name}.json"
    if os.environ.get("THREADLINE_REWRITE_GOLDEN"):
        path.write_text(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert shown == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_looks_as_agreed_and_slack_takes_it(name: str) -> None:
    rendered = MESSAGES[name]()

    assert validate_blocks(rendered.blocks) == []
    assert rendered.text
    matches_golden(name, {"text": rendered.text, "blocks": rendered.blocks})


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_looks_as_agreed_and_slack_takes_it(name: str) -> None:
    view = VIEWS[name]()

    assert validate_view(view) == []
    matches_golden(name, view)


def test_no_golden_file_outlives_its_message() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*MESSAGES, *VIEWS}
