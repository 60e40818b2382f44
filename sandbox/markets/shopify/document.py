"""GraphQL documents, read: operations, fragments, fields, arguments (GraphQL, October 2021)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\.\.\.|[!$():=@\[\]{}|&]|-?\d+(?:\.\d+)?|[_A-Za-z][_0-9A-Za-z]*|\S'
)
_IGNORED = re.compile(r"#[^\n]*|[,\ufeff]")


class BadDocument(Exception):
    """The document cannot be read, or asks for what is not there."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name` in the place of a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Word:
    """An enum value: a bare word."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field asked for. `only_if` is the argument of `@include`."""

    name: str
    key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    chosen: "tuple[Selection, ...]" = ()
    only_if: Any = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """`...Name`, or `... on Type { … }`, which has its fields in `chosen`."""

    name: str = ""
    on: str = ""
    chosen: "tuple[Selection, ...]" = ()


Selection = Field | Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One operation and its fragments. `variables` are name to type, as written."""

    kind: str
    variables: Mapping[str, str]
    chosen: tuple[Selection, ...]
    fragments: Mapping[str, Spread]


def read_document(text: str) -> Document:
    """The document in `text`, with exactly one operation. Raises BadDocument."""
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(_IGNORED.sub(" ", text))
        self._at = 0

    def document(self) -> Document:
        operations: list[tuple[str, Mapping[str, str], tuple[Selection, ...]]] = []
        fragments: dict[str, Spread] = {}
        while self._at < len(self._tokens):
            kind = self._take()
            if kind == "fragment":
                name = self._take()
                self._expect("on")
                fragments[name] = Spread(name=name, on=self._take(), chosen=self._selections())
            elif kind in {"query", "mutation"}:
                if self._peek() not in {"(", "{"}:
                    self._take()
                variables = self._variables()
                operations.append((kind, variables, self._selections()))
            else:
                raise BadDocument(f"Parse error on {kind!r}")
        if len(operations) != 1:
            raise BadDocument("An operation name is required")
        kind, declared, chosen = operations[0]
        return Document(kind=kind, variables=declared, chosen=chosen, fragments=fragments)

    def _variables(self) -> dict[str, str]:
        found: dict[str, str] = {}
        if self._peek() != "(":
            return found
        self._take()
        while self._peek() != ")":
            self._expect("$")
            name = self._take()
            self._expect(":")
            found[name] = self._type()
        self._take()
        return found

    def _type(self) -> str:
        if self._peek() == "[":
            self._take()
            inner = self._type()
            self._expect("]")
            written = f"[{inner}]"
        else:
            written = self._take()
        if self._peek() == "!":
            self._take()
            written += "!"
        return written

    def _selections(self) -> tuple[Selection, ...]:
        self._expect("{")
        found: list[Selection] = []
        while self._peek() != "}":
            found.append(self._spread() if self._peek() == "..." else self._field())
        self._take()
        if not found:
            raise BadDocument("Parse error: an empty selection")
        return tuple(found)

    def _spread(self) -> Spread:
        self._expect("...")
        name = self._take()
        if name != "on":
            return Spread(name=name)
        return Spread(on=self._take(), chosen=self._selections())

    def _field(self) -> Field:
        key = name = self._name()
        if self._peek() == ":":
            self._take()
            name = self._name()
        arguments = self._arguments()
        only_if: Any = True
        if self._peek() == "@":
            self._take()
            self._expect("include")
            only_if = self._arguments()["if"]
        chosen = self._selections() if self._peek() == "{" else ()
        return Field(name=name, key=key, arguments=arguments, chosen=chosen, only_if=only_if)

    def _arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._peek() != "(":
            return found
        self._take()
        while self._peek() != ")":
            name = self._name()
            self._expect(":")
            found[name] = self._value()
        self._take()
        return found

    def _value(self) -> Any:
        opening = self._take()
        if opening == "$":
            return Variable(self._name())
        if opening == "[":
            items = []
            while self._peek() != "]":
                items.append(self._value())
            self._take()
            return items
        if opening in {"true", "false", "null"} or opening[0] in '"-0123456789':
            return json.loads(opening)
        return Word(opening)

    def _name(self) -> str:
        token = self._take()
        if not re.fullmatch(r"[_A-Za-z]\w*", token):
            raise BadDocument(f"Parse error on {token!r}")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        if not token:
            raise BadDocument("Parse error: unexpected end")
        self._at += 1
        return token

    def _expect(self, wanted: str) -> None:
        token = self._take()
        if token != wanted:
            raise BadDocument(f"Parse error on {token!r}, expected {wanted!r}")
