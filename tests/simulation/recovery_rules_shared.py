"""Rules of recovery for mail and for several workers, each switched off: see `recovery_rules`."""

from dataclasses import replace
from itertools import count
from typing import Any, Final

from sqlalchemy import update

from bot.db import tables
from bot.outbox import store
from connectors.errors import Unavailable
from tests.simulation import known_scenes as scene
from tests.simulation.recovery_rules import Rule, gives, off


def _all_handed_over(real: Any) -> Any:
    del real
    return lambda self, uid: self.after(range(self.last_uid + 1, uid + 1), None)


def _same_numbers(real: Any) -> Any:
    def planned(self: Any, log_in: Any, known: Any) -> Any:
        if known is not None:
            folder = self._session.open(log_in)
            known = replace(known, uidvalidity=folder.uidvalidity)
        return real(self, log_in, known)

    return planned


def _by_its_place(_real: Any) -> Any:
    numbers = count()
    return lambda _raw: f"mail {next(numbers)}"


def _whoever_has_it(_real: Any) -> Any:
    def lease(conn: Any, ids: Any, *, now: Any, until: Any) -> Any:
        del now
        box = tables.outbox
        taken = conn.execute(
            update(box)
            .where(box.c.id.in_(ids))
            .values(
                state="sending",
                lease_until=until,
                fence=box.c.fence + 1,
                attempts=box.c.attempts + 1,
            )
            .returning(box)
        )
        return store._in_order(ids, taken.mappings().all())

    return lease


_MAIL: Final = "connectors.mail"

SHARED: Final = (
    Rule(
        name="a mail that is missing in an answer is not looked for again",
        off=(off(f"{_MAIL}.cursor:MailCursor.passed", _all_handed_over),),
        breaks="I4",
        seen_in=scene.HALF_MAILED,
    ),
    Rule(
        name="the newest numbers of a mailbox are not looked at again",
        off=(off(f"{_MAIL}.mailbox:OVERLAP", lambda _real: 0),),
        breaks="I1",
        seen_in=scene.MAILED,
    ),
    Rule(
        name="a folder with other numbers is read by the old ones",
        off=(off(f"{_MAIL}.mailbox:Mailbox._planned", _same_numbers),),
        breaks="I1",
        seen_in=scene.RENUMBERED,
    ),
    Rule(
        name="a mail is known by its place, not by what it says",
        off=(off(f"{_MAIL}.mailbox:fingerprint", _by_its_place),),
        breaks="I4",
        seen_in=scene.MAILED,
    ),
    Rule(
        name="silence after a mail was handed over counts as a refusal",
        off=(off(f"{_MAIL}.sender:OutcomeUnknown", lambda _real: Unavailable),),
        breaks="I5",
        seen_in=scene.MAIL_LOST,
    ),
    Rule(
        name="a mail server's report of a lost answer names none of ours",
        off=(off("connectors.website.normalise:own_ids", gives(())),),
        breaks="I10",
        seen_in=scene.MAIL_BACK,
    ),
    Rule(
        name="an effect is leased although another worker has it",
        off=(off("bot.outbox.store:lease", _whoever_has_it),),
        breaks="I5",
        seen_in=scene.TWO_AT_WORK,
    ),
)
