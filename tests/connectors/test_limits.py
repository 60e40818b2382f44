"""Long answers are split at a good place or refused; files are what they say they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Attachment, File
from connectors.errors import OutcomeUnknown, Rejected, Unavailable
from connectors.formats import endings_of, type_named
from connectors.limits import (
    check_announced,
    check_bytes,
    check_files,
    measure,
    parts_of,
    send_parts,
)
from connectors.manifest import AttachmentLimits, ReplyLimits

SPLITS = ReplyLimits(length=40, too_long="split", parts=3)
WEBP = b"RIFF\x00\x00\x00\x00WEBP"
FILES = ReplyLimits(
    attachments=AttachmentLimits(
        types=("image/*", "application/pdf"), count=2, bytes_each=50, bytes_all=60
    )
)
PNG = b"\x89PNG\r\n\x1a\n"


def picture(size: int = 8, name: str = "a.png") -> File:
    return File(name=name, media_type="image/png", content=PNG.ljust(size, b"0"))


def test_a_text_that_fits_goes_out_as_it_is() -> None:
    assert parts_of("  hello\n", SPLITS) == ("  hello\n",)
    assert parts_of("x" * 100_000, ReplyLimits()) == ("x" * 100_000,)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("First paragraph here.\n\nSecond one, a bit longer.", ("First paragraph here.", "Second one, a bit longer.")),
        ("A line of some length here\nand another that follows", ("A line of some length here", "and another that follows")),
        ("One sentence ends here. Another begins, and ends.", ("One sentence ends here.", "Another begins, and ends.")),
        ("words without any end go on and on and on for ever", ("words without any end go on and on and", "on for ever")),
    ],
)  # fmt: skip
def test_a_split_falls_at_the_best_place_there_is(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text, SPLITS) == parts


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("x" * 41, SPLITS),
        ("word " * 40, SPLITS),
        ("x" * 41, ReplyLimits(length=40)),
        ("é" * 21, ReplyLimits(length=40, counts="bytes")),
        ("😀" * 21, ReplyLimits(length=40, counts="utf16")),
    ],
)
def test_what_cannot_be_split_is_refused(text: str, limits: ReplyLimits) -> None:
    with pytest.raises(Rejected, match="long"):
        parts_of(text, limits)


@pytest.mark.parametrize("counts", ["characters", "utf16", "bytes"])
@given(text=st.text(alphabet="ab é😀.\n", max_size=110))
def test_no_word_is_lost_and_no_part_is_too_long(counts: str, text: str) -> None:
    limits = SPLITS.model_copy(update={"counts": counts, "parts": 10})
    try:
        parts = parts_of(text, limits)
    except Rejected:
        return
    assert " ".join(parts).split() == text.split()
    assert all(measure(part, limits) <= 40 for part in parts)


async def test_parts_go_out_in_order_and_once() -> None:
    sent: list[str] = []

    async def send(part: str) -> str:
        sent.append(part)
        return f"id-{len(sent)}"

    assert await send_parts(["one", "two"], send) == ["id-1", "id-2"]
    assert sent == ["one", "two"]


@pytest.mark.parametrize(("fails_at", "error"), [(0, Unavailable), (1, OutcomeUnknown)])
async def test_invariant_3_once_a_part_is_out_a_failure_is_a_doubt(
    fails_at: int, error: type[Exception]
) -> None:
    sent: list[str] = []

    async def send(part: str) -> str:
        if len(sent) == fails_at:
            raise Unavailable("down")
        sent.append(part)
        return part

    with pytest.raises(error):
        await send_parts(["one", "two", "three"], send)
    assert len(sent) == fails_at


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([picture(), picture(), picture()], "at most 2"),
        ([picture(51)], "larger than 50"),
        ([picture(40), picture(40)], "together"),
        ([File(name="a.exe", media_type="application/x-exe", content=b"MZ")], "is not taken"),
        ([File(name="a.png", media_type="image/png", content=b"%PDF-1")], "first bytes"),
        ([File(name="a.pdf", media_type="application/pdf", content=b"hello")], "first bytes"),
        ([File(name="a.png", media_type="image/png", content=b"")], "empty"),
    ],
)
def test_files_the_channel_does_not_take_are_refused(files: list[File], why: str) -> None:
    with pytest.raises(Rejected, match=why):
        check_files(files, FILES)


def test_files_in_order_pass_and_none_pass_where_none_are_taken() -> None:
    check_files([picture(), File(name="a.webp", media_type="image/webp", content=WEBP)], FILES)
    check_files([], ReplyLimits())
    with pytest.raises(Rejected, match="no attachments"):
        check_files([picture()], ReplyLimits())


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (Attachment(name="a.png", media_type="image/png", size=51), "larger than 50"),
        (Attachment(name="a.exe", media_type="application/x-exe", size=9), "is not taken"),
        (Attachment(name="a.png", media_type="image/png", size=0), "empty"),
    ],
)
def test_what_is_announced_is_checked_before_anybody_has_its_bytes(
    file: Attachment, why: str
) -> None:
    with pytest.raises(Rejected, match=why):
        check_announced([file], FILES)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"MZ\x90\x00\x03program"),
        ("a.txt", b"\x7fELF"),
        ("a.csv", b"#!/bin/sh"),
        ("a.txt", b"%PDF-1.7"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WAVE"),
        ("a.bmp", b"BMW is a car"),
    ],
)
def test_a_name_that_hides_another_format_is_found_out(name: str, content: bytes) -> None:
    file = File(name=name, media_type=type_named(name), content=content)
    with pytest.raises(Rejected, match="first bytes"):
        check_bytes(file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"BMW M3, MZ-17"),
        ("a.docx", b"PK\x03\x04"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("A.JPEG", b"\xff\xd8\xff\xe0"),
        ("a.bmp", b"BM\x10\x00\x00\x00\x00\x00\x00\x00"),
    ],
)
def test_a_file_that_is_what_it_says_passes(name: str, content: bytes) -> None:
    check_bytes(File(name=name, media_type=type_named(name), content=content))


def test_what_a_channel_takes_is_told_by_endings() -> None:
    assert endings_of(["image/jpeg", "application/pdf"]) == ("jpg", "jpeg", "pdf")
    assert "webp" in endings_of(["image/*"])
    assert type_named("no ending at all") == "application/octet-stream"


def test_a_file_does_not_print_its_content() -> None:
    assert "PNG" not in repr(picture())
