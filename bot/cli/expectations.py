"""A seller's expectations of the rules: read from TOML or CSV, each told apart by file and line."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.configuration.problems import shown
from bot.errors import SettingsError
from bot.settings_file import RuleBook
from sla_rules.errors import PolicyError
from sla_rules.refusals import did_you_mean
from sla_rules.rule_file import read_toml
from sla_rules.timeline import CustomerMessage, Event, HumanAnswer, TicketFacts, folded
from sla_rules.toml_lines import Place, lines_of
from sla_rules.vocabulary import Metric, Scope

LARGEST_BYTES: Final = 1_000_000
NO_CLOCK: Final = "none"
_BEGINS_ON: Final = "on"
_TAGS: Final = "tags"
_AMOUNT: Final = "order_value"
_ROWS: Final = "expect"
_QUOTED: Final = re.compile(r"'([^']*)'")
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
    for row in read(path.name, _text(path)):
        try:
            expectations.append(_expectation(row, rules, zones))
        except ValidationError as exc:
            # A value that may be one of two things fails as each of them: said once.
            problems += dict.fromkeys(_wrong_value(each, row) for each in exc.errors())
        except _Unusable as exc:
            problems += exc.sentences
    if problems:
        raise SettingsError(problems)
    if not expectations:
        raise SettingsError([f"{path.name}:1: holds no expectation. Write an [[expect]] table."])
    return expectations


@dataclass(frozen=True, slots=True)
class _Written:
    """A row of the file: what it says, and the line of each key, of the row itself under ""."""

    file: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    @property
    def place(self) -> str:
        """File and line it begins on."""
        return f"{self.file}:{self.lines['']}"

    def wrong(self, key: str, said: str) -> str:
        """A sentence about one key of it."""
        return f"{self.file}:{self.lines.get(key, self.lines[''])}: expect → {key}: {said}"


class _Unusable(Exception):
    """A row that cannot be used, by whole sentences."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise SettingsError([f"{path.name}:1: is larger than 1 MB. Split it."])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise SettingsError([f"{path.name}:{line}: is not UTF-8. Save it as UTF-8."]) from None


def _toml(name: str, text: str) -> Iterator[_Written]:
    try:
        table = read_toml(name, text)
    except PolicyError as exc:
        raise SettingsError(list(exc.problems)) from None
    lines = lines_of(text)
    rows = table.get(_ROWS, [])
    other = [lines[key,] for key in table if key != _ROWS]
    if not isinstance(rows, list):
        other.append(lines[_ROWS,])
    else:
        other += [lines[_ROWS, at] for at, row in enumerate(rows) if not isinstance(row, dict)]
    if other:
        raise SettingsError(
            [f"{name}:{line}: write [[expect]] tables, and nothing else." for line in sorted(other)]
        )
    for at, row in enumerate(rows):
        yield _Written(name, row, {"": lines[_ROWS, at], **_lines(lines, at)})


def _lines(lines: Mapping[Place, int], at: int) -> dict[str, int]:
    return {str(place[2]): n for place, n in lines.items() if place[1:2] == (at,) and place[2:]}


def _csv(name: str, text: str) -> Iterator[_Written]:
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
                yield _Written(name, kept, {"": reader.line_num})
    except csv.Error as exc:
        raise SettingsError([f"{name}:{reader.line_num}: is no CSV: {exc}."]) from None


def _wrong_names(row: _Written) -> list[str]:
    return [
        row.wrong(
            name,
            "unknown key. "
            + (did_you_mean(name, _EVERY_NAME) or f"Known: {', '.join(_EVERY_NAME)}."),
        )
        for name in row.values
        if name not in _EVERY_NAME
    ]


def _wrong_value(error: Any, row: _Written) -> str:
    key = str(error["loc"][0]) if error["loc"] else "row"
    if error["type"] == "missing":
        return row.wrong(key, f"is missing. {_REMEDIES.get(key, '')}".strip())
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    expected = str(error.get("ctx", {}).get("expected", ""))
    near = did_you_mean(row.values.get(key), _QUOTED.findall(expected))
    remedy = near or _REMEDIES.get(key) or f"Write {message.rstrip('.')}."
    return row.wrong(key, f"{shown(key, row.values.get(key))} cannot be used. {remedy}")


_REMEDIES: Final = {
    "received": "Write when the message came, such as 2026-12-04T18:30:00.",
    "due": 'Write when the clock is due, such as 2026-12-07T11:00:00, or "none".',
    "metric": f"Write {', '.join(Metric)}.",
    "clock": f"Write {' or '.join(Scope)}.",
}


def _expectation(row: _Written, rules: RuleBook, zones: Mapping[str, Any]) -> Expectation:
    wrong = _wrong_names(row)
    if wrong:
        raise _Unusable(*wrong)
    values = row.values
    own = _Row.model_validate({key: values[key] for key in values if key in _OWN_NAMES})
    zone = zones.get(str(values.get("inbox")), zones[""])
    received = _aware(row, "received", own.received, zone)
    given = {key: _cell(key, values[key]) for key in values if key not in _OWN_NAMES}
    given.setdefault(_BEGINS_ON, received.date())
    return Expectation(
        place=row.place,
        name=own.name,
        facts=_facts(row, given, rules),
        received=received,
        metric=own.metric,
        clock=own.clock,
        due=None if own.due == NO_CLOCK else _aware(row, "due", own.due, zone),
        policy=own.policy,
    )


def _cell(key: str, value: Any) -> Any:
    """What a sheet can only say as text: several tags, an amount with a decimal comma."""
    if not isinstance(value, str):
        return value
    if key == _TAGS:
        return value.replace(",", " ").split()
    return value.replace(",", ".") if key == _AMOUNT else value


def _aware(row: _Written, key: str, at: datetime, zone: Any) -> datetime:
    """A time without an offset is one of the inbox's own zone."""
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise _Unusable(
            row.wrong(key, f"{at.date()}: write a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
        )
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)


def _facts(row: _Written, given: Mapping[str, Any], rules: RuleBook) -> TicketFacts:
    channels = {
        inbox.name: spec.manifest.channel
        if (spec := rules.registry.specs.get(inbox.connector))
        else inbox.connector
        for inbox in rules.settings.inboxes
    }
    inbox, channel = given.get("inbox"), given.get("channel")
    if inbox is None and channel is None:
        raise _Unusable(row.wrong("inbox", "is missing, and so is channel. Write one of them."))
    if inbox is not None and inbox not in channels:
        near = did_you_mean(inbox, channels) or f"Known: {', '.join(channels) or 'none'}."
        raise _Unusable(row.wrong("inbox", f"{shown('inbox', inbox)} is no inbox here. {near}"))
    if inbox is not None and channel is not None and folded(str(channel)) != channels[inbox]:
        wrong = f'"{channel}" is not the channel of inbox "{inbox}". Write "{channels[inbox]}".'
        raise _Unusable(row.wrong("channel", wrong))
    known = {"inbox": inbox or "", "channel": channel or channels[str(inbox)]}
    return _FACTS.validate_python({**given, **known})
