"""What a connector says of itself, as data: its `manifest.toml`, typed.

Unknown keys are refused, so that a misspelt rule cannot silently guard nothing.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from connectors.errors import ConnectorError

SDK_API = 1
"""The version of `connectors.contract` that this desk speaks."""

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]


class ManifestError(ConnectorError):
    """A manifest cannot be used; says which file, which key, and what is wrong with it."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReplyRule(_Data):
    """One rule of the channel's messaging policy that a reply is checked against.

    `check` names what is looked for: `link`, `email`, `phone`, `emoji`, `card_number`, `length`
    or `phrase`. `allow` are hosts that links may point to (with their sub-domains), `phrases`
    plain wordings in any language, `limit` the greatest number of characters.
    `text` is shown to the agent; `source` says where the rule comes from and how sure it is.
    """

    id: RuleId
    level: Literal["block", "warn"]
    check: Literal["link", "email", "phone", "emoji", "card_number", "length", "phrase"]
    text: str = Field(min_length=10)
    source: str = Field(min_length=3)
    allow: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    limit: int | None = Field(default=None, gt=0)


class Capabilities(_Data):
    """What the desk may ask of the connector beside `fetch` and `reply`."""

    sees_foreign_answers: bool = False  # answers typed in the platform's own console
    links_no_response: bool = False  # offers a link that tells the platform "no answer needed"
    probes: bool = False  # `probe` can find a reply, so not every doubt goes to a person


class Manifest(_Data):
    """One connector, described. `channel` is what policies match on."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    title: str = Field(min_length=1, max_length=60)
    channel: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    transport: Literal["mail", "api", "webhook"]
    summary: str = Field(min_length=10, max_length=300)
    sdk_api: int
    poll_floor_seconds: int = Field(default=15, ge=1)
    capabilities: Capabilities = Capabilities()
    reply_rules: tuple[ReplyRule, ...] = ()


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`. Raises ManifestError, one sentence a problem."""
    try:
        manifest = Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path.name} cannot be read: {error}") from error
    except ValidationError as error:
        problems = (
            f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise ManifestError("; ".join(problems)) from error
    if manifest.sdk_api != SDK_API:
        raise ManifestError(
            f"{path.name}: sdk_api is {manifest.sdk_api}, this desk speaks {SDK_API}"
        )
    return manifest
