"""Reading a mailbox through both mail connectors, on a real IMAP server."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Cursor
from connectors.errors import AuthExpired, Unavailable
from connectors.mail.config import MailConfig
from connectors.mail.imap import OVERSIZE
from connectors.mail.mailbox import Mailbox
from tests.connectors.imap_between import Between
from tests.connectors.mailbox_pair import (
    BOTH,
    NOW,
    SEEN,
    Desk,
    connector,
    pair,
    plain_mail,
    settings,
)

pytestmark = pytest.mark.parametrize("channel", BOTH)


async def test_pages_hold_at_most_50_mails_in_the_order_of_arrival(channel: str) -> None:
    async with pair(channel) as running:
        for number in range(120):
            await running.deliver(plain_mail(number))
        desk = Desk()
        assert await desk.poll(running.connector) == 120
    sizes = [len(page.items) for page in desk.pages if page.items]
    subjects = [item.payload.split(b"Subject: question ")[1][:3] for item in desk.stored.values()]
    assert sizes == [50, 50, 20]
    assert [int(subject) for subject in subjects] == list(range(120))


async def test_a_second_poll_hands_over_nothing_and_a_third_only_what_is_new(channel: str) -> None:
    async with pair(channel) as running:
        await running.deliver(plain_mail(1))
        desk = Desk()
        await desk.poll(running.connector)
        pages = len(desk.pages)
        assert await desk.poll(running.connector) == 0
        assert len(desk.pages) == pages
        await running.deliver(plain_mail(2))
        assert await desk.poll(running.connector) == 1
    assert desk.repeats == 0


async def test_invariant_1_a_crash_between_two_pages_loses_and_repeats_nothing(
    channel: str,
) -> None:
    async with pair(channel) as running:
        for number in range(70):
            await running.deliver(plain_mail(number))
        desk = Desk()
        assert await desk.poll(running.connector, stop_after=1) == 50
        again = connector(channel, lambda: NOW, **running.settings())
        try:
            assert desk.cursor is not None
            desk.cursor = Cursor(state=json.loads(json.dumps(dict(desk.cursor.state))))
            assert await desk.poll(again) == 20
        finally:
            await again.close()
    assert desk.repeats == 0


async def test_a_page_read_twice_carries_the_same_source_ids(channel: str) -> None:
    async with pair(channel) as running:
        await running.deliver(plain_mail(1))
        first, second = Desk(), Desk()
        await first.poll(running.connector)
        await second.poll(running.connector)
    assert list(first.stored) == list(second.stored)


async def test_a_cursor_that_cannot_be_read_means_reading_from_the_start_date(channel: str) -> None:
    async with pair(channel) as running:
        await running.deliver(plain_mail(1))
        desk = Desk(cursor=Cursor(state={"uidvalidity": "seven", "last_uid": None}))
        assert await desk.poll(running.connector) == 1


async def test_the_first_run_reads_only_as_far_back_as_configured(channel: str) -> None:
    async with pair(channel, since_days=7) as running:
        await running.deliver(plain_mail(1), NOW - timedelta(days=30))
        await running.deliver(plain_mail(2), NOW - timedelta(days=2))
        desk = Desk()
        assert await desk.poll(running.connector) == 1
        await running.deliver(plain_mail(3), NOW)
        assert await desk.poll(running.connector) == 1
    assert not any(b"question 1\r\n" in item.payload for item in desk.stored.values())


async def test_an_empty_mailbox_gives_a_cursor_that_finds_the_first_mail(channel: str) -> None:
    async with pair(channel) as running:
        desk = Desk()
        assert await desk.poll(running.connector) == 0
        assert desk.cursor is not None
        await running.deliver(plain_mail(1), NOW - timedelta(days=100))
        assert await desk.poll(running.connector) == 1


async def test_a_mail_that_appears_below_the_highest_number_is_still_read(channel: str) -> None:
    async with pair(channel) as running:
        for number in range(3):
            await running.deliver(plain_mail(number))
        desk = Desk()
        await desk.poll(running.connector)
        assert desk.cursor is not None
        state = dict(desk.cursor.state)
        recent = state["recent"]
        assert isinstance(recent, list)
        middle = sorted(int(str(uid)) for uid in recent)[1]
        late = Desk(cursor=Cursor(state={**state, "recent": [u for u in recent if u != middle]}))
        await late.poll(running.connector)
    assert [b"question 1\r\n" in item.payload for item in late.stored.values()] == [True]


@pytest.mark.parametrize("what", [b"RFC822.SIZE", b"BODY[]"])
@pytest.mark.parametrize("place", [2, 3])
async def test_invariant_1_a_mail_that_an_answer_left_out_is_read_at_the_next_poll(
    channel: str, what: bytes, place: int
) -> None:
    between = Between(place, what)
    async with (
        pair(channel) as running,
        between.serving(running.mail.host, running.mail.imap_port) as at,
    ):
        for number in range(3):
            await running.deliver(plain_mail(number))
        reading = connector(channel, lambda: NOW, **{**running.settings(), "imap_port": at})
        desk = Desk()
        try:
            counts = [await desk.poll(reading) for _ in range(3)]
        finally:
            await reading.close()
    assert (between.left_out, counts, desk.repeats) == (1, [2, 1, 0], 0)


async def test_reading_sets_no_flag(channel: str) -> None:
    async with pair(channel) as running:
        await running.deliver(plain_mail(1))
        await Desk().poll(running.connector)
        assert await running.mail.flags(running.address) == [frozenset()]


async def test_invariant_1_renumbering_repeats_what_it_must_and_loses_nothing(channel: str) -> None:
    async with pair(channel) as running:
        for number in range(5):
            await running.deliver(plain_mail(number))
        desk = Desk()
        await desk.poll(running.connector)
        assert desk.cursor is not None
        before = desk.cursor.state["uidvalidity"]
        await running.mail.restart()
        await running.deliver(plain_mail(5))
        assert await desk.poll(running.connector) == 1
        assert desk.cursor.state["uidvalidity"] != before
        assert await desk.poll(running.connector) == 0
    assert len(desk.stored) == 6


async def test_after_renumbering_mail_of_a_long_silence_is_read(channel: str) -> None:
    """The last mail came 20 days ago; what arrived since, unread and renumbered, must come."""
    async with pair(channel, since_days=30) as running:
        await running.deliver(plain_mail(1), NOW - timedelta(days=20))
        desk = Desk()
        await desk.poll(running.connector)
        await running.deliver(plain_mail(2), NOW - timedelta(days=15))
        await running.mail.restart()
        assert await desk.poll(running.connector) == 1


async def test_a_refused_password_is_an_expired_login(channel: str) -> None:
    async with pair(channel) as running:
        running.mail.faults.imap_refuse_login = True
        with pytest.raises(AuthExpired) as refused:
            await Desk().poll(running.connector)
        assert "correct horse" not in str(refused.value)
        running.mail.faults.imap_refuse_login = False
        assert await Desk().poll(running.connector) == 0


async def test_a_changed_password_is_noticed_once_the_connection_is_new(channel: str) -> None:
    async with pair(channel) as running:
        await Desk().poll(running.connector)
        await running.mail.change_password(running.address, "another one")
        await running.mail.drop_connections()
        with pytest.raises(AuthExpired):
            await Desk().poll(running.connector)


async def test_a_server_that_is_gone_is_unavailable_and_comes_back(channel: str) -> None:
    async with pair(channel) as running:
        await running.deliver(plain_mail(1))
        desk = Desk()
        await desk.poll(running.connector)
        await running.mail.stop()
        with pytest.raises(Unavailable):
            await desk.poll(running.connector)
        await running.mail.restart()
        assert await desk.poll(running.connector) == 0
        assert len(desk.stored) == 1


async def test_a_connection_that_died_between_polls_is_opened_again_silently(channel: str) -> None:
    async with pair(channel) as running:
        desk = Desk()
        await desk.poll(running.connector)
        await running.mail.drop_connections()
        await running.deliver(plain_mail(1))
        assert await desk.poll(running.connector) == 1


async def test_a_server_that_hangs_up_at_once_is_unavailable(channel: str) -> None:
    async with pair(channel) as running:
        running.mail.faults.imap_drop_on_connect = True
        with pytest.raises(Unavailable):
            await Desk().poll(running.connector)


async def test_a_server_that_falls_silent_is_given_up_in_time(channel: str) -> None:
    async with pair(channel) as running:
        running.mail.faults.imap_silent = True
        config = MailConfig.model_validate(
            {
                key: value
                for key, value in settings(channel, **running.settings()).items()
                if key in MailConfig.model_fields
            }
        )
        impatient = Mailbox(config, name="impatient", now=lambda: NOW, timeout=0.3)
        with pytest.raises(Unavailable, match="did not answer"):
            await impatient.check()
        await impatient.close()


async def test_a_missing_folder_is_named(channel: str) -> None:
    async with pair(channel, folder="No/Such") as running:
        with pytest.raises(Unavailable, match="No/Such"):
            await Desk().poll(running.connector)


async def test_a_mail_with_a_25_mb_attachment_is_read_whole(channel: str) -> None:
    attachment = "A" * 76 + "\r\n"
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nsee the picture\r\n--b\r\n"
        'Content-Type: image/png\r\nContent-Disposition: attachment; filename="p.png"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
        + attachment * (33_000_000 // len(attachment))
        + "--b--"
    )
    extra = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n'
    async with pair(channel) as running:
        await running.deliver(plain_mail(1, body=body, extra=extra))
        await running.deliver(plain_mail(2))
        desk = Desk()
        assert await desk.poll(running.connector) == 2
        explained = [running.connector.normalise(item) for item in desk.stored.values()]
    assert explained[0].text == "see the picture"
    assert explained[0].attachments[0].name == "p.png"
    assert explained[0].attachments[0].size > 24_000_000
    assert explained[0].degraded is None


async def test_of_an_oversize_mail_the_beginning_comes_and_says_so(channel: str) -> None:
    body = "the words that matter\r\n" + ("x" * 900 + "\r\n") * (OVERSIZE // 900)
    async with pair(channel) as running:
        await running.deliver(plain_mail(1, body=body))
        desk = Desk()
        assert await desk.poll(running.connector) == 1
        item = next(iter(desk.stored.values()))
        message = running.connector.normalise(item)
    assert len(item.payload) < 100_000
    assert message.text.startswith("the words that matter")
    assert message.degraded is not None
    assert "open it in the mailbox" in message.degraded


async def test_a_mail_without_message_id_and_one_from_the_future_are_read(channel: str) -> None:
    nameless = b"From: a@post.example\r\nSubject: hi\r\n\r\nhello\r\n"
    future = plain_mail(2).replace(b"11 Mar 2026", b"11 Mar 2099")
    async with pair(channel) as running:
        await running.deliver(nameless)
        await running.deliver(future)
        desk = Desk()
        assert await desk.poll(running.connector) == 2
        messages = [running.connector.normalise(item) for item in desk.stored.values()]
    assert messages[0].external_id
    assert [message.sent_at for message in messages] == [SEEN, SEEN]


async def test_an_arrival_in_the_future_counts_as_now(channel: str) -> None:
    async with pair(channel) as running:
        await running.deliver(plain_mail(1), datetime(2099, 1, 1, tzinfo=UTC))
        desk = Desk()
        await desk.poll(running.connector)
    assert [item.received_at for item in desk.stored.values()] == [NOW]


async def test_two_mails_with_one_message_id_and_different_words_are_both_kept(
    channel: str,
) -> None:
    async with pair(channel) as running:
        await running.deliver(plain_mail(1, body="first"))
        await running.deliver(plain_mail(1, body="second"))
        await running.deliver(plain_mail(1, body="second"))
        desk = Desk()
        await desk.poll(running.connector)
    assert len(desk.stored) == 2


async def test_check_says_what_is_wrong_and_changes_nothing(channel: str) -> None:
    async with pair(channel) as running:
        assert (await running.connector.check()).ok
        running.mail.faults.smtp_refuse_login = True
        health = await running.connector.check()
        assert not health.ok
        assert "SMTP" in health.detail
        running.mail.faults.imap_refuse_login = True
        health = await running.connector.check()
        assert "IMAP" in health.detail
        assert await running.mail.flags(running.address) == []
