"""Allegro's reasons, as data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from connectors.manifest import read_data
from sla_rules.topics import Topic

_LONGEST_CODE: Final = 60


class Subjects(BaseModel):
    """The tables of `subjects.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: Mapping[str, Topic]
    wordings: Mapping[str, str]

    def code(self, reason: str) -> str:
        """A reason's code in small letters, from its code or its English words; else empty."""
        told = " ".join(reason.casefold().split())
        is_code = "_" in told and " " not in told and len(told) <= _LONGEST_CODE
        return told if is_code else self.wordings.get(told, "")

    def topic(self, code: str) -> Topic:
        """The topic of a reason; one that is not in the table is a complaint."""
        return self.topics.get(code, Topic.COMPLAINT)


@cache
def subjects() -> Subjects:
    """The tables, read once. Raises ManifestError."""
    return read_data(Path(__file__).parent / "subjects.toml", Subjects)
