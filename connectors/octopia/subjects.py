"""Octopia's subjects and sales channels, as data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.manifest import read_data
from sla_rules.topics import Topic


class Channel(BaseModel):
    """A site that Octopia sells on: our name of the marketplace, and its language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    language: str | None = None


class Subjects(BaseModel):
    """The tables of `subjects.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: Mapping[str, Topic]
    channels: Mapping[str, Channel]

    def channel(self, code: str) -> Channel:
        """The site of a code; one that is not in the table is named by it."""
        return self.channels.get(code) or Channel(name=code.lower())


@cache
def subjects() -> Subjects:
    """The tables, read once. Raises ManifestError."""
    return read_data(Path(__file__).parent / "subjects.toml", Subjects)
