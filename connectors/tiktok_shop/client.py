"""TikTok Shop's calls, and nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.answer import HttpAnswer
from connectors.contract import File, InboxContext, Json
from connectors.errors import AuthExpired, ConnectorError, OutcomeUnknown, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.request import Pairs, multipart
from connectors.tiktok_shop.access import Access
from connectors.tiktok_shop.config import Config
from connectors.tiktok_shop.refusals import NotGranted, refusal
from connectors.tiktok_shop.signature import SignedAuth

CONVERSATIONS: Final = 20
MESSAGES: Final = 10
"""Greatest page sizes of the two lists."""

RETURNS: Final = 50
SESSIONS: Final = 20

PACE: Final = Limits(per_second=10, burst=20)
"""A fifth of the 50 calls a second that TikTok allows an app, which several shops may share."""

_SERVICE: Final = "/customer_service/202309"
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One shop that has authorised the app. `cipher` names it in every call."""

    id: str
    name: str
    region: str
    cipher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a list. `following` is empty at its end."""

    items: Sequence[Fields]
    following: str
    total: int = 0


class TikTokClient:
    """Raises `connectors.errors` classes only.

    Reading and handing over have a connection each: a used-up quota of reading must not hold up an
    answer that TikTok might still take.
    """

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self.access = Access(config, context)
        self._auth = SignedAuth(config.app_key, config.app_secret, self.access.source, context.now)
        self._reading = self._http()
        self._sending = self._http()
        self._shop: Shop | None = None

    async def shop(self) -> Shop:
        """The shop of this inbox. Raises AuthExpired when it cannot be told from others."""
        if self._shop is None:
            answer = await self._reading.get("/authorization/202309/shops")
            found = [_shop(one) for one in _data(answer).each("shops")]
            wanted = self._config.shop_id
            mine = [one for one in found if wanted in {"", one.id}]
            if len(mine) != 1:
                named = ", ".join(f"{one.id} ({one.region})" for one in found) or "none"
                raise AuthExpired(f"set shop_id to one of the shops that gave access: {named}")
            self._shop = mine[0]
        return self._shop

    async def accepts_chats(self) -> bool:
        """Whether the main account takes chats that TikTok assigns."""
        found = await self._get(f"{_SERVICE}/agents/settings", {})
        return found.flag("can_accept_chat", default=True)

    async def conversations(self, page: str) -> Listing:
        """A page of conversations, each with its newest message."""
        params = {
            "page_size": str(CONVERSATIONS),
            "locale": self._config.locale,
            "need_session_info": "true",
        }
        found = await self._get(f"{_SERVICE}/conversations", _paged(params, page))
        return _listing(found, "conversations")

    async def conversation(self, conversation: str) -> Fields:
        """One conversation, without its newest message."""
        path = f"/customer_service/202601/conversations/{conversation}"
        return (await self._get(path, {"need_session_info": "true"})).inner("conversation")

    async def messages(self, conversation: str, page: str) -> Listing:
        """A page of a conversation's messages, newest first. Marks nothing as read."""
        params = {
            "page_size": str(MESSAGES),
            "locale": self._config.locale,
            "sort_order": "DESC",
            "sort_field": "create_time",
        }
        path = f"{_SERVICE}/conversations/{conversation}/messages"
        return _listing(await self._get(path, _paged(params, page)), "messages")

    async def sessions(self, since: int, until: int) -> Listing:
        """Sessions begun from `since` up to `until`, epoch seconds, with TikTok's labels."""
        return _listing(
            await self._query(
                "/customer_service/202602/sessions/search",
                {"page_size": str(SESSIONS)},
                {"begin_time_ge": since, "begin_time_lt": until},
            ),
            "sessions",
        )

    async def returns(self, since: int, page: str) -> Listing:
        """A page of return requests changed since then, oldest change first."""
        params = {"page_size": str(RETURNS), "sort_field": "update_time", "sort_order": "ASC"}
        body: dict[str, Json] = {"update_time_ge": since, "locale": self._config.locale}
        found = await self._query(
            "/return_refund/202309/returns/search", _paged(params, page), body
        )
        return _listing(found, "return_orders")

    async def order(self, order_id: str) -> Sequence[Fields]:
        """One order, or nothing."""
        return (await self._get("/order/202507/orders", {"ids": order_id})).each("orders")

    async def orders_of(self, user_id: str, count: int) -> Listing:
        """A buyer's newest orders, and how many there are."""
        params = {"page_size": str(count), "sort_field": "create_time", "sort_order": "DESC"}
        found = await self._query("/order/202309/orders/search", params, {"buyer_user_id": user_id})
        return _listing(found, "orders")

    async def upload(self, picture: File) -> dict[str, Json]:
        """Store a picture, so that a message can show it. Nobody sees it yet."""
        body, content_type = multipart({}, [("data", picture)])
        shop = await self.shop()
        try:
            answer = await self._sending.send(
                "POST",
                f"{_SERVICE}/images/upload",
                body=body,
                params={"shop_cipher": shop.cipher},
                headers={"Content-Type": content_type},
            )
            found = _data(answer)
        except OutcomeUnknown as lost:
            raise Unavailable(f"{lost}; the message with the picture was not sent") from lost
        return {
            "url": found.text("url"),
            "width": found.number("width", default=0),
            "height": found.number("height", default=0),
        }

    async def send(self, conversation: str, message: Mapping[str, Json]) -> str:
        """Send one message. Returns its id."""
        version = self._config.send_version
        shop = await self.shop()
        answer = await self._sending.send(
            "POST",
            f"/customer_service/{version}/conversations/{conversation}/messages",
            json=dict(message),
            params={"shop_cipher": shop.cipher},
        )
        sent = _data(answer).id("message_id", default="")
        if not sent:
            raise OutcomeUnknown(f"{answer.request}: taken, and no message id came back")
        return sent

    async def close(self) -> None:
        """Close the connections."""
        await self._reading.close()
        await self._sending.close()
        await self.access.close()

    def _http(self) -> MarketHttp:
        return MarketHttp(
            self._config.base_url,
            self._context,
            auth=self._auth,
            limits=PACE,
            judge=self._judge,
            headers=_JSON,
        )

    def _judge(self, answer: HttpAnswer) -> ConnectorError | None:
        found = refusal(answer, self._context.now())
        self._auth.renewable = not isinstance(found, NotGranted)
        return found

    async def _get(self, path: str, params: Mapping[str, str]) -> Fields:
        return _data(await self._reading.get(path, params=await self._named(params)))

    async def _query(self, path: str, params: Mapping[str, str], body: dict[str, Json]) -> Fields:
        named = await self._named(params)
        return _data(await self._reading.query(path, params=named, json=body))

    async def _named(self, params: Mapping[str, str]) -> Pairs:
        return {**params, "shop_cipher": (await self.shop()).cipher}


def text_message(text: str, role: str | None) -> dict[str, Json]:
    """A text as TikTok takes it: its content is JSON inside of JSON."""
    return _message("TEXT", {"content": text}, role)


def picture_message(picture: Mapping[str, Json], role: str | None) -> dict[str, Json]:
    """A picture that was uploaded."""
    return _message("IMAGE", dict(picture), role)


def _message(kind: str, content: dict[str, Json], role: str | None) -> dict[str, Json]:
    written = json.dumps(content, ensure_ascii=False)
    message: dict[str, Json] = {"type": kind, "content": written}
    return {**message, "sender_role": role} if role else message


def _paged(params: Mapping[str, str], page: str) -> dict[str, str]:
    return {**params, "page_token": page} if page else dict(params)


def _data(answer: HttpAnswer) -> Fields:
    return Fields(answer.object()).inner("data")


def _listing(data: Fields, name: str) -> Listing:
    return Listing(
        items=data.each(name),
        following=data.text("next_page_token", default=""),
        total=data.number("total_count", default=0),
    )


def _shop(raw: Fields) -> Shop:
    return Shop(
        id=raw.id("id", default=""),
        name=raw.text("name", default=""),
        region=raw.text("region", default=""),
        cipher=raw.text("cipher", default=""),
    )
