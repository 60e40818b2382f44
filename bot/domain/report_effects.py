"""A report that somebody asked for, on its way into Slack: its message, then the files behind it.

Three effects in one lane, each of one thing: the message is posted, the files are brought to Slack
where nobody sees them yet, and they are shown in the message's thread. Each is made from the same
order, as of the moment it was given, so all of them say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.domain.effects import FILES_GROUP, Effect, EffectKind, Priority

_LONGEST_KEY: Final = 60
"""Characters of what tells one order from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrder:
    """What was asked, by whom and when; a report counts nothing that happened after `asked_at`.

    `by` is what it is cut by, empty for nothing; `inboxes` None is every one.
    """

    asker: str
    asked_at: datetime
    since: datetime
    until: datetime
    zone: str
    by: str = ""
    inboxes: Sequence[str] | None = None
    names_people: bool = False

    def payload(self) -> dict[str, int | str | bool | list[int] | list[str] | None]:
        """As an effect carries it."""
        return {
            "asker": self.asker,
            "asked_at": self.asked_at.isoformat(),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "zone": self.zone,
            "by": self.by,
            "inboxes": None if self.inboxes is None else list(self.inboxes),
            "names_people": self.names_people,
        }


def order_of(payload: Mapping[str, Any]) -> ReportOrder:
    """Back from an effect."""
    return ReportOrder(
        asker=str(payload["asker"]),
        asked_at=datetime.fromisoformat(payload["asked_at"]),
        since=datetime.fromisoformat(payload["since"]),
        until=datetime.fromisoformat(payload["until"]),
        zone=str(payload["zone"]),
        by=str(payload["by"]),
        inboxes=payload["inboxes"],
        names_people=bool(payload["names_people"]),
    )


def post_report(order: ReportOrder, key: str, *, channel: str) -> Effect:
    """The message of a report: in `channel`, or to the person of that id; once per `key` and place."""
    return Effect(
        kind=EffectKind.POST_REPORT,
        dedupe_key=f"report:{key[:_LONGEST_KEY]}:{channel}",
        lane=_lane(key),
        lane_group=f"slack:{channel}",
        priority=Priority.LOG,
        payload={**order.payload(), "key": key[:_LONGEST_KEY]},
    )


def bring_report_files(
    order: ReportOrder, key: str, *, channel: str, ts: str, pictures: bool
) -> Effect:
    """Bring the files behind a report to Slack; its charts too, where its message has no `pictures`."""
    return Effect(
        kind=EffectKind.BRING_REPORT_FILES,
        dedupe_key=f"report files:{key[:_LONGEST_KEY]}",
        lane=_lane(key),
        lane_group=FILES_GROUP,
        priority=Priority.FILES,
        payload={
            **order.payload(),
            "key": key[:_LONGEST_KEY],
            "channel": channel,
            "ts": ts,
            "pictures": pictures,
        },
    )


def share_report_files(
    key: str, *, channel: str, ts: str, asker: str, ids: Sequence[str], titles: Sequence[str]
) -> Effect:
    """Show files that Slack has (`ids`, with their `titles`) in the thread of the report's message."""
    return Effect(
        kind=EffectKind.SHARE_REPORT_FILES,
        dedupe_key=f"report shared:{key[:_LONGEST_KEY]}",
        lane=_lane(key),
        lane_group=FILES_GROUP,
        priority=Priority.FILES,
        payload={
            "channel": channel,
            "ts": ts,
            "asker": asker,
            "ids": list(ids),
            "titles": list(titles),
        },
    )


def _lane(key: str) -> str:
    return f"report:{key[:_LONGEST_KEY]}"
