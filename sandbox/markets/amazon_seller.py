"""A whole Amazon seller: the mailbox that Amazon writes to, and the selling API that knows orders."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from typing_extensions import override

from connectors.testing.market import Fault
from sandbox.markets.amazon import AmazonMail
from sandbox.markets.base import Said
from sandbox.markets.selling_partner import SellingPartnerMarket
from sandbox.markets.selling_partner_shapes import an_order

_ORDER = re.compile(rb"\d{3}-\d{7}-\d{7}")
_OF_ACCOUNTS = "/reports/", "/tortuga/"
"""Calls that only an account's inbox makes."""


class AmazonSeller(AmazonMail):
    """Every order that a mail names is known to the selling API, `api`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.api = SellingPartnerMarket(now)
        self.api.secrets = self.secrets

    @override
    def settings(self) -> dict[str, object]:
        return {**super().settings(), "sp_api": self.api.settings()}

    def mailbox_settings(self) -> dict[str, object]:
        """The settings of a seller without access to the selling API."""
        return super().settings()

    @property
    @override
    def calls(self) -> int:
        return super().calls + self.api.calls

    @override
    async def start(self) -> None:
        await super().start()
        await self.api.start()

    @override
    async def stop(self) -> None:
        await self.api.stop()
        await super().stop()

    @override
    def fail(self, fault: Fault | None) -> None:
        super().fail(fault)
        self.api.fail(fault)

    @override
    def compose(self, said: Said) -> bytes:
        mail = super().compose(said)
        for order_id in _ORDER.findall(mail):
            self.api.orders.setdefault(order_id.decode(), an_order())
        return mail

    @override
    def unused_routes(self) -> Sequence[str]:
        unused = self.api.unused_routes()
        return [one for one in unused if not any(part in one for part in _OF_ACCOUNTS)]
