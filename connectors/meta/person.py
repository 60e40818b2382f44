"""What Meta tells of a person. Pure."""

from typing import Final

from connectors.capabilities import OrderContext
from connectors.fields import Fields

MANY_FOLLOWERS: Final = 10_000
"""From here on what somebody says is heard by many; the number is ours."""


def name_of(raw: Fields) -> str:
    """The name people see; empty where Meta gives none."""
    parts = (raw.text("first_name", default=""), raw.text("last_name", default=""))
    names = (
        raw.text("name", default=""),
        " ".join(filter(None, parts)),
        raw.text("username", default=""),
    )
    return next(filter(None, names), "")


def context_of(raw: Fields) -> OrderContext:
    """Locale, and what makes a person's words weigh more."""
    followers = raw.number("follower_count", default=0)
    tags = (
        ("verified account", raw.flag("is_verified_user")),
        ("follows us", raw.flag("is_user_follow_business")),
        (f"{followers:,} followers", followers >= MANY_FOLLOWERS),
    )
    return OrderContext(
        customer_tags=tuple(words for words, holds in tags if holds),
        locale=raw.text("locale", default="").replace("_", "-") or None,
    )
