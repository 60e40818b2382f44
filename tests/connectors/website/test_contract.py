"""The website's mailbox keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.website import WebsiteMail


class TestWebsite(ConnectorContract):
    package = "connectors.website"
    lookback = timedelta(days=7)
    calls_are_polled = False

    def market(self, now: Callable[[], datetime]) -> WebsiteMail:
        return WebsiteMail(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, WebsiteMail)
        senders = ["mailer@forms.example", "wordpress@seller.example"]
        return {
            **market.settings(),
            "form_senders": senders,
            "contact_form": True,
            "webhook_secret": market.webhook_secret,
        }
