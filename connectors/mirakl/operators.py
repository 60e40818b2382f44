"""The operator table: marketplaces that run on Mirakl, as data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from connectors.manifest import read_data

AnswersTo = Literal["writer", "mirror", "everybody"]
"""Who gets an answer: whose conversation it is; also who took part in the message; or both always."""

SLUG = r"^[a-z][a-z0-9_]{1,39}$"


class Operator(BaseModel):
    """One marketplace. `country` and `language` are ISO 3166 and 639 codes in small letters.

    `answer_hours` is the operator's own limit for an answer, 0 where it publishes none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=2)
    base_url: str = Field(default="", pattern=r"^(https://[a-z0-9.-]+)?$")
    country: str = Field(default="", pattern=r"^([a-z]{2})?$")
    language: str = Field(default="", pattern=r"^([a-z]{2})?$")
    answer_hours: int = Field(default=0, ge=0, le=720)
    answers_to: AnswersTo = "writer"
    source: str = Field(min_length=10)


class _Table(RootModel[dict[str, Operator]]):
    model_config = ConfigDict(frozen=True)


@cache
def operators() -> Mapping[str, Operator]:
    """Every operator of `operators.toml` by key. Raises ManifestError."""
    path = Path(__file__).parent / "operators.toml"
    return MappingProxyType(read_data(path, _Table).root)


def operator(key: str) -> Operator:
    """The operator of that key; a bare one where the table has none."""
    return operators().get(key) or Operator(name=key.replace("_", " "), source="not in the table")
