"""What Slack's refusals mean for an effect that was to be sent.

Codes: the error lists of chat.postMessage, chat.update, conversations.history/.replies and pins.* on
docs.slack.dev, and the errors common to all methods. A code that is in no list is a refusal: it
is said aloud and the row is dead, because trying a refused call again helps nobody.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.reasons import SLACK_ANSWERED
from bot.language import marked
from bot.outbox.executor import (
    Ambiguous,
    GroupPaused,
    Refused,
    SendError,
    Throttled,
    TryLater,
)
from bot.slack.limits import DELETE, FILES, GROUPS, HISTORY, PINS, SLACK

DEFAULT_RETRY_AFTER = 30.0
"""Seconds to wait after a 429 that does not say how long (docs: it always says)."""


class ChannelClosed(Refused):
    """Nothing can be posted in this channel."""


class ContentRefused(Refused):
    """Slack does not take these blocks; plain words may pass."""


class MessageGone(Refused):
    """The message to edit or to answer is not there any more, or may not be edited."""


class AlreadySo(Refused):
    """What was asked for is so already."""


class PeopleRefused(Refused):
    """Slack does not put all of these people into a user group."""


class Means(StrEnum):
    """What a code means for us."""

    WAIT = "wait"
    PAUSE = "pause"
    LATER = "later"
    UNCLEAR = "unclear"
    CHANNEL = "channel"
    CONTENT = "content"
    GONE = "gone"
    SO = "so"
    PEOPLE = "people"


MEANING: Mapping[str, Means] = {
    "ratelimited": Means.WAIT,
    "rate_limited": Means.WAIT,
    "message_limit_exceeded": Means.WAIT,
    # The token or the app: nothing goes out until an admin acts, and nothing is lost meanwhile.
    "access_denied": Means.PAUSE,
    "account_inactive": Means.PAUSE,
    "accesslimited": Means.PAUSE,
    "app_access_restricted": Means.PAUSE,
    "ekm_access_denied": Means.PAUSE,
    "enterprise_is_restricted": Means.PAUSE,
    "invalid_auth": Means.PAUSE,
    "missing_scope": Means.PAUSE,
    "no_permission": Means.PAUSE,
    "not_allowed_token_type": Means.PAUSE,
    "not_authed": Means.PAUSE,
    "org_login_required": Means.PAUSE,
    "team_access_not_granted": Means.PAUSE,
    "team_not_found": Means.PAUSE,
    "token_expired": Means.PAUSE,
    "token_revoked": Means.PAUSE,
    "two_factor_setup_required": Means.PAUSE,
    # Refused before anything was done.
    "external_channel_migrating": Means.LATER,
    "request_timeout": Means.LATER,
    "team_added_to_org": Means.LATER,
    # Slack says of these that part of the work may have been done.
    "fatal_error": Means.UNCLEAR,
    "internal_error": Means.UNCLEAR,
    "service_unavailable": Means.UNCLEAR,
    "update_failed": Means.UNCLEAR,
    "channel_is_limited_access": Means.CHANNEL,
    "channel_not_found": Means.CHANNEL,
    "is_archived": Means.CHANNEL,
    "is_inactive": Means.CHANNEL,
    "messages_tab_disabled": Means.CHANNEL,
    "not_in_channel": Means.CHANNEL,
    "posting_to_channel_denied": Means.CHANNEL,
    "restricted_action": Means.CHANNEL,
    "restricted_action_non_threadable_channel": Means.CHANNEL,
    "restricted_action_read_only_channel": Means.CHANNEL,
    "restricted_action_thread_locked": Means.CHANNEL,
    "restricted_action_thread_only_channel": Means.CHANNEL,
    "block_mismatch": Means.CONTENT,
    "invalid_attachments": Means.CONTENT,
    "invalid_blocks": Means.CONTENT,
    "invalid_blocks_format": Means.CONTENT,
    "msg_blocks_too_long": Means.CONTENT,
    "msg_too_long": Means.CONTENT,
    "already_pinned": Means.SO,
    "no_pin": Means.SO,
    "not_pinned": Means.SO,
    "file_deleted": Means.SO,
    "file_not_found": Means.SO,
    "failed_for_some_users": Means.PEOPLE,
    "invalid_users": Means.PEOPLE,
    "cannot_reply_to_message": Means.GONE,
    "cant_update_message": Means.GONE,
    "edit_window_closed": Means.GONE,
    "message_not_found": Means.GONE,
    "thread_not_found": Means.GONE,
}

SENTENCES: Mapping[str, str] = {
    "channel_not_found": marked(
        "Slack does not find the channel: it was deleted, or it is private and the app is not in it"
    ),
    "is_archived": marked("the channel is archived"),
    "not_in_channel": marked(
        "the app is not in the channel: write /invite and the app's name there"
    ),
    "plan_upgrade_required": marked("the workspace's plan has no user groups"),
    "paid_teams_only": marked("the workspace's plan has no user groups"),
    "permission_denied": marked("the workspace does not let the app change user groups"),
    "failed_for_some_users": marked("Slack puts somebody of the shift into no user group"),
    "invalid_users": marked("Slack puts somebody of the shift into no user group"),
    "restricted_action": marked("the workspace does not let the app post there"),
    "missing_scope": marked(
        "the app lacks a permission: install it again with the scopes of its manifest"
    ),
    "token_revoked": marked("Slack says that the app's token was revoked: install the app again"),
    "invalid_auth": marked("Slack refuses the app's token"),
    "account_inactive": marked("the app was removed from the workspace"),
}
"""What to tell people, where the code alone would not help them; kept in English, said by `said_reason`."""

_CANNOT_READ = frozenset({"missing_scope", "no_permission"})
"""Of a look-up, a file, a pin or a user group these say that it will never be; the posts themselves may well pass."""

_REFUSALS: Mapping[Means, type[Refused]] = {
    Means.CHANNEL: ChannelClosed,
    Means.CONTENT: ContentRefused,
    Means.GONE: MessageGone,
    Means.SO: AlreadySo,
    Means.PEOPLE: PeopleRefused,
}


def send_error(exc: Exception, *, gate: str) -> SendError | None:
    """What `exc`, raised by a call of the Slack client, means; None when it is not Slack's.

    `gate` is what has to wait when Slack asks for it.
    """
    match exc:
        case SlackApiError():
            return _refusal(exc, gate)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return TryLater(marked("Slack could not be reached"))
        case aiohttp.ClientError() | TimeoutError():
            return Ambiguous(f"no answer from Slack ({type(exc).__name__})")
        case _:
            return None


def _refusal(exc: SlackApiError, gate: str) -> SendError:
    status, headers, code = _answer(exc.response)
    means, answered = MEANING.get(code), SLACK_ANSWERED.format(code=code or status)
    if status == 429 or means is Means.WAIT:  # noqa: PLR2004 - HTTP's number for it
        return Throttled(_seconds(headers.get("Retry-After")), gate=gate)
    if status >= 500 or means is Means.UNCLEAR:  # noqa: PLR2004
        return Ambiguous(answered)
    sentence = SENTENCES.get(code, answered)
    if gate in {DELETE, HISTORY, FILES, PINS, GROUPS} and code in _CANNOT_READ:
        return Refused(sentence)
    if means is Means.PAUSE:
        # The ops channel is behind the same token; the log and the health page say it.
        return GroupPaused(sentence, gate=SLACK, tell_ops=False)
    if means is Means.LATER:
        return TryLater(sentence)
    return _REFUSALS.get(means, Refused)(sentence) if means else Refused(sentence)


def _answer(response: Any) -> tuple[int, Mapping[str, str], str]:
    """Status, headers and error code; of an answer that is no JSON, whatever there is."""
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    data = getattr(response, "data", None)
    if isinstance(response, Mapping):
        data = response
    code = data.get("error") if isinstance(data, Mapping) else None
    return int(status), getattr(response, "headers", None) or {}, str(code or "")


def _seconds(value: str | None) -> float:
    try:
        return max(0.1, float(value)) if value else DEFAULT_RETRY_AFTER
    except ValueError:
        return DEFAULT_RETRY_AFTER
