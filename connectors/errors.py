"""What can go wrong at a channel, as data the desk acts on.

ConnectorError
├── RateLimited        the platform asks us to wait `retry_after` seconds
├── Unavailable        not reached, or 5xx: safe to try again, nothing was handed over
├── AuthExpired        credentials refused: the inbox is paused until somebody mends them
│   └── AccessWithdrawn     for good: asking again is no use until the settings change
├── Rejected           the platform refused this reply, `reason` in its own words
│   └── ReplyWindowClosed   too late: the platform takes no answer any more
├── OutcomeUnknown     the connection broke after the reply was handed over
├── WebhookRefused     a call to us that is not proven to be the platform's
└── Malformed          an inbound item that cannot be understood, `pointer` says where
"""


class ConnectorError(Exception):
    """Root of everything a connector raises on purpose."""


class RateLimited(ConnectorError):
    """The platform asked us to slow down."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate limited, try again in {retry_after:.0f} s")
        self.retry_after = retry_after


class Unavailable(ConnectorError):
    """The platform could not be reached, or failed; nothing was handed over."""


class AuthExpired(ConnectorError):
    """The platform refused our credentials."""


class AccessWithdrawn(AuthExpired):
    """The platform took our access back, or it has ended: only new settings will help."""


class Rejected(ConnectorError):
    """The platform refused this reply for good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReplyWindowClosed(Rejected):
    """The platform takes no answer to this conversation any more."""


class OutcomeUnknown(ConnectorError):
    """The reply was handed over, but its acceptance was not seen. Never send it again unasked."""


class WebhookRefused(ConnectorError):
    """A call to us that is not proven to come from the platform. `status` is what it is told."""

    def __init__(self, reason: str, *, status: int = 401) -> None:
        super().__init__(reason)
        self.status = status


class Malformed(ConnectorError):
    """An inbound item that cannot be understood. `pointer` names the part that is wrong."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{pointer}: {detail}")
        self.pointer = pointer
        self.detail = detail
