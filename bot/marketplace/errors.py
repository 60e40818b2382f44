"""What a connector's error means for the effect that met it."""

from bot.outbox.executor import Ambiguous, GroupPaused, SendError, Throttled, TryLater
from connectors.errors import AuthExpired, ConnectorError, OutcomeUnknown, RateLimited, Unavailable
from sla_rules.worded import worded


def send_error(exc: ConnectorError) -> SendError:
    """Wait, pause, try again, or look whether it arrived."""
    match exc:
        case RateLimited():
            return Throttled(exc.retry_after)
        case AuthExpired():
            return GroupPaused(
                worded("the platform refuses our credentials ({error})", error=str(exc))
            )
        case Unavailable():
            return TryLater(str(exc))
        case OutcomeUnknown():
            return Ambiguous(str(exc))
        case _:
            return Ambiguous(type(exc).__name__)
