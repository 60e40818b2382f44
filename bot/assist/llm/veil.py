"""Personal data taken out of what is sent to a model, and put back into what it answers.

What is known (the customer's name, the order's number) is replaced wherever it stands; what only
looks like a phone, an address or an order is replaced by its shape. A name nobody told us of stays.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from bot.assist.personal import Reach, personal_places
from connectors.traces import links, references

NAME: Final = "NAME"
ORDER: Final = "ORDER"
TRACKING: Final = "TRACKING"
LINK: Final = "LINK"

_KINDS: Final[Mapping[Reach, str]] = {
    Reach.PHONE: "PHONE",
    Reach.EMAIL: "EMAIL",
    Reach.ADDRESS: "ADDRESS",
    Reach.CARD: "CARD",
}
_STAND_IN: Final = re.compile(
    r"\[\s?(NAME|ORDER|TRACKING|LINK|PHONE|EMAIL|ADDRESS|CARD)_(\d{1,3})\s?\]"
)
_SHORTEST: Final = 3
"""Characters of a known value. A shorter one would be found in every other word."""


@dataclass(slots=True)
class Veil:
    """The stand-ins of one request, such as `[NAME_1]`, and what each stands for.

    `known` are values by their kind, replaced wherever they stand as whole words. One value has
    one stand-in throughout, so that the model can follow who is who.
    """

    known: Sequence[tuple[str, str]] = ()
    order_numbers: Sequence[str] = ()
    _stands_for: dict[str, str] = field(default_factory=dict, repr=False)
    _stand_ins: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def over(self, text: str) -> str:
        """The text as it may be sent."""
        # A customer who writes a stand-in does not get what it stands for.
        text = _STAND_IN.sub(lambda found: f"({found[1].lower()} {found[2]})", text)
        hidden = self._without_known(text)
        for places in (self._links, self._personal, self._references):
            for start, end, kind in reversed(list(places(hidden))):
                said = hidden[start:end]
                hidden = f"{hidden[:start]}{self._stand_in(kind, said)}{hidden[end:]}"
        return hidden

    def lifted(self, text: str) -> str:
        """What a model wrote, with the values back. A card's number, and what nobody said, stay out."""
        return _STAND_IN.sub(self._value, text)

    def values(self) -> Iterable[str]:
        """Everything that was taken out so far."""
        return tuple(self._stands_for.values())

    def _value(self, found: re.Match[str]) -> str:
        name = f"[{found[1]}_{found[2]}]"
        return name if found[1] == "CARD" else self._stands_for.get(name, name)

    def _without_known(self, text: str) -> str:
        for kind, value in sorted(self.known, key=lambda one: -len(one[1])):
            whole = _whole(kind, value.strip())
            if whole is not None:
                text = whole.sub(partial(self._hidden, kind), text)
        return text

    def _hidden(self, kind: str, found: re.Match[str]) -> str:
        return self._stand_in(kind, found[0])

    def _links(self, text: str) -> Iterable[tuple[int, int, str]]:
        return ((start, end, LINK) for start, end in links(text))

    def _personal(self, text: str) -> Iterable[tuple[int, int, str]]:
        found = personal_places(text, self.order_numbers)
        return ((start, end, _KINDS[reach]) for start, end, reach in found)

    def _references(self, text: str) -> Iterable[tuple[int, int, str]]:
        return ((start, end, ORDER) for start, end in references(text, self.order_numbers))

    def _stand_in(self, kind: str, value: str) -> str:
        key = (kind, value.casefold())
        if key not in self._stand_ins:
            number = 1 + sum(1 for other, _ in self._stand_ins if other == kind)
            self._stand_ins[key] = f"[{kind}_{number}]"
            self._stands_for[self._stand_ins[key]] = value
        return self._stand_ins[key]


def _whole(kind: str, value: str) -> re.Pattern[str] | None:
    """How a known value is found. A single name has to be written as one: Will is not "will"."""
    if len(value) < _SHORTEST:
        return None
    exact = kind == NAME and " " not in value
    spelt = f"{re.escape(value)}|{re.escape(value.upper())}" if exact else re.escape(value)
    return re.compile(rf"(?<!\w)(?:{spelt})(?!\w)", 0 if exact else re.IGNORECASE)


def stand_ins_in(text: str) -> Sequence[re.Match[str]]:
    """Stand-ins that were left in a text."""
    return tuple(_STAND_IN.finditer(text))
