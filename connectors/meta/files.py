"""What hangs on a message beside its words: in words a person can read, and as files. Pure.

Read from a message (`attachments.data`, `shares`, `sticker`, `story`) or from a webhook's event
(`attachments` with `type` and `payload`, `reply_to`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.contract import Attachment
from connectors.fields import Fields

UNREADABLE: Final = "[A message that Meta does not hand out: open it in the inbox]"

_NAMES: Final = {
    "image": ("Photo", "image/jpeg"),
    "video": ("Video", "video/mp4"),
    "audio": ("Voice message", "audio/mp4"),
    "file": ("File", "application/octet-stream"),
}
_LINKED: Final = {
    "share": "Shared post",
    "ig_reel": "Shared reel",
    "reel": "Shared reel",
    "ig_post": "Shared post",
    "fallback": "Link",
    "story_mention": "Mentioned us in a story",
    "location": "Place",
    "template": "Message with buttons",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One thing beside the words. `url` is set where it is a file that can be fetched."""

    words: str
    name: str = ""
    media_type: str = ""
    size: int = 0
    url: str = ""


def extras_of(message: Fields) -> Sequence[Extra]:
    """Everything beside the words of one message, whichever way it came."""
    listed = message.value.get("attachments")
    found = _from_event(message) if isinstance(listed, list) else _from_message(message)
    extras = [*found, *_story(message)]
    if message.flag("is_unsupported"):
        extras.append(Extra(words=UNREADABLE))
    return extras


def attachments_of(extras: Sequence[Extra]) -> tuple[Attachment, ...]:
    """Those that are files. `ref` is their place among `extras`."""
    return tuple(
        Attachment(name=one.name, media_type=one.media_type, size=one.size, ref=str(place))
        for place, one in enumerate(extras)
        if one.url
    )


def with_words(text: str, extras: Sequence[Extra]) -> str:
    """The message's text, and a line for each thing beside it."""
    return "\n".join([*([text] if text.strip() else []), *(one.words for one in extras)])


def _from_message(message: Fields) -> Iterator[Extra]:
    for one in message.inner("attachments").each("data"):
        yield _file(one)
    for one in message.inner("shares").each("data"):
        yield Extra(
            words=_linked("Shared", one.text("name", default=""), one.text("link", default=""))
        )
    if message.text("sticker", default=""):
        yield Extra(words="[Sticker]")


def _file(one: Fields) -> Extra:
    image, video = one.inner("image_data"), one.inner("video_data")
    media = one.text("mime_type", default="") or ("image/jpeg" if image.value else "")
    kind = media.partition("/")[0]
    words, usual = _NAMES.get(kind, _NAMES["file"])
    url = next(
        filter(
            None,
            (o.text(k, default="") for o, k in ((image, "url"), (video, "url"), (one, "file_url"))),
        ),
        "",
    )
    name = one.text("name", default="") or words.lower()
    shown = f"[{words}: {name}]" if one.text("name", default="") else f"[{words}]"
    return Extra(
        words=shown,
        name=name,
        media_type=media or usual,
        size=one.number("size", default=0),
        url=url,
    )


def _from_event(message: Fields) -> Iterator[Extra]:
    for one in message.each("attachments"):
        kind, payload = one.text("type", default=""), one.inner("payload")
        url, title = payload.text("url", default=""), payload.text("title", default="")
        if payload.value.get("sticker_id") is not None:
            yield Extra(words="[Sticker]")
        elif kind in _NAMES:
            words, media = _NAMES[kind]
            name = title or words.lower()
            yield Extra(words=f"[{words}]", name=name, media_type=media, url=url)
        else:
            yield Extra(words=_linked(_LINKED.get(kind, "Attachment"), title, url))


def _story(message: Fields) -> Iterator[Extra]:
    story = message.inner("story")
    answered = story.inner("reply_to") if story.value else message.inner("reply_to").inner("story")
    if answered.value:
        yield Extra(words=_linked("Answer to our story", "", _link(answered)))
    if mentioned := story.inner("mention").value:
        link = _link(Fields(mentioned))
        yield Extra(words=_linked("Mentioned us in a story", "", link))


def _link(one: Fields) -> str:
    return one.text("link", default="") or one.text("url", default="")


def _linked(what: str, title: str, url: str) -> str:
    return f"[{': '.join(filter(None, (what, ' '.join(title.split()), url)))}]"
