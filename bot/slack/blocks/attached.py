"""The files that came with a message: what they are, and how to get at them."""

from collections.abc import Iterator, Mapping

from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.pictures import has_pictures
from bot.domain.platforms import platform
from bot.language import tr, tr_many
from bot.slack.blocks.wording import file_size, file_type
from bot.slack.text import one_line
from connectors.contract import Verdict


def attachment_words(
    message: MessageView, ticket: TicketView, desk: Desk, *, most: int = 3
) -> Iterator[str]:
    """The attached files by name, type and size, `most` of them, and how to get at them."""
    files = list(message.attachments)
    if not files:
        return
    shown = [_file(file) for file in files[:most]]
    more = len(files) - len(shown)
    where = _where_files_are(message, ticket, desk)
    names = ", ".join(shown)
    yield (
        tr_many(
            "attached: {files} and {count} more; {where}",
            "attached: {files} and {count} more; {where}",
            more,
            files=names,
            where=where,
        )
        if more
        else tr("attached: {files}; {where}", files=names, where=where)
    )


def _file(file: Mapping[str, str | int]) -> str:
    name, size = one_line(str(file.get("name", "")), 60) or tr("file"), int(file.get("size", 0))
    kind = file_type(str(file.get("media_type", "")))
    return f"{name} ({kind}, {file_size(size)})" if size else f"{name} ({kind})"


def _where_files_are(message: MessageView, ticket: TicketView, desk: Desk) -> str:
    if message.verdict == Verdict.SUSPECT:
        return tr("files of a suspect are not fetched")
    route = desk.inboxes.get(ticket.inbox)
    followed = route is not None and route.fetches_attachments and route.slack_body == "full"
    pictures = [one for one in message.attachments if has_pictures(message.verdict, [one])]
    name = platform(ticket.connector)
    if not followed or not pictures:
        return tr("get files in {marketplace} itself", marketplace=name)
    if len(pictures) == len(message.attachments):
        return tr("pictures follow in the thread")
    return tr(
        "pictures follow in the thread, get the other files in {marketplace} itself",
        marketplace=name,
    )
