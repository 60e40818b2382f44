"""Where reading stopped, as a value and as the cursor's JSON."""

from dataclasses import dataclass
from datetime import datetime

from connectors.contract import Cursor
from connectors.pages import kept_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Nothing from before `first` is ever read; reviews created up to `since` are stored.

    `products_at` is when the product reviews were walked last.
    """

    first: datetime
    since: datetime
    products_at: datetime | None = None

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = cursor.state if cursor else {}
        since = kept_instant(kept.get("since")) or start
        return cls(
            first=kept_instant(kept.get("first")) or min(start, since),
            since=since,
            products_at=kept_instant(kept.get("products_at")),
        )

    def cursor(self) -> Cursor:
        """As it is stored."""
        return Cursor(
            state={
                "first": self.first.isoformat(),
                "since": self.since.isoformat(),
                "products_at": self.products_at.isoformat() if self.products_at else None,
            }
        )
