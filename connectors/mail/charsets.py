"""Bytes of a mail to text that every later step can store.

Order of guesses and the alias table follow what mail clients do with wrong labels: mail says
gb2312 and means gb18030, says iso-8859-1 and means cp1252 (WHATWG Encoding Standard).
"""

import codecs
import re
from functools import lru_cache

_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "euc-cn": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "iso-2022-jp": "iso2022_jp_ext",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-9": "cp1254",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
}
_ASCII_NAMES = frozenset({"ascii", "us-ascii", "7bit", "8bit", "unknown-8bit", "x-unknown"})
# Text encodings of Python that are no charsets of mail and can raise or run slowly.
_REFUSED = frozenset({"unicode_escape", "raw-unicode-escape", "idna", "punycode", "undefined"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdd3]")
_LINE_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def clean_text(text: str) -> str:
    r"""Lines ended by `\n`, without NUL, other controls and lone surrogates.

    PostgreSQL refuses NUL in text and UTF-8 refuses lone surrogates.
    """
    # What is removed or replaced is never printable: most texts need no search for it.
    plain = text.replace("\r\n", "\n")
    if plain.replace("\n", "").replace("\t", "").isprintable():
        return plain
    return _UNSTORABLE.sub("", _LINE_ENDS.sub("\n", text))


def clean_line(text: str) -> str:
    """One line of display text: controls and line breaks become one space, ends are trimmed."""
    # Controls and lone surrogates are not printable: most lines need no search for them.
    return (text if text.isprintable() else _LINE_CONTROLS.sub(" ", text)).strip()


@lru_cache(maxsize=256)
def codec_of(label: str) -> str | None:
    """The Python codec for a charset label of a mail, or None when there is none to trust."""
    match = _NAME.search(label)
    if match is None:
        return None
    name = match.group().lower()
    try:
        found = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError):
        return None
    # The private attribute is the only way to tell utf-8 from base64, zip and rot13.
    if not getattr(found, "_is_text_encoding", False) or found.name in _REFUSED:
        return None
    return found.name


def decode_text(data: bytes, label: str) -> tuple[str, str | None]:
    """Decode with the declared charset if that works, else with the likeliest other one.

    Returns the text and, where the label was wrong or unknown, a sentence saying so. Never
    raises. Order: declared, UTF-8, declared with replacement characters, cp1252.
    """
    codec = codec_of(label) if label else None
    bare = not label or label.strip().lower() in _ASCII_NAMES
    for attempt in _attempts(codec, data, bare=bare):
        try:
            text = data.decode(attempt)
        except (UnicodeError, ValueError):
            continue
        if codec is None and not bare:
            return text, f"unknown charset {clean_line(label)[:40]!r}, read as {attempt}"
        return text, None
    try:
        text = data.decode(codec or "cp1252", "replace")
    except (UnicodeError, ValueError):
        text = data.decode("cp1252", "replace")
    return text, f"bytes do not fit charset {clean_line(label)[:40] or 'cp1252'!r}"


def _attempts(codec: str | None, data: bytes, *, bare: bool) -> tuple[str, ...]:
    if bare and (b"\x1b$" in data or b"\x1b(" in data):
        return ("iso2022_jp_ext", "utf-8", "cp1252")
    if codec is None or bare:
        return ("utf-8", "cp1252")
    return (codec, "utf-8")


def decode_unlabelled(data: bytes) -> str:
    """Decode bytes that carry no label (a raw header): UTF-8, else cp1252."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
