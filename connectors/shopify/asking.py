"""Who wrote a mail, asked while it is fetched; and what a card shows, asked when it is posted.

A mail never waits long for it: what Shopify does not tell in time is left out.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from connectors.capabilities import ContextRequest, OrderContext
from connectors.contract import InboundMessage, InboxContext, Json, RawItem, Verdict
from connectors.errors import ConnectorError, Malformed
from connectors.fields import Fields
from connectors.shopify.client import AdminApi
from connectors.shopify.config import Config
from connectors.shopify.known import with_known
from connectors.shopify.orders import context_of
from connectors.shopify.queries import CONTEXT, WHO_WROTE
from sla_rules.worded import marked

MOST_WRITERS: Final = 10
"""Writers asked about for one page of mail, newest first; the card of any other asks by itself."""

LONGEST: Final = 8.0
"""Real seconds a page of mail waits for Shopify."""

REST: Final = timedelta(minutes=5)
"""After a failure mails go on without, for so long."""

MISMATCH: Final = marked("who wrote is not certain, so no orders are shown")

_ADDRESS: Final = re.compile(r"[^\s<>@\",;:()\[\]]{1,64}@[^\s<>@\",;:()\[\]]{1,253}")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")

_log = logging.getLogger("threadline.connectors.shopify")


@dataclass(slots=True)
class Asking:
    """The customers and orders of one shop; `api` is None without access."""

    api: AdminApi | None
    config: Config
    context: InboxContext
    explain: Callable[[RawItem], InboundMessage]
    _rests_until: datetime | None = field(default=None, init=False)

    async def who_wrote(self, items: Sequence[RawItem]) -> tuple[RawItem, ...]:
        """The mails, each with what Shopify knows of its writer."""
        told: dict[str, dict[str, Json]] = {}
        if self.api is not None and not self._rests():
            try:
                async with asyncio.timeout(LONGEST):
                    await self._ask(self.api, items, told)
            except (ConnectorError, TimeoutError) as error:
                _log.warning("shopify: mails go without customer data (%s)", type(error).__name__)
                self._rests_until = self.context.now() + REST
        return tuple(with_known(one, told.get(one.source_id, {})) for one in items)

    async def context_for(self, request: ContextRequest) -> OrderContext:
        """What the card shows of a customer and their orders; nothing without access to the API.

        Raises as `AdminApi.ask` does.
        """
        if self.api is None:
            return OrderContext()
        if request.context.get("identity_mismatch") is True:
            return OrderContext(gaps=(MISMATCH,))
        email = request.customer_handle.strip().lower()
        if not _ADDRESS.fullmatch(email):
            return OrderContext()
        told = await self.api.ask(CONTEXT, _variables(email, request.order_id))
        return context_of(told, email=email, order_id=request.order_id, config=self.config)

    async def _ask(
        self, api: AdminApi, items: Sequence[RawItem], told: dict[str, dict[str, Json]]
    ) -> None:
        # Beside the loop: a mail may be built to keep its reader busy.
        asked = await asyncio.to_thread(self._certain, items)
        for source_id, message in asked[:MOST_WRITERS]:
            told[source_id] = await self._of(api, message)

    def _certain(self, items: Sequence[RawItem]) -> list[tuple[str, InboundMessage]]:
        """The mails of customers whose address nothing speaks against, newest first."""
        found = []
        for item in reversed(items):
            with suppress(Malformed):
                # As it will be stored: nothing at the head of a mail passes for what Shopify told.
                message = self.explain(with_known(item, {}))
                if _is_certain(message):
                    found.append((item.source_id, message))
        return found

    async def _of(self, api: AdminApi, message: InboundMessage) -> dict[str, Json]:
        email, order = message.sender_handle, message.order_id
        data = (await api.ask(WHO_WROTE, _variables(email, order))).data
        customer = data.inner("customer").value
        named = [one for one in data.inner("orders").each("nodes") if _is_asked(one, email, order)]
        told: dict[str, Json] = {"customer": customer} if customer else {}
        return {**told, **({"order": named[0].value} if named else {})}

    def _rests(self) -> bool:
        return self._rests_until is not None and self.context.now() < self._rests_until


def _is_certain(message: InboundMessage) -> bool:
    """Whether a customer wrote, from an address that nothing speaks against."""
    return (
        message.verdict is Verdict.CUSTOMER
        and message.reply_context.get("identity_mismatch") is not True
        and _ADDRESS.fullmatch(message.sender_handle) is not None
    )


def _is_asked(order: Fields, email: str, number: str | None) -> bool:
    """The order of that number, and of that customer: a number alone may be anybody's."""
    is_theirs = order.text("email", default="").lower() == email
    return is_theirs and order.text("name", default="").lstrip("#") == number


def _variables(email: str, order: str | None) -> dict[str, Json]:
    named = order is not None and _NAME.fullmatch(order) is not None
    return {
        "who": {"emailAddress": email},
        "order": f"name:{order}" if named else None,
        "named": named,
    }
