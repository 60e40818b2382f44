"""The connector of a simulated marketplace: read by time with an overlap, answer, look afterwards.

It reads as the connectors of real marketplaces do: the cursor is the newest instant that is stored,
what came shortly before it is read again every time, and while pages follow the cursor stays.
"""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from typing_extensions import override

from connectors.contract import (
    Absent,
    Connector,
    Cursor,
    Found,
    Health,
    InboundMessage,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    ThreadKey,
    Unknown,
    Verdict,
)
from connectors.errors import OutcomeUnknown, Rejected, Unavailable
from connectors.fields import Fields
from sla_rules.vocabulary import Stage
from tests.simulation.faults import FaultKind
from tests.simulation.shop_world import DRIFTING, By, Handed, Said, ShopWorld

_VERDICTS = {
    By.BUYER: (Verdict.CUSTOMER, "the buyer wrote"),
    By.SELLER: (Verdict.ANSWERED_ELSEWHERE, "answered in the marketplace or by us"),
    By.AUTOMATIC: (Verdict.AUTO_REPLY, "an absence notice"),
    By.BOUNCE: (Verdict.BOUNCE, "the marketplace could not deliver it"),
}


class ShopConnector(Connector):
    """One process's connector. It keeps nothing: the desk keeps the cursor."""

    def __init__(self, shop: ShopWorld) -> None:
        self._shop = shop
        self._around = shop.around

    @override
    async def check(self) -> Health:
        return Health(ok=True, detail="a simulated marketplace")

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        since = self._since(cursor)
        begin, newest, start = since - self._shop.plan.overlap, since, 0
        handed: list[str] = []
        while True:
            await self._shop.way_there("fetch", lost_means=Unavailable)
            at = self._around.now()
            found = [each for each in self._shop.visible(at) if each.sent_at >= begin]
            end = start + self._shop.plan.page
            said = self._as_given(found, start, end, at)
            await self._shop.way_back("fetch", lost_means=Unavailable)
            last = end >= len(found)
            newest = max([newest, *(each.sent_at for each in said)])
            handed += [each.source_id for each in said]
            state = (newest if last else since).isoformat()
            if said or last:
                self._note(state, at, handed, final=last)
                yield Page(
                    items=[self._item(each, at) for each in said],
                    cursor=Cursor(state={"since": state}),
                )
            if last:
                return
            start = end

    def _as_given(self, found: list[Said], start: int, end: int, at: datetime) -> list[Said]:
        """One page, as faulty as the weather has it."""
        chance, dice = self._around.chance, self._shop.dice
        said = found[start:end]
        if chance.happens(FaultKind.PAGING_DRIFT):
            # What came in between pushed the pages on, or back.
            skipped = said[-1:] if said and at - said[-1].sent_at < DRIFTING else []
            said = [each for each in said if each not in skipped] + found[max(0, start - 2) : start]
        if chance.happens(FaultKind.DUPLICATE) and said:
            said = [*said, dice.choice(said)]
        if chance.happens(FaultKind.REORDER):
            said = dice.sample(said, len(said))
        return said

    def _note(self, state: str, at: datetime, handed: list[str], *, final: bool) -> None:
        """Remember what this cursor promises."""
        self._shop.handed.append(Handed(since=state, at=at, source_ids=tuple(handed), final=final))

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        raw = Fields.of(item.payload)
        by = By(raw.text("by"))
        verdict, reason = _VERDICTS[by]
        name, thread = raw.id("id"), raw.text("thread")
        if raw.text("poison", default="") == "crash":
            raise ZeroDivisionError("built to break its reader")
        about = raw.text("about", default="")
        return InboundMessage(
            external_id=name,
            verdict=verdict,
            reason=raw.text("text") if by is By.BOUNCE else reason,
            sent_at=min(raw.instant("sent_at"), item.received_at),
            subject=f"Order of {thread}",
            text=raw.text("text"),
            full_text=raw.text("text"),
            sender_handle=f"buyer-{thread}",
            sender_name=f"Buyer {thread}",
            thread_keys=(ThreadKey(value=f"thread:{thread}"),),
            own_keys=(f"thread:{thread}",),
            refers_to=_refers_to(by, name, about),
            stage=Stage.POST_SALE,
            language="en",
            reply_context={"thread": thread},
        )

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return ReplyPreview(
            sender="the shop", recipient=_thread(command), subject="", body=command.text
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        shop, thread = self._shop, _thread(command)
        await shop.way_there("reply", lost_means=OutcomeUnknown)
        if shop.moderates():
            shop.keep_back(command.reply_id, thread, command.text)
            self._around.crash.point("market.reply.after")
            raise OutcomeUnknown("moderation has it")
        taken = shop.take(command.reply_id, thread, command.text)
        await shop.way_back("reply", lost_means=OutcomeUnknown)
        return _receipt(taken.said)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        shop = self._shop
        await shop.way_there("probe", lost_means=Unavailable)
        if not shop.plan.probes:
            return Unknown()
        ours = [each for each in shop.thread(_thread(command)) if each.by is By.SELLER]
        found = [each for each in ours if each.text == command.text]
        await shop.way_back("probe", lost_means=Unavailable)
        if not found:
            return Absent()
        still_held = found[0].held and found[0].visible_at > self._around.now()
        return Unknown() if still_held else Found(receipt=_receipt(found[0]))

    def _since(self, cursor: Cursor | None) -> datetime:
        kept = cursor.state.get("since") if cursor else None
        if isinstance(kept, str):
            return datetime.fromisoformat(kept)
        return self._around.now() - timedelta(days=1)

    def _item(self, said: Said, at: datetime) -> RawItem:
        told = {
            "id": said.id,
            "thread": said.thread,
            "by": said.by,
            "text": said.text,
            "sent_at": said.sent_at.isoformat(),
            "poison": said.poison,
            "about": "" if said.about is None else f"m{said.about}",
        }
        payload = b"{broken" if said.poison == "malformed" else json.dumps(told).encode()
        return RawItem(source_id=said.source_id, received_at=at, payload=payload)


def _refers_to(by: By, name: str, about: str) -> tuple[str, ...]:
    """An answer's copy names itself, as the desk knows it if it was the desk's; a bounce its answer."""
    if by is By.SELLER:
        return (name,)
    return (about,) if by is By.BOUNCE and about else ()


def _thread(command: ReplyCommand) -> str:
    thread = command.context.get("thread")
    if not isinstance(thread, str) or not thread:
        raise Rejected("this message names no conversation to answer")
    return thread


def _receipt(said: Said) -> ReplyReceipt:
    return ReplyReceipt(external_id=said.id, accepted_at=said.sent_at)
