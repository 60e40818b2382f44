"""What kind of file something is: by the ending of its name, and by its first bytes.

First bytes are from the formats' own specifications; media types and endings from the registry of
media types. The tables are ours, because the machine's differ from one machine to the next.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

ENDINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "image/png": ("png",),
        "image/jpeg": ("jpg", "jpeg"),
        "image/gif": ("gif",),
        "image/webp": ("webp",),
        "image/bmp": ("bmp",),
        "image/tiff": ("tif", "tiff"),
        "image/heic": ("heic",),
        "video/mp4": ("mp4",),
        "video/quicktime": ("mov",),
        "audio/mpeg": ("mp3",),
        "application/pdf": ("pdf",),
        "application/zip": ("zip",),
        "text/plain": ("txt",),
        "text/csv": ("csv",),
        "application/msword": ("doc",),
        "application/vnd.ms-excel": ("xls",),
        "application/vnd.ms-powerpoint": ("ppt",),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
        "application/vnd.oasis.opendocument.text": ("odt",),
        "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    }
)
"""Media type → endings of file names, the usual one first."""

UNTOLD: Final = "application/octet-stream"
PROGRAM: Final = "application/x-executable"

_JUNK: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff/\\\\\ud800-\udfff]"
)
_ENDING: Final = 9

_BY_ENDING: Final = {ending: kind for kind, endings in ENDINGS.items() for ending in endings}
_MAGIC: Final[tuple[tuple[str, bytes], ...]] = (
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF87a"),
    ("image/gif", b"GIF89a"),
    ("image/tiff", b"II*\x00"),
    ("image/tiff", b"MM\x00*"),
    ("application/pdf", b"%PDF-"),
    ("application/zip", b"PK\x03\x04"),
    ("application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    (PROGRAM, b"\x7fELF"),
    (PROGRAM, b"#!"),
)
_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "application/zip": (
            "application/zip",
            "application/vnd.openxmlformats",
            "application/vnd.oasis",
        ),
        "application/msword": (
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
        ),
    }
)
"""Formats that share their first bytes: all of these begin as the key does."""

_TOLD_BY_BYTES: Final = (
    {kind for kind, _ in _MAGIC} | {one for more in _FAMILIES.values() for one in more}
) | {"image/webp", "image/bmp"}


def plain_name(name: str, limit: int = 150) -> str:
    """A file's name fit for a header, a list and any disk: without paths, controls and bidi marks.

    One that is too long keeps its ending.
    """
    plain = " ".join(_JUNK.sub("", name).split()).strip(" .")
    if len(plain) > limit:
        stem, _, ending = plain.rpartition(".")
        ending = f".{ending}" if stem and len(ending) < _ENDING else ""
        plain = plain[: limit - len(ending)].rstrip(" .") + ending
    return plain or "file"


def type_named(name: str) -> str:
    """The media type that the ending of a file's name promises; `UNTOLD` where it tells nothing."""
    return _BY_ENDING.get(name.rpartition(".")[2].lower(), UNTOLD)


def type_seen(content: bytes) -> str | None:
    """The media type that the first bytes are of, of a family's its key; None for unknown ones."""
    match content[:2], content[:4], content[6:10], content[8:12]:
        case _, b"RIFF", _, b"WEBP":
            return "image/webp"
        case b"BM", _, b"\0\0\0\0", _:
            return "image/bmp"
        case b"MZ", _, _, _ if b"\0" in content[:64]:
            return PROGRAM
        case _:
            pass
    return next((kind for kind, magic in _MAGIC if content.startswith(magic)), None)


def agrees(media_type: str, content: bytes) -> bool:
    """Whether the first bytes go with `media_type`, as far as either is of a known format."""
    seen = type_seen(content)
    if seen is None:
        return not any(media_type.startswith(one) for one in _TOLD_BY_BYTES)
    return any(media_type.startswith(one) for one in _FAMILIES.get(seen, (seen,)))


def endings_of(types: Iterable[str]) -> tuple[str, ...]:
    """The endings that files of these media types have; `image/*` means every image."""
    found = dict.fromkeys(
        ending
        for wanted in types
        for kind, endings in ENDINGS.items()
        if covers(wanted, kind)
        for ending in endings
    )
    return tuple(found)


def covers(wanted: str, media_type: str) -> bool:
    """Whether `media_type` is `wanted`, or one of its kind where that ends in `/*`."""
    return media_type == wanted or (wanted.endswith("/*") and media_type.startswith(wanted[:-1]))
