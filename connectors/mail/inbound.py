"""What every mail channel takes from a parsed mail in the same way."""

from datetime import datetime, timedelta

from connectors.contract import Attachment, File, Json, RawItem
from connectors.download import MOST_BYTES
from connectors.errors import Rejected
from connectors.mail.imap import PARTIAL_HEADER
from connectors.mail.message_id import OwnId, read_own_id
from connectors.mail.mime import ParsedMail, parse_mail
from connectors.mail.transfer import decoded

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
    return tuple(_own(mail, key))


def own_replies(mail: ParsedMail, key: bytes) -> tuple[str, ...]:
    """The `reply_id`s in `own_ids`: our signature proves them, whether or not a receipt came."""
    return tuple(dict.fromkeys(one.reply for one in _own(mail, key).values()))


def reply_chain(mail: ParsedMail) -> dict[str, Json]:
    """What a reply needs to land in the customer's thread."""
    chain = [*mail.references, *_optional(mail.message_id)]
    return {"in_reply_to": mail.message_id, "references": list(dict.fromkeys(chain))}


def attached(mail: ParsedMail) -> tuple[Attachment, ...]:
    """Names, types and sizes of attached files; `ref` is which of the mail's files each is."""
    return tuple(
        Attachment(name=one.name, media_type=one.media_type, size=one.size, ref=str(number))
        for number, one in enumerate(mail.attachments)
    )


def file_in(item: RawItem, attachment: Attachment, *, most_bytes: int = MOST_BYTES) -> File:
    """An attached file out of the kept mail.

    Raises:
        Rejected: the mail was not kept whole, has no such file, or it is larger than that.
    """
    if partial(item) is not None:
        raise Rejected("only a part of this mail was kept; the file is in the mailbox")
    files = parse_mail(item.payload).attachments
    number = int(attachment.ref) if attachment.ref.isdecimal() else len(files)
    found = files[number] if number < len(files) else None
    if found is None or found.part is None or found.name != attachment.name:
        raise Rejected("the mail has no such file")
    if found.size > most_bytes:
        raise Rejected(f"{found.name} is larger than {most_bytes:,} bytes")
    content = decoded(found.part, most_bytes + 1)
    return File(name=found.name, media_type=found.media_type, content=content)


def partial(item: RawItem) -> str | None:
    """Why the item is not the whole mail, if it is not."""
    if not item.payload.startswith(PARTIAL_HEADER + b":"):
        return None
    why = item.payload[len(PARTIAL_HEADER) + 1 :].split(b"\r\n", 1)[0]
    return f"Not the whole mail ({why.decode('ascii', 'replace').strip()}): open it in the mailbox."


def _own(mail: ParsedMail, key: bytes) -> dict[str, OwnId]:
    named = dict.fromkeys((*cited_ids(mail), *mail.original_ids))
    return {one: own for one in named if (own := read_own_id(key, one)) is not None}


def _optional(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)
