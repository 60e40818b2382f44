"""Where reading stopped, as a value and as the cursor's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from connectors.contract import Cursor, Json
from connectors.pages import kept_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """An order line with an incident that was open when it was last looked at."""

    order: str
    since: str  # as Mirakl wrote it; with the line, the incident's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`first` is before everything ever read; threads are read up to `since`.

    While a sweep goes on, `token` is its next page and `newest` the latest change it saw; both
    take effect at its end, because Mirakl lists the latest change first.
    """

    first: datetime
    since: datetime
    newest: datetime | None = None
    token: str | None = None
    incidents_at: datetime | None = None
    incidents: Mapping[str, OpenIncident] = field(default_factory=dict)
    returns_at: datetime | None = None
    returns_since: datetime

    @classmethod
    def start(cls, at: datetime) -> "Position":
        """Before the first poll."""
        return cls(first=at, since=at, returns_since=at)

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = cursor.state if cursor else {}
        since = kept_instant(kept.get("since")) or start
        token = kept.get("token")
        return cls(
            first=kept_instant(kept.get("first")) or min(start, since),
            since=since,
            newest=kept_instant(kept.get("newest")),
            token=token if isinstance(token, str) else None,
            incidents_at=kept_instant(kept.get("incidents_at")),
            incidents=_incidents(kept.get("incidents")),
            returns_at=kept_instant(kept.get("returns_at")),
            returns_since=kept_instant(kept.get("returns_since")) or since,
        )

    def cursor(self) -> Cursor:
        """As it is stored."""
        incidents: dict[str, Json] = {
            line: {"order": one.order, "since": one.since} for line, one in self.incidents.items()
        }
        state: dict[str, Json] = {
            "first": self.first.isoformat(),
            "since": self.since.isoformat(),
            "newest": _text(self.newest),
            "token": self.token,
            "incidents_at": _text(self.incidents_at),
            "incidents": incidents,
            "returns_at": _text(self.returns_at),
            "returns_since": self.returns_since.isoformat(),
        }
        return Cursor(state=MappingProxyType(state))

    def after_page(self, newest: datetime | None, token: str | None) -> "Position":
        """After a page of threads; without a `token` it was the last one of its sweep."""
        seen = max((at for at in (self.newest, newest) if at is not None), default=None)
        if token is not None:
            return replace(self, newest=seen, token=token)
        return replace(self, since=max(self.since, seen or self.since), newest=None, token=None)

    def begun_anew(self) -> "Position":
        """The sweep has to start from its first page."""
        return replace(self, newest=None, token=None)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _incidents(value: Json) -> Mapping[str, OpenIncident]:
    found: dict[str, OpenIncident] = {}
    for line, one in (value if isinstance(value, dict) else {}).items():
        order = one.get("order") if isinstance(one, dict) else None
        since = one.get("since") if isinstance(one, dict) else None
        if isinstance(order, str) and isinstance(since, str):
            found[line] = OpenIncident(order=order, since=since)
    return found
