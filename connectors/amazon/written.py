"""When a buyer wrote, as Amazon counts it: from the earliest time the mail itself vouches for."""

from datetime import datetime, timedelta

from connectors.contract import RawItem
from connectors.mail.headers import instant
from connectors.mail.mime import ParsedMail

EARLIEST = timedelta(hours=48)
"""Amazon counts from the buyer's click; its relay is never slower than this."""


def written_at(mail: ParsedMail, item: RawItem) -> datetime:
    """The earlier of Date and the stamp of the first server, of those not after the arrival.

    Never earlier than `EARLIEST` before the arrival: further back it is a wrong clock.
    """
    stated = [moment for moment in (mail.sent_at, _first_received(mail)) if moment is not None]
    before = [moment for moment in stated if moment <= item.received_at]
    earliest = min(before, default=item.received_at)
    return max(earliest, item.received_at - EARLIEST)


def _first_received(mail: ParsedMail) -> datetime | None:
    """What the first server stamped: every server puts its Received above the others."""
    stamps = list(mail.headers.raw("received"))
    return instant(stamps[-1].rpartition(b";")[2]) if stamps else None
