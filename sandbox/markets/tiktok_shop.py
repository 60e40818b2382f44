"""TikTok Shop's seller API: signed calls, codes in every answer, chats, returns, orders, calls to us.

Written from the platform's pages: it refuses wrong signatures, stale times, unknown parameters,
pages that are too large, and a shop cipher where none belongs.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.contract import Json
from connectors.signing import hmac_hex
from sandbox.markets.base import FakeMarket, Route, Said, reads, writes
from sandbox.markets.tiktok_shop_gate import Gate, Refused
from sandbox.markets.tiktok_shop_shapes import ROLES, SHOP, refusal, shape, success

LONGEST = 2000
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
LISTED = frozenset({"page_size", "page_token", "locale", "need_session_info", "shop_cipher"})
READ = frozenset({"page_size", "page_token", "locale", "sort_order", "sort_field", "shop_cipher"})
SEARCHED = frozenset({"page_size", "page_token", "sort_order", "sort_field", "shop_cipher"})
NAMED = frozenset({"shop_cipher"})


class TikTokShopMarket(FakeMarket):
    """One shop. A thread is a conversation.

    `more` of a message may name `type`, `content`, `role`, `visible` and `index`.
    `returns`, `sessions` and `orders` are answered as they stand; `unreadable` are conversations
    that are listed and not opened; `code_for_reads` and `code_for_replies` refuse every list or
    message with that code; `read_marks` counts conversations that somebody marked as read.
    """

    authors = frozenset(ROLES)

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.gate = Gate(now)
        self.shops: list[dict[str, Json]] = [dict(SHOP)]
        self.scopes = {"customer_service", "order", "return_refund"}
        self.returns: list[dict[str, Any]] = []
        self.sessions: list[dict[str, Any]] = []
        self.orders: dict[str, dict[str, Any]] = {}
        self.phases: dict[str, str] = {}
        self.accepts_chats = True
        self.consent_ends: datetime | None = None
        self.cut_next_reply = False
        self.newest_first = True
        self.unreadable: set[str] = set()
        self.code_for_reads = 0
        self.code_for_replies = 0
        self.read_marks = 0

    @override
    def routes(self) -> Sequence[Route]:
        chats = "/customer_service/202309/conversations"
        return (
            reads("GET", "/api/v2/token/get", self.token_for_code, open=True),
            reads("GET", "/api/v2/token/refresh", self.token_for_refresh, open=True),
            reads("GET", "/authorization/202309/shops", self.list_shops),
            reads("GET", "/customer_service/202309/agents/settings", self.settings),
            reads("GET", chats, self.conversations),
            reads("GET", f"{chats}/{{id}}/messages", self.list_messages),
            Route(
                method="GET",
                path="/customer_service/202601/conversations/{id}",
                handler=self.one_conversation,
                spare=True,
            ),
            reads("POST", "/customer_service/202602/sessions/search", self.search_sessions),
            reads("POST", "/return_refund/202309/returns/search", self.search_returns),
            reads("GET", "/order/202507/orders", self.order_detail),
            reads("POST", "/order/202309/orders/search", self.search_orders),
            writes("POST", "/customer_service/202309/images/upload", self.upload),
            writes("POST", "/customer_service/202606/conversations/{id}/messages", self.send),
            Route(method="GET", path="/files/{name}", handler=self.file, open=True, spare=True),
            Route(
                method="POST",
                path=f"{chats}/{{id}}/messages",
                handler=self.send,
                writes=True,
                spare=True,
            ),
            Route(
                method="POST",
                path=f"{chats}/{{id}}/messages/read",
                handler=self.mark_read,
                writes=True,
                spare=True,
            ),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        return request.headers.get("x-tts-access-token") == self.gate.access

    @override
    def refused(self) -> web.Response:
        return refusal(401, 105002, "Expired credentials.")

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        response = refusal(429, 36009002, "Too many requests.")
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return refusal(status, 36009003 if status >= 500 else 36009009, reason)  # noqa: PLR2004

    async def token_for_code(self, request: web.Request) -> web.Response:
        """Exchange an authorisation code, once."""
        return self._tokens(request, "auth_code", "authorized_code")

    async def token_for_refresh(self, request: web.Request) -> web.Response:
        """Exchange a refresh token for the next one."""
        return self._tokens(request, "refresh_token", "refresh_token")

    def _tokens(self, request: web.Request, name: str, grant_type: str) -> web.Response:
        given = dict(request.query)
        if given.pop("grant_type", "") != grant_type or not self.gate.is_app(given):
            return refusal(200, 36004002, "invalid app or grant type")
        pair = self.gate.exchange(name, given.get(name, ""))
        if pair is None:
            return refusal(200, 36004004, f"{name} is not valid")
        self.token = pair[0]
        self.secrets |= set(pair)
        return success(
            {
                "access_token": pair[0],
                "access_token_expire_in": self._in(days=7),
                "refresh_token": pair[1],
                "refresh_token_expire_in": int(self._consent_end().timestamp()),
                "seller_name": SHOP["name"],
                "seller_base_region": SHOP["region"],
                "user_type": 0,
                "granted_scopes": sorted(f"seller.{scope}" for scope in self.scopes),
            }
        )

    def _consent_end(self) -> datetime:
        return self.consent_ends or self.now() + timedelta(days=365)

    def _in(self, days: int) -> int:
        return int((self.now() + timedelta(days=days)).timestamp())

    async def list_shops(self, request: web.Request) -> web.Response:
        """The shops that authorised the app. Takes no cipher."""
        return await self._guarded(request, frozenset(), lambda _: {"shops": list(self.shops)})

    async def settings(self, request: web.Request) -> web.Response:
        """Whether the main account takes chats."""
        found: dict[str, Json] = {"can_accept_chat": self.accepts_chats}
        return await self._guarded(request, NAMED, lambda _: found, "customer_service")

    async def conversations(self, request: web.Request) -> web.Response:
        """Conversations with their newest message."""
        return await self._guarded(request, LISTED, self._conversations, "customer_service")

    def _conversations(self, call: Mapping[str, Any]) -> dict[str, Json]:
        if self.code_for_reads:
            raise Refused(self.code_for_reads, "refused")
        newest = {said.thread: said for said in self.messages}
        listed = sorted(newest.values(), key=lambda s: (s.at, int(s.id)), reverse=self.newest_first)
        page, following = self._page(call, listed, 20)
        return {
            "conversations": [self.conversation(said) for said in page],
            "next_page_token": following,
        }

    def conversation(self, newest: Said) -> dict[str, Any]:
        """One conversation as the list has it."""
        thread = newest.thread
        return {
            "id": thread,
            "participant_count": 3,
            "can_send_message": thread not in self.closed,
            "unread_count": 1,
            "create_time": int(newest.at.timestamp()),
            "participants": [
                {
                    "role": "BUYER",
                    "user_id": f"9{thread}",
                    "im_user_id": f"8{thread}",
                    "nickname": "Nora Quist",
                    "avatar": "https://files.tiktok.example/a.png",
                },
                {"role": "SHOP", "user_id": SHOP["id"], "im_user_id": "1", "nickname": "Salici"},
            ],
            "latest_message": shape(newest),
            "cur_session": {"id": f"s{thread}", "phase": self.phases.get(thread, "ASSIGNED")},
        }

    async def one_conversation(self, request: web.Request) -> web.Response:
        """One conversation: neither its newest message nor whether it takes an answer."""
        allowed = frozenset({"need_session_id", "need_session_info", "shop_cipher"})
        return await self._guarded(request, allowed, self._one_conversation, "customer_service")

    def _one_conversation(self, call: Mapping[str, Any]) -> dict[str, Json]:
        said = [one for one in self.messages if one.thread == call["id"]]
        if not said:
            raise Refused(45101003, "Record not found.")
        whole = self.conversation(said[-1])
        left_out = {"latest_message", "can_send_message"}
        return {"conversation": {name: whole[name] for name in whole if name not in left_out}}

    async def list_messages(self, request: web.Request) -> web.Response:
        """One conversation's messages. Marks nothing as read."""
        return await self._guarded(request, READ, self._messages, "customer_service")

    def _messages(self, call: Mapping[str, Any]) -> dict[str, Json]:
        said = [one for one in self.messages if one.thread == call["id"]]
        if not said or call["id"] in self.unreadable:
            raise Refused(45101003, "Record not found.")
        field = call.get("sort_field", "create_time")
        if field not in {"create_time", "index"}:
            raise Refused(45101001, "sort_field")
        key = (lambda s: int(s.id)) if field == "index" else (lambda s: (s.at, int(s.id)))
        said.sort(key=key, reverse=call.get("sort_order", "DESC") == "DESC")
        page, following = self._page(call, said, 10)
        return {"messages": [shape(one) for one in page], "next_page_token": following}

    async def search_sessions(self, request: web.Request) -> web.Response:
        """Sessions by the time they began."""
        return await self._guarded(
            request, frozenset({"page_size", "page_token", "locale", "shop_cipher"}), self._sessions,
            "customer_service",
        )  # fmt: skip

    def _sessions(self, call: Mapping[str, Any]) -> dict[str, Json]:
        start, end = call["body"]["begin_time_ge"], call["body"]["begin_time_lt"]
        found = [one for one in self.sessions if start <= one["begin_time"] < end]
        page, following = self._page(call, found, 20)
        return {"sessions": list(page), "next_page_token": following}

    async def search_returns(self, request: web.Request) -> web.Response:
        """Return requests by the time of their last change."""
        return await self._guarded(request, SEARCHED, self._returns, "return_refund")

    def _returns(self, call: Mapping[str, Any]) -> dict[str, Json]:
        since = call["body"].get("update_time_ge", 0)
        found = [one for one in self.returns if one["update_time"] >= since]
        found.sort(key=lambda one: one[call.get("sort_field", "create_time")])
        page, following = self._page(call, found, 50)
        return {"return_orders": list(page), "next_page_token": following}

    async def order_detail(self, request: web.Request) -> web.Response:
        """Orders by their ids."""
        allowed = frozenset({"ids", "shop_cipher"})
        return await self._guarded(
            request,
            allowed,
            lambda call: {
                "orders": [self.orders[one] for one in call["ids"].split(",") if one in self.orders]
            },
            "order",
        )

    async def search_orders(self, request: web.Request) -> web.Response:
        """Orders of one buyer."""
        return await self._guarded(request, SEARCHED, self._orders_of, "order")

    def _orders_of(self, call: Mapping[str, Any]) -> dict[str, Json]:
        buyer = call["body"].get("buyer_user_id")
        found = [one for one in self.orders.values() if one["user_id"] == buyer]
        page, following = self._page(call, found, 100)
        return {"orders": list(page), "next_page_token": following, "total_count": len(found)}

    async def upload(self, request: web.Request) -> web.Response:
        """Keep a picture."""
        return await self._guarded(
            request,
            NAMED,
            lambda _: {"url": f"{self.url}/picture.png", "width": 640, "height": 480},
            "customer_service",
        )

    async def send(self, request: web.Request) -> web.Response:
        """Take a message over."""
        response = await self._guarded(request, NAMED, self._send, "customer_service")
        if self.cut_next_reply and request.transport is not None:
            self.cut_next_reply = False
            request.transport.abort()
        return response

    async def file(self, _request: web.Request) -> web.Response:
        """A picture of a buyer's, open to everybody as the platform's own are."""
        return web.Response(body=PNG, content_type="image/png")

    def _send(self, call: Mapping[str, Any]) -> dict[str, Json]:
        body, thread = call["body"], call["id"]
        allowed = {"type", "content"} | ({"sender_role"} if "/202606/" in call["path"] else set())
        if not isinstance(body.get("content"), str) or set(body) - allowed:
            raise Refused(45101001, "Invalid parameter.")
        if thread in self.closed:
            raise Refused(45109001, "Unable to send messages due to conversation rules.")
        if self.code_for_replies:
            raise Refused(self.code_for_replies, "refused")
        content = json.loads(body["content"])
        text = content.get("content", "") if body["type"] == "TEXT" else f"[{content.get('url')}]"
        if body["type"] not in {"TEXT", "IMAGE"} or len(text) > LONGEST:
            raise Refused(45101001, "Invalid parameter.")
        role = body.get("sender_role", "CUSTOMER_SERVICE")
        said = self.take_reply(thread, text, type=body["type"], content=body["content"], role=role)
        return {"message_id": said.id}

    async def mark_read(self, request: web.Request) -> web.Response:
        """Take a conversation off the unread ones: nobody here should."""
        self.read_marks += 1
        return await self._guarded(request, NAMED, lambda _: {}, "customer_service")

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        said = next(one for one in self.messages if one.id == message_id)
        message = shape(said)
        data = {name: message[name] for name in ("type", "content", "create_time", "is_visible")}
        sender = {name: message["sender"][name] for name in ("im_user_id", "role")}
        data |= {"message_id": said.id, "conversation_id": said.thread, "sender": sender}
        return self.notification(14, {**data, "index": message["index"]}, f"n{said.id}")

    def notification(self, kind: int, data: dict[str, Any], delivery: str) -> WebhookRequest:
        """Any call of TikTok's, rightly signed."""
        event = {
            "type": kind,
            "tts_notification_id": delivery,
            "shop_id": SHOP["id"],
            "timestamp": int(self.now().timestamp()),
            "data": data,
        }
        body = json.dumps(event).encode()
        signed = hmac_hex(self.gate.app_secret, self.gate.app_key.encode() + body)
        return WebhookRequest(
            method="POST",
            path="/webhooks/tiktok",
            headers={"authorization": signed, "content-type": "application/json"},
            query={},
            body=body,
            received_at=self.now(),
        )

    def _page(
        self, call: Mapping[str, Any], items: Sequence[Any], most: int
    ) -> tuple[Sequence[Any], str]:
        size, start = int(call.get("page_size", 0)), int(call.get("page_token", "0"))
        if not 0 < size <= most:
            raise Refused(45101001, f"page_size must be 1 to {most}")
        first = start - 1 if self.overlap and start > 0 else start
        end = start + size
        return items[first:end], str(end) if end < len(items) else ""

    async def _guarded(
        self,
        request: web.Request,
        allowed: frozenset[str],
        answer: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        scope: str = "",
    ) -> web.Response:
        try:
            call = await self.gate.admitted(request, allowed, str(self.shops[0]["cipher"]))
            self._check_scope(scope)
            return success(answer(call))
        except Refused as refused:
            return refusal(refused.status, refused.code, refused.words)

    def _check_scope(self, scope: str) -> None:
        if scope and scope not in self.scopes:
            raise Refused(105005, "Access denied.", status=401)
