"""What apps hear when a user group gets other people."""

from collections.abc import Collection

from sandbox.slack.model import JsonObject, UserGroup
from sandbox.slack.workspace import Workspace


def members_changed(workspace: Workspace, group: UserGroup, before: Collection[str]) -> JsonObject:
    """The `subteam_members_changed` event; `before` is who was in the group."""
    return {
        "type": "subteam_members_changed",
        "event_ts": workspace.next_ts(),
        "subteam_id": group.id,
        "team_id": workspace.team_id,
        "added_users": sorted(set(group.users) - set(before)),
        "removed_users": sorted(set(before) - set(group.users)),
    }
