"""A small schema language for Block Kit: checks that report where a payload is wrong, as JSON pointers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockError:
    """One thing Slack would refuse. `pointer` is relative to the checked payload."""

    pointer: str
    message: str


Report = list[BlockError]
Check = Callable[[Any, str, Report], None]
"""Looks at a value found at a pointer and reports what is wrong with it."""


def complain(report: Report, pointer: str, message: str) -> None:
    """Report one error."""
    report.append(BlockError(pointer=pointer, message=message))


def string(*, most: int, least: int = 1) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, str):
            complain(report, at, "must be a string")
        elif len(value) > most:
            complain(report, at, f"must be less than {most + 1} characters")
        elif len(value) < least:
            complain(report, at, f"must be more than {least - 1} characters")

    return check


def integer(least: int, most: int) -> Check:
    """A whole number between two bounds, both allowed."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            complain(report, at, "must be an integer")
        elif not least <= value <= most:
            complain(report, at, f"must be between {least} and {most}")

    return check


def number(value: Any, at: str, report: Report) -> None:
    """Any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        complain(report, at, "must be a number")


def boolean(value: Any, at: str, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        complain(report, at, "must be a boolean")


def one_of(*values: str) -> Check:
    """One of a few words."""

    def check(value: Any, at: str, report: Report) -> None:
        if value not in values:
            complain(report, at, f"must be one of: {', '.join(values)}")

    return check


def web_address(value: Any, at: str, report: Report) -> None:
    """An http or https URL of at most 3,000 characters."""
    string(most=3000)(value, at, report)
    if isinstance(value, str) and not value.startswith(("https://", "http://")):
        complain(report, at, "must be a valid URL")


def array(of: Check, *, most: int, least: int = 1) -> Check:
    """A list of `least` to `most` items."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, list):
            complain(report, at, "must be an array")
            return
        if len(value) > most:
            complain(report, at, f"no more than {most} items allowed")
        if len(value) < least:
            complain(report, at, f"no fewer than {least} items required")
        for index, item in enumerate(value):
            of(item, f"{at}/{index}", report)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            complain(report, at, "must provide an object")
            return
        for name in required:
            if value.get(name) is None:
                complain(report, at, f"missing required field: {name}")
        for name, item in value.items():
            if name not in known:
                complain(report, f"{at}/{name}", f"invalid additional property: {name}")
            elif item is not None:
                known[name](item, f"{at}/{name}", report)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` decides what else it holds."""

    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            complain(report, at, "must provide an object")
        elif value.get("type") is None:
            complain(report, at, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            complain(report, f"{at}/type", f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](value, at, report)

    return check


def exactly_one(*names: str) -> Check:
    """One of these fields is present, and only one."""

    def check(value: Any, at: str, report: Report) -> None:
        given = [name for name in names if value.get(name) is not None]
        if len(given) != 1:
            complain(report, at, f"must define exactly one of: {', '.join(names)}")

    return check


def at_least_one(*names: str) -> Check:
    """One of these fields is present, or several."""

    def check(value: Any, at: str, report: Report) -> None:
        if all(value.get(name) is None for name in names):
            complain(report, at, f"must define at least one of: {', '.join(names)}")

    return check


def both(*checks: Check) -> Check:
    """The first check, and the others when the value is an object at all."""

    def check(value: Any, at: str, report: Report) -> None:
        for index, one in enumerate(checks):
            if index == 0 or isinstance(value, dict):
                one(value, at, report)

    return check


def pick(kinds: Mapping[str, Check], names: Sequence[str]) -> Mapping[str, Check]:
    """Some of a table's kinds."""
    return {name: kinds[name] for name in names}
