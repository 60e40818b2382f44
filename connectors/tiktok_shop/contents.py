"""What stands in a chat message, by its type: words for people, ids, and files. Pure.

`content` is JSON written as text. The shapes are those of the page "Get Conversation Messages";
that of LOGISTICS_CARD is the one for sending it, that of EMOTICONS is not documented.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.contract import Attachment, Json
from connectors.fields import Fields

MARKERS: Final = frozenset(
    {
        "ALLOCATED_SERVICE",
        "NOTIFICATION",
        "BUYER_ENTER_FROM_TRANSFER",
        "BUYER_ENTER_FROM_PRODUCT",
        "BUYER_ENTER_FROM_ORDER",
    }
)
"""Types that nobody wrote, whatever their sender's role says."""

ELSEWHERE: Final = "[a message that only Seller Center can show]"

_FORMAT: Final = re.compile(r"[a-z0-9]{1,8}")
_LONGEST_VIDEO: Final = 24 * 3600
"""Seconds; a longer one is a number misread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One message's content. `order_id` and `product_id` are empty where it names none."""

    text: str
    order_id: str = ""
    product_id: str = ""
    attachments: tuple[Attachment, ...] = ()


def read_content(kind: str, raw: str) -> Content:
    """Understand the `content` of a message of type `kind`; what cannot be read is shown as it is."""
    fields = _fields(raw)
    if fields is None:
        return Content(text=raw if kind in {"TEXT", ""} else f"{ELSEWHERE} {raw}".strip())
    return _READERS.get(kind, _words)(fields)


def _fields(raw: str) -> Fields | None:
    try:
        found: Json = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return Fields(found) if isinstance(found, dict) else None


def _text(fields: Fields) -> Content:
    return Content(text=fields.text("content", default=""))


def _words(fields: Fields) -> Content:
    return Content(text=fields.text("content", default="").strip() or ELSEWHERE)


def _image(fields: Fields) -> Content:
    return Content(text="[picture]", attachments=_file("picture", "image/jpeg", fields))


def _video(fields: Fields) -> Content:
    seconds = fields.amount("duration", default=Decimal(0))
    found = fields.text("format", default="mp4").lower()
    name = found if _FORMAT.fullmatch(found) else "mp4"
    return Content(
        text=f"[video, {seconds:.0f} s]" if 0 < seconds < _LONGEST_VIDEO else "[video]",
        attachments=_file(f"video.{name}", f"video/{name}", fields),
    )


def _file(name: str, media_type: str, fields: Fields) -> tuple[Attachment, ...]:
    url = fields.text("url", default="")
    size = max(fields.number("size", default=0), 0)
    return (Attachment(name=name, media_type=media_type, size=size, ref=url),) if url else ()


def _sticker(fields: Fields) -> Content:
    words = fields.text("content", default="").strip()
    return Content(text=f"[sticker] {words}".strip())


def _product(fields: Fields) -> Content:
    product = fields.id("product_id", default="")
    return Content(text=f"[product {product}]" if product else "[a product]", product_id=product)


def _order(fields: Fields) -> Content:
    order = fields.id("order_id", default="")
    return Content(text=f"[order {order}]" if order else "[an order]", order_id=order)


def _return(fields: Fields) -> Content:
    return _of_order("return or refund", fields)


def _parcel(fields: Fields) -> Content:
    return _of_order("parcel", fields)


def _of_order(what: str, fields: Fields) -> Content:
    order = fields.id("order_id", default="")
    return Content(text=f"[{what} of order {order}]" if order else f"[{what}]", order_id=order)


def _coupon(fields: Fields) -> Content:
    coupon = fields.id("coupon_id", default="")
    return Content(text=f"[coupon {coupon}]" if coupon else "[a coupon]")


_READERS: Final[Mapping[str, Callable[[Fields], Content]]] = MappingProxyType(
    {
        "TEXT": _text,
        "IMAGE": _image,
        "VIDEO": _video,
        "EMOTICONS": _sticker,
        "PRODUCT_CARD": _product,
        "BUYER_ENTER_FROM_PRODUCT": _product,
        "ORDER_CARD": _order,
        "BUYER_ENTER_FROM_ORDER": _order,
        "RETURN_REFUND_CARD": _return,
        "LOGISTICS_CARD": _parcel,
        "COUPON_CARD": _coupon,
    }
)
