"""While Slack takes no messages, the managers hear of a missed deadline by mail, and not too often."""

import socket
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from pydantic import ValidationError
from typing_extensions import override

from bot.alarm_settings import AlarmSettings
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.alarm import AlarmWatch, MailRefusedError
from bot.jobs.tick import Ticker
from bot.runtime.alarm_mail import mailer
from tests.builders import NOW, a_ticket, an_inbound, hours, prepare
from tests.db.outbox_world import HandClock, Outside, dispatcher

pytestmark = pytest.mark.postgres

SETTINGS = AlarmSettings(
    mail_to=("giulia@shop.example",),
    mail_from="desk@shop.example",
    smtp_host="127.0.0.1",
    smtp_security="none",
)


class Post:
    """Takes mails, or refuses them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False

    async def send(self, mail: EmailMessage) -> None:
        if self.refuses:
            raise MailRefusedError("no")
        self.mails.append(mail)


@pytest.fixture
async def clock(db: Database, desk: Desk) -> HandClock:
    """A deadline was just missed, and its ping waits for Slack."""
    await prepare(db, desk)
    await a_ticket(db, desk, an_inbound(subject="My lamp", text="Where is it?"))
    await dispatcher(db, Outside(), HandClock(NOW)).drain()
    later = HandClock(NOW + hours(26))
    await Ticker(db, lambda: desk, later).tick()
    return later


async def test_one_mail_an_incident_every_half_hour_and_one_when_it_is_over(
    db: Database, clock: HandClock
) -> None:
    post = Post()
    watch = AlarmWatch(db, clock, SETTINGS, post.send, "Casa Conti")
    other = AlarmWatch(db, clock, SETTINGS, post.send, "Casa Conti")
    for _ in range(9):
        clock.move(30)
        await watch.look()
    assert post.mails == []

    for _ in range(40):
        clock.move(60)
        await watch.look()
        await other.look()
    assert len(post.mails) == 2
    mail = post.mails[0]
    assert mail["To"] == "giulia@shop.example"
    assert "#1" in mail.get_content()
    assert "lamp" not in mail.as_string()
    assert "Where is it" not in mail.as_string()

    await dispatcher(db, Outside(), clock).drain()
    for _ in range(3):
        clock.move(60)
        await watch.look()
        await other.look()
    assert len(post.mails) == 3
    assert post.mails[-1]["Subject"] == "Casa Conti: Slack takes messages again"


async def test_a_mail_that_is_refused_is_tried_again_soon(db: Database, clock: HandClock) -> None:
    post = Post()
    post.refuses = True
    watch = AlarmWatch(db, clock, SETTINGS, post.send, "Casa Conti")
    clock.move(400)
    await watch.look()
    post.refuses = False
    clock.move(60)
    await watch.look()
    assert post.mails == []
    clock.move(90)
    await watch.look()
    assert len(post.mails) == 1


async def test_a_desk_whose_slack_works_mails_nobody(db: Database, clock: HandClock) -> None:
    await dispatcher(db, Outside(), clock).drain()
    post = Post()
    watch = AlarmWatch(db, clock, SETTINGS, post.send, "Casa Conti")
    for _ in range(10):
        clock.move(120)
        await watch.look()
    assert post.mails == []


class Kept(Message):
    def __init__(self) -> None:
        super().__init__()
        self.subjects: list[str] = []

    @override
    def handle_message(self, message: object) -> None:
        self.subjects.append(str(message["Subject"]))  # type: ignore[index]


async def test_the_mail_goes_through_a_real_server_or_says_which_one_did_not_take_it() -> None:
    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Test", "desk@shop.example", "giulia@shop.example"
    mail.set_content("words")
    settings = SETTINGS.model_copy(update={"smtp_port": port})
    await mailer(settings, None)(mail)
    server.stop()
    assert kept.subjects == ["Test"]

    with pytest.raises(MailRefusedError, match="did not take it") as refused:
        await mailer(settings, None)(mail)
    assert "giulia" not in str(refused.value)


def test_a_password_is_not_sent_in_clear() -> None:
    with pytest.raises(ValidationError, match="in clear"):
        AlarmSettings(**(SETTINGS.model_dump() | {"smtp_host": "mail.shop.example"}))
