"""What people call the ways that effects go out by: rows know them by ids only."""

from typing import Final

from bot.domain.desk import Desk
from bot.domain.effects import FILES_GROUP, GROUPS_GROUP, HOME_GROUP
from sla_rules.worded import Worded, alone, marked, worded

_OWN: Final = {
    "slack:ops": marked("the ops channel"),
    FILES_GROUP: marked("file transfers in Slack"),
    HOME_GROUP: marked("the Home tabs"),
    GROUPS_GROUP: marked("the user groups in Slack"),
}


def group_name(desk: Desk, group: str) -> Worded:
    """A lane group as people know it; one that nobody can name as it is."""
    if group in _OWN:
        return worded(_OWN[group])
    where, _, name = group.partition(":")
    if where == "inbox":
        return worded("inbox {inbox}", inbox=name)
    if where == "context":
        return worded("order look-ups of inbox {inbox}", inbox=name)
    inboxes = sorted(route.name for route in desk.inboxes.values() if route.channel == name)
    if inboxes:
        return worded("the Slack channel of {inbox}", inbox=", ".join(inboxes))
    agent = desk.roster.agents.get(name)
    if agent is not None:
        return worded("direct messages to {name}", name=agent.name)
    return alone(group)
