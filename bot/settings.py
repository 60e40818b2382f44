"""The one TOML file and the environment, typed. Unknown keys and impossible values are refused.

Secrets are never in the file: a value `env:NAME` is read from the environment (or from `.env`
beside the file), `file:PATH` from a file. Both become SecretStr before anything prints them.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Strict(BaseModel):
    """A table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$|^[^@\s]+@[^@\s]+$")]
"""A Slack user id (`U…`, `W…`) or the e-mail address the person has in Slack."""

SlackTarget = Annotated[str, Field(pattern=r"^[UWS][A-Z0-9]{2,}$|^[^@\s]+@[^@\s]+$|^@[^@\s]+$")]
"""A user (id or e-mail), or a user group (`S…` id, or `@handle`)."""

SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,}$|^#[^\s#]{1,80}$")]
"""A Slack channel id, or `#name`."""


class DeskSettings(Strict):
    """`[desk]`."""

    name: str = "Threadline"
    timezone: str = "Europe/Rome"
    managers: tuple[SlackTarget, ...] = ()
    ops_channel: SlackChannel | None = None
    undo_seconds: int = Field(default=10, ge=0, le=300)
    acknowledge_minutes: int = Field(default=30, ge=5, le=240)


class AgentSettings(Strict):
    """`[[agents]]`."""

    slack: SlackUser
    name: str = Field(min_length=1, max_length=120)
    role: Literal["viewer", "agent", "lead", "manager", "admin"] = "agent"


class CalendarSettings(Strict):
    """`[calendars.NAME]`: opening hours as `"09:00-13:00"`; a missing day is closed."""

    timezone: str
    mon: tuple[str, ...] = ()
    tue: tuple[str, ...] = ()
    wed: tuple[str, ...] = ()
    thu: tuple[str, ...] = ()
    fri: tuple[str, ...] = ()
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()
    holidays: tuple[date, ...] = ()
    closures: dict[date, tuple[str, ...]] = Field(default_factory=dict)


class InboxSettings(Strict):
    """`[[inboxes]]`; `settings` is checked by the connector's own model."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")
    connector: str
    channel: SlackChannel
    label: str = ""
    group: tuple[SlackTarget, ...] = ()
    calendar: str | None = None  # the calendar that the presets call "shop" for this inbox
    poll_seconds: int = Field(default=60, ge=1, le=3600)
    settings: dict[str, Any] = Field(default_factory=dict)


class Settings(Strict):
    """The whole file. `policies` are checked by sla_rules.policy and added to the presets."""

    desk: DeskSettings = DeskSettings()
    agents: tuple[AgentSettings, ...] = ()
    calendars: dict[str, CalendarSettings] = Field(default_factory=dict)
    inboxes: tuple[InboxSettings, ...] = ()
    policies: tuple[dict[str, Any], ...] = ()


class Environment(Strict):
    """What comes from the environment only."""

    database_url: str = "sqlite:///threadline.db"
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    instance_key: SecretStr | None = None
