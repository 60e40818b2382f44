"""The one TOML file and the environment, typed. Unknown keys and impossible values are refused.

Secrets are never in the file: a value `env:NAME` is read from the environment (or from `.env`
beside the file), `file:PATH` from a file. Both become SecretStr before anything prints them.
Every description below completes the sentence "write …": it is the remedy shown with an error.
"""

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, SecretStr

from bot.alarm_settings import AlarmSettings
from bot.language import SOURCE
from bot.language import Language as Spoken
from bot.llm_settings import LlmSettings
from bot.setting_values import (
    CLOCK_TIME,
    ClaimLength,
    DateHours,
    Day,
    Hours,
    Languages,
    Networks,
    PublicUrl,
    QuietSpan,
    Seniority,
    SlackChannel,
    SlackTarget,
    SlackUser,
    Strict,
    Zone,
)
from connectors.data_rules import SlackBody
from sla_rules.policy_table import MatchTable, Words

_LANGUAGES = 'the short codes of languages, such as ["it", "de"]'
_SPOKEN = '"en", "it", "fr", "de" or "es"'
_SKILLS = 'words of your own, such as ["returns", "invoices"]'
_TARGETS = 'people or groups in quotes: "anna@shop.example", "U012ABCDE", "@support", "S012ABCDE"'
_CHANNEL = '"#channel-name", or the channel\'s id such as "C012ABCDE"'
_ZONE = 'a zone such as "Europe/Rome"'

_CLAIM = 'a length of time such as "2h", or "off"'


class DeskSettings(Strict):
    """`[desk]`: what holds for every inbox."""

    name: str = Field(default="Threadline", min_length=1, max_length=35, description="a short name")
    timezone: Zone = Field(default="Europe/Rome", description=_ZONE)
    language: Spoken = Field(default=SOURCE, description=_SPOKEN)
    managers: tuple[SlackTarget, ...] = Field(default=(), description=_TARGETS)
    ops_channel: SlackChannel | None = Field(default=None, description=_CHANNEL)
    undo_seconds: int = Field(
        default=10,
        strict=True,
        ge=0,
        le=300,
        description="seconds an agent can take a reply back, 0 to 300",
    )
    acknowledge_minutes: int = Field(
        default=240,
        strict=True,
        ge=5,
        le=240,
        description="minutes an acknowledged breach stays quiet, 5 to 240",
    )
    reassign_away: bool = Field(
        default=False,
        strict=True,
        description="true to give the tickets of somebody who goes away to others at once",
    )
    claim_expires: ClaimLength | None = Field(default=None, description=_CLAIM)
    rule_files: tuple[str, ...] = Field(
        default=(), description='files with more [[policies]], such as ["rules/*.toml"]'
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description='the address your web server passes on, such as "https://desk.shop.example"',
    )
    rank_people: bool = Field(
        default=False,
        strict=True,
        description="true to let reports tell figures apart by person",
    )
    shop_name: str = Field(
        default="", max_length=60, description="the shop's name as customers know it"
    )
    macro_files: tuple[str, ...] = Field(
        default=(), description='files with [[macros]], such as ["macros/*.toml"]'
    )
    companions_file: str | None = Field(
        default=None, description='a file with [[companions]], such as "companions.toml"'
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
    bot_language: Spoken | None = Field(default=None, description=_SPOKEN)
    languages: Languages = Field(default=(), description=_LANGUAGES)
    skills: Words = Field(default=(), description=_SKILLS)
    seniority: Seniority | None = Field(default=None, description='"junior" or "senior"')
    capacity: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=1000,
        description="how much weighted open work to give them at once, 1 to 1000",
    )
    shifts: tuple[str, ...] = Field(
        default=(), description='names of [shifts.NAME] tables, such as ["early"]'
    )
    timezone: Zone | None = Field(default=None, description=_ZONE)
    quiet: QuietSpan | None = Field(
        default=None, description='hours without pings, such as "20:00-08:00"'
    )
    pings: Literal["thread", "dm", "both"] = Field(
        default="thread", description='"thread", "dm" or "both"'
    )
    inboxes: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description='names of the only inboxes they see, such as ["amazon-it"]; left out: all of them',
    )


_HOURS = 'opening hours such as ["09:00-13:00", "14:00-18:00"]'
"""Said where no span of them is at fault: each mistake in one brings its own remedy."""


class CalendarSettings(Strict):
    """`[calendars.NAME]`: opening hours as `"09:00-13:00"`; a missing day is closed.

    With `based_on`, what is missing is the other calendar's; holidays, closures and hours are
    added to its own. What `load` answers has this done already.
    """

    based_on: str | None = Field(
        default=None, description="the name of the [calendars.NAME] table this one builds on"
    )
    timezone: Zone = Field(default="UTC", description=_ZONE)
    mon: Hours = Field(default=(), description=_HOURS)
    tue: Hours = Field(default=(), description=_HOURS)
    wed: Hours = Field(default=(), description=_HOURS)
    thu: Hours = Field(default=(), description=_HOURS)
    fri: Hours = Field(default=(), description=_HOURS)
    sat: Hours = Field(default=(), description=_HOURS)
    sun: Hours = Field(default=(), description=_HOURS)
    holidays: tuple[Day, ...] = Field(
        default=(), description="closed days as dates without quotes: [2026-12-25, 2026-12-26]"
    )
    closures: dict[Day, Hours] = Field(
        default_factory=dict,
        description='closed spans of single days: { 2026-12-24 = ["12:00-24:00"] }',
    )
    hours: dict[Day, DateHours] = Field(
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
    language: Spoken | None = Field(default=None, description=_SPOKEN)
    group: tuple[SlackTarget, ...] = Field(default=(), description=_TARGETS)
    calendar: str | None = Field(
        default=None, description="the name of a [calendars.NAME] table: this inbox's shop hours"
    )
    poll_seconds: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=3600,
        description="seconds between two looks at the inbox, 1 to 3600; left out: the channel's own",
    )
    claim_expires: ClaimLength | None = Field(
        default=None, description=f"{_CLAIM}; left out: the desk's own"
    )
    observe: bool = Field(
        default=False,
        strict=True,
        description="true to watch only: nothing goes out to customers",
    )
    survey: Literal["csat", "nps"] | None = Field(
        default=None, description='"csat" or "nps": what agents may ask customers to rate'
    )
    badge: bool = Field(
        default=False,
        strict=True,
        description="true to be held to a badge that the platform leaves to choice",
    )
    slack_body: SlackBody | None = Field(
        default=None,
        description='how much of a customer\'s words Slack gets: "full", "redacted" or "none"',
    )
    keep_days: int | None = Field(
        default=None,
        ge=7,
        le=3650,
        strict=True,
        description=(
            "days after the last message when a conversation's words go, 7 to 3650; left out: "
            "they stay, unless the platform's rules say otherwise (docs/retention.md)"
        ),
    )
    llm: bool | None = Field(
        default=None,
        strict=True,
        description="true or false; left out: as [llm] every_inbox says",
    )
    llm_gets_amazon_data: bool = Field(
        default=False,
        strict=True,
        description=(
            "true only where you may: Amazon's data rules keep its buyers' data from AI providers "
            "by default, and want a person to send every answer (docs/assist.md)"
        ),
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, description="the connector's own keys, as its README lists them"
    )


class ShiftSettings(Strict):
    """`[shifts.NAME]`: who works when. Either how many, or who.

    Whoever names a shift in `[[agents]]` is one of its agents, too: what `load` answers has them.
    """

    calendar: str = Field(description='the name of a [calendars.NAME] table, or "always"')
    people: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=10_000,
        description="how many people work it, 1 to 10000",
    )
    agents: tuple[SlackUser, ...] = Field(
        default=(), description='who works it: ["anna@shop.example", "U012ABCDE"]'
    )
    inboxes: tuple[str, ...] = Field(
        default=(), description='names of inboxes, such as ["amazon-it"]; left out: all of them'
    )
    user_group: str | None = Field(
        default=None,
        pattern=r"^@[a-z0-9._-]{1,79}$",
        description='the handle of a Slack user group in small letters, such as "@support-it"',
    )

    @property
    def heads(self) -> int:
        """How many people work it; 0 where the table does not say."""
        return self.people or len(set(self.agents))


class RouteToSettings(Strict):
    """`to` of a route: who may get its tickets. All of it has to be true of somebody."""

    people: tuple[SlackUser, ...] = Field(
        default=(), description='whose tickets they may be: ["anna@shop.example", "U012ABCDE"]'
    )
    skills: Words = Field(default=(), description=_SKILLS)
    languages: Languages = Field(default=(), description=_LANGUAGES)
    seniority: Seniority | None = Field(default=None, description='"junior" or "senior"')
    previous_agent: bool = Field(
        default=False,
        strict=True,
        description="true to prefer whoever had an earlier ticket of the customer",
    )


class RouteSettings(Strict):
    """`[[routes]]`: to whom the tickets of one sort go."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9 -]{0,60}$",
        description='a short name of small letters, digits, dashes and spaces, such as "german"',
    )
    match: MatchTable = Field(
        default=MatchTable(), description='which tickets, such as { language = "de" }'
    )
    to: RouteToSettings = Field(
        default=RouteToSettings(), description='who gets them, such as { languages = "de" }'
    )
    by: Literal["round_robin", "least_loaded", "on_shift_only"] = Field(
        default="least_loaded", description='"round_robin", "least_loaded" or "on_shift_only"'
    )
    fallback: str = Field(
        default="channel", description='"channel" (unclaimed), or the name of another route'
    )


class DigestSettings(Strict):
    """`[digests]`: what is told every morning and every week, in the desk's zone."""

    daily: str = Field(
        default="09:00",
        pattern=rf"^({CLOCK_TIME}|off)$",
        description='a time of day such as "09:00", or "off"',
    )
    weekly: str = Field(
        default="mon 09:00",
        pattern=rf"^((mon|tue|wed|thu|fri|sat|sun) {CLOCK_TIME}|off)$",
        description='a weekday and a time such as "mon 09:00", or "off"',
    )


class BackupSettings(Strict):
    """`[backup]`: a verified copy of the SQLite database every night, in the desk's zone."""

    folder: str = Field(
        min_length=1, description='a folder for the copies, such as "/backup/threadline"'
    )
    keep: int = Field(
        default=14, strict=True, ge=1, le=3650, description="how many copies stay, 1 to 3650"
    )
    at: str = Field(
        default="03:30", pattern=rf"^{CLOCK_TIME}$", description='a time of day such as "03:30"'
    )
    encrypt: bool = Field(
        default=False, strict=True, description="true to seal each copy with a key"
    )


class Settings(Strict):
    """The whole file. Policies are checked by sla_rules.policy and added to the presets."""

    desk: DeskSettings = Field(default=DeskSettings(), description="a [desk] table")
    digests: DigestSettings = Field(default=DigestSettings(), description="a [digests] table")
    backup: BackupSettings | None = Field(default=None, description="a [backup] table")
    llm: LlmSettings | None = Field(default=None, description="an [llm] table")
    alarms: AlarmSettings | None = Field(default=None, description="an [alarms] table")
    agents: tuple[AgentSettings, ...] = Field(default=(), description="[[agents]] tables")
    calendars: dict[str, CalendarSettings] = Field(
        default_factory=dict, description="[calendars.NAME] tables"
    )
    shifts: dict[str, ShiftSettings] = Field(
        default_factory=dict, description="[shifts.NAME] tables"
    )
    inboxes: tuple[InboxSettings, ...] = Field(default=(), description="[[inboxes]] tables")
    routes: tuple[RouteSettings, ...] = Field(default=(), description="[[routes]] tables")
    policies: tuple[dict[str, Any], ...] = Field(default=(), description="[[policies]] tables")

    def claim_expires_in(self, inbox: InboxSettings) -> timedelta | None:
        """How long an owner may do nothing there: as its table says, else the desk's; None: for ever."""
        own = inbox.claim_expires
        return (self.desk.claim_expires if own is None else own) or None


class Environment(Strict):
    """What comes from the environment only."""

    database_url: str = "sqlite:///threadline.db"
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    instance_key: SecretStr | None = None
    old_instance_keys: SecretStr | None = None
    backup_key: SecretStr | None = None
    api_token: SecretStr | None = None
    wallboard_token: SecretStr | None = None
    heartbeat_url: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int | None = Field(default=None, ge=0, le=65535)
    trusted_proxies: Networks = ("127.0.0.1", "::1")
    metrics_token: SecretStr | None = None
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
