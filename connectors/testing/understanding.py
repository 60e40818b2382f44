"""`normalise`: fixtures understood as expected, and anything else survived."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from connectors.contract import Connector, Json, RawItem
from connectors.errors import Malformed
from connectors.testing.bench import Bench, expect, understood

_STRANGE: Final[tuple[Json, ...]] = (None, "", "no_such_value", -1, 10**30, [], {}, True)
_MOST_VARIANTS: Final = 600

HOSTILE: Final = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"\x00\xff\xfe",
    b"<html><body>Bad gateway</body></html>",
    b"[" * 5_000,
    b'{"id": NaN, "text": "\\ud800"}',
)
"""Payloads no platform should send, and some will."""


class Understands(Bench):
    """What becomes of raw items, the documented ones and the others."""

    def test_12_unknown_values_extra_fields_and_nulls_are_borne(self) -> None:
        """Platforms add fields and values without notice. Malformed is an answer; a crash is not."""
        connector = self.asleep()
        for name, item in self.raw_fixtures().items():
            plain = understood(connector, item)
            for variant in _with_extra_fields(item):
                same = understood(connector, variant)
                expect(same == plain, f"{name}: a field added by the platform changed the result")
            for variant in _variants(item):
                _expect_survived(connector, variant, name)

    def test_24_every_fixture_is_expected_and_every_expectation_met(self) -> None:
        """`expected.toml` has a table a fixture, and in it the fields that matter."""
        connector = self.asleep()
        fixtures = self.raw_fixtures()
        path = self.fixtures / "expected.toml"
        wanted: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
        expect(fixtures, "there are no fixtures")
        expect(set(wanted) == set(fixtures), f"not in both: {set(wanted) ^ set(fixtures)}")
        for name, fields in wanted.items():
            found = _facts(connector, fixtures[name])
            for field, value in fields.items():
                expect(
                    found.get(field) == value,
                    f"{name}: {field} is {found.get(field)!r}, expected {value!r}",
                )

    def test_30_normalise_is_pure_and_says_why(self) -> None:
        """The same item gives the same message, with a reason a person can read."""
        connector = self.asleep()
        for name, item in self.raw_fixtures().items():
            first, second = understood(connector, item), understood(connector, item)
            expect(first == second, f"{name}: understood differently the second time")
            if first is not None:
                expect(len(first.reason) > 3, f"{name}: no reason")  # noqa: PLR2004
                expect(first.external_id, f"{name}: no external_id")
                expect(first.sent_at <= item.received_at, f"{name}: sent after it was received")
                expect("\x00" not in first.text + first.full_text, f"{name}: NUL in the text")

    def test_31_invariant_1_no_payload_breaks_the_reader(self) -> None:
        """What cannot be understood raises Malformed and nothing else: it goes to quarantine."""
        connector = self.asleep()
        at = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
        for number, payload in enumerate(HOSTILE):
            item = RawItem(source_id=f"hostile-{number}", received_at=at, payload=payload)
            _expect_survived(connector, item, f"hostile payload {payload[:20]!r}")


def _expect_survived(connector: Connector, item: RawItem, name: str) -> None:
    try:
        connector.normalise(item)
    except Malformed:
        return
    except Exception as error:
        what = f"{name}: {type(error).__name__} instead of Malformed"
        raise AssertionError(what) from error


def _facts(connector: Connector, item: RawItem) -> dict[str, Any]:
    """The message's fields as TOML can hold them; `malformed` where there is none."""
    try:
        message = connector.normalise(item)
    except Malformed as error:
        return {"malformed": error.pointer}
    fields = {name: getattr(message, name) for name in message.__dataclass_fields__}
    shown = {name: _toml(value) for name, value in fields.items()}
    return shown | {"thread_keys": [key.value for key in message.thread_keys]}


def _toml(value: Any) -> Any:
    match value:
        case str() | bool() | int() | float() | datetime() | None:
            return value
        case list() | tuple():
            return [_toml(one) for one in value]
        case dict():
            return {key: _toml(one) for key, one in value.items()}
        case _ if hasattr(value, "total_seconds"):
            return value.total_seconds()
        case _:
            return str(value)


def _json(item: RawItem) -> Json:
    try:
        found: Json = json.loads(item.payload)
    except ValueError:
        return None
    return found


def _with_extra_fields(item: RawItem) -> Iterator[RawItem]:
    tree = _json(item)
    if isinstance(tree, dict | list):
        yield replace(item, payload=json.dumps(_extended(tree)).encode())


def _extended(value: Json) -> Json:
    if isinstance(value, dict):
        inner = {key: _extended(one) for key, one in value.items()}
        return {**inner, "added_by_the_platform": {"new": [1]}}
    return [_extended(one) for one in value] if isinstance(value, list) else value


def _variants(item: RawItem) -> Iterator[RawItem]:
    tree = _json(item)
    if not isinstance(tree, dict | list):
        yield from _torn(item)
        return
    count = 0
    for path in _paths(tree):
        for strange in (*_STRANGE, _Gone):
            count += 1
            if count > _MOST_VARIANTS:
                return
            yield replace(item, payload=json.dumps(_with(tree, path, strange)).encode())


def _torn(item: RawItem) -> Iterator[RawItem]:
    """A payload that is no JSON, cut off and spoilt in many places."""
    size = len(item.payload)
    for at in range(0, size, max(1, size // 40)):
        yield replace(item, payload=item.payload[:at])
        yield replace(item, payload=item.payload[:at] + b"\xff\x00" + item.payload[at + 2 :])


class _Gone:
    """Stands for a field that is not there."""


def _paths(value: Json, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for key, one in entries:
        yield (*at, key)
        if isinstance(one, dict | list):
            yield from _paths(one, (*at, key))


def _with(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    head, *rest = path
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[head] = _with(value[head], tuple(rest), new)
    elif new is _Gone:
        del copy[head]
    else:
        copy[head] = new
    return copy
