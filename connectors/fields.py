"""A platform's JSON, read field by field: what is missing or odd says where it is.

Platforms add fields and values without notice, so whatever is not needed has a default, and what
is needed raises Malformed with the path to it (`messages.0.sent_at`).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from connectors.contract import Json
from connectors.errors import Malformed

DefaultT = TypeVar("DefaultT")

_LEAST_MILLISECONDS: Final = 10**11
"""Epoch seconds this large are in the year 5138; such a number counts milliseconds."""

_LONGEST_NUMBER: Final = 40
_SURROGATES: Final = dict.fromkeys((0, *range(55296, 57344)))


class Fields:
    """An object of a platform's answer. `value` is what came, `at` the path to it."""

    __slots__ = ("at", "value")

    def __init__(self, value: Json, at: str = "") -> None:
        if not isinstance(value, dict):
            raise Malformed(at or "item", f"an object was expected, not {type(value).__name__}")
        self.value: dict[str, Json] = value
        self.at = at

    @classmethod
    def of(cls, payload: bytes) -> "Fields":
        """The object in a raw item. Raises Malformed."""
        try:
            value: Json = json.loads(payload)
        except (ValueError, RecursionError) as error:
            why = type(error).__name__
        else:
            return cls(value)
        # Outside the handler: the decoder's error carries the whole payload.
        raise Malformed("item", f"no JSON ({why})")

    def text(self, key: str, default: str | None = None) -> str:
        """Text, without NUL and lone surrogates. Raises Malformed without a `default`."""
        value = self.value.get(key)
        if isinstance(value, str):
            return value.translate(_SURROGATES)
        return self._default(key, "text", default)

    def id(self, key: str, default: str | None = None) -> str:
        """An id, text or whole number, as text. Raises Malformed without a `default`."""
        value = self.value.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value.strip().translate(_SURROGATES)
        return self._default(key, "an id", default)

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number, also one written as text. Raises Malformed without a `default`."""
        value = self.value.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isdecimal() and len(value) < _LONGEST_NUMBER:
            return int(value)
        return self._default(key, "a number", default)

    def amount(self, key: str, default: Decimal | None = None) -> Decimal:
        """An amount of money. Raises Malformed without a `default`."""
        value = self.value.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            try:
                amount = Decimal(str(value)[:_LONGEST_NUMBER])
            except InvalidOperation:
                return self._default(key, "an amount", default)
            if amount.is_finite():
                return amount
        return self._default(key, "an amount", default)

    def instant(self, key: str) -> datetime:
        """An instant in UTC: ISO 8601 (without an offset: UTC), or epoch seconds, or milliseconds.

        Raises Malformed.
        """
        found = self.instant_or_none(key)
        if found is None:
            raise Malformed(self._path(key), "an instant was expected")
        return found

    def instant_or_none(self, key: str) -> datetime | None:
        """The same, None where there is none or it cannot be read."""
        value = self.value.get(key)
        if isinstance(value, str) and value.isdecimal() and len(value) < _LONGEST_NUMBER:
            value = int(value)
        try:
            if isinstance(value, str):
                at = datetime.fromisoformat(value)
                return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
            if isinstance(value, int | float) and not isinstance(value, bool):
                seconds = value / 1000 if abs(value) >= _LEAST_MILLISECONDS else value
                return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        except (ValueError, OverflowError):
            return None
        return None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """A yes or no; anything else is the default."""
        value = self.value.get(key)
        return value if isinstance(value, bool) else default

    def inner(self, key: str) -> "Fields":
        """The object in a field; an empty one where there is none."""
        value = self.value.get(key)
        return Fields(value if isinstance(value, dict) else {}, self._path(key))

    def each(self, key: str) -> Sequence["Fields"]:
        """The objects of a list; whatever else stands in it is passed over."""
        value = self.value.get(key)
        entries = enumerate(value) if isinstance(value, list) else ()
        return [
            Fields(one, f"{self._path(key)}.{n}") for n, one in entries if isinstance(one, dict)
        ]

    def texts(self, key: str) -> Sequence[str]:
        """The texts of a list; whatever else stands in it is passed over."""
        value = self.value.get(key)
        listed = value if isinstance(value, list) else []
        return [one.translate(_SURROGATES) for one in listed if isinstance(one, str)]

    def _path(self, key: str) -> str:
        return f"{self.at}.{key}" if self.at else key

    def _default(self, key: str, what: str, default: DefaultT | None) -> DefaultT:
        if default is None:
            raise Malformed(self._path(key), f"{what} was expected")
        return default


def rows(found: Mapping[str, Json], key: str) -> list[dict[str, Json]]:
    """The objects of a list, raw; whatever else stands in it is passed over."""
    listed = found.get(key)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
