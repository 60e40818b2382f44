"""Header fields of a mail: bytes to display text, addresses, ids and instants.

Everything here takes any bytes and raises nothing. The standard library's header classes are
not used for reading: on Python 3.11 they raise on ids and addresses that real mail carries.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

from typing_extensions import override

from connectors.mail.charsets import clean_line, decode_text, decode_unlabelled

MAX_HEADER_BYTES = 64 * 1024
"""One field is cut here before it is decoded; real ones stay below 20 kB."""
MAX_ADDRESSES = 500
"""Recipients kept per mail."""
MAX_IDS = 200
"""Message ids kept per field; the newest stand last, so the first are dropped."""

_WORD = re.compile(
    r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?((?:[^?]|\?(?!=)){0,1500})\?="
)
_FOLD = re.compile(r"\r?\n[ \t]*|\r[ \t]+")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_BARE_ID = re.compile(r"[^<>\s\"(),;]{1,400}@[^<>\s\"(),;]{1,400}")
_SIMPLE_ADDRESS = re.compile(
    r'\s*(?:"([^"\\]*)"|([^"<>()@,;:\\\[\]]*))\s*<([^<>()\s,;:"]+@[^<>()\s,;:"@]+)>\s*'
)
_LOOSE_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,128}@[^\s<>,;:\"()]{1,255}")
_ASIDE = "\ue000"
_PUT_ASIDE = re.compile(f"{_ASIDE}([0-9]+){_ASIDE}")
_DATE_LENGTH = 200
_MAX_BLOCKS = 1000


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One mailbox as the mail names it. `address` keeps its case; `name` may be empty."""

    address: str
    name: str = ""

    @override
    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class RawHeaders:
    """The header fields of one part as received, in order; names in lower case."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def raw(self, name: str) -> Iterator[bytes]:
        """Undecoded values of all fields called `name` (lower case)."""
        return (value for key, value in self.fields if key == name)

    def text(self, name: str) -> str:
        """The first value as display text, empty when there is none."""
        return next((decode_header(value) for value in self.raw(name)), "")


def unfold(raw: bytes) -> str:
    """A field's value on one line, encoded words left as they are."""
    text = decode_unlabelled(raw[:MAX_HEADER_BYTES])
    return _FOLD.sub(" ", text) if "\n" in text or "\r" in text else text


def decode_header(raw: bytes) -> str:
    """A field's value as people should read it (RFC 2047 words decoded, controls removed)."""
    return clean_line(decode_words(unfold(raw)))


def decode_words(text: str) -> str:
    """Decode the RFC 2047 words in `text`.

    Neighbouring words of one charset are joined as bytes first, because senders cut
    multi-byte characters in two between words.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending, charset, position = bytearray(), "", 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        if pending and (between.strip() or match[1].lower() != charset):
            pieces.append(decode_text(bytes(pending), charset)[0])
            pending.clear()
        if between.strip() or position == 0:
            pieces.append(between)
        charset = match[1].lower()
        pending += _word_bytes(match[2], match[3])
        position = match.end()
    if pending:
        pieces.append(decode_text(bytes(pending), charset)[0])
    pieces.append(text[position:])
    return "".join(pieces)


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        return tolerant_base64(data)
    return _Q_ESCAPE.sub(lambda hit: bytes((int(hit[1], 16),)), data.replace(b"_", b" "))


def tolerant_base64(data: bytes) -> bytes:
    """Decode base64 whatever surrounds it: junk is skipped, padding mended, blocks joined."""
    decoded = bytearray()
    for block in (
        data.split(b"=") if data.count(b"=") <= _MAX_BLOCKS else (data.replace(b"=", b""),)
    ):
        letters = _NOT_BASE64.sub(b"", block)
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        if letters:
            decoded += binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    return bytes(decoded)


def addresses(values: Iterable[bytes]) -> tuple[MailAddress, ...]:
    """The mailboxes of address fields, each once, at most `MAX_ADDRESSES`.

    Split before the names are decoded: an encoded name may hold commas and angle brackets.
    """
    found: dict[str, MailAddress] = {}
    for value in values:
        for mailbox in _split_addresses(unfold(value)):
            found.setdefault(mailbox.address.lower(), mailbox)
            if len(found) >= MAX_ADDRESSES:
                return tuple(found.values())
    return tuple(found.values())


def _split_addresses(text: str) -> list[MailAddress]:
    # An encoded name may hold colons, commas and at-signs that separate nothing.
    words: list[str] = []

    def put_aside(word: re.Match[str]) -> str:
        words.append(word[0])
        return f"{_ASIDE}{len(words) - 1}{_ASIDE}"

    pairs = _name_and_address(_WORD.sub(put_aside, text.replace(_ASIDE, "")))

    def put_back(part: str) -> str:
        return _PUT_ASIDE.sub(lambda place: words[int(place[1])], part)

    whole = [_mailbox(put_back(name), put_back(spec)) for name, spec in pairs if _plausible(spec)]
    if whole or "@" not in text:
        return whole
    return [_mailbox("", loose) for loose in _LOOSE_ADDRESS.findall(text)]


def _name_and_address(text: str) -> list[tuple[str, str]]:
    simple = _SIMPLE_ADDRESS.fullmatch(text)
    if simple is not None:
        return [(simple[1] or simple[2] or "", simple[3])]
    try:
        return getaddresses([text])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _plausible(spec: str) -> bool:
    local, _, domain = spec.rpartition("@")
    return bool(local and domain) and not re.search(r"[\s<>]", spec)


def _mailbox(name: str, spec: str) -> MailAddress:
    return MailAddress(clean_line(spec.strip("'")), clean_line(decode_words(name)).strip("\"' "))


def message_ids(values: Iterable[bytes]) -> tuple[str, ...]:
    """The ids between angle brackets, without them, each once; empty ids are ignored."""
    found = dict.fromkeys(
        cleaned
        for value in values
        for hit in _ID.findall(unfold(value))
        if (cleaned := clean_line(hit))
    )
    return tuple(found)[-MAX_IDS:]


def message_id(values: Iterable[bytes]) -> str | None:
    """The mail's own id: the first one in brackets, else a bare `left@right`, else None."""
    kept = list(values)
    ids = message_ids(kept)
    if ids:
        return ids[0]
    bare = (_BARE_ID.fullmatch(clean_line(unfold(value))) for value in kept)
    return next((hit.group() for hit in bare if hit), None)


def instant(raw: bytes) -> datetime | None:
    """A date field as an aware UTC instant; None when it cannot be read.

    A date without zone, and the RFC 5322 zone `-0000`, count as UTC.
    """
    text = clean_line(unfold(raw[:_DATE_LENGTH]))
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
            continue
    return None
