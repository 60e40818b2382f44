"""A seller's expectations of the rules: read from TOML or CSV, each told apart by file and line."""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.configuration.problems import did_you_mean, shown
from bot.errors import SettingsError
from bot.settings_file import RuleBook
from sla_rules.timeline import CustomerMessage, Event, HumanAnswer, TicketFacts
from sla_rules.vocabulary import Metric, Scope

LARGEST_BYTES: Final = 1_000_000
NO_CLOCK: Final = "none"
_BEGINS_ON: Final = "on"
_TAGS: Final = "tags"
_TABLE: Final = re.compile(r"^[ \t]*\[\[[ \t]*expect[ \t]*\]\]", re.MULTILINE)
_FACTS: Final = TypeAdapter(TicketFacts)
_FACT_NAMES: Final = tuple(each.name for each in fields(TicketFacts))
_SECOND: Final = timedelta(seconds=1)
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 2189
"""A year within what business time is known for, so that no target leads out of it."""


class _Row(BaseModel):
    """What an expectation says beside the facts of its ticket."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field(default="", max_length=200)
    received: datetime
    metric: Metric = Metric.FIRST_RESPONSE
    clock: Scope = Scope.INTERNAL
    due: datetime | Literal["none"]
    policy: str | None = None


_OWN_NAMES: Final = tuple(_Row.model_fields)
_EVERY_NAME: Final = (*_OWN_NAMES, *_FACT_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A message received then, of this sort, has this clock due then; `due` None: no such clock.

    `place` is file and line. Instants are aware; `policy` is the policy's name, when it matters.
    """

    place: str
    name: str
    facts: TicketFacts
    received: datetime
    metric: Metric
    clock: Scope
    due: datetime | None
    policy: str | None

    @property
    def events(self) -> Sequence[Event]:
        """The history of such a ticket: a next response needs an answer that went before."""
        message = CustomerMessage(ref="expected", at=self.received)
        if self.metric is not Metric.NEXT_RESPONSE:
            return (message,)
        return (
            CustomerMessage(ref="earlier", at=self.received - 2 * _SECOND),
            HumanAnswer(ref="answer", at=self.received - _SECOND),
            message,
        )


def read_expectations(path: Path, rules: RuleBook, zones: Mapping[str, Any]) -> list[Expectation]:
    """Every expectation of the file. `zones` are the inboxes' own, `""` the desk's.

    Raises:
        SettingsError: with a sentence for each row that cannot be used, by file and line.
    """
    read = _csv if path.suffix.lower() == ".csv" else _toml
    expectations: list[Expectation] = []
    problems: list[str] = []
    for line, row in read(path.name, _text(path)):
        place = f"{path.name}:{line}"
        try:
            expectations.append(_expectation(place, row, rules, zones))
        except ValidationError as exc:
            # A value that may be one of two things fails as each of them: said once.
            wrong = dict.fromkeys(_wrong_value(each, row) for each in exc.errors())
            problems += [f"{place}: {sentence}" for sentence in wrong]
        except ValueError as exc:
            problems += [f"{place}: {sentence}" for sentence in exc.args]
    if problems:
        raise SettingsError(problems)
    if not expectations:
        raise SettingsError([f"{path.name}: holds no expectation. Write an [[expect]] table."])
    return expectations


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise SettingsError([f"{path.name}: larger than 1 MB. Split it."])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError([f"{path.name}: is not UTF-8. Save it as UTF-8."]) from None


def _toml(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError([f"{name}: is not valid TOML: {exc}."]) from None
    rows = table.get("expect")
    if set(table) - {"expect"} or not isinstance(rows, list):
        raise SettingsError([f"{name}: write [[expect]] tables, and nothing else."])
    lines = [text.count("\n", 0, found.start()) + 1 for found in _TABLE.finditer(text)]
    for at, row in enumerate(rows):
        if not isinstance(row, dict):
            raise SettingsError([f"{name}: write [[expect]] tables, and nothing else."])
        yield (lines[at] if len(lines) == len(rows) else 1), row


def _csv(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            values = {str(key or "").strip(): value for key, value in row.items()}
            if None in row or None in row.values():
                raise SettingsError(
                    [f"{name}:{reader.line_num}: not as many columns as the first line names."]
                )
            kept = {key: value.strip() for key, value in values.items() if value.strip()}
            if kept:
                yield reader.line_num, kept
    except csv.Error as exc:
        raise SettingsError([f"{name}:{reader.line_num}: is no CSV: {exc}."]) from None


def _wrong_names(row: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}: there is no such key. "
        f"{did_you_mean(name, _EVERY_NAME) or 'Known: ' + ', '.join(_EVERY_NAME) + '.'}"
        for name in row
        if name not in _EVERY_NAME
    ]


def _wrong_value(error: Any, row: Mapping[str, Any]) -> str:
    key = str(error["loc"][0]) if error["loc"] else "row"
    if error["type"] == "missing":
        return f"{key} is missing. {_REMEDIES.get(key, '')}".strip()
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    remedy = _REMEDIES.get(key) or f"{message[0].upper()}{message[1:]}."
    return f"{key} = {shown(key, row.get(key))} cannot be used. {remedy}"


_REMEDIES: Final = {
    "received": "Write when the message came, such as 2026-12-04T18:30:00.",
    "due": 'Write when the clock is due, such as 2026-12-07T11:00:00, or "none".',
    "metric": f"Write {', '.join(Metric)}.",
    "clock": f"Write {' or '.join(Scope)}.",
}


def _expectation(
    place: str, row: Mapping[str, Any], rules: RuleBook, zones: Mapping[str, Any]
) -> Expectation:
    wrong = _wrong_names(row)
    if wrong:
        raise ValueError(*wrong)
    own = _Row.model_validate({key: row[key] for key in row if key in _OWN_NAMES})
    zone = zones.get(str(row.get("inbox")), zones[""])
    received = _aware(own.received, zone)
    given = {key: _listed(key, row[key]) for key in row if key not in _OWN_NAMES}
    if _BEGINS_ON in _FACT_NAMES:
        given.setdefault(_BEGINS_ON, received.date())
    facts = _facts(given, rules)
    return Expectation(
        place=place,
        name=own.name,
        facts=facts,
        received=received,
        metric=own.metric,
        clock=own.clock,
        due=None if own.due == NO_CLOCK else _aware(own.due, zone),
        policy=own.policy,
    )


def _listed(key: str, value: Any) -> Any:
    """Several tags in one cell of a CSV."""
    return value.split() if key == _TAGS and isinstance(value, str) else value


def _aware(at: datetime, zone: Any) -> datetime:
    """A time without an offset is one of the inbox's own zone."""
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"{at.date()}: write a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)


def _facts(given: Mapping[str, Any], rules: RuleBook) -> TicketFacts:
    channels = {
        inbox.name: spec.manifest.channel
        if (spec := rules.registry.specs.get(inbox.connector))
        else inbox.connector
        for inbox in rules.settings.inboxes
    }
    inbox, channel = given.get("inbox"), given.get("channel")
    if inbox is None and channel is None:
        raise ValueError("neither inbox nor channel is named. Write one of them.")
    if inbox is not None and inbox not in channels:
        near = did_you_mean(str(inbox), channels) or f"Known: {', '.join(channels) or 'none'}."
        raise ValueError(f"inbox = {shown('inbox', inbox)}: there is none of this name. {near}")
    if inbox is not None and channel not in {None, channels[inbox]}:
        raise ValueError(f'inbox "{inbox}" is of channel "{channels[inbox]}", not "{channel}".')
    known = {"inbox": inbox or "", "channel": channel or channels[str(inbox)]}
    return _FACTS.validate_python({**given, **known})
