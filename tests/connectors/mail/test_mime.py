"""What a reader finds in a mail: people, ids, times, text in any charset, files."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from connectors.mail.mime import MailAddress, parse_mail
from tests.connectors.mail.mails import alternative, mail


def test_the_fields_of_an_ordinary_mail_are_read():
    parsed = parse_mail(
        mail(
            headers=[
                "Reply-To: Ann <private@buyer.example>",
                "Cc: =?utf-8?q?J=C3=BCrgen?= <j@buyer.example>, help@shop.example",
                "In-Reply-To: <r2@shop.example>",
                "References: <r1@shop.example>",
                "\t<r2@shop.example>",
            ]
        )
    )

    assert parsed.message_id == "m1@buyer.example"
    assert parsed.sender == MailAddress("ann@buyer.example", "Ann Buyer")
    assert str(parsed.sender) == "ann@buyer.example"
    assert parsed.reply_to == MailAddress("private@buyer.example", "Ann")
    assert [str(to) for to in parsed.recipients] == ["help@shop.example", "j@buyer.example"]
    assert parsed.recipients[1].name == "Jürgen"
    assert parsed.subject == "Question"
    assert parsed.sent_at == datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert parsed.in_reply_to == "r2@shop.example"
    assert parsed.references == ("r1@shop.example", "r2@shop.example")
    assert parsed.text == parsed.new_text == "Where is my parcel?"
    assert parsed.auto_submitted is None
    assert parsed.header("SUBJECT") == "Question"
    assert parsed.header("x-none") is None
    assert parsed.attachments == ()
    assert parsed.defects == ()


def test_a_mail_without_the_usual_headers_is_read_and_says_what_is_missing():
    parsed = parse_mail(b"From: ann@buyer.example\r\n\r\nHello")

    assert parsed.message_id is None
    assert parsed.in_reply_to is None
    assert parsed.references == ()
    assert parsed.sent_at is None
    assert parsed.reply_to is None
    assert parsed.recipients == ()
    assert parsed.subject == ""
    assert parsed.text == "Hello"
    assert set(parsed.defects) == {"no Date", "no Message-ID"}


def test_a_mail_without_sender_has_none():
    assert parse_mail(b"Subject: x\r\n\r\ny").sender is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 03 Mar 2125 10:00:00 +0000", datetime(2125, 3, 3, 10, tzinfo=UTC)),
        ("Mon, 03 Mar 2025 10:00:00 -0000", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("3 Mar 2025 10:00 EST", datetime(2025, 3, 3, 15, tzinfo=UTC)),
        ("2025-03-03T10:00:00+01:00", datetime(2025, 3, 3, 9, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("yesterday", None),
        ("9" * 5000, None),
    ],
)
def test_dates_are_utc_instants_or_nothing(value: str, expected: datetime | None):
    raw = mail().replace(b"Mon, 03 Mar 2025 10:00:00 +0100", value.encode())

    assert parse_mail(raw).sent_at == expected


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("ann@buyer.example", "ann@buyer.example", ""),
        ("<ann@buyer.example>", "ann@buyer.example", ""),
        ('"Buyer, Ann" <ann@buyer.example>', "ann@buyer.example", "Buyer, Ann"),
        ("ann@buyer.example (Ann Buyer)", "ann@buyer.example", "Ann Buyer"),
        (
            "=?iso-8859-1?Q?Buyer=2C_J=FCrgen?= <j@buyer.example>",
            "j@buyer.example",
            "Buyer, Jürgen",
        ),
        ("=?utf-8?B?44GC?=\r\n =?utf-8?B?44GE?= <j@buyer.example>", "j@buyer.example", "あい"),
        ("Ann ann@buyer.example", "ann@buyer.example", ""),
        ("Ann:;, <ann@buyer.example>", "ann@buyer.example", ""),
        ("MAILER-DAEMON", "MAILER-DAEMON", ""),
        ("'Ann' <'ann@buyer.example'>", "ann@buyer.example", "Ann"),
        ("x+133a066e@marketplace.example", "x+133a066e@marketplace.example", ""),
        (
            "=?utf-8?Q?Ann,_by:_desk@forms.example?= <ann@buyer.example>",
            "ann@buyer.example",
            "Ann, by: desk@forms.example",
        ),
    ],
)
def test_senders_are_read_as_people_write_them(value: str, address: str, name: str):
    parsed = parse_mail(mail(sender=value))

    assert parsed.sender == MailAddress(address, name)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?= an alle", "Grüße an alle"),
        ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        ("=?x-none?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("a\r\n b", "a b"),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
    ],
)
def test_subjects_are_decoded_onto_one_line(raw: str, expected: str):
    assert parse_mail(mail(subject=raw)).subject == expected


def test_raw_eight_bit_headers_are_read_as_utf8_or_else_as_western():
    assert parse_mail(b"Subject: Gr\xc3\xbc\xc3\x9fe\n\nx").subject == "Grüße"
    assert parse_mail(b"Subject: Gr\xfc\xdfe\n\nx").subject == "Grüße"


CHARSETS = {
    "utf-8": ("utf-8", "Grüße, €"),
    "iso-8859-1": ("cp1252", "Grüße, “ja”"),
    "us-ascii": ("cp1252", "Grüße"),
    "us-ascii but utf-8": ("utf-8", "Grüße"),
    "windows-1252": ("cp1252", "€ 5"),
    "iso-8859-15": ("iso-8859-15", "€ 5"),
    "iso-8859-2": ("iso-8859-2", "Łódź"),
    "windows-1250": ("cp1250", "Příliš"),
    "windows-1251": ("cp1251", "Привет"),
    "koi8-r": ("koi8-r", "Привет"),
    "iso-8859-7": ("iso-8859-7", "Γειά"),
    "iso-8859-8-i": ("iso-8859-8", "שלום"),
    "windows-1256": ("cp1256", "سلام"),
    "windows-874": ("cp874", "สวัสดี"),
    "gb2312": ("gb18030", "镕基"),
    "x-gbk": ("gbk", "你好"),
    "big5": ("big5", "你好"),
    "iso-2022-jp": ("iso2022_jp", "こんにちは"),
    "shift_jis": ("cp932", "①こんにちは"),
    "x-sjis": ("cp932", "こんにちは"),
    "euc-jp": ("euc_jp", "こんにちは"),
    "ks_c_5601-1987": ("cp949", "안녕하세요"),
    "utf-16": ("utf-16", "Grüße"),
    "utf-7": ("utf-7", "Grüße"),
    "utf8mb4": ("utf-8", "Grüße"),
}


@pytest.mark.parametrize(("label", "codec", "text"), [(k, *v) for k, v in CHARSETS.items()])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_text_is_decoded_from_every_charset_customers_use(
    label: str, codec: str, text: str, encoding: str
):
    data = text.encode(codec)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = "".join(f"={byte:02X}" for byte in data).encode()
    raw = mail(
        data,
        headers=[f"Content-Transfer-Encoding: {encoding}"],
        content_type=f'text/plain; charset="{label.split(maxsplit=1)[0]}"',
    )

    assert parse_mail(raw).text == text


@pytest.mark.parametrize(
    "label",
    ["fakescii", "x-unknown", "base64", "zip", "rot13", "idna", "undefined", "", "punycode"],
)
def test_an_unknown_charset_is_guessed_and_said(label: str):
    parsed = parse_mail(mail("Grüße".encode(), content_type=f'text/plain; charset="{label}"'))

    assert parsed.text == "Grüße"
    known_empty = label in {"", "x-unknown"}
    assert any("charset" in defect for defect in parsed.defects) is not known_empty


def test_a_charset_that_does_not_fit_costs_no_readable_word():
    parsed = parse_mail(
        mail(b"ship to \xff\xfe\x80 please", content_type="text/plain; charset=iso-2022-jp")
    )

    assert parsed.text.startswith("ship to ")
    assert parsed.text.endswith(" please")


def test_an_html_page_names_its_own_charset():
    raw = mail(
        '<meta charset="windows-1251"><p>Привет</p>'.encode("cp1251"), content_type="text/html"
    )

    assert parse_mail(raw).text == "Привет"


def test_soft_line_breaks_of_flowed_text_are_undone():
    body = "This is one \nparagraph.\n\nAnd another.\n> quoted \n> too.\n-- \nAnn\n"

    parsed = parse_mail(mail(body, content_type="text/plain; charset=utf-8; format=flowed"))

    assert parsed.text == "This is one paragraph.\n\nAnd another.\n> quoted too.\n--\nAnn"


def test_flowed_text_that_deletes_its_spaces_is_joined_without_them():
    parsed = parse_mail(
        mail("これは \n一行\n", content_type="text/plain; charset=utf-8; format=flowed; delsp=yes")
    )

    assert parsed.text == "これは一行"


def test_the_plain_twin_is_preferred_and_the_html_kept():
    parsed = parse_mail(
        mail(
            alternative("Plain words", "<p>Rich words</p>"),
            content_type="multipart/alternative; boundary=alt",
        )
    )

    assert parsed.text == "Plain words"
    assert parsed.html == "<p>Rich words</p>"


@pytest.mark.parametrize("plain", ["", " \r\n", "Please view this mail in an HTML viewer."])
def test_html_is_read_when_the_plain_twin_says_nothing(plain: str):
    html = f"<p>{'The lamp is broken. ' * 20}</p>"

    parsed = parse_mail(
        mail(alternative(plain, html), content_type="multipart/alternative; boundary=alt")
    )

    assert parsed.text.startswith("The lamp is broken.")


def test_html_becomes_readable_lines():
    html = (
        "<html><head><title>Secret title</title><style>p {color: red}</style></head><body>"
        '<div style="display:none">preheader</div><p>Hello&nbsp;you,</p><p>1 &lt; 2 &amp; 3</p>'
        "<ul><li>one</li><li>two</li></ul><table><tr><td>Size</td><td>42</td></tr></table>"
        "<script>alert(1)</script><pre>  kept\n\n  as is</pre><!-- note --></body></html>"
    )

    parsed = parse_mail(mail(html, content_type="text/html; charset=utf-8"))

    assert parsed.text == "Hello you,\n\n1 < 2 & 3\n\n* one\n* two\n\nSize  42\n  kept\n\n  as is"


def test_text_around_an_inline_picture_is_one_text():
    message = EmailMessage()
    message["From"] = "ann@buyer.example"
    message.set_content("Before the picture.")
    message.add_attachment(
        b"\x89PNG", maintype="image", subtype="png", filename="crack.png", disposition="inline"
    )
    message.add_attachment("After the picture.", disposition="inline")

    parsed = parse_mail(message.as_bytes())

    assert parsed.text == "Before the picture.\n\n\nAfter the picture."
    assert [(file.name, file.media_type, file.size) for file in parsed.attachments] == [
        ("crack.png", "image/png", 4)
    ]


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ('attachment; filename="../../etc/passwd"', "....etcpasswd".strip(".")),
        ("attachment; filename*=utf-8''Rechnung%20M%C3%A4rz.pdf", "Rechnung März.pdf"),
        ('attachment; filename*0="long "; filename*1="name.pdf"', "long name.pdf"),
        ('attachment; filename="=?utf-8?q?M=C3=A4rz.pdf?="', "März.pdf"),
        ('attachment; filename="a\u202efdp.exe"', "afdp.exe"),
        ("attachment", "attachment-1"),
    ],
)
def test_file_names_are_shown_but_harmless(disposition: str, expected: str):
    raw = (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee file\r\n--b\r\n"
        f"Content-Type: application/pdf\r\nContent-Disposition: {disposition}\r\n\r\n%PDF\r\n--b--\r\n"
    ).encode()

    parsed = parse_mail(raw)

    assert parsed.text == "See file"
    assert [file.name for file in parsed.attachments] == [expected]


def test_a_forwarded_mail_as_attachment_is_named_by_its_subject_and_read_when_nothing_else_is():
    inner = b"Content-Type: message/rfc822\r\n\r\nSubject: Lost parcel\r\n\r\nIt is lost."

    parsed = parse_mail(b"From: ann@buyer.example\r\n" + inner)

    assert parsed.attachments[0].name == "Lost parcel.eml"
    assert parsed.text == "It is lost."


def test_an_unwanted_signature_file_is_no_attachment():
    raw = (
        b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--b--\r\n"
    )

    parsed = parse_mail(raw)

    assert parsed.text == "Hello"
    assert parsed.attachments == ()


def test_encrypted_mail_says_so():
    parsed = parse_mail(
        mail("MIIB", content_type="application/pkcs7-mime; smime-type=enveloped-data")
    )

    assert "encrypted content, open it in the mailbox" in parsed.defects


def test_the_automatic_header_is_given_in_lower_case():
    assert (
        parse_mail(mail(headers=["Auto-Submitted: Auto-Replied; x"])).auto_submitted
        == "auto-replied; x"
    )


@pytest.mark.parametrize(
    ("headers", "in_reply_to"),
    [
        ("In-Reply-To: <>", None),
        ("In-Reply-To: Your mail of Monday <a@b> and <c@d>", "a@b"),
        ("In-Reply-To: <[x]@y>", "[x]@y"),
        ("In-Reply-To: nonsense", None),
    ],
)
def test_only_ids_in_brackets_thread_a_mail(headers: str, in_reply_to: str | None):
    assert parse_mail(mail(headers=[headers])).in_reply_to == in_reply_to


def test_a_long_text_is_read_whole():
    body = "A line of a long complaint about a lamp.\n" * 1500

    parsed = parse_mail(mail(body))

    assert len(body) > 60_000
    assert parsed.text == body.strip()


def test_bidirectional_and_zero_width_characters_stay_for_the_renderer():
    parsed = parse_mail(mail("pay\u200bpal \u202etxet", subject="\u202eevil"))

    assert parsed.text == "pay\u200bpal \u202etxet"
    assert parsed.subject == "\u202eevil"
