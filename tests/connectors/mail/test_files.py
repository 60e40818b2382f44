"""Files out of kept mails, and files that go out by mail."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from connectors.contract import Attachment, File, RawItem
from connectors.errors import Rejected
from connectors.mail.compose import Outgoing, compose
from connectors.mail.imap import PARTIAL_HEADER
from connectors.mail.inbound import attached, file_in
from connectors.mail.mime import parse_mail

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def a_mail(*files: tuple[str, str, bytes]) -> RawItem:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "buyer@customer.example", "Broken"
    mail.set_content("Look at it.")
    for name, media_type, content in files:
        major, _, minor = media_type.partition("/")
        mail.add_attachment(content, maintype=major, subtype=minor, filename=name)
    return RawItem(source_id="m1", received_at=AT, payload=mail.as_bytes())


def outgoing(*files: File) -> bytes:
    mail = Outgoing(
        message_id="1@shop.example",
        from_address="care@shop.example",
        from_name="Shop",
        to="buyer@customer.example",
        subject="Re: Broken",
        body="Here you are.",
        files=files,
    )
    return compose(mail, at=AT)


def test_each_file_of_a_mail_is_found_again_also_under_equal_names() -> None:
    item = a_mail(
        ("photo.png", "image/png", PNG), ("photo.png", "image/png", PNG[::-1]), ("a.txt", "text/plain", b"hi")
    )  # fmt: skip
    files = [file_in(item, one) for one in attached(parse_mail(item.payload))]
    assert [one.content for one in files] == [PNG, PNG[::-1], b"hi"]
    assert files[0].media_type == "image/png"


@pytest.mark.parametrize(
    "asked",
    [
        Attachment(name="photo.png", media_type="image/png", size=1, ref="1"),
        Attachment(name="photo.png", media_type="image/png", size=1, ref="no-such-file"),
        Attachment(name="other.png", media_type="image/png", size=1, ref="0"),
        Attachment(name="photo.png", media_type="image/png", size=1),
    ],
)
def test_a_file_that_is_not_in_the_mail_is_refused(asked: Attachment) -> None:
    with pytest.raises(Rejected, match="no such file"):
        file_in(a_mail(("photo.png", "image/png", PNG)), asked)


def test_a_file_too_large_is_not_read() -> None:
    item = a_mail(("photo.png", "image/png", PNG))
    (asked,) = attached(parse_mail(item.payload))
    with pytest.raises(Rejected, match="larger than 1,000 bytes"):
        file_in(item, asked, most_bytes=1000)


def test_a_mail_that_was_not_kept_whole_says_so() -> None:
    whole = a_mail(("photo.png", "image/png", PNG))
    (asked,) = attached(parse_mail(whole.payload))
    cut = PARTIAL_HEADER + b": too large\r\n" + whole.payload[:200]
    with pytest.raises(Rejected, match="in the mailbox"):
        file_in(RawItem(source_id="m1", received_at=AT, payload=cut), asked)


def test_files_go_out_beside_the_words_and_come_back_as_they_were() -> None:
    sent = outgoing(
        File(name="label.pdf", media_type="application/pdf", content=b"%PDF-1.7\r\n.\r\n"),
        File(name="photo.png", media_type="image/png", content=PNG),
    )
    read = message_from_bytes(sent, policy=policy.default)
    body = read.get_body()
    assert body is not None
    assert body.get_content().strip() == "Here you are."
    assert [one.get_content() for one in read.iter_attachments()] == [b"%PDF-1.7\r\n.\r\n", PNG]
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    assert read["Message-ID"] == "<1@shop.example>"


@pytest.mark.parametrize(
    "name",
    [
        "etichetta però 漢字.pdf",
        "../../etc/passwd.pdf",
        'quo"te.pdf\r\nBcc: all@customer.example',
        f"{'long name ' * 60}.pdf",
        "\u202efdp.exe.pdf",
        "",
    ],
)
def test_no_name_of_a_file_is_a_path_or_a_header(name: str) -> None:
    sent = outgoing(File(name=name, media_type="application/pdf", content=b"%PDF-1.7"))
    read = message_from_bytes(sent, policy=policy.default)
    (file,) = read.iter_attachments()
    shown = file.get_filename() or ""
    assert read["Bcc"] is None
    assert shown
    assert not set("/\\\r\n\u202e") & set(shown)
    assert len(shown) <= 150
    (told,) = parse_mail(sent).attachments
    assert told.name == shown


@pytest.mark.parametrize("media_type", ["message/rfc822", "multipart/mixed", "odd", "a/b\r\nX: y"])
def test_a_media_type_that_mail_cannot_carry_is_sent_as_bytes(media_type: str) -> None:
    read = message_from_bytes(
        outgoing(File(name="x", media_type=media_type, content=b"\x00\x01")), policy=policy.default
    )
    (file,) = read.iter_attachments()
    assert file.get_content_type() == "application/octet-stream"
    assert file.get_content() == b"\x00\x01"
