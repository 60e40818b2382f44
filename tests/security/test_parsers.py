"""Golden mails and calls, spoilt at random, through the whole reading step: none lost, none fatal."""

import asyncio
import base64
import io
import json
import random
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.pictures import SHOWN_TYPES, may_be_picture
from bot.jobs.reading import read_items
from bot.slack.blocks.attached import attachment_words
from bot.usecases.ingest import ingest, store_page, stored_items
from connectors.contract import Connector, InboundMessage, InboxContext, RawItem
from connectors.errors import Malformed
from connectors.formats import type_seen
from connectors.mail.mime import parse_mail
from connectors.registry import ConnectorSpec, load_connectors
from tests.builders import AMAZON, NOW, a_page, an_inbound, prepare
from tests.connectors.mail.test_hostile_mail import SPLICES, storable
from tests.connectors.mail.test_profiles import SETTINGS
from tests.unit.slack.scenes import a_desk, a_hostile_ticket, a_message

QUICK, SLOW = 300, 5_000
MOST_SECONDS = 1.0
MOST_STALL = 1.0
"""Real seconds the event loop may be late while mails are read beside it, on a busy machine."""

PAGE = 50


@cache
def goldens() -> tuple[tuple[str, bytes], ...]:
    """Every golden mail, and the connector it is one of."""
    found = [
        (key, path.read_bytes())
        for key, spec in load_connectors().specs.items()
        for path in sorted((spec.folder / "fixtures").glob("*.eml"))
    ]
    return tuple(found)


@cache
def channel(key: str) -> Connector:
    """A connector that was never connected."""
    spec = load_connectors().specs[key]
    extra = {"form_senders": ["mailer@forms.example"]} if key == "website" else {}
    fields = spec.config_model.model_fields
    known = {name: value for name, value in SETTINGS.items() if name in fields}
    if any(field.is_required() and name not in known for name, field in fields.items()):
        return sleeping(key)
    config = spec.config_model.model_validate({**known, **extra})
    return spec.build(config, InboxContext(inbox=key, instance_key=b"k", now=lambda: NOW))


@cache
def sleeping(key: str) -> Connector:
    """The same, as its own contract test builds it."""
    module = import_module(f"tests.connectors.{key}.test_contract")
    bench = next(value for name, value in vars(module).items() if name.startswith("Test"))
    built: Connector = bench().asleep()
    return built


def spoilt(raw: bytes, dice: random.Random) -> bytes:
    """Bytes cut out, doubled, turned over, or put in between."""
    data = bytearray(raw)
    for _ in range(dice.randint(1, 14)):
        at, act = dice.randrange(len(data) + 1), dice.random()
        if act < 0.35:
            data[at:at] = dice.choice(SPLICES)
        elif act < 0.55:
            data[at : at + dice.randint(1, 40)] = b""
        elif act < 0.75 and data:
            data[at % len(data)] ^= 1 << dice.randrange(8)
        elif act < 0.85:
            data[at:at] = dice.choice(goldens())[1][:2_000]
        else:
            data[at:at] = data[dice.randrange(len(data) + 1) :][: dice.randint(1, 300)]
    return bytes(data)


def explained(connector: Connector, item: RawItem) -> InboundMessage | Malformed:
    """What is made of an item. Anything but a message or Malformed is the reader's mistake."""
    began = time.process_time()
    try:
        return connector.normalise(item)
    except Malformed as malformed:
        return malformed
    finally:
        assert time.process_time() - began < MOST_SECONDS


def test_there_are_enough_golden_mails() -> None:
    assert len(goldens()) >= 60


def survive(count: int, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(count):
        key, raw = dice.choice(goldens())
        item = RawItem(source_id=str(number), received_at=NOW, payload=spoilt(raw, dice))
        storable(parse_mail(item.payload))
        found = explained(channel(key), item)
        if isinstance(found, InboundMessage):
            assert found.external_id
            assert found.reason
            assert found.sent_at <= NOW
            # Whatever a spoilt mail claims: nothing of it is a link elsewhere.
            assert all(link.startswith("https://") for link in found.links.values())


def test_invariant_1_spoilt_mails_are_read_or_set_aside() -> None:
    survive(QUICK, seed=20261122)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_invariant_1_thousands_of_spoilt_mails_are_read_or_set_aside() -> None:
    survive(SLOW, seed=int(time.time()))


async def _loop_stalls(stalls: list[float]) -> None:
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.01)
        stalls.append(time.monotonic() - began - 0.01)


async def test_invariant_1_every_spoilt_mail_of_a_page_is_a_ticket_or_in_quarantine(
    db: Database, desk: Desk
) -> None:
    """The steps of a poll: stored raw, read beside the loop, taken in one transaction."""
    await prepare(db, desk)
    dice, stalls, taken = random.Random(5), list[float](), set[int]()
    survive(1, seed=1)  # what is loaded at the first mail is loaded
    for page_number in range(3):
        items = [
            RawItem(
                source_id=f"{page_number}-{n}",
                received_at=NOW,
                payload=spoilt(dice.choice(goldens())[1], dice),
            )
            for n in range(PAGE)
        ]
        await db.write(lambda tx, items=items: store_page(tx, AMAZON, a_page(items)), now=NOW)  # type: ignore[misc]
        while kept := await db.read(lambda conn: stored_items(conn, AMAZON, PAGE)):
            heartbeat = asyncio.create_task(_loop_stalls(stalls))
            read = await read_items(kept, channel("amazon").normalise)
            heartbeat.cancel()
            assert [one.raw_id for one in read] == [one.raw_id for one in kept]
            await db.write(lambda tx, read=read: ingest(tx, desk, AMAZON, read), now=NOW)  # type: ignore[misc]
            # A copied answer may come before its question: it is then read a second time.
            taken |= {one.raw_id for one in read}
    assert len(taken) == 3 * PAGE
    assert max(stalls) < MOST_STALL


# --- the other channels -----------------------------------------------------------------------------


def fixtures(spec: ConnectorSpec) -> Sequence[bytes]:
    return [path.read_bytes() for path in sorted((spec.folder / "fixtures").glob("*.json"))]


API = sorted(key for key, spec in load_connectors().specs.items() if fixtures(spec))
ODD: tuple[object, ...] = (
    None,
    "",
    [],
    {},
    -1,
    2**63,
    10**400,
    1e308,
    "\ud800",
    "\x00",
    "a" * 5_000,
    "2026-02-30T25:61:00Z",
    "9" * 50,
    True,
    [[[]]],
)


def spoilt_json(value: object, dice: random.Random) -> object:
    """The same tree with some of its leaves and branches made odd."""
    if dice.random() < 0.04:
        return dice.choice(ODD)
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if dice.random() > 0.02}
        return {key: spoilt_json(one, dice) for key, one in kept.items()}
    if isinstance(value, list):
        grown = value * 2 if dice.random() < 0.05 else value
        return [spoilt_json(one, dice) for one in grown]
    return value


def spoilt_call(raw: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.3:
        return spoilt(raw, dice)
    return json.dumps(spoilt_json(json.loads(raw), dice)).encode()


def survive_calls(key: str, count: int, seed: int) -> None:
    connector, dice = sleeping(key), random.Random(f"{key} {seed}")
    raws = fixtures(load_connectors().specs[key])
    for number in range(count):
        item = RawItem(source_id=f"message:{number}", received_at=NOW, payload=b"")
        item = replace(item, payload=spoilt_call(dice.choice(raws), dice))
        found = explained(connector, item)
        if isinstance(found, InboundMessage):
            assert found.sent_at <= NOW
            (found.text + found.subject + found.sender_name).encode("utf-8")
            assert "\x00" not in found.text + found.full_text


@pytest.mark.parametrize("key", API)
def test_invariant_1_spoilt_items_of_every_platform_are_read_or_set_aside(key: str) -> None:
    survive_calls(key, 40, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("key", API)
def test_invariant_1_many_spoilt_items_are_read_or_set_aside(key: str) -> None:
    survive_calls(key, 1_500, seed=int(time.time()))


# --- archives ---------------------------------------------------------------------------------------


def with_file(name: str, media_type: str, content: bytes) -> bytes:
    head = (
        b"From: ann@buyer.example\r\nTo: shop@seller.example\r\nSubject: x\r\nMessage-ID: <z@b.example>\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file\r\n--b\r\n"
    )
    part = f'Content-Type: {media_type}\r\nContent-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head + part.encode() + base64.encodebytes(content) + b"\r\n--b--\r\n"


def bomb() -> bytes:
    """A zip whose one mail would be 200 MB, and says what must never be read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "inner.eml", b"From: canary-in-zip@evil.example\r\n\r\n" + bytes(50_000_000)
        )
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [
        ("a.zip", "application/zip", None),
        ("a.eml", "application/octet-stream", None),
        ("a.7z", "application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c" + bytes(100)),
        ("a.gz", "application/gzip", b"\x1f\x8b\x08" + bytes(100)),
        ("a.tar.xz", "application/x-xz", b"\xfd7zXZ\x00" + bytes(100)),
    ],
)
def test_an_archive_is_listed_by_name_type_and_size_and_never_opened(
    name: str, media_type: str, content: bytes | None
) -> None:
    raw = with_file(name, media_type, bomb() if content is None else content)
    began = time.process_time()
    parsed = parse_mail(raw)
    assert time.process_time() - began < MOST_SECONDS
    (file,) = parsed.attachments
    assert file.name == name
    assert "canary-in-zip" not in parsed.text + (parsed.html or "")
    assert file.size <= len(raw)


def test_nothing_of_ours_opens_an_archive() -> None:
    root = Path(__file__).resolve().parents[2]
    opening = ("zipfile", "tarfile", "shutil.unpack_archive", "py7zr", "lzma", "bz2", "rarfile")
    found = {
        f"{path.relative_to(root)}: {word}"
        for folder in ("bot", "connectors", "sla_rules")
        for path in (root / folder).rglob("*.py")
        for word in opening
        if f"import {word}" in path.read_text(encoding="utf-8")
    }
    assert {
        one
        for one in found
        if not one.startswith(("bot/cli/", "bot/usecases/export", "bot/reports/"))
    } == set()


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00", b"\x7fELF", b"#!/bin/sh\n", b"<svg xmlns='http://www.w3.org/2000/svg'>", b"<!doctype html>", b"%PDF-1.7",
        b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PN", b"GIF", b"", b"RIFF\x00\x00\x00\x00WAVE",
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", b"\xff\xfe<\x00s\x00c\x00r\x00",
    ],
    ids=range(14),
)  # fmt: skip
def test_what_calls_itself_a_picture_is_shown_only_if_it_begins_like_one(content: bytes) -> None:
    """Nothing else a customer sends is put into Slack at all: it is named, and stays where it is."""
    assert may_be_picture("photo.png", "image/png", len(content))
    assert type_seen(content) not in SHOWN_TYPES


def test_a_files_name_does_not_turn_around_to_hide_its_ending() -> None:
    message = an_inbound()
    files: list[dict[str, str | int]] = [
        {"name": "invoice\u202egnp.exe", "media_type": "image/png", "size": 5}
    ]
    shown = replace(a_message(), attachments=files, verdict=message.verdict)
    (words,) = attachment_words(shown, a_hostile_ticket("x"), a_desk())
    assert "invoicegnp.exe" in words
