"""What is new in claims and mediations: opened, something to do until when, written, closed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.mercado_libre.client import MercadoLibreClient
from connectors.mercado_libre.items import digest, item, moderation_of
from connectors.mercado_libre.paging import pages_from
from connectors.mercado_libre.position import KnownClaim, Position
from connectors.pages import kept_instant

OVERLAP: Final = timedelta(minutes=10)
LATE: Final = timedelta(days=7)
AGAIN: Final = timedelta(minutes=30)
"""The pause between two looks into an open claim that the search does not call changed."""

MOST_AGAIN: Final = 5
MOST_OPENED: Final = 100
"""Claims opened in one poll; more than so many keep the search where it is."""

SELLER: Final = "respondent"
BUYER: Final = "complainant"
MEDIATOR: Final = "mediator"

Step = tuple[Sequence[RawItem], Position]


class ClaimReader:
    """Reads the claims against one account."""

    def __init__(self, client: MercadoLibreClient) -> None:
        self._client = client

    async def pages(self, at: Position, now: datetime) -> AsyncIterator[Step]:
        """What is new, claim by claim, and the position once that is stored."""
        listed = await self._changed(at.claims_since - OVERLAP)
        if listed is None:
            return
        changed = {
            name: one for name, one in listed.items() if _updated(one) != _known(at, name).updated
        }
        names = list(changed)[:MOST_OPENED] + _again(at, changed, now)
        floor = max(at.first, at.claims_since - LATE)
        for name in names:
            claim = await self._client.claim(name) or changed.get(name) or Fields({})
            said = await self._client.claim_messages(name) if claim.value else ()
            found = [*_steps(name, claim, at, now), *_written(name, claim, said, floor, now)]
            at = replace(at, claims=_remembered(at.claims, name, claim, now))
            if found:
                yield found, at
        if len(changed) <= MOST_OPENED:
            times = [when for one in listed.values() if (when := one.instant_or_none(_UPDATED))]
            yield (
                (),
                replace(at, claims_since=max([at.claims_since, *(min(t, now) for t in times)])),
            )

    async def _changed(self, since: datetime) -> Mapping[str, Fields] | None:
        """Claims changed since, by their ids; the search's own order is not documented."""
        found: dict[str, Fields] = {}
        async for listed in pages_from(partial(self._client.claims, since)):
            if listed.refused:
                return None
            found |= {name: one for one in listed.entries if (name := one.id("id", default=""))}
        oldest_first = sorted(found.items(), key=lambda one: _updated(one[1]))
        return dict(oldest_first)


def due_of(claim: Fields) -> tuple[str, str]:
    """What the seller has to do next and until when, as Mercado Libre writes it; empty: nothing.

    Only what is mandatory counts. The nearest of several is the one that hurts.
    """
    waits: list[tuple[datetime, str, str]] = []
    for action in actions_of(claim):
        at = action.instant_or_none("due_date")
        if at is not None and action.flag("mandatory"):
            due = action.text("due_date", default="") or at.isoformat()
            waits.append((at, action.text("action", default=""), due))
    if not waits:
        return "", ""
    _, what, due = min(waits)
    return what, due


def actions_of(claim: Fields) -> Sequence[Fields]:
    """What the seller may do in a claim."""
    players = claim.each("players")
    ours = [one for one in players if one.text("role", default="") == SELLER]
    return [action for one in ours for action in one.each("available_actions")]


def message_name(message: Fields) -> str:
    """Messages of claims have no id: who wrote what to whom at what time is one."""
    names = ("sender_role", "receiver_role", "date_created", "message")
    return digest(*(message.text(name, default="") for name in names))


_UPDATED: Final = "last_updated"
_NOTHING: Final = KnownClaim(
    updated="", stage="", due="", looked=datetime.fromisoformat("1970-01-01T00:00:00+00:00")
)


def _updated(claim: Fields) -> str:
    return claim.text(_UPDATED, default="")


def _known(at: Position, name: str) -> KnownClaim:
    return at.claims.get(name, _NOTHING)


def _again(at: Position, changed: Mapping[str, Fields], now: datetime) -> list[str]:
    quiet = [k for k, v in at.claims.items() if k not in changed and v.looked <= now - AGAIN]
    return sorted(quiet, key=lambda name: at.claims[name].looked)[:MOST_AGAIN]


def _steps(name: str, claim: Fields, at: Position, now: datetime) -> list[RawItem]:
    """The items that tell how far a claim has come."""
    known, is_new = _known(at, name), name not in at.claims
    stage, (_, due) = claim.text("stage", default=""), due_of(claim)
    payload: dict[str, Json] = {"claim": claim.value}
    opened = item(f"claim:{name}:{stage}:{due}", None, now, payload)
    if not claim.value or claim.text("status", default="") == "closed":
        ended = item(
            f"claim_closed:{name}", None, now, {"claim_closed": claim.value or {"id": name}}
        )
        created = claim.instant_or_none("date_created")
        if is_new and created is not None and created >= at.first:
            return [opened, ended]
        return [] if is_new else [ended]
    if is_new or stage != known.stage or (due and due != known.due):
        return [opened]
    before = kept_instant(known.due)
    if known.due and not due and before is not None and before > now:
        # It was not yet time for anybody else to act: the seller did what was asked.
        return [item(f"claim_acted:{name}:{known.due}", None, now, {"claim_acted": claim.value})]
    return []


def _written(
    name: str, claim: Fields, said: Sequence[Fields], floor: datetime, now: datetime
) -> list[RawItem]:
    head: Json = {key: claim.value[key] for key in _HEAD if key in claim.value}
    found: list[tuple[datetime, RawItem]] = []
    # The newest comes first, as the documentation's example shows them.
    for message in reversed(said):
        at = message.instant_or_none("date_created")
        if at is not None and at < floor:
            continue
        is_ours = message.text("sender_role", default="") == SELLER
        verdict = moderation_of(message)[0] if is_ours else "clean"
        if verdict == "pending":
            continue
        kind = "claim_moderated" if verdict == "rejected" else "claim_message"
        payload: dict[str, Json] = {kind: message.value, "of": head}
        source = f"{kind}:{name}:{message_name(message)}"
        found.append((at or now, item(source, at, now, payload)))
    return [one for _, one in sorted(found, key=lambda each: each[0])]


_HEAD: Final = ("id", "resource", "resource_id", "type", "stage", "reason_id", "site_id", "players")
"""What a message needs of its claim."""


def _remembered(
    claims: Mapping[str, KnownClaim], name: str, claim: Fields, now: datetime
) -> Mapping[str, KnownClaim]:
    left = {key: one for key, one in claims.items() if key != name}
    if claim.value and claim.text("status", default="") != "closed":
        _, due = due_of(claim)
        stage = claim.text("stage", default="")
        left[name] = KnownClaim(updated=_updated(claim), stage=stage, due=due, looked=now)
    return left
