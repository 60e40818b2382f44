"""What a visitor entered on the shop's website, as one value: from the form, or signed by the site."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import parse_qsl

from connectors.contract import Json
from connectors.fields import Fields
from connectors.mail.compose import one_line
from connectors.mail.form import first_address

MESSAGE_CHARACTERS: Final = 20_000
"""A longer message is sent back to be made shorter, never cut."""

FIELDS_READ: Final = 40
"""Form fields that are looked at; a page with more is no contact form."""

_LINE: Final = 200
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The fields of one message, plain and bounded; everything of it is untrusted.

    `purpose` is what the form's list was set to: product, purchase or other. `reference` is the
    site's own name of the conversation, `created_at` its own time (ISO 8601).
    """

    name: str = ""
    email: str = ""
    order: str = ""
    purpose: str = ""
    subject: str = ""
    message: str = ""
    language: str = ""
    page: str = ""
    reference: str = ""
    customer: str = ""
    created_at: str = ""

    def stored(self, *, via: str) -> bytes:
        """As the payload of a raw item. `via` is `form` or `signed`."""
        return json.dumps({"via": via, "post": asdict(self)}, ensure_ascii=False).encode()


def read_stored(payload: bytes) -> tuple[str, Post]:
    """A stored payload. Raises Malformed."""
    fields = Fields.of(payload)
    inner = fields.inner("post")
    values = {name: inner.text(name, default="") for name in Post.__dataclass_fields__}
    return fields.text("via", default="signed"), _bounded(values)


def read_form_body(body: bytes) -> Mapping[str, str]:
    """The fields of a form's body (application/x-www-form-urlencoded); the first of a name counts."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_READ
        )
    except ValueError:
        return {}
    return dict(reversed(pairs))


def post_of_form(values: Mapping[str, str]) -> Post:
    """What the contact form sends, by the names its fields have."""
    return _bounded({name: values.get(name, "") for name in Post.__dataclass_fields__})


def post_of_call(value: Mapping[str, Json]) -> Post:
    """What a site's own back-end sends as JSON. What is missing or odd is empty."""
    call = Fields(dict(value))
    customer = call.value.get("customer")
    who = Fields(customer if isinstance(customer, dict) else {})
    return _bounded(
        {
            "name": who.text("name", "") or call.text("name", ""),
            "email": who.text("email", "") or call.text("email", ""),
            "customer": who.text("external_id", ""),
            "order": call.id("order_ref", "") or call.id("order", ""),
            "purpose": call.text("reason", "") or call.text("purpose", ""),
            "subject": call.text("subject", ""),
            "message": call.text("text", "") or call.text("message", ""),
            "language": call.text("locale", "") or call.text("language", ""),
            "page": call.text("page_url", ""),
            "reference": call.id("thread_ref", ""),
            "created_at": call.text("created_at", ""),
        }
    )


def _bounded(values: Mapping[str, str]) -> Post:
    lines = {
        name: one_line(_CONTROL.sub("", value[: 4 * _LINE]))[:_LINE]
        for name, value in values.items()
        if name not in {"message", "email"}
    }
    message = _CONTROL.sub("", values.get("message", "").replace("\r\n", "\n")).strip()
    email = first_address(one_line(values.get("email", "")[: 4 * _LINE]))
    return Post(**{**lines, "message": message.encode("utf-8", "replace").decode(), "email": email})
