"""Trustpilot keeps the contract."""

from dataclasses import replace

from typing_extensions import override

from connectors.capabilities import Webhooks
from connectors.errors import WebhookRefused
from connectors.testing.bench import expect, refusing
from sla_rules.vocabulary import Author
from tests.connectors.trustpilot.bench import TrustpilotBench


class TestTrustpilot(TrustpilotBench):
    @override
    async def test_22_a_call_that_is_not_proven_is_refused_unread(self) -> None:
        """Trustpilot signs nothing: the address proves a call, and its words are not believed."""
        async with self.running() as stage:
            hooks = stage.connector
            assert isinstance(hooks, Webhooks)
            request = stage.market.webhook(await stage.market.says(Author.CUSTOMER, "by webhook"))
            first = await hooks.parse_webhook(request)
            expect(first.poll and not first.items, "what a call says was taken over")
            expect(first.delivery_id, "a repeated call cannot be told from a new one")
            expect(first == await hooks.parse_webhook(request), "the second time differs")
            for body in (b"", b"not even json", b"[]", request.body[:-1]):
                spoilt = await hooks.parse_webhook(replace(request, body=body))
                expect(spoilt.poll and not spoilt.items, "a spoilt call brought something")
            for query in ({}, {"key": ""}, {"key": "x" * 38}, {"other": request.query["key"]}):
                with refusing(WebhookRefused):
                    await hooks.parse_webhook(replace(request, query=query))
