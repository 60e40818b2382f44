"""The buyer's own words and Amazon's footer links, out of a relay mail.

The order of attempts: the one `<pre>` of the HTML part; rulers of dashes; a known footer; else
the text without quoted history. What a buyer can type never becomes a link of ours: links count
only after the last end ruler, on `https`, on a `sellercentral*.amazon.<tld>` host.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

from connectors.amazon.formats import Formats, ruler_label
from connectors.mail.mime import ParsedMail

_HTML_LIMIT = 1_000_000
_PRE = re.compile(r"<pre(?=[\s>])[^>]*>", re.IGNORECASE)
_PRE_END = re.compile(r"</pre\s*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_RULER = re.compile(
    r"(?<!-)-{3,}[ \t]*\r?\n?[ \t]*([^\n-][^\n]{0,46}?[^\n-]|[^\n-])"
    r"(?=([ \t]*\r?\n?[ \t]*-{3,}))"
)
"""A label between two runs of dashes. The closing run is only looked at: where somebody typed
dashes above a ruler of Amazon's, it is that ruler's own first run."""

_URL = re.compile(r"https://[^\s<>\"']{1,2000}")
_SELLER_CENTRAL_URL = re.compile(r"https?://sellercentral[^\s<>\"']{0,2000}", re.IGNORECASE)
_CASE = re.compile(r"[0-9a-f-]{6,64}", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What was found. `framed` says that Amazon's own words around the buyer's are left out."""

    text: str
    framed: bool
    links: dict[str, str]
    case: str | None


def read_body(mail: ParsedMail, formats: Formats) -> Body:
    """The buyer's words and the footer's links. The text is never empty if the mail is not."""
    text = unicodedata.normalize("NFC", mail.text)
    html = (mail.html or "")[:_HTML_LIMIT]
    found, end = _from_pre(html), None
    between = _between_rulers(text, formats)
    if between is not None:
        end = between.end
        found = found or between.text
    words = _tidy(found, formats) if found else ""
    framed = bool(words)
    if not framed:
        whole = _above_footer(unicodedata.normalize("NFC", mail.new_text), formats)
        words = _tidy(whole, formats) or mail.new_text.strip()
    links, case = _links(_footers(html, text, end), formats)
    return Body(text=words or mail.text.strip(), framed=framed, links=links, case=case)


def service_words(text: str, formats: Formats) -> str:
    """What a buyer told Amazon's customer service, which asks in their place; "" if not marked."""
    heads = "|".join(map(re.escape, formats.markers.service_details))
    plain = unicodedata.normalize("NFC", text)
    found = re.search(rf"^[ \t]*(?:{heads})[ \t]*:", plain, re.IGNORECASE | re.MULTILINE)
    return _tidy(_above_footer(plain[found.end() :], formats), formats) if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Framed:
    text: str
    end: int


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
    rulers = [(one, ruler_label(one.group(1))) for one in _RULER.finditer(text)]
    begin = next((one for one, label in rulers if label in formats.begins), None)
    if begin is None:
        begin = next((one for one, label in rulers if label not in formats.ends), None)
    if begin is None:
        return None
    start = begin.end(2)
    later = [(one, label) for one, label in rulers if one.start() >= start]
    ends = [one for one, label in later if label in formats.ends] or [one for one, _ in later]
    if ends:
        end = ends[-1]
        return _Framed(text=text[start : end.start()], end=end.end(2))
    if ruler_label(begin.group(1)) not in formats.begins:
        return None
    cut = _footer_start(text, start, formats)
    return _Framed(text=text[start:cut], end=cut)


def _above_footer(text: str, formats: Formats) -> str:
    """The text without a footer of Amazon's, if anything stands above it."""
    cut = _footer_start(text, 0, formats)
    return text[:cut] if text[:cut].strip() else text


def _footer_start(text: str, start: int, formats: Formats) -> int:
    footer = formats.footer.search(text, start)
    return footer.start() if footer else len(text)


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
