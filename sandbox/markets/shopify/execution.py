"""A document held against the schema, priced, and answered from plain dictionaries.

An object is a dictionary with `__typename`; a value that takes arguments is a function of them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.markets.shopify.document import BadDocument, Document, Field, Selection, Variable, Word
from sandbox.markets.shopify.schema import FieldType, ObjectType, types

MOST_NODES = 250
"""Of one page (Shopify API limits)."""


class _Null(Exception):
    """A null where none may be: it takes the object around it away."""


@dataclass(slots=True, kw_only=True)
class Execution:
    """One call: what is asked, by whom, and what went wrong."""

    document: Document
    variables: Mapping[str, Any]
    scopes: Collection[str]
    errors: list[dict[str, Any]] = field(default_factory=list)
    cost: int = 0

    def check(self) -> None:
        """Hold the document against the schema and count its cost. Raises BadDocument."""
        self._check_variables()
        if self.document.kind != "query":
            raise BadDocument("this fake takes no mutations")
        self.cost = 0
        self._check(types()["QueryRoot"], self.document.chosen, 1)

    def answer(self, root: Mapping[str, Any]) -> dict[str, Any] | None:
        """The data, or None where a refusal took all of it away."""
        try:
            return self._object(types()["QueryRoot"], self.document.chosen, root, ())
        except _Null:
            return None

    def _check_variables(self) -> None:
        declared = self.document.variables
        unknown = set(self.variables) - set(declared)
        missing = {
            name
            for name, kind in declared.items()
            if kind.endswith("!") and self.variables.get(name) is None
        }
        if unknown or missing:
            raise BadDocument(f"Variables unknown: {sorted(unknown)}, missing: {sorted(missing)}")

    def _check(self, of: ObjectType, chosen: tuple[Selection, ...], times: int) -> None:
        seen: dict[str, str] = {}
        for owner, one in self._spread_out(of, chosen):
            found = owner.fields.get(one.name)
            if found is None:
                raise BadDocument(f"Field '{one.name}' doesn't exist on type '{owner.name}'")
            if seen.setdefault(one.key, found.gives) != found.gives:
                raise BadDocument(f"Field '{one.key}' has a field conflict")
            self._check_arguments(one, found, of)
            inner = types().get(found.base)
            if (inner is None) is bool(one.chosen):
                raise BadDocument(f"Selections of '{one.name}' do not fit '{found.gives}'")
            if inner is not None:
                count = self._value(one.arguments.get("first", 1)) or 1
                self.cost += times
                self._check(inner, one.chosen, times * int(count))

    def _check_arguments(self, one: Field, found: FieldType, of: ObjectType) -> None:
        unknown = set(one.arguments) - set(found.arguments)
        if unknown:
            raise BadDocument(f"Field '{one.name}' doesn't accept argument '{min(unknown)}'")
        for name, value in one.arguments.items():
            if isinstance(value, Variable):
                declared = self.document.variables.get(value.name)
                if declared is None or declared.rstrip("!") != found.arguments[name].rstrip("!"):
                    raise BadDocument(f"Variable ${value.name} doesn't fit '{name}'")
        if found.base.endswith("Connection"):
            pages = [self._value(one.arguments.get(name)) for name in ("first", "last")]
            count = next((each for each in pages if each is not None), None)
            if count is None or not 0 < count <= MOST_NODES:
                raise BadDocument(f"{of.name}.{one.name}: first or last must be 1 to {MOST_NODES}")

    def _spread_out(
        self, of: ObjectType, chosen: tuple[Selection, ...], only: str = ""
    ) -> Iterator[tuple[ObjectType, Field]]:
        """The fields, each with the type it is asked of. `only`: those of this very object."""
        for one in chosen:
            if isinstance(one, Field):
                yield of, one
                continue
            spread = self.document.fragments.get(one.name, one) if one.name else one
            target = types().get(spread.on)
            if target is None or spread.on not in {of.name, *_kinds_of(of)}:
                raise BadDocument(f"Fragment on {spread.on or one.name} can't be spread here")
            if not only or spread.on == only:
                yield from self._spread_out(target, spread.chosen, only)

    def _object(
        self, of: ObjectType, chosen: tuple[Selection, ...], value: Mapping[str, Any], path: tuple[str | int, ...]
    ) -> dict[str, Any]:  # fmt: skip
        name = value.get("__typename", of.name)
        data: dict[str, Any] = {}
        for owner, one in self._spread_out(of, chosen, name):
            if not self._value(one.only_if):
                continue
            if one.key in data and one.chosen:
                continue
            data[one.key] = self._field(owner.fields[one.name], one, value, (*path, one.key))
        return data

    def _field(
        self, kind: FieldType, one: Field, owner: Mapping[str, Any], path: tuple[str | int, ...]
    ) -> Any:
        if kind.scope is not None and kind.scope not in self.scopes:
            self._denied(kind.scope, path)
            return _or_null(None, kind.gives)
        value = owner.get(one.name)
        if callable(value):
            value = value(**{name: self._value(each) for name, each in one.arguments.items()})
        return self._completed(kind.gives, one, value, path)

    def _completed(self, gives: str, one: Field, value: Any, path: tuple[str | int, ...]) -> Any:
        inner = types().get(gives.strip("[]!"))
        if value is None and gives.endswith("!"):
            message = f"Cannot return null for non-nullable field {one.name}"
            self.errors.append({"message": message, "path": list(path)})
        if value is None or inner is None:
            return _or_null(value, gives)
        if not gives.startswith("["):
            try:
                return self._object(inner, one.chosen, value, path)
            except _Null:
                return _or_null(None, gives)
        within = gives.rstrip("!")[1:-1]
        return [
            self._completed(within, one, each, (*path, number)) for number, each in enumerate(value)
        ]

    def _denied(self, scope: str, path: tuple[str | int, ...]) -> None:
        self.errors.append(
            {
                "message": f"Access denied for {path[-1]} field. Required access: `{scope}` access scope.",
                "locations": [{"line": 1, "column": 1}],
                "extensions": {"code": "ACCESS_DENIED", "requiredAccess": f"`{scope}` access scope."},
                "path": list(path),
            }
        )  # fmt: skip

    def _value(self, value: Any) -> Any:
        if isinstance(value, Variable):
            return self.variables.get(value.name)
        return value.name if isinstance(value, Word) else value


def _kinds_of(of: ObjectType) -> set[str]:
    """The types an object of this interface may have."""
    return {one.name for one in types().values() if one.implements == of.name}


def _or_null(value: Any, gives: str) -> Any:
    if value is None and gives.endswith("!"):
        raise _Null
    return value
