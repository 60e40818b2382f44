"""Canaries: secrets in every field and a customer's data in every place, then everything is searched.

A whole desk runs in a process of its own: an inbox of every connector, all but two of them unable
to sign in, a refused password, a mail that cannot be read, forged calls, errors of Slack. Secrets
may show nowhere at all, a customer's data only in Slack and in the database.
"""

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cli.doctor import examine
from bot.clock import Clock
from bot.settings_file import load
from connectors.registry import load_connectors
from connectors.testing.bench import Bench
from sandbox.slack.faults import Fault, FaultKind
from tests.builders import NOW
from tests.e2e.process import Process
from tests.e2e.town import SHOP, Inbox, Town, a_town
from tests.ports import a_free_port

pytestmark = pytest.mark.e2e

LOCKED = Inbox(name="locked")
NAME, LOCAL, PHONE = "Canaria Vogelsang", "canaria.vogelsang", "+39 347 5550199"
STREET, BODY, FILE = "Via Canarina 17", "my-canary-is-ill-zwitscher", "canary-photo-zwitscher.png"
PERSONAL = ("Canaria", "Vogelsang", "canaria.vogelsang", "347 5550199", "Canarina", "zwitscher")
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""


@dataclass(kw_only=True)
class Planted:
    """Secrets by the variable that holds them."""

    secrets: dict[str, str] = field(default_factory=dict)

    def secret(self, name: str, prefix: str = "") -> str:
        """A value that stands nowhere else; the name of its variable."""
        variable = f"CANARY_{name.upper()}"
        self.secrets[variable] = f"{prefix}cnry{len(self.secrets):02d}Zq7x".ljust(40, "k")
        return variable


def benches() -> Iterator[tuple[str, Bench]]:
    for key in sorted(load_connectors().specs):
        path = Path(__file__).parents[1] / "connectors" / key / "test_contract.py"
        if path.exists():
            module = import_module(f"tests.connectors.{key}.test_contract")
            bench = next(value for name, value in vars(module).items() if name.startswith("Test"))
            yield key, bench()


def settings_of(key: str, bench: Bench, planted: Planted) -> dict[str, Any]:
    """The settings of an inbox of this connector: nobody at home, a canary in every secret."""
    model = bench.spec.config_model
    found = dict(bench.config(bench.market(lambda: NOW)))
    for name, info in model.model_fields.items():
        if "SecretStr" in str(info.annotation) and name in found:
            found[name] = f"env:{planted.secret(f'{key}_{name}')}"
        elif isinstance(found.get(name), dict):
            found[name] = inner(f"{key}_{name}", found[name], planted)
        elif name.endswith("_url") and name != "portal_url" and name in found:
            found[name] = NOWHERE
    if "imap_host" in model.model_fields:
        found |= {"imap_host": "127.0.0.1", "imap_port": 9, "imap_security": "none"}
        found |= {"imap_user": f"{key}@seller.example"}
        found |= {"smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_security": "none"}
    return found


def inner(path: str, table: Mapping[str, Any], planted: Planted) -> dict[str, Any]:
    """A table within the settings: secrets are told by their names."""
    return {
        name: f"env:{planted.secret(f'{path}_{name}')}"
        if name in {"client_secret", "refresh_token"}
        else NOWHERE
        if name.endswith("_url")
        else value
        for name, value in table.items()
    }


def tables(planted: Planted) -> str:
    """An `[[inboxes]]` table for every connector there is."""
    texts = []
    for key, bench in benches():
        head = f'[[inboxes]]\nname = "no-{key.replace("_", "-")}"\nconnector = "{key}"\n'
        place = f'channel = "#{SHOP.name}"\ngroup = ["@amazon-team"]\ncalendar = "round"\n'
        lines = [head + place + "[inboxes.settings]"]
        for name, value in settings_of(key, bench, planted).items():
            lines.append(f"{name} = {toml(value)}")
        texts.append("\n".join(lines) + "\n")
    return "\n".join(texts)


def toml(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(str(value) if not isinstance(value, str | int | float | bool) else value)


def a_letter() -> str:
    return f"{BODY}\nReach me at {PHONE} or {LOCAL}@home.example, {STREET}, 20121 Milano.\n{NAME}"


async def live(town: Town, planted: Planted, port: int) -> str:
    """What happens while the desk runs; what its own doors told."""
    town.slack.core.faults.add(Fault(method="chat.postMessage", kind=FaultKind.SERVER_ERROR))
    town.slack.core.faults.add(
        Fault(method="chat.postMessage", kind=FaultKind.ERROR, code="internal_error")
    )
    await town.customer(SHOP, a_letter(), name=NAME, address=f"{LOCAL}@home.example", subject=BODY)
    await town.mail.deliver(SHOP.mailbox, with_a_file(), town.clock.now())
    await town.mail.deliver(SHOP.mailbox, unreadable(), town.clock.now())
    card = await town.card(SHOP.name, BODY)
    number = town.number(card)
    await town.anna.command("/ticket", f"claim {number}", channel=card.channel)
    await town.anna.command("/ticket", f"note {number} call {PHONE}", channel=card.channel)
    secret = next(iter(planted.secrets.values()))
    told = ""
    async with aiohttp.ClientSession() as visitor:
        base = f"http://127.0.0.1:{port}"
        for key in (
            "ebay",
            "facebook",
            "judge-me",
            "shopify",
            "tiktok-shop",
            "trustpilot",
            "website",
        ):
            body = json.dumps({"name": NAME, "phone": PHONE, "text": BODY})
            address = f"{base}/webhooks/no-{key}?key={secret}&name={LOCAL}"
            async with visitor.post(address, data=body, headers={"Authorization": secret}) as got:
                told += await got.text()
        for path in ("/metrics", "/readyz", "/healthz", "/api/v1/report", "/report/x", "/survey/x"):
            token = planted.secrets["CANARY_METRICS"]
            async with visitor.get(
                base + path, headers={"Authorization": f"Bearer {token}"}
            ) as got:
                told += f"{path}\n{await got.text()}\n{dict(got.headers)}\n"
    return told


def with_a_file() -> bytes:
    return (
        f'From: "{NAME}" <{LOCAL}@home.example>\r\nTo: {SHOP.mailbox}\r\nSubject: {BODY}\r\n'
        "Message-ID: <zwitscher-2@home.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
        f"{a_letter()}\r\n--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; "
        f'filename="{FILE}"\r\n\r\nno picture\r\n--b--\r\n'
    ).encode()


def unreadable() -> bytes:
    return b"From: " + b"(" * 5_000 + f"\r\nX: {BODY} {NAME} {PHONE}\r\n\r\n\x00".encode()


async def examined(town: Town, environ: Mapping[str, str], seconds: float) -> str:
    """What `doctor` says within so many seconds: it tries every inbox, one after the other."""
    told = []
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for found in examine(load(town.settings, environ), Clock()):
                told.append(repr(asdict(found)))  # noqa: PERF401 - what was said before the end counts
    return "\n".join(told)


def all_of_slack(town: Town) -> str:
    workspace = town.slack.workspace
    return json.dumps(
        [
            workspace.message_json(message)
            for channel in workspace.channels.values()
            for message in workspace.messages(channel.id)
        ]
    )


def found_in(place: str, text: str, words: Mapping[str, str]) -> list[str]:
    """Which canaries stand in a text, by their names: the words themselves are not repeated."""
    return [f"{name} in {place}" for name, word in words.items() if word and word in text]


@pytest.mark.parametrize("seconds", [4, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.timeout(300)
async def test_invariant_11_no_canary_sings_where_it_may_not(
    sqlite_template: Path, tmp_path: Path, seconds: float
) -> None:
    shutil.copy(sqlite_template, tmp_path / "threadline.db")
    planted, port = Planted(), a_free_port()
    environ = {
        "PORT": str(port),
        "THREADLINE_INSTANCE_KEY": "instance-key-cnryZq7x-of-this-very-town",
        "THREADLINE_API_TOKEN": "cnryZq7x-api-token",
        "THREADLINE_WALLBOARD_TOKEN": "cnryZq7x-wallboard-token",
        "THREADLINE_LOG_LEVEL": "debug",
    }
    planted.secrets |= {name: value for name, value in environ.items() if "cnry" in value}
    planted.secret("metrics")
    locked = planted.secret("locked_password")
    url = f"sqlite:///{tmp_path / 'threadline.db'}"
    inboxes, town_clock = (SHOP, LOCKED), Clock()
    async with a_town(tmp_path, url, inboxes=inboxes, clock=town_clock) as town:
        written = town.settings.read_text(encoding="utf-8")
        before, _, after = written.rpartition('imap_password = "env:MAIL_PASSWORD"')
        refused = f'{before}imap_password = "env:{locked}"{after}'
        town.settings.write_text(refused + tables(planted), encoding="utf-8")
        environ["THREADLINE_METRICS_TOKEN"] = planted.secrets["CANARY_METRICS"]
        town.environ |= environ | planted.secrets
        planted.secrets |= {"bot": town.slack.bot_token, "app": town.slack.app_token}
        assert len(planted.secrets) >= 40

        desk = Process(town)
        try:
            await desk.start()
            told = await live(town, planted, port)
            argv = Path(f"/proc/{desk.pid}/cmdline").read_bytes().decode("utf-8", "replace")
            doctor = await examined(town, town.environ, seconds)
            await asyncio.sleep(0.5)
            await desk.stop()
        finally:
            await desk.close()
        log, slack = desk.log(), all_of_slack(town)

    personal = {word: word for word in PERSONAL}
    public = {"log": log, "doors": told, "argv": argv, "doctor": doctor}
    found = [one for place, text in public.items() for one in found_in(place, text, planted.secrets | personal)]  # fmt: skip
    found += found_in("slack", slack, planted.secrets)
    assert found == []
    # The search can find: what is allowed there, is there.
    assert all(word in slack for word in ("Canaria", "zwitscher"))
    assert "poll.failed" in log or "failed" in log
    assert "Database" in doctor
