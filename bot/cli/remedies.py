"""What to do about what `threadline doctor` met: by Slack's error codes, and by how a connection failed."""

import re
from collections.abc import Mapping
from typing import Final

_REINSTALL: Final = "copy the token again, or reinstall the app: docs/runbooks/token-revoked.md"

OF_SLACK: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed"),
        _REINSTALL,
    ),
    "not_allowed_token_type": "an xapp-… token belongs into SLACK_APP_TOKEN, an xoxb-… one into SLACK_BOT_TOKEN",
    "missing_scope": "update the app with `threadline manifest` and reinstall it",
    "channel_not_found": "is the name right? A private channel is only seen by its members: /invite the bot",
    "ratelimited": "wait a minute and try again",
}
"""What to do about what Slack answers, by its error code."""

_OF_CONNECTIONS: Final[Mapping[str, str]] = {
    r"gaierror|ClientConnectorDNSError": (
        "no such host: is its name in the settings right, and does this machine find names (DNS)?"
    ),
    r"ConnectionRefused\w*|ClientConnectorError": (
        "nobody listens there: are host and port right, does the server run, is a firewall between?"
    ),
    r"\w*Certificate\w*|SSL\w*|ClientConnectorSSLError": (
        "its certificate does not prove the host: is the host's name right, or a proxy between?"
    ),
    r"\w*Timeout\w*": "it does not answer: are host and port right, is a firewall between?",
}


def way_out(detail: str) -> str:
    """What failed, and what to look at where the class of its error tells."""
    for pattern, remedy in _OF_CONNECTIONS.items():
        if re.search(rf"\b(?:{pattern})\b", detail):
            return f"{detail}; {remedy}"
    return detail
