"""Every table of the desk, by its name. Unique keys are the idempotency keys.

Ids are ours and time-ordered. What must be undone never is: rows are settled, cancelled or
superseded, events are appended.
"""

from bot.db.tables.attention import digest, preference, surge
from bot.db.tables.base import metadata
from bot.db.tables.clocks import deadline, pause_end, ping, rule_version
from bot.db.tables.delivery import open_effects, outbox, slack_event
from bot.db.tables.desk import absence, agent, counter, route_turn
from bot.db.tables.figures import feedback, health_reading, ticket_figure, wait_figure
from bot.db.tables.history import history_link
from bot.db.tables.home import home
from bot.db.tables.inboxes import inbox, inbox_day, inbox_keep, raw_inbound, webhook_delivery
from bot.db.tables.keys import data_key
from bot.db.tables.llm import llm_day, llm_turn
from bot.db.tables.messages import message, message_file, message_part, shown_file
from bot.db.tables.privacy import forgotten, legal_hold
from bot.db.tables.staffing import forecast, shift_group
from bot.db.tables.state import desk_state
from bot.db.tables.tickets import customer, ticket, ticket_context, ticket_event, ticket_key
from bot.db.tables.together import claim_watch, composing, ticket_link
from bot.db.tables.writing import approval, draft, macro

__all__ = [
    "absence",
    "agent",
    "approval",
    "claim_watch",
    "composing",
    "counter",
    "customer",
    "data_key",
    "deadline",
    "desk_state",
    "digest",
    "draft",
    "feedback",
    "forecast",
    "forgotten",
    "health_reading",
    "history_link",
    "home",
    "inbox",
    "inbox_day",
    "inbox_keep",
    "legal_hold",
    "llm_day",
    "llm_turn",
    "macro",
    "message",
    "message_file",
    "message_part",
    "metadata",
    "open_effects",
    "outbox",
    "pause_end",
    "ping",
    "preference",
    "raw_inbound",
    "route_turn",
    "rule_version",
    "shift_group",
    "shown_file",
    "slack_event",
    "surge",
    "ticket",
    "ticket_context",
    "ticket_event",
    "ticket_figure",
    "ticket_key",
    "ticket_link",
    "wait_figure",
    "webhook_delivery",
]
