"""The worst values there can be, made from what a renderer says it takes.

A value is built from its type: texts are hostile and of three thousand characters, lists are as long
as an unlucky desk makes them, of a choice every member has its turn. A type whose values have to
agree with each other has a maker of its own; so have the few words that are ids or addresses.
"""

import itertools
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from tests.unit.slack.scenes import HOSTILE, NOON

NAME: Final = 3_000
"""Characters of every text."""

_ZALGO: Final = "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349"
_RTL: Final = "\u202e\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd "
_EMOJI: Final = "👨‍👩‍👧‍👦🏳️‍🌈🇮🇹👍🏽"
_KINDS: Final = (HOSTILE, _RTL, _EMOJI, _ZALGO, "&<>", "Wort", "x y\n")


@cache
def texts(length: int) -> Sequence[str]:
    """One of each kind, of so many characters."""
    return [(kind * (length // len(kind) + 1))[:length] for kind in _KINDS]


MANY: Final = 100
"""Entries of a list whose type says nothing better."""

_SCALARS: Final[Mapping[Any, Any]] = {
    int: 10**15,
    float: 10.0**12,
    Decimal: Decimal("999999999999.99"),
    datetime: NOON,
    date: NOON.date(),
    time: NOON.time(),
    timedelta: timedelta(days=400),
    object: "x",
    Any: "x",
}
_LISTS: Final = {Sequence, Iterable, list, tuple, frozenset, set, AbstractSet}

Maker = Callable[["Worst"], Any]


class Worst:
    """One turn: `turn` chooses the members of enumerations, and which texts come first."""

    def __init__(
        self,
        turn: int,
        makers: Mapping[Any, Maker],
        counts: Mapping[Any, int],
        names: Mapping[str, Any],
        *,
        length: int = NAME,
    ) -> None:
        self.turn = turn
        self._makers = makers
        self._counts = counts
        self._names = names
        self._texts = itertools.islice(itertools.cycle(texts(length)), turn, None)

    def text(self) -> str:
        """The next hostile text."""
        return next(self._texts)

    def arguments(self, renderer: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """What to call `renderer` with; `given` has what no type can say."""
        hints = get_type_hints(renderer)
        del hints["return"]
        return {
            name: given[name](self) if name in given else self._named(name, hint)
            for name, hint in hints.items()
            if name != "buttons"
        }

    def _named(self, name: str, hint: Any) -> Any:
        """Words that are no text but an id, an address or a name of ours."""
        if name in self._names and str in {hint, *get_args(hint)}:
            named = self._names[name]
            return [named] if get_origin(hint) in _LISTS else named
        return self.of(hint)

    def of(self, hint: Any) -> Any:
        """A worst value of that type."""
        if hint in self._makers:
            return self._makers[hint](self)
        origin = get_origin(hint)
        if origin is Literal:
            return get_args(hint)[self.turn % len(get_args(hint))]
        if origin in {Union, types.UnionType}:
            return self.of(next(one for one in get_args(hint) if one is not type(None)))
        if origin is not None:
            return self._many(hint, origin)
        return self._plain(hint)

    def _many(self, hint: Any, origin: Any) -> Any:
        if origin in {Mapping, dict} or issubclass(origin, Mapping):
            key, value = get_args(hint)
            return {self.of(key): self.of(value)}
        inner = [one for one in get_args(hint) if one is not Ellipsis]
        if origin is tuple and Ellipsis not in get_args(hint):
            return tuple(self.of(one) for one in inner)
        assert any(issubclass(origin, kind) for kind in (*_LISTS, Sequence)), hint
        count = self._counts.get(inner[0], MANY)
        some = [self.of(inner[0]) for _ in range(min(count, 2))]
        every = list(itertools.islice(itertools.cycle(some), count))
        if issubclass(origin, AbstractSet):
            return frozenset(every)
        return tuple(every) if origin is tuple else every

    def _plain(self, hint: Any) -> Any:
        if hint is str:
            return self.text()
        if hint is bool:
            return bool(self.turn % 2)
        if hint in _SCALARS:
            return _SCALARS[hint]
        if isinstance(hint, type) and issubclass(hint, Enum):
            members = list(hint)
            return members[self.turn % len(members)]
        assert is_dataclass(hint), f"{hint} needs a maker"
        return self._record(hint)

    def _record(self, cls: Any) -> Any:
        hints = _hints(cls)
        return cls(
            **{one.name: self._named(one.name, hints[one.name]) for one in fields(cls) if one.init}
        )


@cache
def _hints(cls: Any) -> Mapping[str, Any]:
    return get_type_hints(cls)
