"""Kaufland's subjects, storefronts and relayed wordings, as data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.manifest import read_data
from sla_rules.topics import Topic


class Relayed(BaseModel):
    """Wordings, in small letters, that tell whose act a message of the system reports."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customer: tuple[str, ...]
    seller: tuple[str, ...]


class Subjects(BaseModel):
    """The tables of `topics.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: Mapping[str, Topic]
    reasons: Mapping[str, Topic]
    relayed: Relayed
    languages: Mapping[str, str]

    def topic(self, topic: str, reason: str) -> Topic:
        """The topic of a ticket; its reason counts where it has none."""
        return self.topics.get(topic) or self.reasons.get(reason) or Topic.OTHER

    def tells_of_customer(self, text: str) -> bool:
        """Whether a message of the system relays what the customer asked for."""
        said = " ".join(text.casefold().split())
        if any(wording in said for wording in self.relayed.seller):
            return False
        return any(wording in said for wording in self.relayed.customer)


@cache
def subjects() -> Subjects:
    """The tables, read once. Raises ManifestError."""
    return read_data(Path(__file__).parent / "topics.toml", Subjects)
