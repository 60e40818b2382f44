"""Files to and from Allegro. Uploading sends nothing to a customer: a lost answer loses nothing."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from connectors.allegro.answering import Place
from connectors.allegro.attached import ISSUES, MESSAGES, path_of
from connectors.allegro.client import BETA, PUBLIC, AllegroClient, Row
from connectors.contract import Attachment, File
from connectors.errors import OutcomeUnknown, Unavailable
from connectors.fields import Fields

ANY: Final = "*/*"


async def upload(client: AllegroClient, place: Place, files: Sequence[File]) -> list[str]:
    """Upload files for an answer. Returns their ids, to be named in it.

    Raises:
        Unavailable: one of them was not taken; nothing was said to the customer.
        ConnectorError: as `send` does otherwise.
    """
    try:
        return [await _upload(client, place, file) for file in files]
    except OutcomeUnknown as error:
        said = f"the attachment could not be uploaded, so nothing was sent: {error}"
    # Outside the handler: a lost upload is no lost answer.
    raise Unavailable(said)


async def download(client: AllegroClient, attachment: Attachment) -> File:
    """A customer's file, asked for with the seller's token. Raises Rejected where there is none."""
    answer = await client.http.get(path_of(attachment), headers={"Accept": ANY})
    told = answer.headers.get("content-type", "").partition(";")[0].strip()
    media_type = told or attachment.media_type
    return File(name=attachment.name, media_type=media_type, content=answer.body)


async def _upload(client: AllegroClient, place: Place, file: File) -> str:
    size: Row = {"size": len(file.content)}
    # The two declarations differ in one letter.
    path, media_type, declared = (
        (ISSUES, BETA, size | {"fileName": file.name})
        if place.is_issue
        else (MESSAGES, PUBLIC, size | {"filename": file.name})
    )
    answer = await client.post(path, declared, media_type)
    name = Fields(answer.object()).id("id", default="")
    if not name:
        raise Unavailable("Allegro declared no attachment, so nothing was sent")
    http, target, params = client.http, f"{path}/{name}", list[tuple[str, str]]()
    location = answer.headers.get("location", "")
    if place.is_issue and location:
        # Good once, and not to be made up (Allegro's interface description).
        http, parts = client.at(location), urlsplit(location)
        target, params = parts.path, parse_qsl(parts.query, keep_blank_values=True)
    headers = {"Accept": media_type, "Content-Type": file.media_type}
    await http.send("PUT", target, body=file.content, params=params, headers=headers)
    return name
