"""Small invented mails for the tests of this folder."""

from collections.abc import Iterable


def mail(
    body: str | bytes = "Where is my parcel?\n",
    *,
    headers: Iterable[str] = (),
    sender: str = "Ann Buyer <ann@buyer.example>",
    subject: str = "Question",
    content_type: str = "text/plain; charset=utf-8",
) -> bytes:
    """A whole mail with CRLF line ends; `headers` come first."""
    head = [
        *headers,
        f"From: {sender}",
        "To: Shop <help@shop.example>",
        f"Subject: {subject}",
        "Date: Mon, 03 Mar 2025 10:00:00 +0100",
        "Message-ID: <m1@buyer.example>",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
    ]
    data = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode()
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def alternative(plain: str, html: str) -> bytes:
    """The body of a multipart/alternative with boundary `alt`."""
    return (
        "--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{plain}\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--alt--\r\n"
    ).encode()
