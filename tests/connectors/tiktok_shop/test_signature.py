"""The signature of a call, with the platform's own example and ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from connectors.contract import File, InboxContext
from connectors.request import HttpRequest, multipart
from connectors.tiktok_shop.signature import SignedAuth, sign
from connectors.tokens import Token, TokenSource

SECRET = "e59af819cc"
AT = datetime.fromtimestamp(1623812664, UTC)
CHAT = "/customer_service/202309/conversations/7106888323922608389/messages"
BODY = b'{"type":"TEXT","content":"{\\"content\\": \\"hi\\"}"}'


async def signed(request: HttpRequest) -> HttpRequest:
    async def grant(_refresh: str | None) -> Token:
        return Token(access="the-token", lives=timedelta(days=7))

    source = TokenSource(grant, InboxContext(inbox="x", instance_key=b"k", now=lambda: AT))
    auth = SignedAuth(SecretStr("29a39d"), SecretStr(SECRET), source, lambda: AT)
    return await auth.authorise(request)


def test_the_platforms_own_example() -> None:
    params = [("timestamp", "1623812664"), ("app_key", "29a39d")]
    wanted = "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"
    assert sign(SECRET, "/authorization/202309/shops", params) == wanted


def test_a_body_is_signed_as_it_is_sent() -> None:
    params = [("app_key", "29a39d"), ("shop_cipher", "GCP_XF90"), ("timestamp", "1623812664")]
    wanted = "15993197c0230548c359a7b08b9db2450e046e689ae7656d42d374e6c96efc6d"
    assert sign(SECRET, CHAT, params, BODY) == wanted
    assert sign(SECRET, CHAT, params, BODY + b" ") != wanted


def test_the_token_and_an_older_signature_are_not_signed() -> None:
    params = [("app_key", "29a39d"), ("timestamp", "1623812664")]
    noise = [("access_token", "t"), ("sign", "s")]
    assert sign(SECRET, "/a", [*params, *noise]) == sign(SECRET, "/a", params)


async def test_a_call_carries_the_signature_of_exactly_what_goes_out() -> None:
    request = HttpRequest(
        method="POST", base="https://x.example", path=CHAT, params=(("shop_cipher", "GCP_XF90"),)
    )
    sent = await signed(replace(request, body=BODY))
    params = dict(sent.params)
    assert params["sign"] == "15993197c0230548c359a7b08b9db2450e046e689ae7656d42d374e6c96efc6d"
    assert sent.headers["x-tts-access-token"] == "the-token"
    assert "the-token" not in sent.url


async def test_values_are_signed_before_they_are_encoded() -> None:
    request = HttpRequest(
        method="GET", base="https://x.example", path="/a", params=(("page_token", "a b/=é"),)
    )
    sent = await signed(request)
    plain = [pair for pair in sent.params if pair[0] != "sign"]
    assert dict(sent.params)["sign"] == sign(SECRET, "/a", plain)
    assert "a%20b%2F%3D%C3%A9" in sent.url


async def test_a_multipart_body_is_left_out() -> None:
    file = File(name="a.png", media_type="image/png", content=b"\x89PNG")
    body, content_type = multipart({}, [("data", file)])
    request = HttpRequest(
        method="POST", base="https://x.example", path="/a", headers={"Content-Type": content_type}
    )
    with_body = await signed(replace(request, body=body))
    assert dict(with_body.params)["sign"] == dict((await signed(request)).params)["sign"]
