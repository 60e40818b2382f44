"""What a machine's report (bounce, receipt, complaint) says, and which mail it speaks of."""

import re
from dataclasses import dataclass

from connectors.mail.headers import decode_header, message_ids
from connectors.mail.structure import Part
from connectors.mail.transfer import decoded

_SCANNED = 256 * 1024
_FIELD_ID = re.compile(
    r"(?:^|[\s>*|])(?:original-)?(?:message-?id|message identifier|x-original-message-id)\s?[:=]?\s{0,20}<([^<>\s]{1,900})>",
    re.IGNORECASE,
)
_MAY_PRINT_ID = re.compile(rb"message(?:-?id| identifier)", re.IGNORECASE)
_RETURNED = frozenset(
    {
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "message/global-headers",
        "message/rfc822-headers",
    }
)
_ACTION = re.compile(rb"^action\s*:\s*([a-z]{4,12})", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"^status\s*:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The machine-readable part of a mail (RFC 3464, RFC 8098, RFC 5965).

    `kind` is `delivery-status`, `disposition-notification`, `feedback-report`, another
    report-type, or empty. `actions` and `statuses` are in the report's order, lower case.
    """

    kind: str = ""
    actions: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    calendar_method: str = ""


def read_report(root: Part) -> Report:
    """Collect what reports say anywhere in the mail."""
    kind, method = "", ""
    actions: list[str] = []
    statuses: list[str] = []
    if root.media_type == "multipart/report":
        kind = root.parameters.get("report-type", "").lower() or "unnamed"
    for part in root.walk():
        if part.media_type == "text/calendar":
            method = method or part.parameters.get("method", "").upper()
        if part.media_type in {"message/delivery-status", "message/global-delivery-status"}:
            kind = kind if kind not in {"", "unnamed"} else "delivery-status"
            data = decoded(part, _SCANNED)
            actions += [hit.decode("ascii").lower() for hit in _ACTION.findall(data)[:100]]
            statuses += [hit.decode("ascii") for hit in _STATUS.findall(data)[:100]]
        elif part.media_type == "message/feedback-report":
            kind = "feedback-report"
        elif part.media_type == "message/disposition-notification":
            kind = "disposition-notification"
    return Report(
        kind=kind, actions=tuple(actions), statuses=tuple(statuses), calendar_method=method
    )


def original_ids(root: Part, text: str, own_id: str | None) -> tuple[str, ...]:
    """Ids of the mail that came back: from the returned part, else from any text that names one.

    About two thirds of bounces carry the returned mail as a part, the rest only print it.
    """
    found: dict[str, None] = {}
    for part in root.walk():
        if part is root:
            continue
        if part.media_type in _RETURNED:
            found.update(dict.fromkeys(_returned_ids(part)))
    if not found and "<" in text:
        found.update(dict.fromkeys(_FIELD_ID.findall(text[:_SCANNED])))
    if not found:
        for part in root.walk():
            if part is not root and not part.children and part.major in {"text", "message"}:
                found.update(dict.fromkeys(_printed_ids(part)))
    found.pop(own_id or "", None)
    return tuple(found)


def _returned_ids(part: Part) -> list[str]:
    if part.children:
        return list(message_ids(part.children[0].headers.raw("message-id")))
    return _printed_ids(part)


def _printed_ids(part: Part) -> list[str]:
    data = decoded(part, _SCANNED)
    # Decoding line by line is dear, and hardly any mail prints another one's header.
    if not _MAY_PRINT_ID.search(data):
        return []
    return _FIELD_ID.findall(decode_header_block(data))


def decode_header_block(data: bytes) -> str:
    """A printed header block as text with its line structure kept."""
    return "\n".join(decode_header(row) for row in data.split(b"\n")[:2000])
