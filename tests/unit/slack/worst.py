"""The worst values there can be, made from what a renderer says it takes.

A value is built from its type: texts are hostile and of three thousand characters, lists are as long
as an unlucky desk makes them, of a choice every member has its turn. A type whose values have to
agree with each other has a maker of its own.
"""

import itertools
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from tests.unit.slack.scenes import HOSTILE, NOON

NAME: Final = 3_000
"""Characters of every text."""

_ZALGO: Final = "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349"
_RTL: Final = "\u202eمرحبا بالعالم שלום עולם "
_EMOJI: Final = "👨‍👩‍👧‍👦🏳️‍🌈🇮🇹👍🏽"
TEXTS: Final = tuple(
    (text * (NAME // len(text) + 1))[:NAME]
    for text in (HOSTILE, _RTL, _EMOJI, _ZALGO, "&<>", "Wort", "x y\n")
)
MANY: Final = 100
"""Entries of a list whose type says nothing better."""

TURNS: Final = 3
"""How often a renderer is tried; each time every choice takes another member."""

_LONG: Final = {int: 10**15, float: 10.0**12, bytes: b"x", object: "x", Any: "x"}
_LISTS: Final = {Sequence, Iterable, list, tuple, frozenset, set, AbstractSet}

Maker = Callable[["Worst"], Any]


class Worst:
    """One turn: `turn` chooses the members of enumerations, and which texts come first."""

    def __init__(self, turn: int, makers: Mapping[Any, Maker], counts: Mapping[Any, int]) -> None:
        self.turn = turn
        self._makers = makers
        self._counts = counts
        self._texts = itertools.islice(itertools.cycle(TEXTS), turn, None)

    def text(self) -> str:
        """The next hostile text."""
        return next(self._texts)

    def arguments(self, renderer: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """What to call `renderer` with; `given` has what no type can say."""
        hints = get_type_hints(renderer)
        del hints["return"]
        return {
            name: given[name](self) if name in given else self.of(hint)
            for name, hint in hints.items()
            if name != "buttons"
        }

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
        some = [self.of(inner[0]) for _ in range(min(count, len(TEXTS)))]
        every = list(itertools.islice(itertools.cycle(some), count))
        if issubclass(origin, AbstractSet):
            return frozenset(every)
        return tuple(every) if origin is tuple else every

    def _plain(self, hint: Any) -> Any:
        if hint is str:
            return self.text()
        if hint is bool:
            return bool(self.turn % 2)
        if hint in _LONG:
            return _LONG[hint]
        if hint is datetime:
            return NOON
        if hint is date:
            return NOON.date()
        if hint is time:
            return NOON.time()
        if hint is timedelta:
            return timedelta(days=400)
        if isinstance(hint, type) and issubclass(hint, Enum):
            members = list(hint)
            return members[self.turn % len(members)]
        assert is_dataclass(hint), f"{hint} needs a maker"
        return self._record(hint)

    def _record(self, cls: Any) -> Any:
        hints = _hints(cls)
        return cls(
            **{
                one.name: self.of(hints[one.name])
                for one in fields(cls)
                if one.init and not (isinstance(hints[one.name], typing.TypeVar) and _optional(one))
            }
        )


@cache
def _hints(cls: Any) -> Mapping[str, Any]:
    return get_type_hints(cls)


def _optional(one: Any) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING
