"""The buyer's own words and Amazon's footer links, out of a relay mail.

The order of attempts: the one `<pre>` of the HTML part; rulers of dashes; a known footer; else
the text without quoted history. What a buyer can type never becomes a link of ours: links count
only after the last end ruler, on `https`, on a `sellercentral*.amazon.<tld>` host.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

from connectors.amazon.formats import Formats
from connectors.mail.mime import ParsedMail

_HTML_LIMIT = 1_000_000
_PRE = re.compile(r"<pre(?=[\s>])[^>]*>", re.IGNORECASE)
_PRE_END = re.compile(r"</pre\s*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_RULER = re.compile(
    r"-{3,}[ \t]*\r?\n?[ \t]*([^\n-][^\n]{0,46}?[^\n-]|[^\n-])[ \t]*\r?\n?[ \t]*-{3,}"
)
_URL = re.compile(r"https://[^\s<>\"']{1,2000}")
_SELLER_CENTRAL_URL = re.compile(r"https?://sellercentral[^\s<>\"']{0,2000}", re.IGNORECASE)
_COPYRIGHT = re.compile(r"copyright (?:©\s*)?\d{4}.{0,40}amazon", re.IGNORECASE)
_CASE = re.compile(r"[0-9a-f-]{6,64}", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What was found. `how` names the attempt that succeeded, for people and for tests."""

    text: str
    how: str
    links: dict[str, str]
    case: str | None


def read_body(mail: ParsedMail, formats: Formats) -> Body:
    """The buyer's words and the footer's links. The text is never empty if the mail is not."""
    text = unicodedata.normalize("NFC", mail.text)
    html = (mail.html or "")[:_HTML_LIMIT]
    found, how, end = _from_pre(html), "the framed message", None
    framed = _between_rulers(text, formats)
    if framed is not None:
        end = framed.end
        if not found:
            found, how = framed.text, framed.how
    words = _tidy(found, formats) if found else ""
    if not words:
        words, how = _tidy(mail.new_text, formats) or mail.new_text.strip(), "the whole mail"
    links, case = _links(_footers(html, text, end), formats)
    return Body(text=words or mail.text.strip(), how=how, links=links, case=case)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Framed:
    text: str
    how: str
    end: int | None


def _from_pre(html: str) -> str:
    starts = list(_PRE.finditer(html))
    if len(starts) != 1:
        return ""
    begin = starts[0].end()
    end = _PRE_END.search(html, begin)
    inside = html[begin : end.start() if end else len(html)]
    return unescape(_TAG.sub("", _BREAK.sub("\n", inside))).strip()


def _between_rulers(text: str, formats: Formats) -> _Framed | None:
    """The words between the first begin ruler and the last end ruler.

    The last one, because a buyer can type a ruler too: nothing they wrote may be cut away.
    """
    rulers = [(one, _label(one.group(1))) for one in _RULER.finditer(text)]
    known_begin = {_label(word) for word in formats.markers.begin}
    known_end = {_label(word) for word in formats.markers.end}
    begin = next((one for one, label in rulers if label in known_begin), None)
    if begin is None:
        begin = next((one for one, label in rulers if label not in known_end), None)
    if begin is None:
        return None
    later = [(one, label) for one, label in rulers if one.start() >= begin.end()]
    ends = [one for one, label in later if label in known_end] or [one for one, _ in later]
    if ends:
        end = ends[-1]
        return _Framed(
            text=text[begin.end() : end.start()], how="the text between the rulers", end=end.end()
        )
    if _label(begin.group(1)) not in known_begin:
        return None
    cut = _footer_start(text, begin.end(), formats.markers.footer_cues)
    return _Framed(text=text[begin.end() : cut], how="the text above the footer", end=cut)


def _label(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(": ")


def _footer_start(text: str, start: int, cues: Sequence[str]) -> int:
    lower = text.casefold() if len(text.casefold()) == len(text) else text.lower()
    places = [place for place in (lower.find(cue, start) for cue in cues) if place >= 0]
    notice = _COPYRIGHT.search(text, start)
    if notice:
        places.append(notice.start())
    return min(places, default=len(text))


def _tidy(text: str, formats: Formats) -> str:
    """Without Amazon's own links, and without what was said before."""
    lines: list[str] = []
    for line in _SELLER_CENTRAL_URL.sub("", text).replace("\r\n", "\n").split("\n"):
        if any(mark in line.casefold() for mark in formats.markers.own_history):
            break
        if not line.lstrip().startswith(">"):
            lines.append(line.rstrip())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _footers(html: str, text: str, end: int | None) -> Iterator[str]:
    """The parts of the mail that only Amazon writes."""
    pre_ends = list(_PRE_END.finditer(html))
    if pre_ends:
        yield unescape(html[pre_ends[-1].end() :])
    if end is not None:
        yield text[end:]


def _links(footers: Iterator[str], formats: Formats) -> tuple[dict[str, str], str | None]:
    links: dict[str, str] = {}
    case: str | None = None
    host = re.compile(rf"sellercentral(?:-[a-z]{{2,12}})?\.amazon\.(?:{formats.tld_pattern})")
    for footer in footers:
        for match in _URL.finditer(footer):
            url = match.group().rstrip(".,;)")
            path, query = _genuine(url, host)
            if "no-response-needed" in path:
                links.setdefault("no_response", url)
            elif path.startswith("/messaging/inbox"):
                links.setdefault("case", url)
                number = (query.get("cc") or [""])[0]
                if case is None and _CASE.fullmatch(number):
                    case = number.lower()
    return links, case


def _genuine(url: str, host: re.Pattern[str]) -> tuple[str, dict[str, list[str]]]:
    """Path and query of a link to Seller Central; empty for any other."""
    try:
        parts = urlsplit(url)
        named = parts.hostname or ""
        odd = parts.port is not None or parts.username is not None or "\\" in parts.netloc
    except ValueError:
        return "", {}
    if odd or parts.scheme != "https" or not host.fullmatch(named):
        return "", {}
    return parts.path, parse_qs(parts.query)
