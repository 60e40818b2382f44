"""Handing replies over through both mail connectors, on a real SMTP server."""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import default
from itertools import chain
from typing import Literal

import pytest

from connectors.contract import Found, ReplyCommand, Unknown, Verdict
from connectors.errors import AuthExpired, OutcomeUnknown, Rejected, Unavailable
from connectors.mail.compose import Outgoing, compose, reply_subject, trim_references
from connectors.mail.message_id import own_message_id, read_own_id
from tests.connectors.mailbox_pair import (
    ADDRESSES,
    BOTH,
    KEY,
    NOW,
    command,
    connector,
    pair,
    raw_item,
)

both = pytest.mark.parametrize("channel", BOTH)


def _parsed(raw: bytes) -> Message:
    return message_from_bytes(raw, policy=default)


@both
async def test_a_reply_goes_to_the_customer_into_their_thread(channel: str) -> None:
    wanted = command(channel)
    async with pair(channel) as running:
        receipt = await running.connector.reply(wanted)
        sent = running.mail.sent
    assert len(sent) == 1
    mail = _parsed(sent[0].content)
    assert sent[0].recipients == (wanted.context["to"],)
    assert mail["To"] == wanted.context["to"]
    assert mail["From"] == f"Bottega Salici <{running.address}>"
    assert mail["Subject"] == "Re: a question"
    assert mail["In-Reply-To"] == "<last@post.example>"
    assert mail["References"] == "<first@post.example> <last@post.example>"
    assert mail["Message-ID"] == f"<{receipt.external_id}>"
    assert mail.get_payload() == "We will look into it.\r\n"
    assert receipt.accepted_at == NOW


@both
async def test_what_the_preview_shows_is_what_the_customer_gets(channel: str) -> None:
    wanted = command(channel, text="Perché no?\nIl pacco è partito.", quote="Dov'è?\nGrazie")
    async with pair(channel) as running:
        shown = running.connector.preview(wanted)
        await running.connector.reply(wanted)
        mail = _parsed(running.mail.sent[0].content)
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == shown.body
    assert mail["Subject"] == shown.subject
    assert mail["To"] == shown.recipient
    assert mail["From"] == shown.sender


@both
async def test_every_attempt_of_one_reply_carries_the_same_id_and_others_do_not(
    channel: str,
) -> None:
    async with pair(channel) as running:
        first = await running.connector.reply(command(channel))
        again = connector(channel, **running.settings())
        second = await again.reply(command(channel))
        other = await again.reply(
            ReplyCommand(
                reply_id="902", ticket_number=17, text="more", context=command(channel).context
            )
        )
        await again.close()
    assert first.external_id == second.external_id
    assert other.external_id != first.external_id


@both
@pytest.mark.parametrize("fault", ["smtp_mail_from", "smtp_recipient", "smtp_data"])
async def test_a_refusal_for_good_is_rejected_in_the_servers_words(
    channel: str, fault: str
) -> None:
    async with pair(channel) as running:
        setattr(running.mail.faults, fault, "550 5.7.1 sender not approved")
        with pytest.raises(Rejected, match="sender not approved"):
            await running.connector.reply(command(channel))
        assert running.mail.sent == []


@both
@pytest.mark.parametrize("fault", ["smtp_mail_from", "smtp_recipient", "smtp_data"])
async def test_a_refusal_for_now_handed_nothing_over(channel: str, fault: str) -> None:
    async with pair(channel) as running:
        setattr(running.mail.faults, fault, "451 4.7.1 try later")
        with pytest.raises(Unavailable):
            await running.connector.reply(command(channel))
        assert running.mail.sent == []


@both
@pytest.mark.parametrize("taken", ["after_data_taken", "after_data_lost"])
async def test_a_connection_cut_after_data_leaves_the_outcome_unknown(
    channel: str, taken: Literal["after_data_taken", "after_data_lost"]
) -> None:
    async with pair(channel) as running:
        running.mail.faults.smtp_cut = taken
        with pytest.raises(OutcomeUnknown):
            await running.connector.reply(command(channel))
        assert len(running.mail.sent) == (taken == "after_data_taken")


@both
async def test_a_report_on_a_reply_that_was_never_confirmed_names_it(channel: str) -> None:
    wanted = command(channel)
    async with pair(channel) as running:
        running.mail.faults.smtp_cut = "after_data_taken"
        with pytest.raises(OutcomeUnknown):
            await running.connector.reply(wanted)
        ours = _parsed(running.mail.sent[0].content)["Message-ID"]
        found = running.connector.normalise(raw_item(_returned(str(ours))))
        forged = str(ours).replace(".901.", ".902.")
        other = running.connector.normalise(raw_item(_returned(forged)))
    assert (found.verdict, tuple(found.own_replies)) == (Verdict.BOUNCE, (wanted.reply_id,))
    assert tuple(other.own_replies) == ()


def _returned(message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.post.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Return-Path: <>\r\nX-Failed-Recipients: nora@post.example\r\n\r\n"
        f"This is what you sent:\r\nMessage-ID: {message_id}\r\n"
    ).encode()


@both
async def test_a_server_that_is_gone_or_hangs_up_is_unavailable(channel: str) -> None:
    async with pair(channel) as running:
        running.mail.faults.smtp_cut = "connect"
        with pytest.raises(Unavailable):
            await running.connector.reply(command(channel))
        await running.mail.stop()
        with pytest.raises(Unavailable):
            await running.connector.reply(command(channel))


@both
async def test_a_refused_smtp_login_is_an_expired_login(channel: str) -> None:
    async with pair(channel) as running:
        running.mail.faults.smtp_refuse_login = True
        with pytest.raises(AuthExpired) as refused:
            await running.connector.reply(command(channel))
        assert "correct horse" not in str(refused.value)


@both
async def test_probe_finds_a_copy_of_the_reply_and_is_unsure_without_one(channel: str) -> None:
    async with pair(channel) as running:
        assert isinstance(await running.connector.probe(command(channel)), Unknown)
        running.mail.keep_sent_copies = True
        receipt = await running.connector.reply(command(channel))
        found = await running.connector.probe(command(channel))
    assert isinstance(found, Found)
    assert found.receipt.external_id == receipt.external_id


@both
async def test_probe_settles_a_reply_that_was_cut_after_it_was_taken(channel: str) -> None:
    async with pair(channel) as running:
        running.mail.keep_sent_copies = True
        running.mail.faults.smtp_cut = "after_data_taken"
        with pytest.raises(OutcomeUnknown):
            await running.connector.reply(command(channel))
        assert isinstance(await running.connector.probe(command(channel)), Found)


@both
@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00"])
async def test_no_header_can_be_smuggled_in_by_a_subject_or_an_id(
    channel: str, breaker: str
) -> None:
    smuggled = f"hello{breaker}Bcc: spy@evil.example"
    wanted = command(channel, subject=smuggled, in_reply_to=smuggled, references=[smuggled])
    async with pair(channel) as running:
        await running.connector.reply(wanted)
        sent = running.mail.sent[0]
    assert _parsed(sent.content)["Bcc"] is None
    assert not re.search(rb"^Bcc:", sent.content, re.MULTILINE | re.IGNORECASE)
    assert sent.recipients == (wanted.context["to"],)


@both
@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "not an address",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: spy@evil.example",
        "Nora <nora@post.example>",
        "k3v9@marketplace.amazon.com.evil.example\n",
    ],
)
async def test_a_reply_without_one_plain_recipient_is_rejected_before_any_connection(
    channel: str, recipient: str
) -> None:
    async with pair(channel) as running:
        with pytest.raises(Rejected):
            running.connector.preview(command(channel, to=recipient))
        with pytest.raises(Rejected):
            await running.connector.reply(command(channel, to=recipient))
        assert running.mail.sent == []


@both
def test_an_empty_answer_and_one_to_ourselves_are_rejected(channel: str) -> None:
    with pytest.raises(Rejected):
        connector(channel).preview(command(channel, text=" \n "))
    with pytest.raises(Rejected):
        connector(channel).preview(command(channel, to=ADDRESSES[channel]))


@both
async def test_a_line_that_is_a_single_dot_does_not_end_the_mail(channel: str) -> None:
    async with pair(channel) as running:
        await running.connector.reply(command(channel, text="first\n.\nlast"))
        mail = _parsed(running.mail.sent[0].content)
    assert mail.get_payload() == "first\r\n.\r\nlast\r\n"


def test_long_ids_stay_on_one_line_and_unencoded() -> None:
    ids = [f"{'A' * 70}{number}@prod.outlook.example" for number in range(12)]
    raw = compose(
        Outgoing(
            message_id="t1.2.abcdefghijklmnop@seller.example",
            from_address="shop@seller.example",
            from_name="Bottega dell'Été",
            to="a" * 32 + "+133a066e@marketplace.amazon.co.uk",
            subject="Ré: " + "perché " * 30,
            body="ciao",
            in_reply_to=ids[-1],
            references=ids,
        ),
        at=NOW,
    )
    lines = raw.split(b"\r\n")
    references = next(line for line in lines if line.startswith(b"References:"))
    assert f"In-Reply-To: <{ids[-1]}>".encode() in lines
    assert references.count(b"<") == references.count(b">") >= 8
    assert len(references) <= 998
    assert f"<{ids[0]}>".encode() in references
    assert f"<{ids[-1]}>".encode() in references
    words = chain.from_iterable(line.split() for line in lines if b"=?utf-8" in line)
    assert all(len(word) <= 75 for word in words)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Where is it?", "Re: Where is it?"),
        ("Re: RE: re: Where is it?", "Re: Where is it?"),
        ("AW: R: SV: Dov'è?", "Re: Dov'è?"),
        ("Re[2]: hm", "Re: hm"),
        ("Regal: Frage", "Re: Regal: Frage"),
        ("", "Re:"),
    ],
)
def test_a_subject_says_re_once(subject: str, expected: str) -> None:
    assert reply_subject(subject) == expected


def test_references_keep_the_first_and_the_newest_within_900_bytes() -> None:
    ids = [f"{number:03d}{'x' * 90}@h.example" for number in range(40)]
    kept = trim_references(ids)
    assert kept[0] == ids[0]
    assert kept[-1] == ids[-1]
    assert sum(len(one) + 3 for one in kept) <= 900
    assert trim_references(["y" * 2000]) == ()


def test_an_id_is_ours_only_with_our_signature() -> None:
    ours = own_message_id(KEY, ticket_number=17, reply_id="901", domain="seller.example")
    assert len(ours) < 78
    found = read_own_id(KEY, ours)
    assert found is not None
    assert (found.ticket_number, found.reply) == (17, "901")
    assert read_own_id(b"another key", ours) is None
    assert read_own_id(KEY, ours.replace("t17", "t18")) is None
    assert read_own_id(KEY, ours.replace(".901.", ".902.")) is None
    assert read_own_id(KEY, "t17.901@seller.example") is None


def test_a_reply_id_of_any_shape_makes_a_plain_and_stable_id() -> None:
    odd = own_message_id(KEY, ticket_number=1, reply_id="a>\r\nb c", domain="seller.example")
    assert re.fullmatch(r"[A-Za-z0-9._@-]+", odd)
    assert odd == own_message_id(
        KEY, ticket_number=1, reply_id="a>\r\nb c", domain="seller.example"
    )
    assert read_own_id(KEY, odd) is not None
