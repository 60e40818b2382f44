"""From the TOML file and the environment to a configuration that can be run, or to every problem.

Nothing in here opens a connection: what passes here is possible, what `doctor` passes works.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.configuration import calendars, environment, inboxes, policies
from bot.configuration.problems import Problem, from_validation, refuse, without
from bot.configuration.secret_refs import Secrets
from bot.errors import SettingsError
from bot.settings import CalendarSettings, Environment, Settings
from connectors.registry import Registry, load_connectors
from sla_rules.calendar import Calendar
from sla_rules.policy import PolicySet

DEFAULT_NAME = "threadline.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """What the file says about time: policies and calendars, compiled. Needs no secret.

    `calendars` includes `always`.
    """

    path: Path
    settings: Settings
    calendars: Mapping[str, Calendar]
    policies: PolicySet
    registry: Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(RuleBook):
    """Everything the file and the environment say, compiled.

    `inbox_configs` holds each inbox's settings as its connector's own model, secrets resolved.
    `warnings` are sentences about what works but is hardly meant.
    """

    environment: Environment
    inbox_configs: Mapping[str, BaseModel]
    warnings: tuple[str, ...] = ()


def config_path(environ: Mapping[str, str], given: Path | None = None) -> Path:
    """Where the file is: as given, else `THREADLINE_CONFIG`, else `threadline.toml` here."""
    return given or Path(environ.get("THREADLINE_CONFIG") or DEFAULT_NAME)


def load(path: Path, environ: Mapping[str, str]) -> Configuration:
    """Read and check everything that can be checked without a connection.

    Raises:
        SettingsError: with one sentence per problem, each naming file, key, value and remedy.
    """
    table = read_table(path)
    secrets = Secrets(environ=environment.with_dotenv(environ, path.parent), base=path.parent)
    env = environment.read_environment(secrets.environ)
    registry = load_connectors()
    problems: list[Problem] = []
    settings = _validate(table, problems)
    compiled = calendars.compile_all(settings.calendars, problems)
    policy_set = policies.load_policies(settings.policies, problems)
    configs = inboxes.check_inboxes(settings, registry, secrets, problems)
    if not problems:
        policies.check_choices(settings, registry, policy_set, compiled, problems)
    refuse(problems, path.name)
    return Configuration(
        path=path,
        settings=settings,
        environment=env,
        calendars=compiled,
        policies=policy_set,
        inbox_configs=configs,
        registry=registry,
        warnings=tuple(inboxes.warnings(settings, registry)),
    )


def load_rules(path: Path) -> RuleBook:
    """Read the rules of the file alone: what its inboxes connect with is neither needed nor checked.

    Raises:
        SettingsError: as `load`.
    """
    return rules_of(read_table(path), path)


def rules_with(path: Path, proposal: Path) -> RuleBook:
    """The rules of the file at `path` as they would be with what `proposal` says instead.

    Its policies replace all of the file's own, its calendars those of the same name, its inboxes
    all inboxes; what it does not mention stays.

    Raises:
        SettingsError: as `load`, named after `proposal`.
    """
    table, proposed = read_table(path), read_table(proposal)
    unknown = sorted(proposed.keys() - {"policies", "calendars", "inboxes"})
    if unknown:
        raise SettingsError(
            [f"{proposal.name}: {key}: write policies, calendars or inboxes." for key in unknown]
        )
    here, there = table.get("calendars", {}), proposed.get("calendars", {})
    both = {**here, **there} if isinstance(here, dict) and isinstance(there, dict) else there
    return rules_of({**table, **proposed, "calendars": both}, proposal)


def rules_of(table: dict[str, Any], path: Path) -> RuleBook:
    """The rules that `table` says; `path` is what errors call it. Raises SettingsError."""
    registry = load_connectors()
    problems: list[Problem] = []
    settings = _validate(table, problems)
    compiled = calendars.compile_all(settings.calendars, problems)
    policy_set = policies.load_policies(settings.policies, problems)
    if not problems:
        policies.check_choices(settings, registry, policy_set, compiled, problems)
    refuse(problems, path.name)
    return RuleBook(
        path=path, settings=settings, calendars=compiled, policies=policy_set, registry=registry
    )


def load_calendars(path: Path) -> Mapping[str, CalendarSettings]:
    """The `[calendars.NAME]` tables alone, whatever else the file lacks; each can be compiled.

    Raises:
        SettingsError: as `load`, for the calendars only.
    """
    table = read_table(path)
    problems: list[Problem] = []
    settings = _validate({"calendars": table.get("calendars", {})}, problems)
    calendars.compile_all(settings.calendars, problems)
    refuse(problems, path.name)
    return settings.calendars


def _validate(table: dict[str, Any], problems: list[Problem]) -> Settings:
    """The settings. What is wrong becomes a problem and is left out, so that the rest is checked."""
    kept = table
    while True:
        try:
            return Settings.model_validate(kept)
        except ValidationError as exc:
            # What was left out in an earlier round is not missing: it was named then.
            first = kept is table
            found = zip(exc.errors(), from_validation(exc, Settings, kept), strict=True)
            problems += [p for error, p in found if first or error["type"] != "missing"]
            kept = without(kept, (tuple(error["loc"]) for error in exc.errors()))


def read_table(path: Path) -> dict[str, Any]:
    """The file as TOML. Raises SettingsError when it cannot be read, or is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = "Run `threadline init` to write one, or set THREADLINE_CONFIG."
        raise SettingsError([f"{path}: there is no such file. {remedy}"]) from None
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError([f"{path}: cannot be read ({exc}). Check the file's rights."]) from None
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError([f"{path}: is not valid TOML: {exc}."]) from None
