"""Files behind addresses that strangers may have written."""

import socket

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.download import download
from connectors.errors import Rejected, Unavailable
from connectors.outbound import PrivateAddress, PublicResolver, is_public
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.base import FakeMarket, Route, reads
from tests.connectors.http_market import context_on

HOSTS = ("cdn.example",)


class Names(AbstractResolver):
    """Every name leads to the next address, the last one for ever."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        return


class Files(FakeMarket):
    def routes(self) -> list[Route]:
        return [reads("GET", "/files/{name}", self.file, open=True)]

    async def file(self, request: web.Request) -> web.Response:
        if request.match_info["name"] == "moved":
            raise web.HTTPFound("/files/a.png")
        assert "Authorization" not in request.headers
        return web.Response(body=b"x" * 100, content_type="image/png")


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/a.png",
        "https://cdn.example.evil.example/a.png",
        "https://evil.example/cdn.example/a.png",
        "https://cdn.example@evil.example/a.png",
        "https://evilcdn.example/a.png",
        "file:///etc/passwd",
        "ftp://cdn.example/a.png",
        "//cdn.example/a.png",
        "https://[broken/a.png",
        "https://127.0.0.1/a.png",
        "",
    ],
)
async def test_an_address_elsewhere_is_not_even_called(url: str) -> None:
    with pytest.raises(Rejected, match="not where"):
        await download(url, context_on(VirtualTime()), hosts=HOSTS, resolver=Names("192.0.2.1"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.0.8", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fd00::1",
        "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1", "nonsense",
    ],
)  # fmt: skip
async def test_a_name_that_leads_into_our_own_network_is_refused(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(PrivateAddress):
        await PublicResolver(Names(address)).resolve("cdn.example")
    with pytest.raises(Unavailable):
        await download(
            "https://cdn.example/a.png",
            context_on(VirtualTime()),
            hosts=HOSTS,
            resolver=Names(address),
        )


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is_one(address: str) -> None:
    assert is_public(address)


async def test_the_sellers_own_platform_is_called_without_credentials() -> None:
    time = VirtualTime()
    async with Files(time.now) as market:
        file = await download(
            f"{market.url}/files/a.png?sig=1", context_on(time), hosts=(), base_url=market.url
        )
    assert (file.name, file.media_type, len(file.content)) == ("a.png", "image/png", 100)


async def test_a_file_that_is_too_large_or_moved_is_refused() -> None:
    time = VirtualTime()
    async with Files(time.now) as market:
        with pytest.raises(Rejected, match="larger than 99"):
            await download(
                f"{market.url}/files/a.png",
                context_on(time),
                hosts=(),
                base_url=market.url,
                most_bytes=99,
            )
        with pytest.raises(Unavailable, match="302"):
            await download(
                f"{market.url}/files/moved", context_on(time), hosts=(), base_url=market.url
            )


async def test_invariant_11_a_failure_does_not_show_the_address() -> None:
    with pytest.raises(Unavailable) as error:
        await download(
            "https://cdn.example/nora?sig=canary",
            context_on(VirtualTime()),
            hosts=HOSTS,
            resolver=Names("127.0.0.1"),
        )
    assert error.value.__context__ is None
    assert "canary" not in str(error.value)
    assert "nora" not in str(error.value)
