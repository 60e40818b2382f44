"""Any bytes give a storable mail, quickly. The gate: no exception, UTF-8, no NUL, in time."""

import base64
import random
import time
from pathlib import Path

import pytest

from connectors.mail.autoreply import classify
from connectors.mail.mime import ParsedMail, parse_mail
from tests.connectors.mail.mails import alternative, mail

SECONDS = 8.0
"""Of processor time: a tenth of it on a quick machine. Reading that doubles back takes minutes."""

HEAD = b"From: ann@buyer.example\r\nSubject: x\r\n"
HTML = HEAD + b"Content-Type: text/html\r\n\r\n"
TEXT = HEAD + b"\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def storable(parsed: ParsedMail) -> None:
    """Everything a row would hold is UTF-8 without NUL."""
    shown = [
        parsed.message_id, parsed.in_reply_to, *parsed.references, *parsed.original_ids, parsed.subject, parsed.text,
        parsed.new_text, parsed.html, parsed.auto_submitted, *parsed.defects, *(a.name for a in parsed.attachments),
    ]  # fmt: skip
    for person in (parsed.sender, parsed.reply_to, *parsed.recipients):
        shown += [person.address, person.name] if person else []
    whole = "\n".join(text for text in shown if text)
    whole.encode("utf-8")
    assert "\x00" not in whole
    assert parsed.sent_at is None or parsed.sent_at.utcoffset() is not None
    verdict = classify(parsed, own_addresses={"help@shop.example"}, is_own_id=lambda _: False)
    assert verdict.reason


def nested(levels: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(levels)
    )
    return HEAD + opened + b"\r\ndeep words"


CRASHES_OF_THE_DEFAULT_POLICY = {
    "id open": b"Message-ID: <\r\n\r\nx",
    "id in brackets": b"Message-ID: <[x]@y>\r\n\r\nx",
    "id without domain": b"Message-ID: <a@\r\n\r\nx",
    "id with open literal": b"Message-ID: <a@[1\r\n\r\nx",
    "from without domain": b"From: a@\r\n\r\nx",
    "from open bracket": b"From: <\r\n\r\nx",
    "from open quote": b'From: "\r\n\r\nx',
    "from group and address": b"From: a:;@b\r\n\r\nx",
    "from dot": b"From: .<>\r\n\r\nx",
    "from literal": b"From: a@[\r\n\r\nx",
    "from encoded line feed": b"From: =?utf-8?q?=0A?=\r\n\r\nx",
    "from eight bit dot": b"From: \xc3\xa9, .<a\r\n\r\nx",
    "nul in a file name": b"Content-Disposition: attachment; filename*=a\x00'b'c\x00\r\n\r\nx",
    "nul in a charset": b'Content-Type: text/plain; charset="a\x00b"\r\n\r\nx\x00y',
    "mixed parameter sections": b"Content-Type: text/plain; name*0=a; name*=b\r\n\r\nx",
    "parameter without value": b"Content-Type: ;te*1*\r\nContent-Disposition: line; si*\r\n\r\nx",
    "odd main type": b"Content-Type: signature/plain\r\n\r\nx",
    "multipart without boundary": b"Content-Type: multipart/mixed\r\n\r\nwords",
    "date out of range": b"Date: Fri, 31 Dec 9999 23:59:59 -2359\r\n\r\nx",
    "surrogates": HEAD + b"Content-Type: text/plain; charset=utf-16\r\n\r\n\x00\xd8\x00\xd8",
    "surrogate entities": HTML + b"&#xD800; &#0; &#99999999999999999999;",
    "entity of many digits": HTML + b"&#" + b"9" * 5000 + b";",
    "no headers": b"\r\n\r\nwords",
    "only nul": b"\x00" * 1000,
    "nothing": b"",
    "old Mac line ends": b"From: ann@buyer.example\rSubject: x\r\rwords",
    "mbox line first": b"From ann@buyer.example Mon Mar  3 10:00:00 2025\nSubject: x\n\nwords",
    "a header without colon": b"From: ann@buyer.example\nbroken header\nSubject: x\n\nwords",
    "half a base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nd29yZHM!!=",
    "half a quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\nwords=E",
    "broken uuencode": HEAD
    + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\n\xff\xff\nend",
}

BOMBS = {
    "nested comments": b"From: " + b"(" * 60_000 + b"\r\n\r\nx",
    "nested multiparts": nested(3000),
    "nested messages": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 30_000,
    "nested multiparts with near delimiters": nested(40) + b"\r\n" + b"--b\r\n" * 500_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nx",
    "open encoded words": b"Subject: " + b"=?utf-8?q?" * 8_000 + b"\r\n\r\nx",
    "recipients": b"To: " + b"a@b.example, " * 20_000 + b"\r\n\r\nx",
    "open recipients": b"To: " + b'"a@b ' * 20_000 + b"\r\n\r\nx",
    "parameters": b"Content-Type: multipart/mixed" + b"; a=b" * 10_000 + b"\r\n\r\nx",
    "semicolons in an open quote": b'Content-Type: multipart/mixed; x="'
    + b";" * 200_000
    + b"\r\n\r\nx",
    "parts": MIXED + b"--b\r\n\r\nx\r\n" * 100_000 + b"--b--",
    "header fields": b"X: y\r\n" * 100_000 + b"\r\nx",
    "folded lines": b"Subject: a\r\n" + b" b\r\n" * 100_000 + b"\r\nx",
    "header lines without colon": b"x\r\nA: b\r\n" * 50_000,
    "references": b"References: " + b"<a@b.example> " * 10_000 + b"\r\n\r\nx",
    "nested div": HTML + b"<div>" * 200_000 + b"deep words",
    "nested tables": HTML + b"<table><tr><td>" * 60 + b"<p>a</p>" * 30_000,
    "attributes": HTML + b"<div " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x",
    "less-than signs": HTML + b"<" * 500_000,
    "open tags": HTML + b"<a " * 300_000,
    "open scripts": HTML + b"<script>" * 100_000,
    "open comments": HTML + b"<!--" * 100_000,
    "quotes in html": HTML + b"<blockquote type=cite>a</blockquote>" * 20_000,
    "ampersands": HTML + b"&" * 500_000,
    "from lines": TEXT + b"From:\n" * 100_000,
    "on on on": TEXT + b"On " * 300_000,
    "introductions": TEXT + b"On Mon 3 Mar 2025 10:00 a@b.example:\n" * 20_000,
    "blank lines": TEXT + b"\n" * 900_000,
    "short quotes": TEXT + b">\nx\n" * 200_000,
    "quote marks": TEXT + b"> " * 400_000,
    "underscores": TEXT + b"_" * 900_000,
    "signatures": TEXT + b"-- \na\n" * 150_000,
    "at signs": TEXT + b"a@" * 400_000,
    "flowed lines": HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 200_000,
    "padding in base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=a" * 1_000_000,
    "soft breaks": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + b"=\r\n" * 1_000_000,
    "dashes": MIXED + b"--" * 2_000_000,
}


@pytest.mark.parametrize(
    "raw", CRASHES_OF_THE_DEFAULT_POLICY.values(), ids=CRASHES_OF_THE_DEFAULT_POLICY.keys()
)
def test_bytes_that_crash_the_standard_reader_give_a_storable_mail(raw: bytes):
    storable(parse_mail(raw))


def test_the_words_of_broken_mails_are_found():
    for name in (
        "multipart without boundary", "no headers", "old Mac line ends", "mbox line first", "a header without colon", "half a base64",
        "half a quoted-printable",
    ):  # fmt: skip
        parsed = parse_mail(CRASHES_OF_THE_DEFAULT_POLICY[name])
        assert parsed.text.startswith("words"), name
    assert parse_mail(CRASHES_OF_THE_DEFAULT_POLICY["a header without colon"]).subject == "x"


@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS.keys())
def test_a_mail_made_to_burn_time_is_read_within_seconds_of_processor_time(raw: bytes):
    started = time.process_time()
    parsed = parse_mail(raw)
    spent = time.process_time() - started

    storable(parsed)
    assert spent < SECONDS


def test_deeply_nested_html_loses_no_words():
    assert "deep words" in parse_mail(BOMBS["nested div"][:20_000] + b"deep words").text


def test_limits_that_cut_are_said():
    assert any(
        "nested deeper" in defect for defect in parse_mail(BOMBS["nested multiparts"]).defects
    )
    assert any("parts" in defect for defect in parse_mail(BOMBS["parts"]).defects)
    assert any("lines" in defect for defect in parse_mail(TEXT + b"a\n" * 60_000).defects)


def test_a_file_of_25_megabytes_is_measured_without_being_decoded():
    data = base64.encodebytes(bytes(25_000_000))
    raw = (
        MIXED + b"--b\r\n\r\nSee the film\r\n--b\r\nContent-Type: video/mp4; name=film.mp4\r\n"
        b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + data
        + b"\r\n--b--\r\n"
    )

    started = time.process_time()
    parsed = parse_mail(raw)
    spent = time.process_time() - started

    assert parsed.text == "See the film"
    assert [(a.name, a.size) for a in parsed.attachments] == [("film.mp4", 25_000_000)]
    assert spent < SECONDS


def test_a_mail_above_the_limit_is_read_as_far_as_it_goes():
    parsed = parse_mail(TEXT + b"words\n" + bytes(36 * 1024 * 1024))

    assert parsed.text.startswith("words")
    assert any("larger than 35 MB" in defect for defect in parsed.defects)


def test_the_interpreters_own_mail_collection_passes_the_gate():
    collection = pytest.importorskip(
        "test.test_email", reason="this Python ships without its test data"
    )
    files = sorted((Path(collection.__file__).parent / "data").glob("msg_*.txt"))
    if not files:
        pytest.skip("this Python ships without its test data")

    for file in files:
        parsed = parse_mail(file.read_bytes())
        storable(parsed)
        assert not any("Error" in defect for defect in parsed.defects), file.name


SEEDS = [
    mail("Hello\n\nOn Mon, Mar 3, 2025 at 10:00 AM Shop <help@shop.example> wrote:\n> quoted\n"),
    mail(alternative("Plain", "<p>Rich</p>"), content_type="multipart/alternative; boundary=alt"),
    mail(
        "<div>Hi</div><blockquote type=cite>q</blockquote>",
        content_type="text/html; charset=iso-8859-1",
    ),
    mail(
        "R3LDvMOfZQ==",
        headers=["Content-Transfer-Encoding: base64", "Cc: =?utf-8?q?J=C3=BC?= <j@b.example>"],
    ),
    nested(5),
    (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <r1@shop.example>\r\n\r\nx\r\n--b--\r\n"
    ),
]
SPLICES = [
    b"\x00", b"\r", b"\n", b"\r\n\r\n", b"=?", b"?=", b"<", b">", b'"', b"(", b"--", b"--b", b";", b"*0*=", b"\xff\xfe", b"\xed\xa0\x80",
    b"charset=idna", b"=", b"&#xD800;", b"<!--", b"Content-Type: ", b"@", b":", b"\xe2\x80\xae",
]  # fmt: skip


def test_mutated_mails_pass_the_gate():
    dice = random.Random(20250303)  # a fixed seed: a failure can be repeated
    for _ in range(600):
        raw = bytearray(dice.choice(SEEDS))
        for _ in range(dice.randint(1, 12)):
            at = dice.randrange(len(raw) + 1)
            act = dice.random()
            if act < 0.4:
                raw[at:at] = dice.choice(SPLICES)
            elif act < 0.7:
                raw[at : at + dice.randint(1, 30)] = b""
            else:
                raw[at:at] = raw[dice.randrange(len(raw) + 1) :][: dice.randint(1, 200)]
        before = time.process_time()
        parsed = parse_mail(bytes(raw))
        assert time.process_time() - before < SECONDS
        storable(parsed)
        assert not any("Error" in defect for defect in parsed.defects), bytes(raw)
