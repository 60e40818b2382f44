"""The tags of an HTML body: where they are, and what one of them means for the text.

Linear in the size: what was not found once, up to the end, is not looked for again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from connectors.mail.lines import Hint

_SKIPPED = frozenset({"script", "style", "title", "template", "head", "noscript", "object", "svg"})
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
_PARAGRAPH = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table dl".split())  # noqa: SIM905
BLOCK = _PARAGRAPH | frozenset(
    "div tr li blockquote pre address article aside center dd dt fieldset figure footer form header hr "  # noqa: SIM905
    "main nav section caption body html br".split()
)
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:]{0,30})")
_END_OF = {name: re.compile(rf"</{name}\b[^<>]{{0,50}}>", re.IGNORECASE) for name in _SKIPPED}
_HEAD_END = re.compile(r"</head\b[^<>]{0,50}>|(?=<body\b)", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*[\"']?([^\"'<>\s]{1,8})", re.IGNORECASE)
_MAX_EXTENSIONS = 4
MAX_TAG = 4000
"""Characters of one tag that are looked at."""

# What clients say about history in their tags.
_QUOTE_TAG = re.compile(
    r"type\s*=\s*[\"']?cite|class\s*=\s*[\"']?[^\"'>]{0,80}(?:gmail_quote|protonmail_quote|tutanota_quote)|border-left",
    re.IGNORECASE,
)
_INTRO_TAG = re.compile(r"gmail_attr|moz-cite-prefix", re.IGNORECASE)
_CUT_TAG = re.compile(
    r"id\s*=\s*[\"']?(?:x_)*(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|stopSpelling|"
    r"OLK_SRC_BODY_SECTION|ms-outlook-mobile-reference-message)|"
    r"class\s*=\s*[\"']?[^\"'>]{0,80}(?:yahoo_quoted|zmail_extra|OutlookMessageHeader|ms-outlook-mobile-reference-message)|"
    r"border-top:\s?(?:1(?:\.0)?pt )?solid (?:#E1E1E1|#B5C4DF|rgb\(225, ?225, ?225\)|rgb\(181, ?196, ?223\))",
    re.IGNORECASE,
)
_HISTORY_SIGN = re.compile(
    f"{_QUOTE_TAG.pattern}|{_INTRO_TAG.pattern}|{_CUT_TAG.pattern}", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_PRE_STYLE = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_TIGHT = re.compile(r"MsoNormal|MsoPlainText|margin\s*:\s*0", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What one tag means for the text."""

    name: str
    closing: bool = False
    spaced: bool = False
    quote: bool = False
    pre: bool = False
    hidden: bool = False
    hint: Hint = Hint.NONE
    picture: str = ""

    @property
    def changes_content(self) -> bool:
        """Whether what stands inside is read in another way."""
        return self.quote or self.pre or self.hidden


@lru_cache(maxsize=4096)
def meaning(tag: str) -> Tag | None:
    """Read a tag; the tags of one mail repeat, so few are read twice."""
    match = _NAME.match(tag)
    if match is None:
        return None
    name = match[1].lower()
    if tag[1] == "/":
        return Tag(name=name, closing=True)
    alt = _ALT.search(tag) if name == "img" else None
    content = name not in _VOID and not tag.endswith("/>")
    return Tag(
        name=name,
        spaced=name in _PARAGRAPH and not _TIGHT.search(tag),
        quote=name == "blockquote" and _QUOTE_TAG.search(tag) is not None,
        pre=content and (name in {"pre", "xmp"} or _PRE_STYLE.search(tag) is not None),
        hidden=content and name != "p" and _HIDDEN.search(tag) is not None,
        hint=Hint.CUT
        if _CUT_TAG.search(tag)
        else Hint.INTRO
        if _INTRO_TAG.search(tag)
        else Hint.NONE,
        picture=alt[1] if alt and not alt[1].isascii() else "",
    )


def shows_history(html: str) -> bool:
    """Whether the markup says that it holds quoted history."""
    return _HISTORY_SIGN.search(html) is not None


def tokens(html: str) -> Iterator[tuple[str, str]]:
    """Pairs of (tag, text before it); comments and what is not for reading are left out."""
    position, size = 0, len(html)
    exhausted: set[str] = set()
    while position < size:
        start = html.find("<", position)
        if start < 0:
            break
        following = html[start + 1 : start + 2]
        if not (following.isascii() and (following.isalpha() or following in {"/", "!", "?"})):
            yield "", html[position : start + 1]
            position = start + 1
            continue
        end = _tag_end(html, start, exhausted)
        if end < 0:
            break
        tag = html[start:end]
        yield tag, html[position:start]
        position = _after_skipped(html, tag, end, exhausted)
    if position < size:
        yield "", html[position:]


def _tag_end(html: str, start: int, exhausted: set[str]) -> int:
    """The offset after the tag or comment at `start`; -1 when nothing closes any more."""
    if html.startswith("<!--", start) and "-->" not in exhausted:
        end = html.find("-->", start + 2)
        if end >= 0:
            return end + 3
        exhausted.add("-->")
    end = html.find(">", start)
    for _ in range(_MAX_EXTENSIONS):
        # An odd number of quotes: this `>` stands inside an attribute.
        if end < 0 or not html.count('"', start, end) % 2:
            break
        further = html.find(">", end + 1)
        if further < 0 or "<" in html[end:further]:
            break
        end = further
    return end + 1 if end >= 0 else -1


def _after_skipped(html: str, tag: str, end: int, exhausted: set[str]) -> int:
    match = _NAME.match(tag)
    name = match[1].lower() if match and tag[1] != "/" else ""
    if name not in _SKIPPED or name in exhausted or tag.endswith("/>"):
        return end
    closing = (_HEAD_END if name == "head" else _END_OF[name]).search(html, end)
    if closing is None:
        exhausted.add(name)
        return end
    return closing.end()
