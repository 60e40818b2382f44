"""Handing an answer over, and looking whether it arrived."""

from typing import Final

from connectors.contract import Absent, Found, InboxContext, ReplyCommand, ReplyReceipt, Unknown
from connectors.errors import (
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
)
from connectors.fields import Fields
from connectors.mercado_libre.answering import (
    Route,
    Trace,
    answered,
    body_of,
    is_held,
    look_at,
    route_of,
    sent_message,
    traces_in_claim,
    traces_in_pack,
)
from connectors.mercado_libre.claims import actions_of
from connectors.mercado_libre.client import MercadoLibreClient
from connectors.mercado_libre.explain_claim import sent_name
from connectors.mercado_libre.paging import whole_conversation
from connectors.mercado_libre.promises import Promises
from connectors.mercado_libre.refusals import blocked_because
from sla_rules.worded import worded

LOOKS: Final = 3
PAUSE: Final = 5.0
"""Looks at a message that moderation holds, and the seconds between them, before a person is asked."""


class Answers:
    """The answers of one account."""

    def __init__(
        self,
        client: MercadoLibreClient,
        context: InboxContext,
        promises: Promises,
        seller_id: str,
    ) -> None:
        self._client = client
        self._context = context
        self._promises = promises
        self._seller_id = seller_id

    async def send(self, command: ReplyCommand) -> ReplyReceipt:
        """Hand it over once. Raises as a connector's `reply` does."""
        route = route_of(command.context)
        body = body_of(command, route)
        if route.to == "question":
            name = await self._to_question(route, body)
        elif route.to == "claim":
            name = await self._to_claim(route, body)
        else:
            name = await self._to_pack(route, body, command)
        return ReplyReceipt(external_id=name, accepted_at=self._context.now())

    async def look_for(self, command: ReplyCommand) -> Found | Absent | Unknown:
        """Look whether it arrived; while moderation holds it, a few times."""
        route = route_of(command.context)
        body, now = body_of(command, route), self._context.now()
        if route.to == "question":
            question = await self._client.question(route.name)
            return answered(question, command, body, now) if question else Unknown()
        found = await self._traces(route, body)
        for _ in range(LOOKS - 1):
            if not is_held(found, command):
                break
            await self._context.sleep(PAUSE)
            found = await self._traces(route, body)
        return look_at(found, command, now)

    async def _to_question(self, route: Route, body: str) -> str:
        question = await self._client.answer_question(route.name, body)
        state = question.inner("answer").text("status", default="")
        if state in {"BANNED", "DISABLED"}:
            raise Rejected("Mercado Libre's moderation refuses the answer")
        if not question.inner("answer").value:
            raise OutcomeUnknown("Mercado Libre took the answer and does not show it")
        return f"answer:{route.name}"

    async def _to_claim(self, route: Route, body: str) -> str:
        claim = await self._client.claim(route.name)
        may = {one.text("action", default="") for one in actions_of(claim or Fields({}))}
        if f"send_message_to_{route.receiver}" not in may:
            raise ReplyWindowClosed(
                worded(
                    "Mercado Libre lets the seller write no message to the {receiver} of this"
                    " claim now: its stage may have changed",
                    receiver=route.receiver,
                )
            )
        await self._client.message_in_claim(route.name, route.receiver, body)
        return sent_name(route.name, body)

    async def _to_pack(self, route: Route, body: str, command: ReplyCommand) -> str:
        files = [await self._client.upload(file, route.site) for file in command.attachments]
        if not all(files):
            raise Unavailable("Mercado Libre took a file and gave no name for it")
        try:
            answer = await self._client.send_message(route.name, route.buyer, body, files)
            return f"message:{sent_message(answer)}"
        except ReplyWindowClosed as refusal:
            raise await self._closed(route, refusal) from refusal
        finally:
            # Taken, held or in doubt: moderation may have the last word later.
            await self._promises.add(route.name, self._context.now())

    async def _closed(self, route: Route, refusal: ReplyWindowClosed) -> ReplyWindowClosed:
        """The refusal, with the reason that the conversation itself shows."""
        try:
            state = (await self._client.conversation(route.name)).inner("conversation_status")
        except ConnectorError:
            return refusal
        if state.text("status", default="") != "blocked":
            return refusal
        why = blocked_because(state.text("substatus", default=""))
        return ReplyWindowClosed(f"Mercado Libre takes no message here: {why}")

    async def _traces(self, route: Route, body: str) -> list[Trace]:
        if route.to == "claim":
            said = await self._client.claim_messages(route.name)
            return traces_in_claim(said, route.name, body)
        messages = (await whole_conversation(self._client, route.name)).messages
        return traces_in_pack(messages, self._seller_id, body)
