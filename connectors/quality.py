"""How far a connector is proven, as data: its `quality.toml`, typed.

So that "supported" never says more than is known: every fact a connector builds on is either in
the platform's own documentation, or was seen in code or data that others run, or is neither.
"""

from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.manifest import read_data

Level = Literal["bronze", "silver", "gold"]
"""bronze: every rule green on invented or documented fixtures; silver: also against recordings of
a real account; gold: run against a live account."""


class Facts(BaseModel):
    """One sentence a fact, sorted by how it is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    documented: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


class Quality(BaseModel):
    """How far one connector is proven. `live_run` says who ran it live, and when (gold only)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level
    checked: date
    live_run: str = Field(default="", max_length=200)
    facts: Facts

    @model_validator(mode="after")
    def _gold_was_seen_live(self) -> Self:
        if (self.level == "gold") != bool(self.live_run):
            raise ValueError("live_run says who ran it live and when: with gold, and only then")
        return self


def read_quality(path: Path) -> Quality:
    """The quality file in `path`. Raises ManifestError, one sentence a problem."""
    return read_data(path, Quality)
