"""The one place where words that are not ours become safe to show.

A customer's text reaches Slack only through here, and only into `plain_text` and `rich_text`
elements, where Slack interprets nothing. `escape` is for the one field that has no such form: the
top-level `text` that notifications and screen readers use.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

ELLIPSIS = "…"

_MARKS_KEPT = 6
"""Combining marks kept on one letter: more than living scripts stack, less than covers a line."""

_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
"""Format characters (Cf) that are drawn, e.g. the Arabic year sign. All others are invisible."""

_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters drawn as nothing though Unicode calls them letters, marks or symbols."""

_LINK_HOST = re.compile(r"(?i)(?:(?<=://)|(?<=www\.))(?:[^\s/?#<>\"'()|:]|:(?!//)){1,253}")
"""The host, or name and host, of what a client may take for a link."""

_LINK_BEGINS = re.compile(r"(?i)(?<=[a-z]:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)")
_JOINER = "\u2060"
"""Joins words, shows nothing: an address with it inside is no address to a client."""

_LONGEST_LABEL = 63

_LINE_ENDS = str.maketrans(
    {"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\v": "\n", "\f": "\n", "\t": " "}
)


def inert(text: str) -> str:
    """Text without anything that could act on the reader: what is seen is all there is.

    Removes control characters other than line ends, bidi overrides and isolates, zero-width and
    tag characters, blank fillers, lone surrogates and non-characters; composes the rest (NFC).
    The host of a link is written in ASCII (RFC 3492), so that no letter of it passes for another.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    hidden = [char for char in set(lines) if not _is_shown(char)]
    kept = lines.translate(dict.fromkeys(map(ord, hidden))) if hidden else lines
    composed = unicodedata.normalize("NFC", kept)
    bare = "".join(_capped(composed)) if any(map(_is_mark, set(composed))) else composed
    return bare if bare.isascii() else _LINK_HOST.sub(_in_ascii, bare)


def one_line(text: str, limit: int) -> str:
    """`inert` text with every run of white space made one space, at most `limit` long."""
    return cut(" ".join(inert(text).split()), limit)


def cut(text: str, limit: int, *, escaped: bool = False) -> str:
    """`text` cut to `limit` UTF-16 units, as Slack counts them, never inside a visible character.

    With `escaped` the length is that of the text after `escape`.
    """
    if _length(text, escaped=escaped) <= limit:
        return text
    room = limit - len(ELLIPSIS)
    kept: list[str] = []
    for cluster in clusters(text):
        room -= _length(cluster, escaped=escaped)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept).rstrip() + ELLIPSIS if limit > 0 else ""


def fits(text: str, limit: int) -> bool:
    """Whether `text` has at most `limit` UTF-16 units."""
    return _length(text, escaped=False) <= limit


def escape(text: str) -> str:
    """`text` with Slack's three control characters made harmless."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def spoken(text: str, limit: int) -> str:
    """Foreign text for a top-level `text`: one line, inert, escaped, at most `limit` long.

    Where a message has to go out without its blocks, this is what clients show: no address in it
    is one that can be clicked.
    """
    unlinked = _LINK_BEGINS.sub(_JOINER, " ".join(inert(text).split()))
    return escape(cut(unlinked, limit, escaped=True))


def clusters(text: str) -> Iterator[str]:
    """The visible characters of `text`: a base with its marks, an emoji with its skin tone, a flag."""
    start = 0
    flag = False
    for index in range(1, len(text) + 1):
        if index < len(text):
            pair = _is_regional(text[index - 1]) and _is_regional(text[index]) and not flag
            flag = pair
            if pair or _extends(text[index]):
                continue
        if start < index:
            yield text[start:index]
        start = index


def _in_ascii(match: re.Match[str]) -> str:
    return ".".join(map(_label_in_ascii, match[0].split(".")))


def _label_in_ascii(label: str) -> str:
    if label.replace(ELLIPSIS, "").isascii():  # also where it was cut before
        return label
    try:
        written = f"xn--{label.lower().encode('punycode').decode('ascii')}"
    except UnicodeError:
        written = label
    return written if len(written) <= _LONGEST_LABEL else label.encode("ascii", "replace").decode()


def _capped(text: str) -> Iterator[str]:
    marks = 0
    for char in text:
        marks = marks + 1 if _is_mark(char) else 0
        if marks <= _MARKS_KEPT:
            yield char


# A text has few different characters: remembering them makes a 60 kB mail a matter of milliseconds.
@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me"}


@lru_cache(maxsize=4096)
def _is_shown(char: str) -> bool:
    if char == "\n":
        return True
    if char in _FILLERS:
        return False
    category = unicodedata.category(char)
    if category == "Cf":
        return char in _VISIBLE_FORMAT
    # Cn stays: it holds the emoji that are newer than this Python, beside the non-characters.
    return category not in {"Cc", "Cs"} and not _is_noncharacter(ord(char))


def _is_noncharacter(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004 - Unicode's own ranges


def _extends(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _length(text: str, *, escaped: bool) -> int:
    shown = escape(text) if escaped else text
    return len(shown.encode("utf-16-le", "surrogatepass")) // 2
