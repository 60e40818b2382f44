"""Slack's rates, as gates and buckets for the dispatcher.

Sources: docs.slack.dev, "Rate limits" and the pages of the methods. Posting: about one message a
second in each channel with short bursts, "several hundred" a minute in a workspace (taken as 240).
Editing: tier 3, fifty a minute for the whole workspace. Homes: tier 4, a hundred a minute. The numbers stay a little below, because
a 429 costs more than a short wait.
"""

from collections.abc import Mapping, Sequence

from bot.domain.effects import FILES_GROUP, GROUPS_GROUP, HOME_GROUP, EffectKind
from bot.domain.erasure_effects import ERASE_GROUP
from bot.outbox.lanes import Rate

SLACK = "slack"
"""Passed by everything that goes to Slack: shut when the token is refused."""

POST = "slack:chat.postMessage"
UPDATE = "slack:chat.update"
HISTORY = "slack:conversations.history"
FILES = "slack:files"
PUBLISH = "slack:views.publish"
PINS = "slack:pins"
GROUPS = "slack:usergroups"
DELETE = "slack:chat.delete"

CHANNEL_RATE = Rate(per_second=1.0, burst=3)
FILE_RATE = Rate(per_second=1.0, burst=5)
"""Files that are fetched or shown; each takes a few calls of tier 4, a hundred a minute."""

POST_RATE = Rate(per_second=4.0, burst=8)
UPDATE_RATE = Rate(per_second=45 / 60, burst=5)
"""At most fifty in any sixty seconds: the burst, and what fills up meanwhile."""

CARD_RATE = Rate(per_second=1 / 5, burst=2)
"""One card: two edits at once (a claim shows immediately, and so does what it corrects), then one
every five seconds, each drawing the newest state."""

PUBLISH_RATE = Rate(per_second=60 / 60, burst=5)
"""Tier 4 is a hundred a minute for the workspace; what people open by themselves takes its part."""

PIN_RATE = Rate(per_second=15 / 60, burst=3)
"""Tier 2 is twenty a minute; a storm needs two of them."""

GROUPS_RATE = Rate(per_second=5 / 60, burst=2)
"""Tier 2 is twenty a minute; one change takes up to three calls."""

DELETE_RATE = Rate(per_second=30 / 60, burst=3)
"""Deleting and reading threads are tier 3, fifty a minute each; look-ups of posts take their part."""

HOME_RATE = Rate(per_second=1 / 5, burst=1)
"""One person's Home: once in five seconds, each time drawing the newest state."""

_WHOLE_GROUPS: Mapping[str, str] = {
    FILES_GROUP: FILES,
    GROUPS_GROUP: GROUPS,
    ERASE_GROUP: DELETE,
}
"""Lane groups whose effects all pass one gate."""

_IN_FLIGHT = 6
_INBOX_IN_FLIGHT = 2
_CHANNEL_POSTS = ":posts"


class SlackLimits:
    """The limits of a desk with one workspace.

    Other lane groups (inboxes) have no rate here: what a marketplace asks for it says itself, by
    RateLimited.
    """

    def __init__(self, rates: Mapping[str, Rate] | None = None) -> None:
        own = {
            POST: POST_RATE,
            UPDATE: UPDATE_RATE,
            FILES: FILE_RATE,
            PUBLISH: PUBLISH_RATE,
            PINS: PIN_RATE,
            GROUPS: GROUPS_RATE,
            DELETE: DELETE_RATE,
        }
        self._rates = own | dict(rates or {})

    def gates(self, *, kind: str, lane: str, lane_group: str) -> Sequence[str]:
        """Every gate such an effect passes."""
        if not lane_group.startswith(f"{SLACK}:"):
            return (lane_group,)
        if lane_group in _WHOLE_GROUPS:
            gates = (SLACK, _WHOLE_GROUPS[lane_group])
            return (*gates, UPDATE) if kind == EffectKind.ERASE_CARD else gates
        if lane_group == HOME_GROUP:
            return (SLACK, PUBLISH, lane)
        if kind == EffectKind.PIN_BOARD:
            return (SLACK, PINS, lane_group)
        if kind == EffectKind.UPDATE_CARD:
            return (SLACK, UPDATE, lane_group, lane)
        return (SLACK, POST, lane_group, channel_gate(lane_group))

    def rate(self, gate: str) -> Rate | None:
        """The rate of a gate, if it has one."""
        if gate.startswith("card:"):
            return CARD_RATE
        if gate.startswith("home:"):
            return HOME_RATE
        if gate.endswith(_CHANNEL_POSTS):
            return self._rates.get(gate, CHANNEL_RATE)
        return self._rates.get(gate)

    def in_flight(self, lane_group: str) -> int:
        """A slow inbox or channel holds up only itself, and not much of this process."""
        return _IN_FLIGHT if lane_group.startswith(f"{SLACK}:") else _INBOX_IN_FLIGHT


def channel_gate(lane_group: str) -> str:
    """The gate of posting into one channel."""
    return lane_group + _CHANNEL_POSTS
