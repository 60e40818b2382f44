"""A link to one report, for whoever holds it, for a week: what was asked is in the link itself."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.desk import Desk
from bot.domain.links import Claims
from bot.language import Language, spoken_now
from bot.reports.question import Dimension, Period, Question

PURPOSE: Final = "report"
LASTS: Final = timedelta(days=7)

_LONGEST: Final = 1_000
"""Characters of all inboxes' names; a link that names more would be too long to be one."""


def report_link(desk: Desk, question: Question, now: datetime) -> str | None:
    """A link to the page of a report, in the language spoken, good for `LASTS`.

    None: the desk has no address that people can open, or the link would be too long.
    """
    names = ",".join(sorted(question.inboxes)) if question.inboxes is not None else None
    if desk.links is None or len(names or "") > _LONGEST:
        return None
    claims: dict[str, str | int | None] = {
        "since": int(question.period.since.timestamp()),
        "to": int(question.period.until.timestamp()),
        "zone": question.period.zone,
        "by": question.by,
        "inboxes": names,
        "language": spoken_now(),
        "people": int(question.names_people),
    }
    return desk.links.make(PURPOSE, claims, now=now, lasts=LASTS)


def question_in(claims: Claims, desk: Desk) -> Question:
    """What a link asks. An owner who has forbidden to tell people apart since is obeyed."""
    names, by = claims["inboxes"], claims["by"]
    may_rank = bool(claims["people"]) and desk.rank_people
    cut = Dimension(str(by)) if by else None
    return Question(
        period=Period(
            since=_instant(claims, "since"),
            until=_instant(claims, "to"),
            zone=str(claims["zone"]),
        ),
        by=None if cut is Dimension.AGENT and not may_rank else cut,
        inboxes=None if names is None else frozenset(str(names).split(",")) - {""},
        names_people=may_rank,
    )


def language_in(claims: Mapping[str, str | int | None]) -> Language:
    """The language a link was made in."""
    return Language(str(claims["language"]))


def _instant(claims: Claims, name: str) -> datetime:
    return datetime.fromtimestamp(int(claims[name] or 0), UTC)
