"""What somebody is to the Slack workspace: the desk is for its full members, and for nobody else.

The fields are those of Slack's user object: `deleted`, `is_bot`, `is_restricted` and
`is_ultra_restricted` (guests), `is_stranger` (met in a shared channel only), `team_id`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final


class Standing(StrEnum):
    """Only a member may do anything at all, whatever the settings say of somebody."""

    MEMBER = "member"
    GONE = "gone"  # their account was deactivated
    BOT = "bot"
    GUEST = "guest"
    OUTSIDER = "outsider"  # of another workspace, met in a channel that is shared with it


NOTHING_FOR: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.GONE: (
        "desk.person_deactivated",
        "Nothing goes to them. Remove their table, or restore their Slack account.",
    ),
    Standing.GUEST: (
        "desk.person_guest",
        "A guest may do nothing here. Make them a full member in Slack, or remove their table.",
    ),
    Standing.OUTSIDER: (
        "desk.person_outsider",
        "People of other workspaces may do nothing here. Remove their table.",
    ),
    Standing.BOT: ("desk.person_bot", "A bot may do nothing here. Remove its table."),
}
"""What the log says of somebody in the settings who may do nothing: the event, and the way out."""


def standing_of(user: Mapping[str, Any], team: str = "", enterprise: str = "") -> Standing:
    """What the person of a user object is; `team` and `enterprise` are ours, empty where unknown."""
    if user.get("deleted"):
        return Standing.GONE
    if user.get("is_bot") or user.get("is_workflow_bot"):
        return Standing.BOT
    theirs = str((user.get("enterprise_user") or {}).get("enterprise_id") or "")
    if user.get("is_stranger") or is_foreign(
        str(user.get("team_id") or ""), theirs, team=team, enterprise=enterprise
    ):
        return Standing.OUTSIDER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER


def is_foreign(their_team: str, their_enterprise: str, *, team: str, enterprise: str) -> bool:
    """Whether somebody's home is another workspace. One of the same organisation is home, too."""
    if not team or not their_team or their_team in {team, enterprise}:
        return False
    return not (enterprise and their_enterprise == enterprise)
