"""Files: uploaded by an app or a person, shared, listed, downloaded; and file inputs."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.element_state import wrong_files
from sandbox.slack.person import Person
from sandbox.slack.seed import BOT_USER, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.test_web_api import error_of, with_scopes

PNG = b"\x89PNG\r\n\x1a\n picture"


async def uploaded(client: AsyncWebClient, name: str = "photo.png", content: bytes = PNG) -> str:
    ticket = await client.files_getUploadURLExternal(filename=name, length=len(content))
    async with (
        aiohttp.ClientSession() as session,
        session.post(ticket["upload_url"], data=content) as answer,
    ):
        assert answer.status == 200
    return str(ticket["file_id"])


async def get(url: str, token: str) -> tuple[str, bytes]:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.content_type, await answer.read()


async def test_an_app_shares_a_file_in_a_thread_and_reads_it_back(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="root"))["ts"]
    file_id = await uploaded(client)
    await client.files_completeUploadExternal(
        files=[{"id": file_id, "title": "photo.png"}],
        channel_id=SHOP,
        thread_ts=root,
        initial_comment="The customer's picture",
    )

    thread = (await client.conversations_replies(channel=SHOP, ts=root))["messages"]
    assert [one["text"] for one in thread] == ["root", "The customer's picture"]
    (shown,) = thread[1]["files"]
    assert (shown["id"], shown["name"], shown["size"]) == (file_id, "photo.png", len(PNG))
    info = (await client.files_info(file=file_id))["file"]
    assert info["user"] == BOT_USER
    assert list(info["shares"]["public"]) == [SHOP]
    assert await get(info["url_private_download"], slack.bot_token) == ("image/png", PNG)


async def test_what_was_not_uploaded_cannot_be_shared(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    ticket = await client.files_getUploadURLExternal(filename="a.png", length=9)
    files: list[dict[str, str | None]] = [{"id": str(ticket["file_id"])}]
    unsent = await error_of(client.files_completeUploadExternal(files=files, channel_id=SHOP))
    empty = await error_of(client.files_getUploadURLExternal(filename="a.png", length=0))
    sent: list[dict[str, str | None]] = [{"id": await uploaded(client)}]
    slack.workspace.channel(SHOP).members.remove(BOT_USER)
    outside = await error_of(client.files_completeUploadExternal(files=sent, channel_id=SHOP))

    assert unsent["error"] == "file_not_found"
    assert empty["error"] == "missing_argument"
    assert outside["error"] == "not_in_channel"


async def test_who_may_not_read_files_gets_slacks_page_for_logging_in(
    slack: SandboxSlack, client: AsyncWebClient, anna: Person
) -> None:
    file_id = await anna.upload("photo.png", PNG)
    url = (await client.files_info(file=file_id))["file"]["url_private_download"]
    assert (await get(url, "xoxb-somebody-else"))[0] == "text/html"

    slack.install(with_scopes("files:write"))
    assert (await get(url, slack.bot_token))[0] == "text/html"
    assert (await error_of(client.files_info(file=file_id)))["error"] == "missing_scope"


async def test_a_person_shares_a_file_that_apps_with_the_scope_see(
    slack: SandboxSlack, client: AsyncWebClient, anna: Person
) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="root"))["ts"]
    file_id = await anna.upload("label.pdf", b"%PDF-1.7")
    await anna.post(SHOP, "", thread_ts=root, files=[file_id])

    thread = (await client.conversations_replies(channel=SHOP, ts=root))["messages"]
    assert [one["name"] for one in thread[1]["files"]] == ["label.pdf"]
    slack.install(with_scopes("channels:history"))
    thread = (await client.conversations_replies(channel=SHOP, ts=root))["messages"]
    assert "files" not in thread[1]


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        (["a.png"], None),
        (["a.PNG", "b.pdf"], None),
        (["a.png", "b.png", "c.png"], "You can add up to 2 files."),
        (["a.exe"], "This file type is not supported."),
    ],
)
def test_a_file_input_takes_its_types_and_number_only(names: list[str], wrong: str | None) -> None:
    element = {"type": "file_input", "max_files": 2, "filetypes": ["png", "pdf"]}
    assert wrong_files(element, names) == wrong


async def test_on_the_page_a_picture_is_drawn_a_page_opens_without_scripts_and_others_are_saved(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    async with aiohttp.ClientSession() as session:
        for name, kind, how in (
            ("a.png", "image/png", ""),
            ("a.html", "text/html", ""),
            ("figures.csv", "text/csv", 'attachment; filename="'),
        ):
            file_id = await uploaded(client, name, b"<b>x</b>")
            async with session.get(f"{slack.url}/ui/files/{file_id}") as answer:
                assert (answer.status, answer.content_type) == (200, kind)
                assert answer.headers["Content-Security-Policy"] == "sandbox"
                assert answer.headers.get("Content-Disposition", "")[:22] == how
        async with session.get(f"{slack.url}/ui/files/F0NOSUCH") as answer:
            assert answer.status == 404
