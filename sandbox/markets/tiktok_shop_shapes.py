"""TikTok Shop's JSON: messages, orders, and the envelope of every answer."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from connectors.testing.market import THREAD
from sandbox.markets.base import Said
from sla_rules.vocabulary import Author

ROLES = {
    Author.CUSTOMER: "BUYER",
    Author.AGENT: "CUSTOMER_SERVICE",
    Author.AUTO: "ROBOT",
    Author.PLATFORM: "SYSTEM",
}
SHOP = {
    "id": "7494049642642441621",
    "name": "Bottega Salici",
    "region": "IT",
    "seller_type": "LOCAL",
    "cipher": "GCP_salici",
    "code": "ITLCSALICI",
}


def shape(said: Said) -> dict[str, Any]:
    """A message as TikTok writes it; an empty role makes its sender nobody."""
    role = said.more.get("role", ROLES[said.author])
    return {
        "id": said.id,
        "index": str(said.more.get("index", said.id)),
        "type": said.more.get("type", "TEXT"),
        "content": said.more.get("content", json.dumps({"content": said.text})),
        "create_time": int(said.at.timestamp()),
        "is_visible": said.more.get("visible", True),
        "sender": _sender(said.thread, role) if role else {},
    }


def _sender(thread: str, role: str) -> dict[str, str]:
    from_buyer = role == "BUYER"
    return {
        "im_user_id": f"8{thread}" if from_buyer else "1",
        "role": role,
        "nickname": "Nora Quist" if from_buyer else "Salici",
        "avatar": "https://files.tiktok.example/a.png",
    }


def an_order(order_id: str, thread: str = THREAD, **more: Any) -> dict[str, Any]:
    """An order of the buyer of a conversation, as TikTok writes it."""
    piece = {
        "sku_id": "77",
        "product_name": "Wooden train",
        "sku_name": "red",
        "sale_price": "19.90",
    }
    return {
        "id": order_id,
        "user_id": f"9{thread}",
        "status": "IN_TRANSIT",
        "create_time": 1772900000,
        "paid_time": 1772900100,
        "payment": {"currency": "EUR", "total_amount": "44.80"},
        "shipping_provider": "Poste",
        "tracking_number": "RR123456785IT",
        "line_items": [{"id": "1", **piece}, {"id": "2", **piece}],
        **more,
    }


def success(data: Mapping[str, Any]) -> web.Response:
    """An answer of TikTok's to a call that was right."""
    return web.json_response({"code": 0, "message": "Success", "data": data, "request_id": "r1"})


def refusal(status: int, code: int, words: str) -> web.Response:
    """An answer of TikTok's to any other call."""
    return web.json_response(
        {"code": code, "message": words, "data": {}, "request_id": "r1"}, status=status
    )
