"""What of a ticket is posted in Slack for everybody, where its inbox does not post all of it.

Only views that are posted pass through here. What one person asks to see, in a window or an answer
to them alone, is shown whole.
"""

from dataclasses import replace

from bot.domain.card import EventView, MessageView, QueueRow, TicketView
from bot.domain.desk import Desk
from bot.domain.redaction import redacted, short_handle
from bot.language import marked, tr
from connectors.data_rules import SlackBody

NOT_POSTED = marked("The words are not posted here. Press \u201cShow the words\u201d to read them.")
NO_SUBJECT = marked("(subject not posted)")


_OF_COLLEAGUES = frozenset({"note", "transferred"})
"""Events whose words are a colleague's own."""


def body_rule(desk: Desk, inbox: str) -> SlackBody:
    """How much of a customer's words is posted for an inbox."""
    route = desk.inboxes.get(inbox)
    return "full" if route is None else route.slack_body


def posted_ticket(ticket: TicketView, desk: Desk) -> TicketView:
    """The ticket as it may be posted."""
    rule = body_rule(desk, ticket.inbox)
    if rule == "full":
        return ticket
    first, last = ticket.first_message, ticket.last_customer_message
    return replace(
        ticket,
        subject=_subject(ticket.subject, rule),
        customer_name="" if rule == "none" else ticket.customer_name,
        customer_handle=short_handle(ticket.customer_handle),
        first_message=_message(first, rule) if first is not None else None,
        last_customer_message=_message(last, rule) if last is not None else None,
    )


def posted_row(row: QueueRow, desk: Desk) -> QueueRow:
    """A line of a list as it may be posted."""
    rule = body_rule(desk, row.inbox)
    if rule == "full":
        return row
    name = "" if rule == "none" else row.customer_name
    return replace(row, subject=_subject(row.subject, rule), customer_name=name)


def posted_message(message: MessageView, ticket: TicketView, desk: Desk) -> MessageView:
    """A message as it may be posted. A colleague's own words are theirs, and stay."""
    rule = body_rule(desk, ticket.inbox)
    return message if rule == "full" or message.agent else _message(message, rule)


def posted_event(event: EventView, ticket: TicketView, desk: Desk) -> EventView:
    """A line of the history as it may be posted: the words below it are masked likewise."""
    rule = body_rule(desk, ticket.inbox)
    text = event.data.get("text")
    if rule == "full" or not isinstance(text, str) or event.type in _OF_COLLEAGUES:
        return event
    ours = event.type.startswith(("reply_", "approval_"))
    said = redacted(text) if rule == "redacted" or ours else ""
    return replace(event, data={**event.data, "text": said})


def _message(message: MessageView, rule: SlackBody) -> MessageView:
    hidden = rule == "none"
    return replace(
        message,
        body=tr(NOT_POSTED) if hidden else redacted(message.body),
        full_body="" if hidden else redacted(message.full_body),
        sender_name="" if hidden else message.sender_name,
    )


def _subject(subject: str, rule: SlackBody) -> str:
    return tr(NO_SUBJECT) if rule == "none" else redacted(subject)
