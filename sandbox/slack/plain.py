"""A message as plain text, the way Slack shows it: for headless transcripts and for tests that read what a person reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.slack.dates import show_date
from sandbox.slack.plain_blocks import BlockWriter
from sandbox.slack.workspace import Workspace

_ANGLES = re.compile(r"<([^<>]*)>")
_EMPHASIS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)(.+?)(?<=\S)\1(?![\w*_~])")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, when, and what the ids she meets are called."""

    tz: str
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, some_id: str, given: str = "") -> str:
        """The name of a user, group or channel id, else the one given with it, else the id."""
        return self.names.get(some_id) or given.lstrip("@#") or some_id

    def date(self, timestamp: float, tokens: str, fallback: str) -> str:
        """A date token in her time zone."""
        return show_date(timestamp, tokens, tz=self.tz, now=self.now) or fallback

    def mrkdwn(self, text: str) -> str:
        """Markup as she sees it: names for mentions, dates in her zone, no formatting marks."""
        shown = _ANGLES.sub(lambda match: self._angle(match[1]), _EMPHASIS.sub(r"\2", text))
        for entity, character in _ENTITIES:
            shown = shown.replace(entity, character)
        return shown

    def _angle(self, inner: str) -> str:
        target, _, label = inner.partition("|")
        if target.startswith("@"):
            return f"@{self.name(target[1:], label)}"
        if target.startswith("#"):
            return f"#{self.name(target[1:], label)}"
        if target.startswith("!"):
            return self._special(target[1:], label)
        return label or target.removeprefix("mailto:")

    def _special(self, target: str, label: str) -> str:
        kind, *rest = target.split("^")
        if kind == "date" and len(rest) >= 2:  # noqa: PLR2004 - time and format, then perhaps a link
            return self.date(float(rest[0]), rest[1], label)
        if kind == "subteam" and rest:
            return f"@{self.name(rest[0], label)}"
        return f"@{kind}"


def names_of(workspace: Workspace) -> dict[str, str]:
    """What the ids of a workspace are called."""
    names = {user.id: user.display_name for user in workspace.users.values()}
    names |= {group.id: group.handle for group in workspace.groups.values()}
    return names | {channel.id: channel.name for channel in workspace.channels.values()}


def blocks_to_plain(blocks: Sequence[Mapping[str, Any]], reader: Reader) -> str:
    """Blocks as text, one below the other."""
    writer = BlockWriter(reader)
    return "\n".join(line for block in blocks for line in writer.lines(block))


def to_plain(
    message: Mapping[str, Any],
    viewer_tz: str,
    now: datetime,
    names: Mapping[str, str] | None = None,
) -> str:
    """A message's JSON (page or Web API) as its reader sees it; its blocks, or its text where it has none."""
    reader = Reader(tz=viewer_tz, now=now, names=names or {})
    blocks = message.get("blocks") or []
    shown = blocks_to_plain(blocks, reader) if blocks else reader.mrkdwn(message.get("text", ""))
    if message.get("ephemeral"):
        shown = f"(Only visible to you)\n{shown}"
    reactions = " ".join(f":{r['name']}: {r['count']}" for r in message.get("reactions") or [])
    return f"{shown}\n{reactions}" if reactions else shown
