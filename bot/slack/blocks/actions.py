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
    SNOOZE_QUARTER = "snooze_quarter"
    MORE = "more"  # overflow: the option's value is a MenuChoice and the ticket id
    UNDO = "undo"  # value: message id
    UNDO_EVENT = "undo_event"  # value: ticket id and event id
    DEESCALATE = "deescalate"
    UNMERGE = "unmerge"
    ARRIVED = "arrived"  # value: message id
    NOT_ARRIVED = "not_arrived"  # value: message id
    SEND_ANYWAY = "send_anyway"  # value: ticket id, newest message seen, text
    APPROVE = "approve"  # value: approval id, and the newer message that is known
    SEND_BACK = "send_back"  # value: approval id
    SHOW_WORDS = "show_words"  # a customer's words in full, to the presser alone
    ASSIGN_NEXT = "assign_next"  # to whoever is next by the ticket's route
    HAND_OVER_TO = "hand_over_to"  # value: ticket id and whose it becomes
    HAND_OVER = "hand_over"  # value: whose waiting tickets go to the next
    OPEN_LINK = "open_link"  # a link button: nothing to do
    HOME_QUEUE = "home_queue"  # value: which queue
    HOME_INBOX = "home_inbox"  # value: an inbox's name, or "-" for every one
    HOME_PAGE = "home_page"  # value: which page, from 0
    GO_AWAY = (
        "go_away"  # value: "" until they say back, or "tomorrow"; the id goes on with a number
    )
    COME_BACK = "come_back"  # value: nothing that matters
    OWN_LANGUAGE = "own_language"  # value: a language's code, or "usual"
    OWN_PINGS = "own_pings"  # value: thread, dm or both
    OWN_QUIET = "own_quiet"  # opens the window of quiet hours
    OWN_CALLS = "own_calls"  # opens the window of how the presser is called
    LEDGER_LINE = "ledger_line"  # value: ticket id, line and what it was
    LEDGER_PAGE = "ledger_page"  # value: ticket id and page; the id goes on with a number
    ACT_CHOSEN = "act_chosen"  # value: a verb, in the window of every verb
    MACRO_CHOSEN = "macro_chosen"  # value: a macro's ref, in the window of an answer
    MACRO_SUGGESTED = "macro_suggested"  # value: a macro's ref; the id goes on with a number
    KEEP_DRAFT = "keep_draft"  # value: nothing that matters
    DROP_DRAFT = "drop_draft"  # value: nothing that matters
    THREAD_FILES = "thread_files"  # value: nothing that matters
    USE_DRAFT = "use_draft"  # value: the Slack id of who wrote it
    MACHINE_DRAFT = "machine_draft"
    MACHINE_ANSWER = "machine_answer"  # translate what the agent wrote
    MACHINE_WORDS = "machine_words"  # translate what the customer wrote
    MACHINE_SUMMARY = "machine_summary"
    MACHINE_PUT_BACK = "machine_put_back"  # the agent's own words, in place of a machine's
    MACRO_OPEN = "macro_open"  # value: a macro's ref, or "new"; the id may go on with a number
    MACRO_ARCHIVE = "macro_archive"  # value: the version seen and the macro's ref


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
    EVERYTHING = "everything"


class ViewId(StrEnum):
    """Callback ids of our modals."""

    REPLY = "reply_write"
    REPLY_PREVIEW = "reply_preview"
    REPLY_QUEUED = "reply_queued"
    ACT = "act"
    MACRO = "macro"
    MACHINE = "machine"
    QUIET = "quiet"
    CALLS = "calls"
    LEDGER_REASON = "ledger_reason"
    SEND_BACK = "send_back"


class ShortcutId(StrEnum):
    """Callback ids of our shortcuts, as the manifest declares them."""

    REPLY = "msg_reply"
    CLAIM = "msg_claim"
    NO_ANSWER = "msg_no_answer"
    NOTE = "msg_note"
    EVERYTHING = "msg_everything"
    MY_QUEUE = "my_queue"


def joined(*parts: object) -> str:
    """Several ids in one value."""
    return "|".join(str(part) for part in parts)


def parted(value: str, count: int) -> list[str]:
    """The ids of a value made by `joined`; the last one may contain the separator."""
    return value.split("|", count - 1)
