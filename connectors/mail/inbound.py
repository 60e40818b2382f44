"""What every mail channel takes from a parsed mail in the same way."""

from datetime import datetime, timedelta

from connectors.contract import Attachment, Json, RawItem
from connectors.mail.imap import PARTIAL_HEADER
from connectors.mail.message_id import read_own_id
from connectors.mail.mime import ParsedMail

SUBJECT_CHARACTERS = 400
NAME_CHARACTERS = 200


def arrival(mail: ParsedMail, item: RawItem, *, earliest: timedelta) -> datetime:
    """When the customer wrote: the Date header, between `earliest` before arrival and arrival.

    A Date can be forged, wrong or missing; it never makes a deadline later than arrival does.
    """
    sent = mail.sent_at
    if sent is None or sent > item.received_at:
        return item.received_at
    return max(sent, item.received_at - earliest)


def cited_ids(mail: ParsedMail) -> tuple[str, ...]:
    """Message-IDs this mail answers, nearest first."""
    return tuple(dict.fromkeys((*_optional(mail.in_reply_to), *reversed(mail.references))))


def own_ids(mail: ParsedMail, key: bytes) -> tuple[str, ...]:
    """Our own ids among all this mail cites or returns; they name replies of ours."""
    cited = dict.fromkeys((*cited_ids(mail), *mail.original_ids))
    return tuple(one for one in cited if read_own_id(key, one))


def reply_chain(mail: ParsedMail) -> dict[str, Json]:
    """What a reply needs to land in the customer's thread."""
    chain = [*mail.references, *_optional(mail.message_id)]
    return {"in_reply_to": mail.message_id, "references": list(dict.fromkeys(chain))}


def attached(mail: ParsedMail) -> tuple[Attachment, ...]:
    """Names, types and sizes of attached files."""
    return tuple(
        Attachment(name=one.name, media_type=one.media_type, size=one.size)
        for one in mail.attachments
    )


def partial(item: RawItem) -> str | None:
    """Why the item is not the whole mail, if it is not."""
    if not item.payload.startswith(PARTIAL_HEADER + b":"):
        return None
    why = item.payload[len(PARTIAL_HEADER) + 1 :].split(b"\r\n", 1)[0]
    return f"Not the whole mail ({why.decode('ascii', 'replace').strip()}): open it in the mailbox."


def _optional(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)
