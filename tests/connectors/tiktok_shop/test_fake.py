"""The fake refuses what TikTok refuses, so that a connector that is wrong cannot pass by it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from yarl import URL

from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.tiktok_shop import TikTokShopMarket
from sandbox.markets.tiktok_shop_gate import signature

CHATS = "/customer_service/202309/conversations"
LIST = {"page_size": "20", "shop_cipher": "GCP_salici"}


async def code_of(
    path: str = CHATS,
    params: Mapping[str, str] = LIST,
    *,
    method: str = "GET",
    body: bytes = b"",
    late: timedelta = timedelta(),
    **changes: str,
) -> Any:
    """TikTok's code for a rightly signed call, but for `changes` of what is sent."""
    time = VirtualTime()
    async with TikTokShopMarket(time.now) as market, aiohttp.ClientSession() as session:
        market.gate.exchange("refresh_token", market.gate.refresh)
        stamped = {
            **params,
            "app_key": market.gate.app_key,
            "timestamp": str(int((time.now() - late).timestamp())),
        }
        signed = signature(market.gate.app_secret, path, stamped, body)
        token = changes.pop("token", market.gate.access)
        sent = {**stamped, "sign": signed, **changes}
        headers = {"x-tts-access-token": token, "content-type": "application/json"}
        url = URL(market.url + path).with_query(sent)
        async with session.request(method, url, headers=headers, data=body) as answer:
            return (await answer.json())["code"]


async def test_a_right_call_is_answered():
    assert await code_of() == 0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"sign": "0" * 64}, 106001),
        ({"app_key": "of-another-app"}, 36009004),
        ({"token": "of-yesterday"}, 105002),
        ({"late": timedelta(minutes=6)}, 36009004),
        ({"late": timedelta(seconds=-40)}, 36009004),
        ({"params": {"page_size": "20"}}, 106013),
        ({"params": LIST | {"page_size": "21"}}, 45101001),
        ({"params": {"shop_cipher": "GCP_salici"}}, 45101001),
        ({"params": LIST | {"made_up": "1"}}, 45101001),
        ({"path": "/authorization/202309/shops"}, 36009004),
        ({"path": "/customer_service/209901/conversations"}, 36009009),
        ({"path": f"{CHATS}/404/messages", "params": LIST | {"page_size": "10"}}, 45101003),
    ],
)
async def test_a_wrong_call_is_refused_with_its_code(call, code):
    assert await code_of(**call) == code


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"TEXT","content":{"content":"hi"}}',
        b'{"type":"TEXT","content":"{}","made_up":1}',
        b'{"type":"FAX","content":"{}"}',
    ],
)
async def test_a_message_of_the_wrong_shape_is_refused(body):
    path = "/customer_service/202606/conversations/7001/messages"
    code = await code_of(path, {"shop_cipher": "GCP_salici"}, method="POST", body=body)
    assert code == 45101001


async def test_the_older_call_knows_no_role():
    body = b'{"type":"TEXT","content":"{\\"content\\":\\"hi\\"}","sender_role":"SYSTEM"}'
    named = {"shop_cipher": "GCP_salici"}
    assert await code_of(f"{CHATS}/7001/messages", named, method="POST", body=body) == 45101001
