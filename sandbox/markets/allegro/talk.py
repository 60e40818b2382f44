"""The message centre of the fake Allegro, in both its editions."""

from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox.markets.allegro.shop import Shop, order_of
from sandbox.markets.allegro.wire import BETA, PUBLIC, refusal, stamp, whole
from sandbox.markets.base import Said, read_json
from sla_rules.vocabulary import Author

SELLER = "Bottega_Salici"
LONGEST = 2_000
PAGE = 20
STATES = {"sent": "DELIVERED", "held": "VERIFYING", "refused": "BLOCKED"}
ROLES = {Author.CUSTOMER: "BUYER", Author.AGENT: "SELLER", Author.PLATFORM: "CONSULTANT"}


class Talk(Shop):
    """Threads and their messages.

    `more` of a message may say: `problem` (its thread is a problem with a purchase), `role`,
    `order`, `offer`, `type`, `subject`, `status`, `files` (names). `no_beta` refuses the second
    edition, as to accounts that do not have it; `lost_threads` are listed and not found.
    """

    no_beta = False
    lost_threads: frozenset[str] | set[str] = frozenset()

    async def list_threads(self, request: web.Request) -> web.Response:
        """Threads, the newest message first: ordinary ones, or problems."""
        if request.headers.get("Accept") == BETA and not self.no_beta:
            return self._problems(request)
        problem = self.wrong(request, PUBLIC, {"limit", "offset"}, PAGE)
        if problem is not None:
            return problem
        shown = [self._thread(one) for one in self._threads(problems=False)]
        return web.json_response({"threads": self.window(request, shown, PAGE), "limit": PAGE})

    async def list_messages(self, request: web.Request) -> web.Response:
        """Messages of a thread, the newest first."""
        thread = request.match_info["thread"]
        is_problem = thread in self._threads(problems=True)
        known = {"page.id"} if is_problem else {"limit", "offset", "before", "after"}
        problem = self.wrong(request, BETA if is_problem else PUBLIC, known, PAGE)
        if problem is not None:
            return problem
        said_in = {said.thread for said in self.messages} - self.lost_threads
        if thread not in said_in:
            return refusal(404, "THREAD_NOT_FOUND", "The thread does not exist")
        found = [one for one in self.messages if one.thread == thread]
        if "after" in request.query:
            after = datetime.fromisoformat(request.query["after"])
            found = [one for one in found if whole(one.at) > after]
        found.sort(key=lambda one: one.at, reverse=True)
        if not is_problem:
            page = self.window(request, [self._public(one) for one in found], PAGE)
            return web.json_response({"messages": page, "offset": 0, "limit": PAGE})
        return self._by_name(request, "messages", [self._beta(one) for one in found])

    async def show_message(self, request: web.Request) -> web.Response:
        """One message."""
        name = request.match_info["message"]
        said = next((one for one in self.messages if one.id == name), None)
        is_problem = said is not None and said.thread in self._threads(problems=True)
        problem = self.wrong(request, BETA if is_problem else PUBLIC)
        if problem is not None:
            return problem
        if said is None:
            return refusal(404, "MESSAGE_NOT_FOUND", "The message does not exist")
        return web.json_response(self._beta(said) if is_problem else self._public(said))

    async def write(self, request: web.Request) -> web.Response:
        """Take a message; one a second. It is verified before the customer gets it."""
        thread = request.match_info["thread"]
        is_problem = thread in self._threads(problems=True)
        problem = self.wrong(request, BETA if is_problem else PUBLIC)
        if problem is not None:
            return problem
        content = await read_json(request)
        text = content.get("text")
        if set(content) - {"text", "attachments"} or not isinstance(text, str):
            return refusal(422, "VALIDATION_ERROR", "The message has a wrong field")
        if not 1 <= len(text) <= LONGEST or not self.all_uploaded(content):
            return refusal(422, "VALIDATION_ERROR", "The text or an attachment is wrong")
        if self.now() - self.wrote_at < timedelta(seconds=1):
            return self.throttled(1)
        self.wrote_at = self.now()
        said = self.take_reply(thread, text, files=self.names_of(content))
        shown = self._beta(said) if is_problem else self._public(said)
        return web.json_response(shown | {"status": "VERIFYING"}, status=201)

    def window(self, request: web.Request, entries: list[Any], usual: int) -> list[Any]:
        """One page by `limit` and `offset`; with `overlap`, it repeats one entry."""
        limit, offset = int(request.query.get("limit", usual)), int(request.query.get("offset", 0))
        first = offset - 1 if self.overlap and offset > 0 else offset
        return entries[first : first + limit]

    def state_of(self, said: Said) -> str:
        """What has become of a message."""
        own = STATES[self.moderation] if said.more.get("own") else "DELIVERED"
        return str(said.more.get("status", own))

    def _problems(self, request: web.Request) -> web.Response:
        known = {"page.id", "read", "status", "type", "orderId"}
        problem = self.wrong(request, BETA, known)
        if problem is not None:
            return problem
        if request.query.get("type") != "POST_PURCHASE_ISSUE":
            return refusal(422, "VALIDATION_ERROR", "This fake lists problems alone")
        shown = [self._problem(one) for one in self._threads(problems=True)]
        return self._by_name(request, "threads", shown)

    def _by_name(self, request: web.Request, key: str, entries: list[Any]) -> web.Response:
        start = int(request.query.get("page.id", "page-0").removeprefix("page-"))
        page, following = self.page_of(entries, start)
        after = None if following is None else {"id": f"page-{following}"}
        return web.json_response({key: list(page), "nextPage": after})

    def _threads(self, *, problems: bool) -> list[str]:
        """Names of threads, the newest message first; issues are no threads."""
        newest: dict[str, datetime] = {}
        marked = {one.thread for one in self.messages if one.more.get("problem")}
        for said in self.messages:
            if said.thread not in self.issues and (said.thread in marked) is problems:
                newest[said.thread] = max(said.at, newest.get(said.thread, said.at))
        return sorted(newest, key=lambda name: newest[name], reverse=True)

    def _newest(self, thread: str) -> str:
        return stamp(max(one.at for one in self.messages if one.thread == thread))

    def _thread(self, thread: str) -> dict[str, Any]:
        return {
            "id": thread,
            "read": False,
            "lastMessageDateTime": self._newest(thread),
            "interlocutor": {"login": buyer_of(thread), "avatarUrl": "https://a.example/1.png"},
        }

    def _problem(self, thread: str) -> dict[str, Any]:
        people = [{"role": "BUYER", "login": buyer_of(thread)}, {"role": "SELLER", "login": SELLER}]
        return {
            "id": thread,
            "type": "POST_PURCHASE_ISSUE",
            "read": False,
            "createdAt": stamp(min(one.at for one in self.messages if one.thread == thread)),
            "lastMessageDateTime": self._newest(thread),
            "participants": people,
            "orders": [{"id": order_of(thread), "offers": [{"id": "7678887152", "quantity": 1}]}],
            "subType": "NO_REFUND",
            "status": "OPEN",
        }

    def _public(self, said: Said) -> dict[str, Any]:
        is_buyer = said.author is Author.CUSTOMER
        author = {"login": buyer_of(said.thread) if is_buyer else SELLER}
        shape = self._shape(said) | {"thread": {"id": said.thread}}
        return shape | {"author": author | {"isInterlocutor": is_buyer}}

    def _beta(self, said: Said) -> dict[str, Any]:
        role = said.more.get("role", ROLES[said.author])
        logins = {"BUYER": buyer_of(said.thread), "SELLER": SELLER}
        author = {"role": role, "login": said.more.get("login", logins.get(role))}
        return self._shape(said) | {"author": author}

    def _shape(self, said: Said) -> dict[str, Any]:
        order, offer = self._relates(said)
        return {
            "id": said.id,
            "status": self.state_of(said),
            "type": said.more.get("type", "MESSAGE_CENTER"),
            "createdAt": stamp(said.at),
            "text": said.text,
            "subject": said.more.get("subject"),
            "relatesTo": {"offer": offer, "order": order},
            "hasAdditionalAttachments": False,
            "attachments": [self.attached(one) for one in said.more.get("files", ())],
            "additionalInformation": None,
        }

    def _relates(self, said: Said) -> tuple[dict[str, str] | None, dict[str, str] | None]:
        offer = said.more.get("offer")
        usual = None if offer or said.author is not Author.CUSTOMER else order_of(said.thread)
        order = said.more.get("order", usual)
        return {"id": order} if order else None, {"id": offer} if offer else None


def buyer_of(thread: str) -> str:
    """The customer's login; every thread of the fake has a customer of its own."""
    return f"Client:{thread}"
