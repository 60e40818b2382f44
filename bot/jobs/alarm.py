"""Mails the managers when a missed deadline cannot be told in Slack. No customer's word is in it."""

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final

import structlog

from bot.alarm_settings import AlarmSettings
from bot.clock import Clock
from bot.db.unit import Database
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.alarm import Alarm, give_back, take_alarm
from sla_rules.durations import in_words

log = structlog.get_logger(__name__)

SECONDS: Final = 30.0
"""Real seconds between two looks."""

PATIENCE_SECONDS: Final = 300.0
"""Real seconds the ping of a missed deadline may wait for Slack."""

AGAIN_SECONDS: Final = 1800.0
"""Real seconds between two mails of one incident."""

SOON_SECONDS: Final = 120.0
"""Real seconds until a mail that did not go out is tried again."""

Send = Callable[[EmailMessage], Awaitable[None]]
"""Hands a mail over. Raises MailRefused."""


class MailRefusedError(DeskError):
    """The alarm's mail was not taken over."""


class AlarmWatch:
    """Looks whether somebody has to be mailed, and does it."""

    def __init__(
        self, db: Database, clock: Clock, settings: AlarmSettings, send: Send, name: str
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._send = send
        self._name = name
        self._begun = clock.now()

    async def look(self) -> None:
        """Mail once if it is time to."""
        real = self._clock.real
        alarm = await self._db.write(
            lambda tx: take_alarm(
                tx,
                patience=real(PATIENCE_SECONDS),
                begun=self._begun,
                again_after=real(AGAIN_SECONDS),
            ),
            now=self._clock.now(),
            urgent=True,
        )
        if alarm is None:
            return
        try:
            await self._send(self._mail(alarm))
        except MailRefusedError as exc:
            log.warning("alarm.not_mailed", why=str(exc))
            await self._db.write(
                lambda tx: give_back(
                    tx, alarm, again_after=real(AGAIN_SECONDS), soon=real(SOON_SECONDS)
                ),
                now=self._clock.now(),
            )
        else:
            log.warning("alarm.mailed", over=alarm.unheard is None)

    def _mail(self, alarm: Alarm) -> EmailMessage:
        now = self._clock.now()
        mail = EmailMessage()
        mail["From"] = self._settings.mail_from
        mail["To"] = ", ".join(self._settings.mail_to)
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = make_msgid(domain=self._settings.mail_from.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        if alarm.unheard is None:
            length = in_words(now - alarm.since)
            mail["Subject"] = tr("{desk}: Slack takes messages again", desk=self._name)
            mail.set_content(tr("The alarm is over after {length}.", length=length) + "\n")
            return mail
        mail["Subject"] = tr("{desk}: missed deadlines cannot be told in Slack", desk=self._name)
        mail.set_content("\n\n".join(_lines(alarm)) + "\n")
        return mail


def _lines(alarm: Alarm) -> list[str]:
    unheard = alarm.unheard
    if unheard is None:
        return []
    tickets = ", ".join(f"#{number}" for number in unheard.numbers)
    return [
        tr(
            "Alarms about missed deadlines wait since {time} UTC: {count}.",
            time=f"{unheard.since:%Y-%m-%d %H:%M}",
            count=unheard.count,
        ),
        *([tr("Tickets: {tickets}.", tickets=tickets)] if tickets else []),
        tr("Answer these customers in the marketplace itself, or see to it that Slack works."),
        tr("`threadline doctor` says what is wrong; docs/runbooks/slack-down.md what to do."),
    ]
