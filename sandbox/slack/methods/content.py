"""What a message says: text, blocks and metadata of a call, checked."""

import json
from dataclasses import dataclass

from sandbox.slack.arguments import Arguments
from sandbox.slack.blocks import complete_blocks, format_errors, validate_blocks
from sandbox.slack.errors import ApiError
from sandbox.slack.model import JsonObject

MOST_TEXT = 40_000
"""chat.postMessage cuts longer text (docs.slack.dev chat.postMessage)."""

MOST_ATTACHMENTS = 100
"""Same page. The sandbox takes attachments and does not show them."""

MOST_METADATA_BYTES = 16_000
"""Slack documents that there is a limit, not which; this one is the sandbox's own."""

CONTENT_ERRORS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "markdown_text_conflict",
        "metadata_too_large",
        "no_text",
        "too_many_attachments",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """`blocks` is None when the call brought none."""

    text: str
    blocks: list[JsonObject] | None
    metadata: JsonObject | None


def _blocks(args: Arguments) -> list[JsonObject] | None:
    blocks = args.json("blocks", malformed="invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    errors = validate_blocks(blocks, "message")
    if errors:
        lines = format_errors(errors, "/blocks")
        plain = [line.removeprefix("[ERROR] ") for line in lines]
        raise ApiError("invalid_blocks", lines, extra={"errors": plain})
    return complete_blocks(blocks)


def read_metadata(args: Arguments) -> JsonObject | None:
    """Message metadata. Raises ApiError when it has not the form Slack wants."""
    metadata = args.json("metadata", malformed="invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise ApiError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > MOST_METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def read_content(args: Arguments, *, with_metadata: bool = True) -> Content:
    """Text, blocks and metadata. Raises ApiError (no_text, invalid_blocks …)."""
    blocks = _blocks(args)
    text, markdown = args.text("text"), args.text("markdown_text")
    if markdown is not None and (text is not None or blocks):
        raise ApiError("markdown_text_conflict")
    attachments = args.json("attachments") or []
    if len(attachments) > MOST_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    if text is None and markdown is None and not blocks and not attachments:
        raise ApiError("no_text")
    return Content(
        text=(text or markdown or "")[:MOST_TEXT],
        blocks=blocks,
        metadata=read_metadata(args) if with_metadata else None,
    )
