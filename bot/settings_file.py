"""From the TOML file and the environment to a configuration that can be run, or to every problem.

Nothing in here opens a connection: what passes here is possible, what `doctor` passes works.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, SecretStr, ValidationError

from bot.configuration import (
    calendars,
    companions,
    environment,
    inboxes,
    llm,
    macro_files,
    names,
    policies,
    routes,
    shifts,
)
from bot.configuration.companions import Companion
from bot.configuration.macros import Macro
from bot.configuration.policies import Choices
from bot.configuration.problems import Found, from_validation, refuse
from bot.configuration.secret_refs import Secrets, secret_at
from bot.configuration.source import Source, proposed, read_source, with_rule_files
from bot.settings import CalendarSettings, Environment, Settings
from connectors.registry import Registry, load_connectors
from sla_rules.calendar import Calendar
from sla_rules.policy import PolicySet
from sla_rules.rule_file import TABLES

DEFAULT_NAME = "threadline.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """What the file says about time: policies and calendars, compiled. Needs no secret.

    `calendars` includes `always`. `source` tells on which line a key stands. `warnings` are
    sentences about what works but is hardly meant.
    """

    path: Path
    source: Source
    settings: Settings
    calendars: Mapping[str, Calendar]
    policies: PolicySet
    registry: Registry
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(RuleBook):
    """Everything the file and the environment say, compiled.

    `inbox_configs` holds each inbox's settings as its connector's own model, secrets resolved;
    `macros` are those of the macro files, `companions` what goes with what, `llm_key` what the
    language model's provider wants to see.
    """

    environment: Environment
    inbox_configs: Mapping[str, BaseModel]
    macros: tuple[Macro, ...] = ()
    companions: tuple[Companion, ...] = ()
    llm_key: SecretStr | None = None
    alarm_password: SecretStr | None = None


def config_path(environ: Mapping[str, str], given: Path | None = None) -> Path:
    """Where the file is: as given, else `THREADLINE_CONFIG`, else `threadline.toml` here."""
    return given or Path(environ.get("THREADLINE_CONFIG") or DEFAULT_NAME)


def load(path: Path, environ: Mapping[str, str]) -> Configuration:
    """Read and check everything that can be checked without a connection.

    Raises:
        SettingsError: with one sentence per problem, each naming file, line, key, value and remedy.
    """
    source = read_source(path)
    secrets = Secrets(environ=environment.with_dotenv(environ, path.parent), base=path.parent)
    env = environment.read_environment(secrets.environ)
    registry = load_connectors()
    problems: Found = []
    rules = _read_rules(source, path, registry, problems)
    tables = inboxes.written_inboxes(source, registry)
    configs = inboxes.check_inboxes(tables, registry, secrets, problems)
    inboxes.check_surveys(tables, source, registry, problems)
    macros = macro_files.load_macros(source, registry, problems)
    pairs = companions.load_companions(source, problems)
    llm_key = llm.check_llm(source, rules.settings, registry, secrets, problems)
    alarm_password = secret_at(source, "alarms", "smtp_password", secrets, problems)
    refuse(problems, source)
    return Configuration(
        path=path,
        source=rules.source,
        settings=rules.settings,
        environment=env,
        calendars=rules.calendars,
        policies=rules.policies,
        inbox_configs=configs,
        registry=registry,
        macros=macros,
        companions=pairs,
        llm_key=llm_key,
        alarm_password=alarm_password,
        warnings=(
            *inboxes.warnings(rules.settings, registry),
            *llm.llm_warnings(rules.settings),
            *rules.warnings,
        ),
    )


def load_rules(path: Path) -> RuleBook:
    """Read the rules of the file alone: what its inboxes connect with is neither needed nor checked.

    Raises:
        SettingsError: as `load`.
    """
    return _rules_of(read_source(path), path)


def rules_with(path: Path, proposal: Path, *, only: str | None = None) -> RuleBook:
    """The rules of the file at `path` as they would be with what `proposal` says instead.

    Its policies replace all of the file's own, its calendars those of the same name, its inboxes
    all inboxes; what it does not mention stays. With `only`, nothing but that key of it is read.

    Raises:
        SettingsError: as `load`, each sentence by the file that it is about.
    """
    source = read_source(proposal)
    if only is not None:
        source = replace(source, table={only: source.table.get(only, {})})
    return _rules_of(proposed(read_source(path), source), proposal)


def load_calendars(path: Path) -> Mapping[str, CalendarSettings]:
    """The `[calendars.NAME]` tables alone, whatever else the file lacks; each can be compiled.

    Raises:
        SettingsError: as `load`, for the calendars only.
    """
    source = read_source(path)
    problems: Found = []
    settings = _validate(source, {"calendars": source.table.get("calendars", {})}, problems)
    calendars.check_calendars(source, problems)
    calendars.compile_written(source, problems)
    refuse(problems, source)
    return settings.calendars


def _rules_of(source: Source, path: Path) -> RuleBook:
    problems: Found = []
    rules = _read_rules(source, path, load_connectors(), problems)
    refuse(problems, source)
    return rules


def _read_rules(source: Source, path: Path, registry: Registry, problems: Found) -> RuleBook:
    """What can be read. It is to be used only when no problem was found."""
    whole, unread = with_rule_files(source)
    problems.extend(unread)
    settings = _validate(whole, whole.table, problems)
    names.refuse_twins(whole, problems)
    names.refuse_two_languages(whole, problems)
    calendars.check_calendars(whole, problems)
    compiled = calendars.compile_written(whole, problems)
    known = list(calendars.written(whole))
    names.check_calendar_names(whole, known, problems)
    tables = inboxes.written_inboxes(whole, registry)
    own_names = [each.name for each in tables if each.name]
    names.check_sight(whole, own_names, problems)
    shifts.check_shifts(settings.shifts, [*known, "always"], own_names, problems)
    shifts.check_shift_names(settings.agents, settings.shifts, problems)
    choices = Choices(
        inboxes=tables,
        registry=registry,
        calendars=known,
        weekly=calendars.weekly(whole),
    )
    found = policies.load_policies(whole, choices, problems)
    policies.check_choices(whole, choices, found, problems)
    routes.check_routes(whole, settings, choices, problems)
    return RuleBook(
        path=path,
        source=whole,
        settings=settings,
        calendars=compiled,
        policies=found,
        registry=registry,
        warnings=found.warnings(choices.channels),
    )


def _validate(source: Source, table: Mapping[str, object], problems: Found) -> Settings:
    """The settings, calendars with what they take over and shifts with all their people.

    Empty ones when a key cannot be used.
    """
    # Policies have a reader of their own, which knows both words for them.
    plain = {key: value for key, value in table.items() if key not in TABLES}
    try:
        Settings.model_validate(plain)
    except ValidationError as exc:
        problems.extend(from_validation(exc, Settings, plain))
        return Settings()
    own = tuple(each for key in TABLES for _, each in source.tables(key))
    merged = {"calendars": calendars.resolved(calendars.written(source)), "policies": own}
    read = Settings.model_validate({**plain, **merged})
    return read.model_copy(update={"shifts": shifts.joined_shifts(read)})
