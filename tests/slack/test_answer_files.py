"""Files that go out with an answer: fetched from Slack after it was queued, or it does not go out."""

import pytest

from bot.db import tables
from bot.domain.effects import EffectKind
from bot.domain.ticket import MessageState
from bot.slack.answer_files import MOST_TRIES
from bot.usecases.reply import Undone, UndoReply, undo_reply
from connectors.contract import Attachment
from sandbox.slack.faults import FaultKind
from sandbox.slack.manifest_default import default_manifest
from tests.builders import ANNA, NOW, a_ticket, queue
from tests.db.reading import last_event, rows
from tests.slack.files_world import PDF, PNG, Files, files_world


@pytest.fixture
async def world(db):
    async with files_world(db) as world:
        yield world


async def answered_with(world: Files, *files: Attachment):
    view = await a_ticket(world.s.db, world.s.desk)
    queued = await queue(world.s.db, world.s.desk, view.id, at=NOW, files=files)
    return view, queued


async def the_reply(world: Files):
    (reply,) = await world.replies()
    return reply


async def why_it_failed(world: Files, ticket_id: int) -> str:
    event = await last_event(world.s.db, ticket_id, "reply_failed")
    return str(event.data["reason"])


async def test_an_answer_takes_its_files_along(world):
    files = [await world.uploaded("label.pdf", PDF), await world.uploaded("photo.png", PNG)]
    await answered_with(world, *files)
    await world.s.send()
    assert world.channel.arrived == []  # the undo window is open
    kept = await rows(world.s.db, tables.message_file)
    assert [one.content for one in kept] == [PDF, PNG]

    await world.s.send(rounds=2, seconds=60)

    (command,) = world.channel.arrived
    assert [(one.name, one.content) for one in command.attachments] == [
        ("label.pdf", PDF),
        ("photo.png", PNG),
    ]
    assert (await the_reply(world)).state == MessageState.SENT


async def test_an_answer_taken_back_fetches_nothing(world):
    file = await world.uploaded("label.pdf", PDF)
    _, queued = await answered_with(world, file)
    undo = UndoReply(message_id=queued.message_id, actor=ANNA)
    undone = await world.s.db.write(lambda tx: undo_reply(tx, world.s.desk, undo), now=NOW)
    assert isinstance(undone, Undone)
    await world.s.send(rounds=2, seconds=60)
    assert world.channel.arrived == []
    assert world.s.calls("files.") == []


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("invoice.pdf", PNG, "first bytes are another format's"),
        ("program.pdf", b"MZ\x90\x00\x03\x00", "first bytes are another format's"),
        ("large.png", PNG + b"0" * 1000, "larger than 1,000 bytes"),
    ],
)
async def test_what_is_not_what_it_says_stops_the_whole_answer(world, name, content, why):
    view, _ = await answered_with(world, await world.uploaded(name, content))
    await world.s.send(rounds=3, seconds=60)
    assert world.channel.arrived == []
    assert (await the_reply(world)).state == MessageState.FAILED
    assert why in await why_it_failed(world, view.id)


async def test_a_file_deleted_in_slack_stops_the_answer_and_its_writer_hears_of_it(world):
    file = await world.uploaded("label.pdf", PDF)
    world.s.slack.workspace.files[file.ref].deleted = True
    view, _ = await answered_with(world, file)
    await world.s.send(rounds=3, seconds=60)
    assert world.channel.arrived == []
    assert "label.pdf" in await why_it_failed(world, view.id)
    posted = world.s.thread(await a_card(world))
    assert any("label.pdf" in one.text for one in posted)


async def a_card(world: Files) -> str:
    (root,) = world.s.roots()
    return str(root.ts)


async def test_without_the_permission_to_read_files_only_this_answer_fails(world):
    manifest = default_manifest()
    scopes = manifest["oauth_config"]["scopes"]
    scopes["bot"] = [one for one in scopes["bot"] if one != "files:read"]
    file = await world.uploaded("label.pdf", PDF)
    world.s.slack.install(manifest)
    view, _ = await answered_with(world, file)
    await world.s.send(rounds=2, seconds=60)
    assert world.channel.arrived == []
    assert "permission" in await why_it_failed(world, view.id)
    assert world.s.sender.paused() == {}


async def test_invariant_3_a_process_killed_while_fetching_sends_the_answer_once(world):
    file = await world.uploaded("label.pdf", PDF)
    await answered_with(world, file)
    world.s.fault("download", FaultKind.SERVER_ERROR)
    await world.s.send()
    assert world.channel.arrived == []
    world.new_life()
    await world.s.send(rounds=4, seconds=60)
    assert len(world.channel.arrived) == 1
    assert (await the_reply(world)).state == MessageState.SENT


async def test_files_that_cannot_be_had_for_minutes_fail_the_answer(world):
    view, _ = await answered_with(world, await world.uploaded("label.pdf", PDF))
    world.s.fault("download", FaultKind.SERVER_ERROR, times=MOST_TRIES)
    await world.s.send(rounds=MOST_TRIES + 2, seconds=600)
    assert world.channel.arrived == []
    assert "could not be fetched" in await why_it_failed(world, view.id)
    (fetch,) = await rows(world.s.db, tables.outbox, kind=EffectKind.FETCH_FILES)
    assert fetch.state == "dead"


async def test_the_bots_token_goes_to_slack_alone(world):
    file = await world.uploaded("label.pdf", PDF)
    world.s.slack.core.files.base_url = "http://elsewhere.example"
    view, _ = await answered_with(world, file)
    await world.s.send(rounds=2, seconds=60)
    assert world.channel.arrived == []
    assert "not its own" in await why_it_failed(world, view.id)
