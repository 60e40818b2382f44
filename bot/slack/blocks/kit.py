"""Block Kit objects as plain dictionaries, each within Slack's limits by cutting, never by raising.

There is no `mrkdwn` in here on purpose: words are `plain_text` or `rich_text`, which nobody's
text can break out of. Limits are those of Slack's Block Kit reference, less five per cent where
Slack and we may count differently.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.language import marked, tr, tr_as
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.rendered import Block
from bot.slack.text import clusters, cut, inert, one_line

HEADER_LIMIT = 143
PLAIN_LIMIT = 2850
RICH_LIMIT = 2850
VERBATIM_PART = 1400
"""Characters; even if each counts twice, a part stays below `RICH_LIMIT`."""
BUTTON_LIMIT = 71
OPTION_LIMIT = 71
CONTEXT_ELEMENTS = 10
VALUE_LIMIT = 2000
TITLE_LIMIT = 24
URL_LIMIT = 3000
REPLY_LIMIT = 3000
"""What one text field of a modal can hold at most."""

# For translators: Slack puts in day and time, as in “today at 14:00”; {date_short_pretty} and {time}
# have to stay as they are.
DUE_FORMAT = marked("{date_short_pretty} at {time}")
AGO_FORMAT = "{ago}"
SECONDS_FORMAT = "{time_secs}"
_NO_CAPITAL = "\u200b"
"""A zero-width space: Slack writes the first character of a date large unless this stands before it."""


def plain(text: str, limit: int = PLAIN_LIMIT) -> Block:
    """A `plain_text` object: shown as it is, without emoji codes."""
    return {"type": "plain_text", "text": cut(inert(text), limit) or "-", "emoji": False}


def header(text: str) -> Block:
    """A heading of one line."""
    return {"type": "header", "text": plain(one_line(text, HEADER_LIMIT))}


def context(*texts: str) -> Block:
    """Small grey facts, one element each; empty ones are left out."""
    shown = [text for text in texts if text] or ["-"]
    return {"type": "context", "elements": [plain(text, 600) for text in shown[:CONTEXT_ELEMENTS]]}


def rich(*parts: Block) -> Block:
    """A `rich_text` block of sections, quotes and preformatted parts."""
    return {"type": "rich_text", "elements": list(parts)}


def line(*elements: Block) -> Block:
    """A section of a `rich_text` block."""
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(text: str, limit: int = RICH_LIMIT) -> Block:
    """Somebody's words, inert, set off as a quotation."""
    return {"type": "rich_text_quote", "elements": [words(cut(inert(text).strip(), limit))]}


def verbatim(text: str, limit: int = RICH_LIMIT) -> Block:
    """Text in which every space counts, e.g. a preview, set in fixed width."""
    return {"type": "rich_text_preformatted", "elements": [words(cut(inert(text), limit))]}


def verbatim_whole(text: str) -> list[Block]:
    """Like `verbatim`, for a text that must be seen whole: in as many parts as it takes."""
    parts: list[str] = [""]
    for char in clusters(inert(text)):
        if len(parts[-1]) + len(char) > VERBATIM_PART:
            parts.append("")
        parts[-1] += char
    return [verbatim(part) for part in parts]


def words(text: str, *, bold: bool = False) -> Block:
    """A run of text inside a `rich_text` part. Slack interprets nothing in it."""
    element: Block = {"type": "text", "text": cut(inert(text), RICH_LIMIT) or "-"}
    return element | {"style": {"bold": True}} if bold else element


def pieces(parts: Sequence[str | Block], *, lead: str = "", bold: bool = False) -> list[Block]:
    """The elements of a sentence made by `tr_parts`: `lead` and its words, elements as they are."""
    joined: list[str | Block] = [lead]
    for part in parts:
        last = joined[-1]
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        else:
            joined.append(part)
    return [words(part, bold=bold) if isinstance(part, str) else part for part in joined if part]


def person(slack_id: str) -> Block:
    """A mention of a user or a user group. In a new message it notifies them."""
    if slack_id.startswith("S"):
        return {"type": "usergroup", "usergroup_id": slack_id}
    return {"type": "user", "user_id": slack_id}


def date(at: datetime, form: str, *, fallback: str, opens: bool = False) -> Block:
    """An instant that each reader's client writes in the reader's own zone.

    `opens` says that it begins a line: the client then writes “Today”, else “today”.
    """
    seconds, shown = int(at.timestamp()), tr(form)
    if not opens and shown.startswith("{date"):
        shown = f"{_NO_CAPITAL}{shown}"
    return {"type": "date", "timestamp": seconds, "format": shown, "fallback": fallback}


def link(url: str, text: str) -> Block:
    """A link of ours. Never made from a customer's words."""
    return {"type": "link", "url": url, "text": one_line(text, 300) or url}


def button(action: ActionId, text: str, value: str, *, style: str | None = None) -> Block:
    """A button. `style` is "primary", "danger" or nothing."""
    element: Block = {
        "type": "button",
        "action_id": str(action),
        "text": plain(text, BUTTON_LIMIT),
        "value": value,
    }
    return element | {"style": style} if style else element


def is_usable(url: str) -> bool:
    """Whether Slack takes `url` for a button, and it is one we would send a colleague to."""
    return url.startswith("https://") and len(url) <= URL_LIMIT


def link_button(text: str, url: str) -> Block:
    """A button that opens one of our own links."""
    return {
        "type": "button",
        "action_id": str(ActionId.OPEN_LINK),
        "text": plain(text, BUTTON_LIMIT),
        "url": url,
    }


def overflow(action: ActionId, options: Sequence[tuple[str, str]]) -> Block:
    """The ⋯ menu, of (text, value) pairs; Slack takes five."""
    return {
        "type": "overflow",
        "action_id": str(action),
        "options": [{"text": plain(text, OPTION_LIMIT), "value": value} for text, value in options],
    }


def actions(*elements: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def text_input(
    block_id: str, label: str, *, limit: int, initial: str = "", hint: str = "", focus: bool = True
) -> Block:
    """A field for several lines; Slack counts the characters down to `limit`."""
    field: Block = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": True,
        "min_length": 1,
        "max_length": min(limit, REPLY_LIMIT),
        "focus_on_load": focus,
    }
    if initial:
        field["initial_value"] = cut(initial, min(limit, REPLY_LIMIT))
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": field,
    }
    return block | {"hint": plain(hint, 1900)} if hint else block


def modal(
    callback: str,
    title: str,
    blocks: Sequence[Block],
    *,
    metadata: str,
    submit: str | None = None,
    close: str | None = None,
) -> Block:
    """A modal view. `metadata` holds ids only and comes back with the submission."""
    view: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, TITLE_LIMIT),
        "close": plain(close or tr_as("button", "Cancel"), TITLE_LIMIT),
        "private_metadata": metadata,
        "blocks": list(blocks),
    }
    return view | {"submit": plain(submit, TITLE_LIMIT)} if submit else view


def called(slack_id: str) -> str:
    """The same mention for a message's plain text, which notifies as well."""
    return f"<!subteam^{slack_id}>" if slack_id.startswith("S") else f"<@{slack_id}>"
