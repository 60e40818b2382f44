"""Trustpilot keeps the contract."""

from dataclasses import replace

from connectors.capabilities import Webhooks
from connectors.errors import WebhookRefused
from connectors.testing.bench import refusing
from sla_rules.vocabulary import Author
from tests.connectors.trustpilot.bench import TrustpilotBench


class TestTrustpilot(TrustpilotBench):
    async def test_a_call_without_the_key_of_its_address_is_refused(self) -> None:
        """Trustpilot signs nothing: the address proves a call, and its words are not believed."""
        async with self.running() as stage:
            hooks = stage.connector
            assert isinstance(hooks, Webhooks)
            request = stage.market.webhook(await stage.market.says(Author.CUSTOMER, "by webhook"))
            for query in ({}, {"key": ""}, {"key": "x" * 38}, {"other": request.query["key"]}):
                with refusing(WebhookRefused):
                    await hooks.parse_webhook(replace(request, query=query))
