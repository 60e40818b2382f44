"""Customers' pictures in the thread: below their message, once, and only what a picture is."""

from dataclasses import replace

import pytest

from bot.db import tables
from bot.domain.effects import EffectKind
from bot.domain.pictures import MOST_PICTURES
from connectors.contract import Attachment, Verdict
from connectors.errors import Rejected, Unavailable
from sandbox.slack.faults import FaultKind
from sandbox.slack.manifest_default import default_manifest
from tests.builders import AMAZON, NOW, a_ticket, an_inbound, arrive, minutes
from tests.db.reading import rows
from tests.slack.files_world import PDF, PNG, Files, files_world


@pytest.fixture
async def world(db):
    async with files_world(db) as world:
        yield world


def attached(*names: str, size: int = 20) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(name=name, media_type=f"image/{name[-3:]}", size=size, ref=name)
        for name in names
    )


async def asked_with(world: Files, *files: Attachment, verdict: Verdict = Verdict.CUSTOMER):
    message = an_inbound(thread="case", attachments=files, verdict=verdict)
    return await a_ticket(world.s.db, world.s.desk, message)


def shown(world: Files) -> list[list[str]]:
    """The files of each message of the thread that has some, by name."""
    (root,) = world.s.roots()
    return [[f.name for f in one.files] for one in world.s.thread(root.ts) if one.files]


async def effect_state(world: Files) -> str:
    (effect,) = await rows(world.s.db, tables.outbox, kind=EffectKind.SHOW_FILES)
    return str(effect.state)


async def test_pictures_are_shown_below_the_card_once_it_is_posted(world):
    world.channel.shelf = {"a.png": PNG, "b.png": PNG}
    await asked_with(world, *attached("a.png", "b.png"))
    assert world.channel.asked == []
    await world.s.send(rounds=2)
    assert shown(world) == [["a.png", "b.png"]]
    (file, _) = world.s.slack.workspace.files.values()
    assert file.content == PNG


async def test_pictures_of_a_later_message_follow_it(world):
    world.channel.shelf = {"a.png": PNG}
    await asked_with(world)
    await world.s.send()
    later = an_inbound(thread="case", sent_at=NOW + minutes(5), attachments=attached("a.png"))
    world.s.clock.move(300)
    await arrive(world.s.db, world.s.desk, later)
    await world.s.send(rounds=2)
    assert shown(world) == [["a.png"]]


@pytest.mark.parametrize("content", [PDF, b"<svg onload=alert(1)>", b"MZ\x90\x00", b""])
async def test_what_only_calls_itself_a_picture_is_listed_and_not_shown(world, content):
    world.channel.shelf = {"a.png": content}
    await asked_with(world, *attached("a.png"))
    await world.s.send(rounds=2)
    assert shown(world) == []
    assert await effect_state(world) == "superseded"
    assert "a.png" in str(world.s.roots()[0].blocks)


async def test_other_files_and_pictures_too_large_are_not_even_fetched(world):
    pdf = Attachment(name="invoice.pdf", media_type="application/pdf", size=9, ref="invoice.pdf")
    await asked_with(world, pdf, *attached("huge.png", size=9_000_000))
    await world.s.send(rounds=2)
    assert world.channel.asked == []
    assert "get files in" in str(world.s.roots()[0].blocks)


async def test_nothing_of_a_suspect_is_fetched(world):
    world.channel.shelf = {"a.png": PNG}
    await asked_with(world, *attached("a.png"), verdict=Verdict.SUSPECT)
    await world.s.send(rounds=2)
    assert world.channel.asked == []
    assert "not fetched" in str(world.s.roots()[0].blocks)


async def test_where_words_are_masked_no_picture_is_shown(world):
    route = replace(world.s.desk.inboxes[AMAZON], slack_body="redacted")
    world.s.desk = replace(world.s.desk, inboxes={**world.s.desk.inboxes, AMAZON: route})
    world.channel.shelf = {"a.png": PNG}
    await asked_with(world, *attached("a.png"))
    await world.s.send(rounds=2)
    assert world.channel.asked == []


async def test_one_picture_that_is_gone_hides_no_other(world):
    world.channel.shelf = {"a.png": Rejected("gone"), "b.png": PNG}
    await asked_with(world, *attached("a.png", "b.png"))
    await world.s.send(rounds=2)
    assert shown(world) == [["b.png"]]


async def test_of_many_pictures_a_few_are_shown(world):
    names = [f"{n}.png" for n in range(MOST_PICTURES + 2)]
    world.channel.shelf = dict.fromkeys(names, PNG)
    await asked_with(world, *attached(*names))
    await world.s.send(rounds=2)
    assert shown(world) == [names[:MOST_PICTURES]]


async def test_a_platform_that_is_down_is_asked_again_and_then_left(world):
    world.channel.shelf = {"a.png": Unavailable("down")}
    await asked_with(world, *attached("a.png"))
    await world.s.send(rounds=8, seconds=600)
    assert 1 < len(world.channel.asked) < 8
    assert await effect_state(world) == "superseded"


@pytest.mark.parametrize(
    "kind", [FaultKind.TIMEOUT_AFTER, FaultKind.CUT_AFTER, FaultKind.SERVER_ERROR_AFTER]
)
async def test_pictures_whose_sharing_was_not_confirmed_are_looked_up_not_shared_twice(world, kind):
    world.channel.shelf = {"a.png": PNG}
    await asked_with(world, *attached("a.png"))
    world.s.fault("files.completeUploadExternal", kind)
    await world.s.send(rounds=6, seconds=120)
    assert shown(world) == [["a.png"]]
    assert await effect_state(world) == "sent"


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.SERVER_ERROR])
async def test_pictures_whose_sharing_was_lost_are_shared_after_a_look(world, kind):
    world.channel.shelf = {"a.png": PNG}
    await asked_with(world, *attached("a.png"))
    world.s.fault("files.completeUploadExternal", kind)
    await world.s.send(rounds=6, seconds=120)
    assert shown(world) == [["a.png"]]


async def test_without_the_permission_the_ops_channel_hears_of_it_and_all_else_goes_on(world):
    manifest = default_manifest()
    scopes = manifest["oauth_config"]["scopes"]
    scopes["bot"] = [one for one in scopes["bot"] if one != "files:write"]
    world.s.slack.install(manifest)
    world.channel.shelf = {"a.png": PNG}
    await asked_with(world, *attached("a.png"))
    await world.s.send(rounds=3)
    assert world.s.sender.paused() == {}
    assert await effect_state(world) == "dead"
    (told,) = await rows(world.s.db, tables.outbox, kind=EffectKind.POST_OPS)
    assert "Customers' pictures are not shown" in told.payload["text"]
