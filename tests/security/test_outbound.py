"""Fetches whose address is somebody else's words: where they may go, and what may come back."""

import gzip
import re
import socket
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.contract import InboxContext
from connectors.download import download
from connectors.errors import Rejected, Unavailable
from connectors.http import MOST_BYTES, MarketHttp
from connectors.outbound import destination, is_public
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.base import FakeMarket, Route, reads
from tests.connectors.http_market import context_on

HOSTS = ("cdn.example", "files.market.example")
ROOT = Path(__file__).resolve().parents[2]

ELSEWHERE = [
    # another scheme
    "http://cdn.example/a", "ftp://cdn.example/a", "file:///etc/passwd", "gopher://cdn.example/_x",
    "data:text/plain,x", "javascript:alert(1)", "//cdn.example/a", "/a", "cdn.example/a", "", "https://",
    "https:///a", "https:cdn.example/a", "jar:https://cdn.example/a", "HTTPS ://cdn.example/a",
    # another host that looks like one of ours
    "https://cdn.example.evil.example/a", "https://evilcdn.example/a", "https://evil.example/cdn.example",
    "https://evil.example?cdn.example", "https://evil.example#cdn.example", "https://cdn-example/a",
    "https://example/a", "https://cdn.example./a", "https://.cdn.example/a", "https://cdn..example/a",
    "https://cdn.exampl\u0435/a", "https://cdn.example\u3002evil.example/a", "https://cdn%2eexample/a",
    "https://cdn.example%00.evil.example/a", "https://cdn.example%2f.evil.example/a",
    # who one reader takes for the host, and another for a name
    "https://cdn.example@evil.example/a", "https://evil.example@cdn.example/a",
    "https://user:pass@cdn.example/a", "https://evil.example\\@cdn.example/a",
    "https://evil.example\\.cdn.example/a", "https://cdn.example\\evil/a", "https:\\\\cdn.example\\a",
    "https://evil.example#@cdn.example/a", "https://[cdn.example]/a", "https://[broken/a",
    "https://cdn.example:443@evil.example/a", "https://cdn.example;evil.example/a",
    # blanks and control characters
    " https://cdn.example/a", "https://cdn.example/a ", "https://cdn.exa\tmple/a", "https://cdn.example/a\n",
    "https://cdn.example/a\r\nHost: evil.example", "https://cdn.example/\x00", "ht\ntps://cdn.example/a",
    # another port
    "https://cdn.example:22/a", "https://cdn.example:80/a", "https://cdn.example:0/a",
    "https://cdn.example:99999/a", "https://cdn.example:x/a", "https://cdn.example:-1/a",
    # numbers in every dress
    "https://127.0.0.1/a", "https://2130706433/a", "https://0x7f.1/a", "https://0177.0.0.1/a",
    "https://127.1/a", "https://[::1]/a", "https://[::ffff:127.0.0.1]/a", "https://169.254.169.254/latest",
    "https://[fd00:ec2::254]/latest", "https://0/a", "https://localhost/a", "https://127.0.0.1.nip.example/a",
    # too long
    "https://cdn.example/" + "a" * 4_000, "https://" + "a." * 200 + "cdn.example/a",
]  # fmt: skip

OURS = [
    "https://cdn.example/a.png",
    "https://CDN.example/a.png",
    "https://eu.files.market.example:443/x/y%20z?sig=a%2Fb%3D&e=1",
]

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.8",
    "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0",
    "fec0::1", "fc00::1", "fd00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
    "2002:808:808::", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "100::1", "3fff::1",
    "5f00::1", "", "nonsense", "127.0.0.1 ", "0x7f000001", "1",
]  # fmt: skip


class Names(AbstractResolver):
    """Every name leads to these addresses; asked again, to the next ones."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers[min(self.asked, len(self.answers)) - 1]
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in found
        ]

    async def close(self) -> None:
        return


class Files(FakeMarket):
    """A platform's host on this machine, told apart by what is asked of it."""

    def routes(self) -> list[Route]:
        return [reads("GET", "/files/{name}", self.file, open=True)]

    async def file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name == "moved":
            raise web.HTTPFound("http://169.254.169.254/latest")
        if name == "bomb":
            packed = gzip.compress(bytes(64 * 1024 * 1024))
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        return web.Response(body=b"secret")


def a_context() -> InboxContext:
    return context_on(VirtualTime())


@pytest.mark.parametrize("url", ELSEWHERE, ids=range(len(ELSEWHERE)))
async def test_an_address_elsewhere_is_refused_before_anybody_is_asked_for_it(url: str) -> None:
    names = Names(("127.0.0.1",))
    with pytest.raises(Rejected, match="not where"):
        await download(url, a_context(), hosts=HOSTS, resolver=names)
    assert names.asked == 0


@pytest.mark.parametrize("url", OURS)
def test_an_address_of_the_platforms_is_taken_as_it_is_written(url: str) -> None:
    assert str(destination(url, HOSTS)).casefold().replace(":443", "") == url.casefold().replace(
        ":443", ""
    )


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_the_internets_is_none(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
async def test_no_connection_is_made_where_one_of_a_names_addresses_is_ours(address: str) -> None:
    names = Names(("8.8.8.8", address), ("8.8.8.8",))
    with pytest.raises(Unavailable):
        await download("https://cdn.example/a", a_context(), hosts=HOSTS, resolver=names)
    assert names.asked == 1


async def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing() -> None:
    """What was checked is what is connected to: the name is looked up once."""
    async with Files(VirtualTime().now) as market:
        port = int(market.url.rpartition(":")[2])
        names = Names(("127.0.0.1",), ("8.8.8.8",))
        for url in (f"https://cdn.example:{port}/files/a", "https://cdn.example/files/a"):
            with pytest.raises((Rejected, Unavailable)):
                await download(url, a_context(), hosts=HOSTS, resolver=names)
    assert names.asked == 1


async def test_a_sellers_own_address_leads_to_this_machine_only_if_it_says_so() -> None:
    async with Files(VirtualTime().now) as market:
        named = market.url.replace("127.0.0.1", "market.example")
        with pytest.raises(Unavailable):
            await download(
                f"{named}/files/a",
                a_context(),
                hosts=(),
                base_url=named,
                resolver=Names(("127.0.0.1",)),
            )
        found = await download(f"{market.url}/files/a", a_context(), hosts=(), base_url=market.url)
    assert found.content == b"secret"


@pytest.mark.parametrize("name", ["moved", "bomb"])
async def test_what_comes_moved_or_packed_is_not_followed_and_not_unpacked(name: str) -> None:
    async with Files(VirtualTime().now) as market:
        with pytest.raises(Unavailable):
            await download(f"{market.url}/files/{name}", a_context(), hosts=(), base_url=market.url)


async def test_an_answer_that_unpacks_beyond_its_limit_is_given_up() -> None:
    async with Files(VirtualTime().now) as market:
        http = MarketHttp(market.url, a_context())
        with pytest.raises(Unavailable):
            await http.get("/files/bomb")
        await http.close()
    assert MOST_BYTES < 64 * 1024 * 1024


FETCHERS = {
    "bot/app.py": "Slack's own client",
    "bot/jobs/heartbeat.py": "the operator's own address, no redirects",
    "bot/slack/file_calls.py": "Slack's own hosts, checked before the token goes anywhere",
    "connectors/download.py": "addresses in messages",
    "connectors/http.py": "an inbox's own base_url, no redirects",
}
"""Who opens a web connection, and where to. Whoever is not here fetches through one of these."""

_OPENS = re.compile(
    r"ClientSession\(|urlopen\(|\bhttpx2?\.|\brequests\.(?:get|post)\(|http\.client"
)


def test_nothing_fetches_but_what_is_known_to_check_where_to() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("bot", "connectors", "sla_rules")
        for path in (ROOT / folder).rglob("*.py")
        if _OPENS.search(path.read_text(encoding="utf-8"))
    }
    assert found <= FETCHERS.keys()
