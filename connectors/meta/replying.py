"""Answers: a message, a public answer below a comment, or one private message to its author."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from connectors.contract import (
    Absent,
    File,
    Found,
    InboxContext,
    Json,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.errors import Malformed, OutcomeUnknown, Rejected
from connectors.fields import Fields
from connectors.limits import send_parts
from connectors.meta.account import Account
from connectors.meta.graph import MESSAGES, Graph
from connectors.meta.plan import Plan, plan_of
from connectors.meta.sent import PRIVATE, SentParts
from sla_rules.vocabulary import Author


class Replying:
    """Sends each answer once, and looks for it where it would be."""

    def __init__(self, account: Account, graph: Graph, context: InboxContext) -> None:
        self._account = account
        self._graph = graph
        self._context = context
        self._parts = SentParts(context.keep)
        self._private = SentParts(context.keep, PRIVATE)

    def preview(self, command: ReplyCommand) -> ReplyPreview:
        """Exactly what `reply` would send. Raises Rejected, ReplyWindowClosed."""
        plan = plan_of(command, self._account, self._context.now())
        public = plan.way in {"public", "mention"}
        title = self._account.dialect.title
        name = Fields(dict(command.context)).text("name", default="") or "a person without a name"
        where = {
            "message": f"{name}, as a direct message",
            "private": f"{name}, as a private message (possible once)",
            "public": f"everybody, below the comment of {name}",
            "mention": f"everybody, below the post where {name} names you",
        }
        return ReplyPreview(
            sender=f"{title} account {self._account.node}",
            recipient=where[plan.way],
            subject="",
            body=command.text,
            parts=plan.parts,
            public=public,
        )

    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        """Send it. Raises what `preview` raises, and what Meta says."""
        plan = plan_of(command, self._account, self._context.now())
        if plan.way == "private" and plan.target in await self._private.ids():
            raise Rejected("this comment was answered privately before; Meta allows it once")
        pieces = self._pieces(plan)
        ids = await send_parts(tuple(pieces), lambda piece: self._named(pieces[piece]))
        if plan.way == "private":
            await self._private.add([plan.target])
        await self._parts.add(ids[1:])
        return self._receipt(plan, ids[0])

    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        """Read the conversation, or the answers below the comment, again."""
        try:
            since = _sent_at(command)
            # Whoever wrote it: what was sent in time is looked for later too.
            plan = plan_of(replace(command, author=Author.AGENT), self._account, since)
        except (Rejected, Malformed):
            return Unknown()
        if plan.way in {"private", "mention"}:
            return Unknown()
        said = await (self._said_in(plan) if plan.way == "message" else self._said_below(plan))
        if said is None:
            return Unknown()
        # Meta counts whole seconds.
        recent = [one for one in reversed(said) if one.at >= since.replace(microsecond=0)]
        texts = {_plain(one.text): one.id for one in recent}
        arrived = [texts[_plain(part)] for part in plan.parts if _plain(part) in texts]
        files = [one.id for one in recent if one.has_file][: len(plan.files)]
        ids = [*arrived, *files]
        if len(ids) == len(plan.parts) + len(plan.files):
            await self._parts.add(ids[1:])
            return Found(receipt=self._receipt(plan, ids[0]))
        full = len(said) >= MESSAGES and len(recent) == len(said)
        return Unknown() if ids or full else Absent()

    def _receipt(self, plan: Plan, identity: str) -> ReplyReceipt:
        external = identity if plan.way in {"message", "private"} else f"comment:{identity}"
        return ReplyReceipt(
            external_id=external,
            accepted_at=self._context.now(),
            detail=str(plan.tags.get("tag", "")),
        )

    def _pieces(self, plan: Plan) -> Mapping[str, Callable[[], Awaitable[str]]]:
        """What goes out, one call each, in order."""
        texts = {f"text {n}": partial(self._say, plan, text) for n, text in enumerate(plan.parts)}
        files = {f"file {n}": partial(self._hand, plan, file) for n, file in enumerate(plan.files)}
        return texts | files

    async def _say(self, plan: Plan, text: str) -> str:
        if plan.way == "public":
            return await self._graph.answer_comment(plan.root, text)
        if plan.way == "mention":
            return await self._graph.answer_mention(plan.media, plan.target, text)
        return await self._graph.send(
            {"recipient": _recipient(plan), **plan.tags, "message": {"text": text}}
        )

    async def _hand(self, plan: Plan, file: File) -> str:
        attachment: Json = {"type": _kind(file), "payload": {"is_reusable": False}}
        head = {"recipient": _recipient(plan), **plan.tags, "message": {"attachment": attachment}}
        return await self._graph.send_file(head, file)

    async def _named(self, send: Callable[[], Awaitable[str]]) -> str:
        """Meta's id of what was sent. Taken over without one, it may be there or not."""
        identity = await send()
        if not identity:
            raise OutcomeUnknown("Meta took the answer and gave it no id")
        return identity

    async def _said_in(self, plan: Plan) -> Sequence["Said"] | None:
        """What the account wrote to the person, newest first; None where Meta shows nothing."""
        found = (await self._graph.conversations(person=plan.target)).each("data")
        if not found:
            return None
        messages = await self._graph.messages(found[0].id("id"))
        return _ours(messages.each("data"), self._account)

    async def _said_below(self, plan: Plan) -> Sequence["Said"]:
        answers = (await self._graph.answers(plan.root)).each("data")
        return _ours(answers, self._account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something the account wrote."""

    id: str
    at: datetime
    text: str
    has_file: bool


def _sent_at(command: ReplyCommand) -> datetime:
    """When the agent pressed send; without it, when the customer wrote."""
    return command.decided_at or Fields(dict(command.context)).instant("at")


def _ours(entries: Sequence[Fields], account: Account) -> Sequence[Said]:
    found = []
    for one in entries:
        at = one.instant_or_none("created_time") or one.instant_or_none("timestamp")
        if at is not None and one.inner("from").id("id", default="") in account.own_ids:
            text = one.text("message", default="") or one.text("text", default="")
            has_file = bool(one.inner("attachments").each("data"))
            found.append(Said(id=one.id("id", default=""), at=at, text=text, has_file=has_file))
    return found


def _recipient(plan: Plan) -> Json:
    return {"comment_id": plan.target} if plan.way == "private" else {"id": plan.target}


def _kind(file: File) -> str:
    """What Meta calls it; anything else is a file."""
    kind = file.media_type.partition("/")[0]
    return kind if kind in {"image", "video", "audio"} else "file"


def _plain(text: str) -> str:
    return " ".join(text.split())
