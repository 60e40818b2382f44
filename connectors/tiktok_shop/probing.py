"""Whether an answer stands in a chat. Pure."""

from collections.abc import Sequence
from datetime import datetime

from connectors.contract import Absent, Found, ReplyReceipt, Unknown
from connectors.fields import Fields
from connectors.tiktok_shop.contents import read_content


def look_for(
    parts: Sequence[str],
    pictures: int,
    messages: Sequence[Fields],
    decided_at: datetime | None,
    at: datetime,
) -> Found | Absent | Unknown:
    """Look for the texts and so many pictures among the chat's messages since `decided_at` - SKEW.

    Blanks are not compared: the platform may trim them. An answer of which only a part is there,
    or that stands there from moments before, is for a person to look at.
    """
    # TikTok's times are whole seconds.
    start = int(decided_at.timestamp()) if decided_at else 0
    later = [one for one in messages if one.number("create_time", default=0) >= start]
    texts, shown = _of_the_shop(later)
    arrived = []
    for part in parts:
        ids = texts.get(_plain(part))
        if ids:
            arrived.append(ids.pop(0))
    if not arrived and not (pictures and shown):
        all_texts, _ = _of_the_shop(messages)
        return Unknown() if any(_plain(part) in all_texts for part in parts) else Absent()
    if len(arrived) < len(parts) or shown < pictures:
        return Unknown()
    return Found(receipt=ReplyReceipt(external_id=arrived[0], accepted_at=at))


def _of_the_shop(messages: Sequence[Fields]) -> tuple[dict[str, list[str]], int]:
    texts: dict[str, list[str]] = {}
    pictures = 0
    for message in messages:
        if message.inner("sender").text("role", default="") == "BUYER":
            continue
        kind = message.text("type", default="")
        if kind == "TEXT":
            said = read_content(kind, message.text("content", default="")).text
            texts.setdefault(_plain(said), []).append(message.id("id", default=""))
        pictures += kind == "IMAGE"
    return texts, pictures


def _plain(text: str) -> str:
    return " ".join(text.split())
