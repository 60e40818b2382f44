"""What a connector says of itself, as data: its `manifest.toml`, typed.

Unknown keys are refused, so that a misspelt rule cannot silently guard nothing.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from connectors.errors import ConnectorError

SDK_API = 1
"""The version of `connectors.contract` that this desk speaks."""

DataT = TypeVar("DataT", bound=BaseModel)

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]


class ManifestError(ConnectorError):
    """A manifest cannot be used; says which file, which key, and what is wrong with it."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


WordSet = Literal["off_platform", "other_payment", "marketing", "review_bias", "review_change"]
"""A set of wordings in every supported language, kept in `policy_words.toml`."""


class ReplyRule(_Data):
    """One rule of the channel's messaging policy that a reply is checked against.

    `check` names what is looked for: `link`, `email`, `phone`, `handle` (@name), `emoji`,
    `card_number`, `order_number`, `length`, `attachment` (any at all) or `phrase`. `allow` are hosts that links
    may point to (with their sub-domains), `phrases` plain wordings in any language, `words` sets
    of wordings that channels share, `limit` the greatest number of characters.
    A `block` cannot be sent; a `warn` can, by a person who says why.
    `text` is shown to the agent; `source` says where the rule comes from and how sure it is.
    """

    id: RuleId
    level: Literal["block", "warn"]
    check: Literal[
        "link",
        "email",
        "phone",
        "handle",
        "emoji",
        "card_number",
        "order_number",
        "length",
        "attachment",
        "phrase",
    ]
    text: str = Field(min_length=10)
    source: str = Field(min_length=3)
    allow: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    words: tuple[WordSet, ...] = ()
    limit: int | None = Field(default=None, gt=0)


class Capabilities(_Data):
    """What the desk may ask of the connector beside `fetch` and `reply`.

    The second group are methods: each is a protocol of `connectors.capabilities`.
    """

    sees_foreign_answers: bool = False  # answers typed in the platform's own console
    links_no_response: bool = False  # offers a link that tells the platform "no answer needed"
    probes: bool = False  # `probe` can find a reply, so not every doubt goes to a person
    confirms_later: bool = False  # an accepted reply may still be refused (moderation, queues)
    public_reply: Literal["never", "possible", "always"] = "never"
    replies_in_portal: bool = False  # takes no answer from us: a person answers there, and says so

    webhooks: bool = False
    marks_no_reply: bool = False
    fetches_context: bool = False
    links_deep: bool = False
    fetches_attachments: bool = False


class AttachmentLimits(_Data):
    """What may go out with a reply. `types` are media types; `image/*` is every image."""

    types: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]+/([a-z0-9.+-]+|\*)$")], ...]
    count: int = Field(gt=0)
    bytes_each: int = Field(gt=0)
    bytes_all: int | None = Field(default=None, gt=0)


class ReplyLimits(_Data):
    """How long a reply may be, in what the platform counts, and what becomes of a longer one.

    `parts` is the greatest number of messages that a text is split into; it is never cut.
    Without `attachments`, none may go out.
    """

    length: int | None = Field(default=None, gt=0)
    counts: Literal["characters", "utf16", "bytes"] = "characters"
    too_long: Literal["refuse", "split"] = "refuse"
    parts: int = Field(default=1, ge=1, le=10)
    attachments: AttachmentLimits | None = None


class Quota(_Data):
    """Calls the platform allows in a day; `reply_share` of them is kept for replies."""

    calls_per_day: int = Field(gt=0)
    reply_share: float = Field(default=0.1, ge=0, lt=1)


class ReplyWindow(_Data):
    """Hours after the customer's last message in which the platform takes an answer at all.

    `human_hours` is the longer window some platforms grant a person who writes by hand.
    """

    hours: float = Field(gt=0)
    human_hours: float | None = Field(default=None, gt=0)
    source: str = Field(min_length=3)


class ModelRule(_Data):
    """The platform keeps its customers' data from AI providers. `text` says how, for the owner.

    `source` says where the rule comes from and how sure it is.
    """

    text: str = Field(min_length=10)
    source: str = Field(min_length=3)


class Manifest(_Data):
    """One connector, described. `channel` is what policies match on.

    `poll_floor_seconds` is the shortest pause between two polls that the platform bears,
    `poll_default_seconds` the usual one. `auto_reply_counts` says that the platform takes an
    automatic answer for an answer. `sla_preset` is the preset file of its rules, `hosts` are where
    links into its console point, `order_numbers` the shapes of its order numbers: `#` is a digit,
    `@` a letter. `languages` are ISO 639-1 codes the platform writes in, `data_regions` where it
    keeps data, in small letters.

    `own_shop` says that whoever writes is the seller's own customer, not
    a marketplace's. With a `model_rule`, nothing goes to a language model unless the owner says so
    for that inbox.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    title: str = Field(min_length=1, max_length=60)
    channel: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    transport: Literal["mail", "api", "webhook"]
    summary: str = Field(min_length=10, max_length=300)
    sdk_api: int
    poll_floor_seconds: int = Field(default=15, ge=1)
    poll_default_seconds: int = Field(default=60, ge=1)
    quota: Quota | None = None
    reply_window: ReplyWindow | None = None
    auto_reply_counts: bool = False
    sla_preset: str = Field(default="any_channel", pattern=r"^[a-z][a-z0-9_]*$")
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], ...] = ()
    docs: str = Field(default="", pattern=r"^(https://\S+)?$")
    data_regions: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,10}$")], ...] = ()
    hosts: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")], ...] = ()
    order_numbers: tuple[Annotated[str, StringConstraints(pattern=r"^[#@A-Z0-9/_-]+$")], ...] = ()
    capabilities: Capabilities = Capabilities()
    limits: ReplyLimits = ReplyLimits()
    reply_rules: tuple[ReplyRule, ...] = ()
    own_shop: bool = False
    model_rule: ModelRule | None = None

    @property
    def forbids_marketing(self) -> bool:
        """Whether one of its rules is about offers and advertising in answers."""
        return any(
            "marketing" in rule.words or rule.id.endswith(".marketing") for rule in self.reply_rules
        )

    @property
    def lets_ask_for_ratings(self) -> bool:
        """Whether an answer may lead its customer to a page of the seller's own.

        Marketplaces forbid links that lead off them, whether they block what is typed or not.
        """
        blocks_links = any(one.check == "link" and one.level == "block" for one in self.reply_rules)
        return self.own_shop and not self.forbids_marketing and not blocks_links

    @model_validator(mode="after")
    def _a_usual_pause_that_the_platform_bears(self) -> Self:
        if self.poll_default_seconds < self.poll_floor_seconds:
            raise ValueError("poll_default_seconds is below poll_floor_seconds")
        return self

    @model_validator(mode="after")
    def _rule_ids_once(self) -> Self:
        ids = [rule.id for rule in self.reply_rules]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"reply_rules: used twice: {', '.join(twice)}")
        return self


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`. Raises ManifestError, one sentence a problem."""
    manifest = read_data(path, Manifest)
    if manifest.sdk_api != SDK_API:
        raise ManifestError(
            f"{path.name}: sdk_api is {manifest.sdk_api}, this desk speaks {SDK_API}"
        )
    return manifest


def manifest_beside(file: str) -> Manifest:
    """The manifest in the folder of a module: `manifest_beside(__file__)`. Raises ManifestError."""
    return read_manifest(Path(file).parent / "manifest.toml")


def read_data(path: Path, model: type[DataT]) -> DataT:
    """A TOML file as `model`. Raises ManifestError, one sentence a problem."""
    try:
        read: DataT = _understood(path.read_text(encoding="utf-8"), model)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path.name} cannot be read: {error}") from error
    except ValidationError as error:
        problems = (
            f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise ManifestError("; ".join(problems)) from error
    return read


# The same files are asked for again and again; the models are frozen, so one answer serves all.
@lru_cache(maxsize=256)
def _understood(text: str, model: type[DataT]) -> DataT:
    return model.model_validate(tomllib.loads(text))
