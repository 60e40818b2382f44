"""files.getUploadURLExternal, files.completeUploadExternal, files.delete and files.info."""

from typing import Any

from sandbox.slack.blocks import validate_blocks
from sandbox.slack.errors import ApiError
from sandbox.slack.file_store import READ, WRITE
from sandbox.slack.methods.registry import Call, Method, channel_of, is_member
from sandbox.slack.model import Channel, JsonObject, Message, StoredFile, Ts

_ALT_TEXT = 1000
_GONE = "file_not_found"


def _upload_url(call: Call) -> JsonObject:
    name, size = call.args.text("filename"), call.args.number("length", 0)
    if name is None or size <= 0:
        raise ApiError("missing_argument")
    if len(call.args.text("alt_txt") or "") > _ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    file, path = call.core.files.announce(name, size, call.core.app.bot_user)
    return {"upload_url": call.core.base_url + path, "file_id": file.id}


def _complete(call: Call) -> JsonObject:
    files = _uploaded(call)
    wanted = call.args.text("channel_id")
    if wanted is not None:
        channel = channel_of(call, wanted)
        if not is_member(call, channel):
            raise ApiError("not_in_channel")
        if channel.is_archived:
            raise ApiError("posting_to_channel_denied")
        _share(call, channel, files)
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _uploaded(call: Call) -> list[StoredFile]:
    """The files to share, each uploaded before and by the app itself."""
    given: Any = call.args.json("files")
    if not isinstance(given, list) or not given:
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: files"])
    found: list[StoredFile] = []
    for one in given:
        file = call.core.workspace.files.get(str(one.get("id")))
        if file is None or file.content is None:
            raise ApiError(_GONE)
        if file.user != call.core.app.bot_user:
            raise ApiError("access_denied")
        file.title = str(one.get("title") or "")
        found.append(file)
    return found


def _share(call: Call, channel: Channel, files: list[StoredFile]) -> None:
    comment = call.args.text("initial_comment") or ""
    blocks = [] if comment else call.args.json("blocks", malformed="invalid_blocks") or []
    if blocks and validate_blocks(blocks):
        raise ApiError("invalid_blocks")
    thread = call.args.text("thread_ts")
    root = call.core.workspace.posted(channel.id, thread) if thread else None
    app = call.core.app
    message = Message(
        ts=call.core.workspace.next_ts(),
        channel=channel.id,
        user=app.bot_user,
        bot_id=app.bot_id,
        text=comment,
        blocks=blocks,
        thread_ts=Ts(root.ts) if root else None,
        subtype="file_share",
        files=files,
    )
    call.core.files.share(files, message)
    call.core.posts.add(message)


def _info(call: Call) -> JsonObject:
    file = call.core.workspace.files.get(call.args.need("file"))
    if file is None or file.content is None:
        raise ApiError(_GONE)
    if file.deleted:
        raise ApiError("file_deleted")
    shares: JsonObject = {}
    for channel, ts, thread in file.shares:
        shares.setdefault(channel, []).append({"ts": ts, "thread_ts": thread})
    return {"file": call.core.files.shape(file) | {"shares": {"public": shares}}, "comments": []}


def _delete(call: Call) -> JsonObject:
    file = call.core.workspace.files.get(call.args.need("file"))
    if file is None:
        raise ApiError(_GONE)
    if file.deleted:
        raise ApiError("file_deleted")
    if file.user != call.core.app.bot_user:
        raise ApiError("cant_delete_file")
    file.deleted, file.content, file.name, file.title = True, None, "", ""
    return {}


FILE_METHODS = (
    Method(
        name="files.getUploadURLExternal",
        tier=4,
        run=_upload_url,
        scopes=frozenset({WRITE}),
        errors=frozenset({"alt_txt_too_large", "missing_argument"}),
    ),
    Method(
        name="files.completeUploadExternal",
        tier=4,
        run=_complete,
        scopes=frozenset({WRITE}),
        errors=frozenset(
            {
                "access_denied",
                "channel_not_found",
                _GONE,
                "invalid_blocks",
                "not_in_channel",
                "posting_to_channel_denied",
            }
        ),
    ),
    Method(
        name="files.delete",
        tier=3,
        run=_delete,
        scopes=frozenset({WRITE}),
        errors=frozenset({"cant_delete_file", "file_deleted", _GONE}),
    ),
    Method(
        name="files.info",
        tier=4,
        run=_info,
        scopes=frozenset({READ}),
        errors=frozenset({"file_deleted", _GONE}),
    ),
)
