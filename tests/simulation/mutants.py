"""The product with one rule switched off, for a copy of the process only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One rule less. `where` is `module:name` or `module:Class.name`; `made` makes its replacement
    from what stands there."""

    name: str
    where: str
    made: Callable[[Any], Any]


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """The product without the rule, until the end of the block."""
    module, _, path = mutant.where.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    kept = owner.__dict__[name] if isinstance(owner, type) else getattr(owner, name)
    setattr(owner, name, mutant.made(kept))
    try:
        yield
    finally:
        setattr(owner, name, kept)
