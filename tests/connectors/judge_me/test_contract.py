"""Judge.me keeps the contract."""

from connectors.capabilities import Webhooks
from connectors.contract import InboundMessage
from connectors.testing.bench import Stage
from tests.connectors.judge_me.bench import JudgeMeBench


class TestJudgeMe(JudgeMeBench):
    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        review = str(message.reply_context["review"])
        connector = stage.connector
        assert isinstance(connector, Webhooks)
        await connector.parse_webhook(stage.market.webhook(review))
        await stage.poll()
        await connector.reply(stage.answer(message, "Grazie.", public=True))
