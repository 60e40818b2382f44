"""The one TOML file and the environment, typed. Unknown keys and impossible values are refused.

Secrets are never in the file: a value `env:NAME` is read from the environment (or from `.env`
beside the file), `file:PATH` from a file. Both become SecretStr before anything prints them.
Every description below completes the sentence "write …": it is the remedy shown with an error.
"""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


class Strict(BaseModel):
    """A table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone of the IANA database")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
"""An IANA time zone name."""

SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$|^[^@\s]+@[^@\s]+$")]
"""A Slack user id (`U…`, `W…`) or the e-mail address the person has in Slack."""

SlackTarget = Annotated[str, Field(pattern=r"^[UWS][A-Z0-9]{2,}$|^[^@\s]+@[^@\s]+$|^@[^@\s]+$")]
"""A user (id or e-mail), or a user group (`S…` id, or `@handle`)."""

SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,}$|^#[^\s#]{1,80}$")]
"""A Slack channel id, or `#name`."""

_TARGETS = 'people or groups in quotes: "anna@shop.example", "U012ABCDE", "@support", "S012ABCDE"'
_CHANNEL = '"#channel-name", or the channel\'s id such as "C012ABCDE"'
_ZONE = 'a zone such as "Europe/Rome"'


class DeskSettings(Strict):
    """`[desk]`: what holds for every inbox."""

    name: str = Field(default="Threadline", min_length=1, max_length=35, description="a short name")
    timezone: Zone = Field(default="Europe/Rome", description=_ZONE)
    managers: tuple[SlackTarget, ...] = Field(default=(), description=_TARGETS)
    ops_channel: SlackChannel | None = Field(default=None, description=_CHANNEL)
    undo_seconds: int = Field(
        default=10, ge=0, le=300, description="seconds an agent can take a reply back, 0 to 300"
    )
    acknowledge_minutes: int = Field(
        default=240,
        ge=5,
        le=240,
        description="minutes an acknowledged breach stays quiet, 5 to 240",
    )


class AgentSettings(Strict):
    """`[[agents]]`: one person who works tickets."""

    slack: SlackUser = Field(
        description='the person\'s e-mail address in Slack, or a user id such as "U012ABCDE"'
    )
    name: str = Field(min_length=1, max_length=120, description="the name customers may see")
    role: Literal["viewer", "agent", "lead", "manager", "admin"] = Field(
        default="agent", description='"viewer", "agent", "lead", "manager" or "admin"'
    )


_HOURS = 'opening hours such as ["09:00-13:00", "14:00-18:00"]'


class CalendarSettings(Strict):
    """`[calendars.NAME]`: opening hours as `"09:00-13:00"`; a missing day is closed."""

    timezone: Zone = Field(description=_ZONE)
    mon: tuple[str, ...] = Field(default=(), description=_HOURS)
    tue: tuple[str, ...] = Field(default=(), description=_HOURS)
    wed: tuple[str, ...] = Field(default=(), description=_HOURS)
    thu: tuple[str, ...] = Field(default=(), description=_HOURS)
    fri: tuple[str, ...] = Field(default=(), description=_HOURS)
    sat: tuple[str, ...] = Field(default=(), description=_HOURS)
    sun: tuple[str, ...] = Field(default=(), description=_HOURS)
    holidays: tuple[date, ...] = Field(
        default=(), description="closed days as dates without quotes: [2026-12-25, 2026-12-26]"
    )
    closures: dict[date, tuple[str, ...]] = Field(
        default_factory=dict,
        description='closed spans of single days: { 2026-12-24 = ["12:00-24:00"] }',
    )
    hours: dict[date, tuple[str, ...]] = Field(
        default_factory=dict,
        description='days with hours of their own: { 2026-12-20 = ["10:00-18:00"] }',
    )


class InboxSettings(Strict):
    """`[[inboxes]]`: one source of messages; `settings` is checked by the connector's own model."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,60}$",
        description='a short name of small letters, digits and dashes, such as "amazon-it"',
    )
    connector: str = Field(description='the channel\'s key, such as "amazon" or "website"')
    channel: SlackChannel = Field(description=_CHANNEL)
    label: str = Field(default="", max_length=60, description="the words shown on its cards")
    group: tuple[SlackTarget, ...] = Field(default=(), description=_TARGETS)
    calendar: str | None = Field(
        default=None, description="the name of a [calendars.NAME] table: this inbox's shop hours"
    )
    poll_seconds: int = Field(
        default=60, ge=1, le=3600, description="seconds between two looks at the inbox, 1 to 3600"
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, description="the connector's own keys, as its README lists them"
    )


class Settings(Strict):
    """The whole file. `policies` are checked by sla_rules.policy and added to the presets."""

    desk: DeskSettings = Field(default=DeskSettings(), description="a [desk] table")
    agents: tuple[AgentSettings, ...] = Field(default=(), description="[[agents]] tables")
    calendars: dict[str, CalendarSettings] = Field(
        default_factory=dict, description="[calendars.NAME] tables"
    )
    inboxes: tuple[InboxSettings, ...] = Field(default=(), description="[[inboxes]] tables")
    policies: tuple[dict[str, Any], ...] = Field(default=(), description="[[policies]] tables")


class Environment(Strict):
    """What comes from the environment only."""

    database_url: str = "sqlite:///threadline.db"
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    instance_key: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int | None = Field(default=None, ge=0, le=65535)
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
