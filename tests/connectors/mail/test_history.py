"""The past of a mailbox: both folders, changing nothing, from where an earlier reading stopped."""

from datetime import timedelta

import pytest

from connectors.capabilities import HistoryWish, PastItem, ReadsHistory
from connectors.contract import Verdict
from connectors.errors import AuthExpired
from connectors.mail.access import imap_password
from connectors.mail.channel import MailChannel
from connectors.mail.config import MailConfig
from connectors.mail.history import MailHistory
from connectors.mail.sent_folder import FolderName, NoSentFolder, find_sent
from connectors.registry import load_connectors
from sla_rules.vocabulary import Kind
from tests.connectors.mailbox_pair import (
    NOW,
    SEEN,
    connector,
    pair,
    plain_mail,
    raw_item,
    settings,
)

SINCE = SEEN - timedelta(days=30)
WISH = HistoryWish(since=SINCE)
OURS = "shop@seller.example"


def sent_mail(number, *, subject="", extra="", to="nora1@post.example", day=11):
    return (
        f"From: Shop <{OURS}>\r\nTo: {to}\r\n"
        f"Subject: {subject or f'Re: question {number}'}\r\n"
        f"Date: Wed, {day} Mar 2026 08:30:00 +0000\r\n"
        f"Message-ID: <a{number}@seller.example>\r\n{extra}\r\nIt is on its way.\r\n"
    ).encode()


async def filed(running, raw, at=SEEN):
    await running.mail._imap.append(running.address, raw, at, folder="Sent")


def reading(running, **sizes):
    """A reading in pieces of another size."""
    spec = load_connectors().specs[running.channel]
    config = spec.config_model.model_validate(settings(running.channel, **running.settings()))
    assert isinstance(config, MailConfig)
    access = imap_password(config)
    return MailHistory(config, name="past", now=lambda: NOW, access=access, **sizes)


async def read(running, wish=WISH, cursor=None, *, pages=99, **sizes):
    """The items of the past, and the cursor after so many pages."""
    found = []
    told = reading(running, **sizes).pages if sizes else running.connector.history
    async for page in told(wish, cursor):
        found += page.items
        cursor = page.cursor
        pages -= 1
        if not pages:
            break
    return found, cursor


def subjects(items):
    return [
        next(line for line in each.item.payload.split(b"\r\n") if line.startswith(b"Subject"))
        for each in items
    ]


async def test_received_and_sent_mail_is_read_and_nothing_marked_as_seen():
    async with pair("website") as running:
        for number in (1, 2):
            await running.deliver(plain_mail(number), SEEN + timedelta(minutes=number))
        await filed(running, sent_mail(1))
        items, _ = await read(running)
        assert [each.sent for each in items] == [False, False, True]
        assert items[1].item.received_at == SEEN + timedelta(minutes=2)
        assert await running.mail.flags(running.address) == [frozenset(), frozenset()]


async def test_a_reading_goes_on_where_it_was_stopped():
    async with pair("website") as running:
        for number in range(5):
            await running.deliver(plain_mail(number))
        await filed(running, sent_mail(1))
        first, cursor = await read(running, pages=2, piece=2)
        rest, cursor = await read(running, cursor=cursor, piece=2)
        assert (len(first), len(rest)) == (4, 2)
        assert not {each.item.source_id for each in first} & {each.item.source_id for each in rest}
        assert await read(running, cursor=cursor) == ([], cursor)


async def test_who_wants_more_of_the_past_than_before_gets_all_of_it():
    async with pair("website") as running:
        await running.deliver(plain_mail(1), SEEN - timedelta(days=10))
        await running.deliver(plain_mail(2), SEEN)
        late = HistoryWish(since=SEEN - timedelta(days=2), sent_folder="")
        items, cursor = await read(running, late)
        assert len(items) == 1
        items, _ = await read(running, HistoryWish(since=SINCE, sent_folder=""), cursor)
        assert len(items) == 2


async def test_a_renumbered_folder_is_read_again():
    async with pair("website") as running:
        await running.deliver(plain_mail(1))
        wish = HistoryWish(since=SINCE, sent_folder="")
        _, cursor = await read(running, wish)
        await running.mail.restart()
        items, _ = await read(running, wish, cursor)
        assert len(items) == 1


async def test_of_a_large_mail_only_the_beginning_is_read():
    async with pair("website") as running:
        await running.deliver(plain_mail(1, body="Where is it?\r\n" + "x" * 9000))
        wish = HistoryWish(since=SINCE, sent_folder="")
        (past,), _ = await read(running, wish, enough=2000)
        message = running.connector.explain_past(past)
        assert len(past.item.payload) < 3000
        assert message.verdict is Verdict.CUSTOMER
        assert message.text.startswith("Where is it?")
        assert str(message.degraded).startswith("Not the whole mail")


async def test_a_mailbox_that_was_moved_keeps_the_times_of_its_mails():
    stamp = b"Received: from a by mx.seller.example; Mon, 9 Mar 2026 08:00:05 +0000\r\n"
    async with pair("website") as running:
        await running.deliver(stamp + plain_mail(1), SEEN)
        await running.deliver(plain_mail(2), SEEN)
        items, _ = await read(running, HistoryWish(since=SINCE, sent_folder=""))
        assert [each.item.received_at.day for each in items] == [9, 11]


async def test_a_wrong_password_says_so():
    async with pair("website") as running:
        await running.mail.change_password(running.address, "another")
        with pytest.raises(AuthExpired):
            await read(running)


async def test_without_a_sent_folder_the_reading_asks_for_its_name():
    async with pair("website") as running:
        await running.deliver(plain_mail(1))
        named = HistoryWish(since=SINCE, sent_folder="Answers")
        with pytest.raises(NoSentFolder, match='no folder "Answers"'):
            await read(running, named)


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        ([("INBOX", ()), ("Odd", ("\\Sent",)), ("Sent", ())], "Odd"),
        ([("INBOX", ()), ("INBOX.Posta inviata", ())], "INBOX.Posta inviata"),
        ([("INBOX", ()), ("Gesendete Objekte", ())], "Gesendete Objekte"),
        ([("INBOX", ()), ("Éléments envoyés", ())], "Éléments envoyés"),
        ([("INBOX", ()), ("Enviados", ())], "Enviados"),
        ([("[Gmail].Sent Mail", ("\\HasNoChildren",))], "[Gmail].Sent Mail"),
    ],
)
def test_the_folder_of_sent_mail_is_found_by_its_flag_or_its_name(folders, found):
    names = [FolderName(name=name, delimiter=".", flags=flags) for name, flags in folders]
    assert find_sent(names, None) == found
    assert find_sent(names, "") is None


def test_no_folder_of_sent_mail_lists_what_there_is():
    names = [FolderName(name=name, delimiter="/", flags=()) for name in ("INBOX", "Archiv")]
    with pytest.raises(NoSentFolder, match="The mailbox has Archiv, INBOX"):
        find_sent(names, None)


AUTO = "Auto-Submitted: auto-replied\r\n"


@pytest.mark.parametrize(
    ("mail", "verdict"),
    [
        (sent_mail(1), Verdict.ANSWERED_ELSEWHERE),
        (sent_mail(1, extra=AUTO), Verdict.ACKNOWLEDGEMENT),
        (sent_mail(1, subject="Fwd: question 1"), Verdict.OWN_LOOP),
        (sent_mail(1, to=OURS), Verdict.OWN_LOOP),
        (sent_mail(1, extra="List-Id: news <news.seller.example>\r\n"), Verdict.OWN_LOOP),
    ],
)
def test_a_sent_mail_is_an_answer_a_receipt_or_none_to_a_customer(mail, verdict):
    explained = connector("website").explain_past(PastItem(item=raw_item(mail), sent=True))
    assert (explained.verdict, explained.kind) == (verdict, Kind.NOTICE)
    # What goes to nobody's conversation is not looked for in any.
    assert bool(explained.thread_keys) is (verdict is not Verdict.OWN_LOOP)


def test_an_answer_is_found_by_what_it_cites_then_by_whom_it_went_to():
    mail = sent_mail(1, extra="In-Reply-To: <m1@post.example>\r\n")
    explained = connector("website").explain_past(PastItem(item=raw_item(mail), sent=True))
    assert [key.value for key in explained.thread_keys] == [
        "m1@post.example",
        "subject:nora1@post.example|question 1",
    ]
    assert explained.own_keys == ("a1@seller.example",)


def test_a_copy_to_ourselves_in_the_inbox_is_our_answer_too():
    explained = connector("website").explain_past(PastItem(item=raw_item(sent_mail(1))))
    assert explained.verdict is Verdict.ANSWERED_ELSEWHERE


def test_an_answer_to_a_buyer_is_found_by_case_order_and_alias():
    buyer = "k3v9qzt41mno2xa+133a066e@marketplace.amazon.it"
    mail = sent_mail(1, to=buyer, subject="Re: Ordine 407-1234567-1234567").replace(
        OURS.encode(), b"amazon@seller.example"
    )
    explained = connector("amazon").explain_past(PastItem(item=raw_item(mail), sent=True))
    base = "k3v9qzt41mno2xa@marketplace.amazon.it"
    assert [key.value for key in explained.thread_keys] == [
        "case:133a066e",
        f"buyer:{base}|407-1234567-1234567",
        f"buyer:{base}",
    ]
    carrier = mail.replace(buyer.encode(), b"help@carrier.example")
    other = connector("amazon").explain_past(PastItem(item=raw_item(carrier), sent=True))
    assert other.thread_keys == ()


def test_every_channel_that_reads_mail_tells_of_its_past():
    assert issubclass(MailChannel, ReadsHistory)
