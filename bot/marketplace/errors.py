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


def repeatable(exc: ConnectorError) -> SendError:
    """The same for what may be done twice: where the outcome is in doubt, it is done again."""
    found = send_error(exc)
    return TryLater(str(found)) if isinstance(found, Ambiguous) else found
