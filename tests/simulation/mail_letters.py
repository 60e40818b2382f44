"""The mails of a simulated mailbox as bytes: what customers, their machines and mail servers write.

Hostile forms are those that break ordinary mail parsers; each still comes from a customer who waits.
"""

import random
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

SHOP: Final = "help@shop.example"

UNFETCHABLE: Final = "unfetchable"
"""A mail whose content the server never produces: only its headers come."""

HOSTILE: Final = (
    UNFETCHABLE,
    "To: (c):",
    'To: "',
    "Content-Type: text/plain; name*",
    "Content-Type: text/plain; charset=x-unheard-of",
    "Cc: " + "(" * 300,
    "X-Odd: \x00\x07\x1b",
    "References: <[x@odd.example]> <",
)
"""Headers that break parsers, one a mail; and mail that is not given out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is written. Ids are without angle brackets; `extra` are whole header lines."""

    message_id: str
    sender: str
    subject: str
    at: datetime
    text: str
    answers: str = ""
    extra: tuple[str, ...] = ()


def written(letter: Letter) -> bytes:
    """The mail, with CRLF line ends."""
    head = [
        f"From: {letter.sender}",
        f"To: Shop <{SHOP}>",
        f"Subject: {letter.subject}",
        f"Date: {format_datetime(letter.at)}",
        f"Message-ID: <{letter.message_id}>",
    ]
    if letter.answers:
        head += [f"In-Reply-To: <{letter.answers}>", f"References: <{letter.answers}>"]
    text = letter.text.replace("\n", "\r\n")
    return "\r\n".join([*letter.extra, *head, "", text, ""]).encode()


def absence(letter: Letter) -> bytes:
    """A machine's notice that somebody is away (RFC 3834)."""
    return written(_with(letter, "Auto-Submitted: auto-replied"))


def bounce(letter: Letter, *, lost: str, dice: random.Random) -> bytes:
    """A mail server's report that `lost` was not delivered, in one of the forms they come in."""
    form = dice.choice(("returned", "headers", "printed"))
    if form == "printed":
        told = f"{letter.text}\nThis is what you sent:\nMessage-ID: <{lost}>\n"
        failed = "X-Failed-Recipients: buyer@post.example"
        return written(_with(letter, failed, "Return-Path: <>", text=told))
    kind = "message/rfc822" if form == "returned" else "text/rfc822-headers"
    back = f"Message-ID: <{lost}>\nFrom: {SHOP}\nSubject: Re: a question\n\n"
    return written(_report(letter, _status("failed", "5.2.2"), kind, back))


def delayed(letter: Letter, *, late: str) -> bytes:
    """A mail server's report that `late` is not delivered yet, and is tried again."""
    back = f"Message-ID: <{late}>\n\n"
    return written(_report(letter, _status("delayed", "4.4.1"), "text/rfc822-headers", back))


def _with(letter: Letter, *extra: str, text: str | None = None) -> Letter:
    return Letter(
        message_id=letter.message_id,
        sender=letter.sender,
        subject=letter.subject,
        at=letter.at,
        text=letter.text if text is None else text,
        answers=letter.answers,
        extra=(*letter.extra, *extra),
    )


def _status(action: str, status: str) -> str:
    return (
        "Reporting-MTA: dns; mx.post.example\n\nFinal-Recipient: rfc822; buyer@post.example\n"
        f"Action: {action}\nStatus: {status}\n"
    )


def _report(letter: Letter, status: str, kind: str, back: str) -> Letter:
    """A report of three parts (RFC 3464): words, status, what came back."""
    parts = (
        ("text/plain", f"{letter.text}\n"),
        ("message/delivery-status", status),
        (kind, back),
    )
    text = "".join(f"--part\nContent-Type: {each}\n\n{body}\n" for each, body in parts)
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="part"'
    return _with(letter, "MIME-Version: 1.0", kind, "Return-Path: <>", text=f"{text}--part--\n")
