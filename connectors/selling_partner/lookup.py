"""The order behind a message, looked up; and the peace that follows when Amazon ends the access.

Mail and reports go on whatever becomes of this. When Amazon takes the refresh token no more, that
is raised once, remembered under that very token, and tried again once a day.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from connectors.capabilities import ContextRequest, OrderContext
from connectors.contract import Health, InboxContext
from connectors.errors import AccessWithdrawn, ConnectorError, Rejected
from connectors.pages import kept_instant
from connectors.selling_partner.client import SellingPartner
from connectors.selling_partner.config import SellingPartnerConfig
from connectors.selling_partner.orders import order_of
from sla_rules.worded import marked

ASKED_AGAIN: Final = timedelta(days=1)
"""How long nothing is asked after Amazon ended the access."""

_ORDER: Final = re.compile(r"[A-Z0-9]{3}-\d{7}-\d{7}")
_ENDED: Final = (
    "Amazon's selling API is switched off: Amazon takes the refresh token no more. Authorise the "
    "app again in Seller Central and put the new token in place."
)
UNKNOWN_ORDER: Final = marked("Amazon knows no such order of this seller")


@dataclass(slots=True)
class OrderLookup:
    """Looks orders up for one inbox."""

    config: SellingPartnerConfig
    context: InboxContext
    api: SellingPartner = field(init=False)

    def __post_init__(self) -> None:
        self.api = SellingPartner(self.config, self.context)

    async def context_for(self, request: ContextRequest) -> OrderContext:
        """The order asked about; nothing where none was named or Amazon knows none.

        Raises:
            AccessWithdrawn: Amazon ended the access; said once.
            Rejected: it did so before, so nothing was asked.
        """
        order_id = request.order_id or ""
        if not _ORDER.fullmatch(order_id):
            return OrderContext()
        if await self._rests():
            raise Rejected(_ENDED)
        try:
            found = await self.api.order(order_id)
        except AccessWithdrawn as error:
            known = await self.context.keep.get(self._key)
            await self.context.keep.put(self._key, self.context.now().isoformat())
            raise (Rejected(_ENDED) if known else AccessWithdrawn(f"{error}. {_ENDED}")) from error
        if found is None:
            return OrderContext(gaps=(UNKNOWN_ORDER,))
        return OrderContext(orders=(order_of(found),))

    async def check(self) -> Health:
        """Ask for a token, and nothing else."""
        try:
            await self.api.sign_in()
        except ConnectorError as error:
            return Health(ok=False, detail=f"Amazon's selling API: {error}")
        return Health(ok=True, detail="Amazon's selling API gives tokens")

    async def close(self) -> None:
        """Close the connections. Harmless twice."""
        await self.api.close()

    async def _rests(self) -> bool:
        ended_at = kept_instant(await self.context.keep.get(self._key))
        return ended_at is not None and self.context.now() - ended_at < ASKED_AGAIN

    @property
    def _key(self) -> str:
        """By a digest of the token: another token starts anew."""
        token = self.config.refresh_token.get_secret_value()
        return f"access_ended:{hashlib.sha256(token.encode()).hexdigest()[:12]}"
