"""Where reading has come to: which reports are asked for, and what was wrong with the account."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from connectors.contract import Cursor, Json
from connectors.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """When a report was asked for last, and its id while it is not read yet."""

    at: datetime
    report_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`asked` by the name of a report, `troubles` are the keys of what was wrong at last."""

    asked: Mapping[str, Asked] = field(default_factory=dict)
    troubles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, cursor: Cursor | None) -> Self:
        """The same as stored; whatever cannot be read is asked for anew."""
        if cursor is None:
            return cls()
        told = Fields(dict(cursor.state))
        asked = {}
        for name in told.inner("asked").value:
            one = told.inner("asked").inner(name)
            at = one.instant_or_none("at")
            if at is not None:
                asked[name] = Asked(at=at, report_id=one.text("report", default=""))
        return cls(asked=asked, troubles=frozenset(told.texts("troubles")))

    @property
    def cursor(self) -> Cursor:
        """As the desk stores it."""
        asked: dict[str, Json] = {
            name: {"at": one.at.isoformat(), "report": one.report_id}
            for name, one in self.asked.items()
        }
        troubles: list[Json] = [*sorted(self.troubles)]
        return Cursor(state={"asked": asked, "troubles": troubles})

    def asking(self, name: str, asked: Asked) -> Self:
        """With a report asked for, or read."""
        return replace(self, asked={**self.asked, name: asked})
