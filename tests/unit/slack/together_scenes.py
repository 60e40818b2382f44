"""What colleagues do with and for each other, drawn: lines, cards and windows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.domain.card import CardStage, EscalationView, Relations, TicketRef
from bot.slack.blocks import listing, thread
from bot.slack.blocks.act_view import Act, act_view
from bot.slack.blocks.card import render_card
from bot.slack.blocks.rendered import Rendered
from bot.slack.request import Do
from tests.unit.slack.scenes import DANA, GIULIA, MANAGERS, MARCO, NOON, a_desk, a_ticket, an_event

DESK = a_desk()
TWELVE = TicketRef(id=12, number=12, permalink="https://shop.slack.example/archives/C0A/p12")
FOURTEEN = TicketRef(id=14, number=14)
ESCALATED = a_ticket(
    assignee=GIULIA,
    escalation=EscalationView(by=MARCO, at=NOON, reason="angry, threatens a chargeback"),
    relations=Relations(merged=(FOURTEEN,), linked=(TWELVE,)),
)
MERGED = a_ticket(
    state="resolved",
    card_stage=CardStage.RESOLVED,
    waiting_since=None,
    clocks=(),
    relations=Relations(merged_into=TWELVE),
)
CROWDED = a_ticket(
    relations=Relations(linked=[TicketRef(id=each, number=each) for each in range(20, 40)])
)

TOGETHER_MESSAGES: dict[str, Callable[[], Rendered]] = {
    "card_escalated": lambda: render_card(ESCALATED, DESK, NOON),
    "card_merged": lambda: render_card(MERGED, DESK, NOON),
    "card_much_linked": lambda: render_card(CROWDED, DESK, NOON),
    "status_escalated": lambda: listing.render_status(ESCALATED, [], [], DESK, NOON),
    "log_transferred": lambda: thread.render_log(
        a_ticket(),
        an_event("transferred", to_agent=MARCO, called=[MARCO], text="La promessa era venerdì."),
        DESK,
    ),
    "log_escalated": lambda: thread.render_log(
        a_ticket(),
        an_event("escalated", called=[MANAGERS, DANA], reason="angry, threatens a chargeback"),
        DESK,
    ),
    "log_deescalated": lambda: thread.render_log(
        a_ticket(), an_event("deescalated", actor=DANA), DESK
    ),
    "log_linked": lambda: thread.render_log(a_ticket(), an_event("linked", other=12), DESK),
    "log_unlinked": lambda: thread.render_log(a_ticket(), an_event("unlinked", other=12), DESK),
    "log_merged": lambda: thread.render_log(MERGED, an_event("merged", other=12), DESK),
    "log_merged_in": lambda: thread.render_log(
        a_ticket(), an_event("merged_in", other=14, text="Dov'è il mio pacco?"), DESK
    ),
    "log_unmerged": lambda: thread.render_log(a_ticket(), an_event("unmerged", other=12), DESK),
    "log_unmerged_from": lambda: thread.render_log(
        a_ticket(), an_event("unmerged_from", other=14), DESK
    ),
    "log_split_off": lambda: thread.render_log(a_ticket(), an_event("split_off", other=18), DESK),
    "log_undone": lambda: thread.render_log(a_ticket(), an_event("undone", of="resolved"), DESK),
    "log_claim_ends_soon": lambda: thread.render_log(
        a_ticket(assignee=GIULIA),
        an_event(
            "claim_ends_soon",
            actor="desk",
            agent=GIULIA,
            called=[GIULIA],
            ends_at=(NOON + timedelta(minutes=30)).isoformat(),
        ),
        DESK,
    ),
    "log_wait_ended": lambda: thread.render_log(
        a_ticket(), an_event("wait_ended", actor="desk"), DESK
    ),
    "log_snooze_ended": lambda: thread.render_log(
        a_ticket(assignee=GIULIA), an_event("snooze_ended", actor="desk", called=[GIULIA]), DESK
    ),
    "log_customer_tagged": lambda: thread.render_log(
        a_ticket(customer_tags=("wholesale", "b2b")),
        an_event("customer_tagged", tags="wholesale, b2b", gone=False),
        DESK,
    ),
    "log_customer_untagged": lambda: thread.render_log(
        a_ticket(), an_event("customer_tagged", tags="wholesale", gone=True), DESK
    ),
    "log_given_ends_soon": lambda: thread.render_log(
        a_ticket(assignee=GIULIA),
        an_event(
            "claim_ends_soon",
            actor="desk",
            agent=GIULIA,
            called=[GIULIA],
            given="yes",
            ends_at=(NOON + timedelta(minutes=30)).isoformat(),
        ),
        DESK,
    ),
    "log_given_expired": lambda: thread.render_log(
        a_ticket(), an_event("claim_expired", actor="desk", from_agent=GIULIA, given="yes"), DESK
    ),
    "log_claim_expired": lambda: thread.render_log(
        a_ticket(), an_event("claim_expired", actor="desk", from_agent=GIULIA), DESK
    ),
}


def _window(do: Do) -> Callable[[], dict[str, Any]]:
    return lambda: act_view(a_ticket(tags=("gift",)), Act(ticket_id=17, do=do, seen=5))


TOGETHER_VIEWS: dict[str, Callable[[], dict[str, Any]]] = {
    f"view_{do}": _window(do)
    for do in (Do.TAG, Do.UNTAG, Do.TRANSFER, Do.ESCALATE, Do.MERGE, Do.LINK)
}
