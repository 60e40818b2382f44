"""Tokens that expire, are exchanged, and must survive a restart."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from connectors.errors import AuthExpired, Rejected
from connectors.keep import MemoryKeep
from connectors.testing.virtual_time import VirtualTime
from connectors.tokens import KeyAuth, Token, TokenAuth, TokenSource
from tests.connectors.http_market import client, context_on, odd_market

HOUR = timedelta(hours=1)


class Platform:
    """Gives numbered tokens; with `rotates`, a refresh token works once."""

    def __init__(self, *, rotates: bool = False) -> None:
        self.rotates = rotates
        self.valid: str | None = "first" if rotates else None
        self.granted = 0

    async def grant(self, refresh: str | None) -> Token:
        await asyncio.sleep(0)
        if refresh != self.valid:
            raise AuthExpired("this refresh token was used before")
        self.granted += 1
        if self.rotates:
            self.valid = f"refresh-{self.granted}"
        return Token(access=f"token-{self.granted}", lives=HOUR, refresh=self.valid)


async def test_a_token_is_used_for_four_fifths_of_its_life() -> None:
    time, platform = VirtualTime(), Platform()
    source = TokenSource(platform.grant, context_on(time))

    assert await source.token() == "token-1"
    time.advance(timedelta(minutes=47))
    assert await source.token() == "token-1"
    time.advance(timedelta(minutes=1))
    assert await source.token() == "token-2"


async def test_many_callers_share_one_exchange() -> None:
    platform = Platform(rotates=True)
    source = TokenSource(platform.grant, context_on(VirtualTime()), refresh=SecretStr("first"))

    tokens = await asyncio.gather(*(source.token() for _ in range(20)))

    assert set(tokens) == {"token-1"}
    assert platform.granted == 1


async def test_an_exchanged_refresh_token_survives_a_restart() -> None:
    time, platform, keep = VirtualTime(), Platform(rotates=True), MemoryKeep()
    for number in (1, 2, 3):
        source = TokenSource(
            platform.grant, context_on(time, keep=keep), refresh=SecretStr("first")
        )
        assert await source.token() == f"token-{number}"


async def test_a_new_refresh_token_in_the_settings_counts_more_than_the_kept_one() -> None:
    time, platform, keep = VirtualTime(), Platform(rotates=True), MemoryKeep()
    await TokenSource(
        platform.grant, context_on(time, keep=keep), refresh=SecretStr("first")
    ).token()
    platform.valid = "signed in anew"

    source = TokenSource(
        platform.grant, context_on(time, keep=keep), refresh=SecretStr("signed in anew")
    )

    assert await source.token() == "token-2"


async def test_the_new_refresh_token_is_kept_before_the_access_token_is_used() -> None:
    class FullDisk(MemoryKeep):
        async def put(self, key: str, value: str) -> None:
            raise OSError("no space left")

    platform = Platform(rotates=True)
    context = context_on(VirtualTime(), keep=FullDisk())

    with pytest.raises(OSError, match="no space"):
        await TokenSource(platform.grant, context, refresh=SecretStr("first")).token()


async def test_a_refused_token_is_renewed_once_and_then_it_is_over() -> None:
    platform = Platform()
    async with odd_market() as (market, time):
        auth = TokenAuth(TokenSource(platform.grant, context_on(time)))
        async with client(market.url, time, auth=auth) as http:
            assert (await http.get("/things")).status == 200
            market.wanted_token = "token-2"
            assert (await http.send("POST", "/things", json={})).status == 200
            assert market.changes == 1
            market.wanted_token = "something else"
            with pytest.raises(AuthExpired):
                await http.get("/things")
    assert platform.granted == 3


async def test_a_refresh_token_the_platform_rejects_ends_the_access() -> None:
    async def grant(_refresh: str | None) -> Token:
        raise Rejected("POST auth.example /token answered 400")

    with pytest.raises(AuthExpired, match="does not renew"):
        await TokenSource(grant, context_on(VirtualTime())).token()


async def test_a_forbidden_call_is_not_mended_by_a_new_token() -> None:
    platform = Platform()
    async with odd_market() as (market, time):
        auth = TokenAuth(TokenSource(platform.grant, context_on(time)))
        market.status = 403
        async with client(market.url, time, auth=auth) as http:
            with pytest.raises(AuthExpired):
                await http.get("/things")
    assert platform.granted == 1


async def test_fixed_keys_stand_in_their_headers() -> None:
    async with odd_market() as (market, time):
        auth = KeyAuth({"X-Shop-Key": SecretStr("k-1")}, scheme="Key")
        async with client(market.url, time, auth=auth) as http:
            headers = (await http.get("/echo/x")).object()["headers"]
    assert isinstance(headers, dict)
    assert headers["X-Shop-Key"] == "Key k-1"


async def test_invariant_11_neither_a_token_nor_its_source_shows_itself() -> None:
    platform = Platform(rotates=True)
    context = context_on(VirtualTime())
    source = TokenSource(platform.grant, context, refresh=SecretStr("first"))
    token = await platform.grant("first")

    shown = f"{token!r} {token} {source!r} {context!r} {TokenAuth(source)!r}"

    assert not [word for word in ("token-1", "refresh-1", "first") if word in shown]
    assert "kkkk" not in shown
