"""`[[inboxes]]` against the connectors that are installed."""

import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from bot.configuration.problems import Problem, did_you_mean, from_validation, model_at
from bot.configuration.secret_refs import Secrets, Unresolved, is_reference
from bot.settings import InboxSettings, Settings
from connectors.registry import Registry


def check_inboxes(
    settings: Settings, registry: Registry, secrets: Secrets, problems: list[Problem]
) -> dict[str, BaseModel]:
    """Each inbox's settings as its connector's model, by inbox name."""
    configs: dict[str, BaseModel] = {}
    for inbox in settings.inboxes:
        where = f'inboxes "{inbox.name}"'
        if inbox.name in configs:
            problems.append(
                Problem(
                    where=where, wrong="the name is used twice.", remedy="Give each its own name."
                )
            )
            continue
        config = _check(where, inbox, registry, secrets, problems)
        if config is not None:
            twin = _same_source(config, configs)
            if twin:
                problems.append(
                    Problem(
                        where=f"{where} → settings",
                        wrong=f'reads the same source as "{twin}".',
                        remedy="Keep one of the two.",
                    )
                )
            configs[inbox.name] = config
    return configs


def _check(
    where: str,
    inbox: InboxSettings,
    registry: Registry,
    secrets: Secrets,
    problems: list[Problem],
) -> BaseModel | None:
    spec = registry.specs.get(inbox.connector)
    if spec is None:
        problems.append(_no_connector(where, inbox.connector, registry))
        return None
    prefix = f"{where} → settings → "
    resolved = _resolve(inbox.settings, spec.config_model, secrets, prefix, problems)
    try:
        return spec.config_model.model_validate(resolved)
    except ValidationError as exc:
        # A reference that leads nowhere stands for itself; its own problem says enough.
        named = {problem.where for problem in problems}
        found = from_validation(exc, spec.config_model, inbox.settings, prefix=prefix)
        problems.extend(problem for problem in found if problem.where not in named)
        return None


def _no_connector(where: str, key: str, registry: Registry) -> Problem:
    if key in registry.broken:
        return Problem(
            where=f"{where} → connector",
            value=f'"{key}"',
            wrong=f"is installed but broken: {registry.broken[key]}.",
            remedy="Mend or remove it.",
        )
    known = sorted(registry.specs)
    return Problem(
        where=f"{where} → connector",
        value=f'"{key}"',
        wrong="there is no such connector.",
        remedy=did_you_mean(key, known) or f"Known: {', '.join(known)}.",
    )


def _resolve(
    table: Mapping[str, Any],
    model: type[BaseModel],
    secrets: Secrets,
    prefix: str,
    problems: list[Problem],
) -> dict[str, Any]:
    """`table` with every reference replaced; a secret written out is a problem."""
    resolved: dict[str, Any] = {}
    for key, value in table.items():
        inner = model_at(model, (key,))
        if isinstance(value, Mapping) and inner is not None:
            resolved[key] = _resolve(value, inner, secrets, f"{prefix}{key} → ", problems)
            continue
        resolved[key] = value
        if not isinstance(value, str):
            continue
        if is_reference(value):
            try:
                resolved[key] = secrets.resolve(value)
            except Unresolved as exc:
                problems.append(
                    Problem(where=f"{prefix}{key}", value=value, wrong=str(exc), remedy=exc.remedy)
                )
        elif value and _is_secret(model, key):
            problems.append(
                Problem(
                    where=f"{prefix}{key}",
                    value="(not shown)",
                    wrong="a secret may not stand in the file.",
                    remedy='Write "env:NAME" or "file:PATH" and keep the secret there.',
                )
            )
    return resolved


def _is_secret(model: type[BaseModel], key: str) -> bool:
    field = model.model_fields.get(key)
    return field is not None and any(part is SecretStr for part in _parts(field.annotation))


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in typing.get_args(annotation):
        yield from _parts(argument)


def _same_source(config: BaseModel, earlier: Mapping[str, BaseModel]) -> str | None:
    """The earlier inbox that would share this one's cursor: same mailbox, host and folder."""
    keys = {"imap_host", "imap_port", "imap_user", "folder"} & set(type(config).model_fields)
    if not keys:
        return None
    mine = {key: getattr(config, key) for key in keys}
    for name, other in earlier.items():
        if mine == {key: getattr(other, key, None) for key in keys}:
            return name
    return None


def warnings(settings: Settings, registry: Registry) -> Iterator[str]:
    """Sentences about what works, but is hardly meant."""
    yield from (f'connector "{key}" is broken: {why}' for key, why in registry.broken.items())
    if not settings.inboxes:
        yield "no [[inboxes]]: nothing will be read."
    if not settings.agents:
        yield "no [[agents]]: nobody may claim or answer."
    if not settings.desk.managers:
        yield "[desk] managers is empty: a missed deadline mentions the inbox's group only."
    for inbox in settings.inboxes:
        if not inbox.group and not settings.desk.managers:
            yield f'inboxes "{inbox.name}": no group and no managers: its pings mention nobody.'
