"""Every id that Slack sends back to us. Messages live for years: an id is never given a new meaning."""

from enum import StrEnum


class ActionId(StrEnum):
    """What was pressed or chosen. The value is a ticket id unless said otherwise."""

    CLAIM = "claim"
    TAKE_OVER = "take_over"  # value: ticket id and the holder it is taken from
    REPLY = "reply"
    NO_ANSWER = "no_answer"
    ANSWERED = "answered"  # in the marketplace itself, on the presser's word
    RESOLVE = "resolve"
    REOPEN = "reopen"
    ACKNOWLEDGE = "acknowledge"
    MORE = "more"  # overflow: the option's value is a MenuChoice and the ticket id
    UNDO = "undo"  # value: message id
    ARRIVED = "arrived"  # value: message id
    NOT_ARRIVED = "not_arrived"  # value: message id
    SEND_ANYWAY = "send_anyway"  # value: ticket id, newest message seen, text
    OPEN_LINK = "open_link"  # a link button: nothing to do
    HOME_QUEUE = "home_queue"  # value: which queue


class MenuChoice(StrEnum):
    """What the menu behind ⋯ offers."""

    SNOOZE_HOUR = "snooze_hour"
    SNOOZE_TOMORROW = "snooze_tomorrow"
    ASSIGN = "assign"
    NOTE = "note"
    STATUS = "status"
    WAIT = "wait"
    GO_ON = "go_on"
    CLASS = "class"


class ViewId(StrEnum):
    """Callback ids of our modals."""

    REPLY = "reply_write"
    REPLY_PREVIEW = "reply_preview"
    REPLY_QUEUED = "reply_queued"
    ASSIGN = "assign"
    NOTE = "note"
    WAIT = "wait"
    CLASS = "class"


class ShortcutId(StrEnum):
    """Callback ids of our shortcuts, as the manifest declares them."""

    REPLY = "msg_reply"
    CLAIM = "msg_claim"
    NO_ANSWER = "msg_no_answer"
    NOTE = "msg_note"
    WAIT = "msg_wait"
    MY_QUEUE = "my_queue"


def joined(*parts: object) -> str:
    """Several ids in one value."""
    return "|".join(str(part) for part in parts)


def parted(value: str, count: int) -> list[str]:
    """The ids of a value made by `joined`; the last one may contain the separator."""
    return value.split("|", count - 1)
