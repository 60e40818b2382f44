"""The one line of `doctor`: does the account answer, and for how long its token will."""

from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Health
from connectors.errors import ConnectorError
from connectors.fields import Fields
from connectors.meta.account import Account
from connectors.meta.graph import Graph

SOON: Final = timedelta(days=14)
"""A token that ends sooner has to be renewed now: only a person can."""


async def health(account: Account, graph: Graph, now: datetime) -> Health:
    """Asks for the account, its conversations and, when switched on, its posts."""
    try:
        name = (await graph.itself()).text("name", default="") or account.node
        await graph.conversations()
        if account.config.comments:
            await graph.posts()
        told = await graph.token() if account.config.app_id else None
    except ConnectorError as error:
        return Health(ok=False, detail=str(error))
    if told is None:
        return Health(ok=True, detail=f"signed in as {name}; with app_id, the token's end is told")
    return _judged(told, account, name, now)


def _judged(token: Fields, account: Account, name: str, now: datetime) -> Health:
    if not token.flag("is_valid"):
        return Health(ok=False, detail="Meta says that the token is not valid")
    granted = set(token.texts("scopes"))
    missing = [scope for scope in account.scopes if scope not in granted]
    if missing:
        return Health(ok=False, detail=f"the token lacks the permission {', '.join(missing)}")
    # 0 stands for a token that does not end.
    ends = [
        at
        for key in ("expires_at", "data_access_expires_at")
        if token.number(key, default=0) and (at := token.instant_or_none(key))
    ]
    if ends and min(ends) - now < SOON:
        when = min(ends).date().isoformat()
        return Health(ok=min(ends) > now, detail=f"signed in as {name}; the token ends on {when}")
    return Health(ok=True, detail=f"signed in as {name}")
