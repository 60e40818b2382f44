"""iCalendar text → the properties of its events (RFC 5545, section 3.1). One pass, no recursion."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.calendars.days_off import ImportRefused

LARGEST_BYTES: Final = 1_000_000
"""A country's holidays of ten years take less than a tenth of this."""

MOST_EVENTS: Final = 5_000
LONGEST_LINE: Final = 10_000
_LONGEST_NAME: Final = 80

_PARAMETER: Final = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*')
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One content line. Names and parameters are in capitals."""

    line: int
    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True, kw_only=True)
class Event:
    """The properties of one VEVENT that stand in it directly, by name."""

    line: int
    properties: dict[str, list[Property]] = field(default_factory=dict)

    def first(self, name: str) -> Property | None:
        """The first property of this name."""
        return next(iter(self.properties.get(name, ())), None)

    @property
    def summary(self) -> str:
        """What the event is called, as one printable line."""
        found = self.first("SUMMARY")
        text = _ESCAPED.sub(_plain, found.value) if found else ""
        printable = "".join(letter if letter.isprintable() else " " for letter in text)
        return " ".join(printable.split())[:_LONGEST_NAME] or "closed"


def _plain(escaped: re.Match[str]) -> str:
    return " " if escaped[1] in "nN" else escaped[1]


def read_events(content: bytes) -> Iterator[Event]:
    """The events of a calendar file.

    Raises:
        ImportRefused: when it is too large, or no iCalendar file.
    """
    if len(content) > LARGEST_BYTES:
        raise ImportRefused(
            f"the file is larger than {LARGEST_BYTES // 1_000_000} MB. Export the holidays alone."
        )
    lines = _unfolded(content.decode("utf-8-sig", errors="replace"))
    properties = (_property(number, line) for number, line in lines)
    first = next(properties, None)
    if first is None or (first.name, first.value.strip().upper()) != ("BEGIN", "VCALENDAR"):
        raise ImportRefused(
            "the file is no iCalendar file: it does not begin with BEGIN:VCALENDAR."
        )
    count = 0
    for found in properties:
        if found.name == "BEGIN" and found.value.strip().upper() == "VEVENT":
            count += 1
            if count > MOST_EVENTS:
                raise ImportRefused(f"more than {MOST_EVENTS} events. Export the holidays alone.")
            yield _event(found.line, properties)


def _event(line: int, properties: Iterator[Property]) -> Event:
    """The event that began on `line`, up to its end. What nests in it, such as alarms, is left."""
    event = Event(line=line)
    inside = 0
    for found in properties:
        if found.name == "BEGIN":
            inside += 1
        elif found.name == "END" and not inside:
            return event
        elif found.name == "END":
            inside -= 1
        elif not inside:
            event.properties.setdefault(found.name, []).append(found)
    raise ImportRefused(f"line {line}: the event has no end; the file is cut short.")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of the line they begin on; a blank one ends nothing."""
    parts: list[str] = []
    begins = 1
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        if line[:1] in {" ", "\t"} and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield begins, "".join(parts)[:LONGEST_LINE]
        parts, begins = ([line] if line.strip() else []), number
    if parts:
        yield begins, "".join(parts)[:LONGEST_LINE]


def _property(number: int, line: str) -> Property:
    end = next((at for at, letter in enumerate(line) if letter in ";:"), len(line))
    name, at = line[:end].strip().upper(), end
    parameters: dict[str, str] = {}
    while found := _PARAMETER.match(line, at):
        parameters[found[1].upper()] = found[2].strip('"')
        at = found.end()
    return Property(line=number, name=name, parameters=parameters, value=line[at + 1 :])
