"""Every column that could hold somebody's words, or the place of a post: what becomes of it."""

from sqlalchemy import LargeBinary, String, Text

from bot.db import tables
from bot.db.types import JsonText

EMPTIED = {
    "approval": {"body", "choices", "client_key"},
    "customer": {"display_name", "handle", "tags"},
    "draft": {"aside", "body", "machine", "macros"},
    "feedback": {"comment"},
    "message": {
        "attachments",
        "body",
        "error",
        "full_body",
        "links",
        "reason",
        "reply_context",
        "sender_name",
        "subject",
    },
    "message_file": {"content", "media_type", "name", "slack_id"},
    "outbox": {"payload"},
    "raw_inbound": {"detail", "payload"},
    "shown_file": {"slack_id"},
    "ticket": {"external_thread", "order_id", "slack_former", "subject"},
    "ticket_context": {"content", "sealed"},
    "ticket_event": {"data"},
    "ticket_key": {"key"},
}
"""Emptied, overwritten or deleted with the words of a conversation: see docs/retention.md."""

PLACES = {
    "outbox": {"result"},
    "surge": {"ts"},
    "ticket": {"slack_permalink", "slack_ts"},
}
"""Where something is in Slack; it says nothing once that is gone."""

OF_THE_DESK = {
    "agent": {"name"},
    "data_key": {"wrapped"},
    "deadline": {"calendar", "cause", "clamped", "policy"},
    "desk_state": {"value"},
    "forecast": {"why"},
    "history_link": {"fingerprint", "seal"},
    "home": {"choice"},
    "inbox": {"cursor", "last_error", "lease_owner", "name", "paused_reason"},
    "inbox_keep": {"name", "sealed"},
    "legal_hold": {"ended_by", "reason", "said_by"},
    "macro": {"body", "channels", "inboxes", "name_key", "topics"},
    "message": {"client_key", "external_id"},
    "message_part": {"external_id"},
    "outbox": {"coalesce_key", "dedupe_key", "lane", "lane_group", "last_error"},
    "raw_inbound": {"source_id"},
    "route_turn": {"route"},
    "rule_version": {"content", "name"},
    "shift_group": {"handle", "people"},
    "slack_event": {"event_id"},
    "ticket": {"calendar_versions", "policy", "tags"},
    "webhook_delivery": {"delivery_id"},
}
"""What the desk, its people and the platforms' numbering wrote: no customer's words."""

_WIDE = 80


def _could_hold_words(column):
    kind = column.type
    if column.name in {"ts", "slack_ts"} or (
        column.name == "slack_id" and not column.primary_key and column.table.name.endswith("file")
    ):
        return True
    wide = isinstance(kind, String) and (kind.length or _WIDE) >= _WIDE
    return wide or isinstance(kind, (Text, JsonText, LargeBinary))


def test_nobody_adds_a_place_for_words_without_saying_when_it_is_emptied():
    found = {
        f"{table.name}.{column.name}"
        for table in tables.metadata.sorted_tables
        for column in table.c
        if _could_hold_words(column)
    }
    told = {
        f"{table}.{column}"
        for told in (EMPTIED, PLACES, OF_THE_DESK)
        for table, columns in told.items()
        for column in columns
    }
    assert found == told
