"""`[[inboxes]]` against the connectors that are installed."""

import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from bot.configuration.problems import Found, Problem, from_validation, model_at, spell
from bot.configuration.secret_refs import (
    Secrets,
    Unresolved,
    is_reference,
    leads_nowhere,
    written_out,
)
from bot.configuration.source import Source
from bot.settings import Settings
from connectors.registry import Registry
from sla_rules.refusals import did_you_mean
from sla_rules.toml_lines import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenInbox:
    """An inbox as the file has it: what cannot be used is None, and hides nothing beside it.

    `channel` is the one that rules know: that of its connector.
    """

    place: Place
    where: str
    name: str | None
    connector: str | None
    channel: str | None
    calendar: str | None
    settings: Mapping[str, Any]
    survey: str | None = None


def written_inboxes(source: Source, registry: Registry) -> list[WrittenInbox]:
    """Every inbox table of the file."""
    return [
        _written(place, table, registry, source.table) for place, table in source.tables("inboxes")
    ]


def _written(
    place: Place, table: Mapping[str, Any], registry: Registry, whole: Mapping[str, Any]
) -> WrittenInbox:
    connector = _text(table.get("connector"))
    spec = registry.specs.get(connector or "")
    settings = table.get("settings")
    return WrittenInbox(
        place=place,
        where=spell(place, whole),
        name=_text(table.get("name")),
        connector=connector,
        channel=spec.manifest.channel if spec else None,
        calendar=_text(table.get("calendar")),
        settings=settings if isinstance(settings, Mapping) else {},
        survey=_text(table.get("survey")),
    )


def _text(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) else None


def check_inboxes(
    inboxes: Sequence[WrittenInbox], registry: Registry, secrets: Secrets, problems: Found
) -> dict[str, BaseModel]:
    """Each inbox's settings as its connector's model, by inbox name."""
    configs: dict[str, BaseModel] = {}
    for inbox in inboxes:
        config = _check(inbox, registry, secrets, problems)
        if config is None:
            continue
        twin = _same_source(config, configs)
        if twin is not None and twin != inbox.name:
            problems.append(
                Problem(
                    where=f"{inbox.where} → settings",
                    wrong=f'reads the same source as "{twin}".',
                    remedy="Keep one of the two.",
                    place=(*inbox.place, "settings"),
                )
            )
        configs[inbox.name or inbox.where] = config
    return configs


def check_surveys(
    inboxes: Sequence[WrittenInbox], source: Source, registry: Registry, problems: Found
) -> None:
    """A rating is asked for by a link to the desk: the channel has to let it, and it has to lead there."""
    desk = source.table.get("desk")
    has_address = isinstance(desk, Mapping) and bool(_text(desk.get("public_url")))
    for inbox in inboxes:
        spec = registry.specs.get(inbox.connector or "")
        if inbox.survey is None or spec is None:
            continue
        where, place = f"{inbox.where} → survey", (*inbox.place, "survey")
        value = f'"{inbox.survey}"'
        if not spec.manifest.lets_ask_for_ratings:
            may = sorted(s.key for s in registry.specs.values() if s.manifest.lets_ask_for_ratings)
            wrong = (
                f"cannot be asked on {spec.manifest.title}: it takes a link to a page of your own, "
                "and no marketplace lets an answer lead away from it."
            )
            remedy = f"Remove it: only inboxes of your own shop may ask ({', '.join(may)})."
        elif not has_address:
            wrong = "needs an address that customers can open."
            remedy = 'Write public_url = "https://…" under [desk], or remove it.'
        else:
            continue
        problems.append(Problem(where=where, value=value, wrong=wrong, remedy=remedy, place=place))


def _check(
    inbox: WrittenInbox, registry: Registry, secrets: Secrets, problems: Found
) -> BaseModel | None:
    if inbox.connector is None:
        return None
    spec = registry.specs.get(inbox.connector)
    if spec is None:
        problems.append(_no_connector(inbox, inbox.connector, registry))
        return None
    prefix, place = f"{inbox.where} → settings → ", (*inbox.place, "settings")
    reading = _Reading(secrets, [])
    resolved = reading.resolve(inbox.settings, spec.config_model, prefix, place)
    problems.extend(reading.problems)
    try:
        return spec.config_model.model_validate(resolved)
    except ValidationError as exc:
        # A reference that leads nowhere stands for itself; its own problem says enough.
        named = {problem.place for problem in reading.problems}
        found = from_validation(exc, spec.config_model, inbox.settings, prefix=prefix, place=place)
        readme = f"connectors/{spec.key}/README.md tells the keys."
        problems.extend(
            replace(problem, remedy=problem.remedy or readme)
            for problem in found
            if problem.place not in named
        )
        return None


def _no_connector(inbox: WrittenInbox, key: str, registry: Registry) -> Problem:
    known = sorted(registry.specs)
    wrong, remedy = "is no connector.", did_you_mean(key, known) or f"Known: {', '.join(known)}."
    if key in registry.broken:
        wrong, remedy = f"is installed but broken: {registry.broken[key]}.", "Mend or remove it."
    return Problem(
        where=f"{inbox.where} → connector",
        value=f'"{key}"',
        wrong=wrong,
        remedy=remedy,
        place=(*inbox.place, "connector"),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """Replaces references by what they lead to, and notes those that lead nowhere."""

    secrets: Secrets
    problems: list[Problem]

    def resolve(
        self, table: Mapping[str, Any], model: type[BaseModel], prefix: str, place: Place
    ) -> dict[str, Any]:
        """`table` with every reference replaced; a secret written out is a problem."""
        resolved: dict[str, Any] = {}
        for key, value in table.items():
            inner = model_at(model, (key,))
            where, there = f"{prefix}{key}", (*place, key)
            if isinstance(value, Mapping) and inner is not None:
                resolved[key] = self.resolve(value, inner, f"{where} → ", there)
            elif isinstance(value, str) and is_reference(value):
                resolved[key] = self._followed(value, where, there)
            else:
                resolved[key] = value
                if value and _is_secret(model, key):
                    self.problems.append(written_out(where, there))
        return resolved

    def _followed(self, reference: str, where: str, place: Place) -> str:
        try:
            return self.secrets.resolve(reference)
        except Unresolved as exc:
            self.problems.append(leads_nowhere(reference, exc, where, place))
            return reference


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
        if inbox.survey and inbox.observe:
            yield f'inboxes "{inbox.name}": survey asks nobody: with observe = true nothing is sent.'
        if not inbox.group and not settings.desk.managers:
            yield f'inboxes "{inbox.name}": no group and no managers: its pings mention nobody.'
