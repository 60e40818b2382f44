"""Makes a user group what the shift is. Doing it twice changes nothing, so nothing is looked up."""

from collections.abc import Sequence
from typing import Final

import structlog

from bot.db.shift_group_rows import keep_refusal, known_groups
from bot.db.unit import Tx
from bot.domain.effects import EffectKind
from bot.domain.reasons import said_reason
from bot.language import speaking, tr
from bot.outbox.executor import (
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    Sent,
    Superseded,
    Then,
)
from bot.slack.errors import PeopleRefused
from bot.slack.one_kind import OneKind
from bot.slack.scene import tell_ops

log = structlog.get_logger(__name__)

_UNKNOWN: Final = "no_such_subteam"


class GroupExecutor(OneKind):
    """Changes user groups."""

    kind = EffectKind.SYNC_GROUP

    async def send(self, row: OutboxRow) -> Outcome:
        """Give the group its people, where it has others. Raises a SendError."""
        handle = str(row.payload["group"])
        people = sorted(map(str, row.payload["people"]))
        known = await self._db.read(known_groups, urgent=False)
        if handle in known and known[handle].people != frozenset(people):
            return Superseded(reason="others are on shift by now")
        try:
            changed = await self._give(handle, people)
        except Refused as exc:
            raise Refused(exc.reason, then=self._told(handle, exc.reason)) from exc

        def settled(tx: Tx) -> None:
            keep_refusal(tx, handle, None)

        if not changed:
            return Superseded(reason="they are in it already", then=settled, called=True)
        return Sent(then=settled)

    async def look_up(self, row: OutboxRow) -> Finding:  # noqa: ARG002 - it may be done twice
        """It may be done again."""
        return NotSent()

    async def _give(self, handle: str, people: Sequence[str]) -> bool:
        """Whether anything had to be changed."""
        group = await self._calls.group_named(handle)
        if group is None:
            raise Refused(_UNKNOWN)
        members = await self._calls.members(group)
        if members == frozenset(people):
            return False
        try:
            await self._calls.set_members(group, people)
        except PeopleRefused:
            # Somebody of them left the workspace, or is a guest whom Slack puts into no group.
            able = [one for one in people if await self._calls.is_full_member(one)]
            if not able or able == list(people):
                raise
            log.warning("slack.group_without_some", group=handle, left_out=len(people) - len(able))
            if members == frozenset(able):
                return False
            await self._calls.set_members(group, able)
        return True

    def _told(self, handle: str, reason: str) -> Then:
        desk = self._desk()
        with speaking(desk.language):
            if reason == _UNKNOWN:
                text = tr(
                    "Slack has no user group @{group}, so none follows that shift. Create it, or "
                    "correct user_group in the settings file.",
                    group=handle,
                )
            else:
                text = tr(
                    "The user group @{group} does not follow the shift: {reason}. It is tried once "
                    "a day; this is said once.",
                    group=handle,
                    reason=said_reason(reason),
                )
        say = tell_ops(f"shift_group:{handle}:{reason}", text)

        def refused(tx: Tx) -> None:
            keep_refusal(tx, handle, reason)
            say(tx)

        return refused
