"""Which lines of a mail are not the author's words but a program's frame around history.

Written instead of taken from a library: the two that were measured need seconds for 20 kB of
`From:` lines or of blank lines, and know fewer languages.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto

from connectors.mail import phrases
from connectors.mail.lines import Hint, Line

WIDE_COLON = "\uff1a"
MAX_INTRO_LINES = 4
"""A wrapped introduction (name, address and date) takes at most so many lines."""
MAX_INTRO_CHARS = 400
MAX_TITLE_CHARS = 200
MAX_SENT_FROM = 120
MIN_LIST_RULE = 20
"""Underscores a mailing list puts above its footer."""
MIN_FIELDS = 3
"""Different header fields that make a block; two do where a rule stands above them."""

_INTRO_ENDS = frozenset({":", WIDE_COLON, ">", "-", "…"})


class Role(Enum):
    """What one line is for."""

    TEXT = auto()
    BLANK = auto()
    QUOTE = auto()
    INTRO = auto()  # "On …, … wrote:"
    BLOCK = auto()  # history starts here: header block, title between dashes, markup
    FORWARD = auto()  # a forwarded mail starts here
    DELIMITER = auto()  # "reply above this line"
    SIGNATURE = auto()  # "-- "
    SENT_FROM = auto()  # "Sent from my …"
    RULE = auto()  # a line of dashes or underscores


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_VERB = re.compile(rf"(?<!\w)(?:{_any_of(phrases.WROTE)})(?!\w)", re.IGNORECASE)
_CJK_VERB = re.compile("写道|寫道|のメール|さんは書きました|님이 작성")
_QUOTING = re.compile(rf"(?:{_any_of(phrases.QUOTING)})\s.{{1,300}}:$", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_DATE = re.compile(
    r"\d{1,4}\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d{1,4}|\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\b\d{1,2}\.? \w{3,}|\w{3,} \d{1,2}\b"
)
_STAMP = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b.{0,200}<[^<>\s]{1,64}@[^<>\s]{1,255}>:?$")
_GROUPWISE = re.compile(r">{3} .{1,200}\d{1,2}:\d{2}.{0,20} >{3}$")
_DASHED_WROTE = re.compile(
    rf"-{{3,}} ?.{{1,100}}(?:{_any_of(phrases.WROTE)}) ?:? ?-{{3,}}$", re.IGNORECASE
)
_UNMISTAKABLE = (_STAMP, _GROUPWISE, _QUOTING, _DASHED_WROTE)
_LOOSE_END = re.compile(rf"> ?(?:{_any_of(phrases.WROTE)}) ?:$", re.IGNORECASE)
_LIST_FOOTER = re.compile(r"mailing list|unsubscribe|https?://|mailto:", re.IGNORECASE)
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_OPENER = re.compile(
    r"(?:on|at|am|le|el|il|em|op|den|dne|dňa|dnia|pe|w dniu|в|a|na|mon|tue|wed|thu|fri|sat|sun)\b.*\d|.*<?[^\s@]{1,64}@[^\s@]{1,255}|\d{1,4}[-./年]",
    re.IGNORECASE,
)
_DASHED = re.compile(r"[-_=*]{2,}\s?.{3,80}?\s?[-_=*]{2,}$")
_FORWARDED = re.compile(rf"(?:{_any_of(phrases.FORWARDED)})(?:\s.{{0,60}})?$", re.IGNORECASE)
_ORIGINAL = re.compile(rf"(?:{_any_of(phrases.ORIGINAL)})(?:\s.{{0,60}})?$", re.IGNORECASE)
_RULE = re.compile(r"[_\-=*]{5,}$")
_FIELD = re.compile(r"[*>\s]{0,4}([^\s:\uff1a*][^:\uff1a*]{0,24}?)\*?\s?[:\uff1a]\*?\s?(.*)$")
_ABOVE = re.compile(_any_of(phrases.REPLY_ABOVE), re.IGNORECASE)
_SIGNATURE = re.compile(r"(?:--|—|__|- -)$")
_SENT_FROM = re.compile(rf"[\s_*<\[-]{{0,4}}(?:{_any_of(phrases.SENT_FROM)})", re.IGNORECASE)
_FIELDS = {
    word: kind
    for kind, words in (
        ("to", phrases.TO_FIELDS),
        ("subject", phrases.SUBJECT_FIELDS),
        ("date", phrases.DATE_FIELDS),
        ("from", phrases.FROM_FIELDS),
    )
    for word in words
}


def roles(lines: Sequence[Line], *, threaded: bool = True) -> list[Role]:
    """The role of each line. Linear in the text.

    In a mail that answers nothing (`threaded` false) a block of header fields needs one field
    more to count: contact forms print `From:`, `Date:` and `Subject:` too.
    """
    least = MIN_FIELDS if threaded else MIN_FIELDS + 1
    bare = [line.bare for line in lines]
    found: list[Role] = []
    while len(found) < len(lines):
        index = len(found)
        role, span = _role(lines, bare, index, least)
        found.extend([role] * min(span, len(lines) - index))
    return found


def _role(lines: Sequence[Line], bare: Sequence[str], index: int, least: int) -> tuple[Role, int]:
    line, words = lines[index], bare[index]
    if line.hint is Hint.CUT:
        return _block_or_forward(bare, index), 1
    if line.depth:
        return (Role.INTRO if _GROUPWISE.match(str(line)) else Role.QUOTE), 1
    if not words:
        return Role.BLANK, 1
    framed = _title(words) or (Role.BLOCK if _is_field_block(bare, index, least) else None)
    if framed:
        return framed, 1
    span = _intro_span(lines, bare, index) or (1 if line.hint is Hint.INTRO else 0)
    return (Role.INTRO, span) if span else (_closing(bare, index), 1)


def _block_or_forward(bare: Sequence[str], index: int) -> Role:
    following = next((words for words in bare[index : index + 3] if words), "")
    return Role.FORWARD if _title(following) is Role.FORWARD else Role.BLOCK


def _title(words: str) -> Role | None:
    if len(words) > MAX_TITLE_CHARS:
        return None
    if _ABOVE.search(words):
        return Role.DELIMITER
    if not (_DASHED.match(words) or words.endswith((":", WIDE_COLON))):
        return None
    inner = words.strip(f"-_=*> :{WIDE_COLON}")
    if _FORWARDED.match(inner):
        return Role.FORWARD
    return Role.BLOCK if _ORIGINAL.match(inner) else None


def field_kind(words: str) -> str | None:
    """`from`, `date`, `subject` or `to` when the line looks like that header field."""
    match = _FIELD.match(words[:300])
    return _FIELDS.get(match[1].strip().lower()) if match else None


def _is_field_block(bare: Sequence[str], index: int, least: int) -> bool:
    """Whether `From: … Sent: … Subject: …` starts here (a rule of dashes may stand before it).

    A list of a journey's `From:`, `To:` and `Date:` is none: a subject or an address is asked for.
    """
    ruled = _RULE.match(bare[index]) is not None
    window = [words for words in bare[index + ruled : index + ruled + 14] if words][:8]
    if not window or field_kind(window[0]) not in {"from", "date", "subject"}:
        return False
    kinds: set[str | None] = set()
    addressed = False
    for words in window:
        kind = field_kind(words)
        if kind is None and len(kinds) >= least:
            break
        kinds.add(kind)
        addressed = addressed or (kind is not None and _ADDRESS.search(words) is not None)
    kinds.discard(None)
    if "from" not in kinds:
        return False
    return len(kinds) >= (MIN_FIELDS - 1 if ruled else least) and (
        "subject" in kinds or addressed or ruled
    )


def _intro_span(lines: Sequence[Line], bare: Sequence[str], index: int) -> int:
    """How many lines the introduction that starts here takes; 0 when none does."""
    limit = min(index + MAX_INTRO_LINES, len(lines))
    if not any(words[-1:] in _INTRO_ENDS for words in bare[index:limit]):
        return 0
    for end in range(index + 1, limit + 1):
        # An address broken over lines leaves "> wrote:", which is no quote.
        loose = end - index > 1 and _LOOSE_END.match(str(lines[end - 1])) is not None
        if (lines[end - 1].depth and not loose) or not bare[end - 1]:
            return 0
        text = " ".join(bare[index:end])
        if len(text) > MAX_INTRO_CHARS:
            return 0
        if is_introduction(text, quote_follows=_quote_follows(lines, bare, end)):
            return 0 if _starts_later(lines, bare, index, end) else end - index
    return 0


def _starts_later(lines: Sequence[Line], bare: Sequence[str], index: int, end: int) -> bool:
    """Whether the author's last line only happens to stand before the introduction."""
    if end - index == 1 or _OPENER.match(bare[index]):
        return False
    rest = " ".join(bare[index + 1 : end])
    return is_introduction(rest, quote_follows=_quote_follows(lines, bare, end))


def is_introduction(text: str, *, quote_follows: bool) -> bool:
    """Whether `text` says who wrote what comes next.

    Without a quote after it, it must name a date and a time or address beside the verb: a
    customer may well end a line with "you wrote on Monday:" and go on.
    """
    if any(form.match(text) for form in _UNMISTAKABLE):
        return True
    if text[-1:] not in _INTRO_ENDS:
        return False
    verb = _VERB.search(text) or _CJK_VERB.search(text)
    dated, addressed = _DATE.search(text), _ADDRESS.search(text)
    if verb and dated and (addressed or _CLOCK.search(text)):
        return quote_follows or text[-1:] in {":", WIDE_COLON} or text.startswith("--")
    return quote_follows and bool(
        (verb and text[-1:] in {":", WIDE_COLON}) or (dated and addressed)
    )


def _quote_follows(lines: Sequence[Line], bare: Sequence[str], index: int) -> bool:
    for row in range(index, min(index + 4, len(lines))):
        if lines[row].depth or lines[row].hint is Hint.CUT:
            return True
        if bare[row]:
            return False
    return False


def _closing(bare: Sequence[str], index: int) -> Role:
    words = bare[index]
    if _SIGNATURE.match(words):
        return Role.SIGNATURE
    if words.startswith("_" * MIN_LIST_RULE) and any(
        _LIST_FOOTER.search(row) for row in bare[index + 1 : index + 6]
    ):
        return Role.SIGNATURE
    if len(words) <= MAX_SENT_FROM and _SENT_FROM.match(words):
        return Role.SENT_FROM
    return Role.RULE if _RULE.match(words) else Role.TEXT
