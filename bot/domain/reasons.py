"""Reasons that events keep, where they name a figure or an inbox; `said_reason` says any reason."""

from typing import Final

from bot.language import marked, tr
from sla_rules.worded import reworded

NO_INBOX: Final = marked("the inbox {inbox} is not configured any more")
TOO_OLD: Final = marked("older than {days} days when it was first seen")
READ_NOW: Final = marked("it could be read now, the message is in #{number}")
NOBODY_AWAITS: Final = marked("it could be read now, nobody awaits an answer to it")
FILE_NOT_FETCHED: Final = marked("{file} could not be fetched from Slack")
NOT_HANDED_OUT: Final = marked("Slack did not hand it out (status {status})")
SLACK_ANSWERED: Final = marked("Slack answered {code}")
OF_FILE: Final = marked("{file}: {reason}")

_NAMING: Final = (
    NO_INBOX,
    TOO_OLD,
    READ_NOW,
    FILE_NOT_FETCHED,
    NOT_HANDED_OUT,
    SLACK_ANSWERED,
)


def said_reason(kept: str) -> str:
    """A reason in the language spoken; one in a platform's or a person's own words as it is."""
    for template in _NAMING:
        found = reworded(kept, template)
        if found is not None:
            return tr(template, **found.values)
    said = tr(kept)
    file, colon, reason = kept.partition(": ")
    if said != kept or not colon:
        return said
    return tr(OF_FILE, file=file, reason=said_reason(reason))
