"""The contact form's door: anybody may knock, so nothing of it is believed.

Nothing a person wrote is thrown away. What looks like a machine (the hidden field filled, sent at
once, no stamp of ours) is shown again with the words in it: a person presses Send once more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import RawItem
from connectors.signing import hmac_hex, matches
from connectors.website.pages import (
    LANGUAGES,
    STAMP,
    TRAP,
    busy_page,
    form_page,
    thanks_page,
    words,
)
from connectors.website.post import MESSAGE_CHARACTERS, Post, post_of_form, read_form_body
from connectors.website.signed import instant_of, web_id
from connectors.website.visitors import Visitors

FORM: Final = "application/x-www-form-urlencoded"
MOST_BYTES: Final = 131_072
"""Of one form: its longest message, were every letter three bytes written as nine."""

AT_ONCE: Final = timedelta(seconds=3)
"""Nobody reads and sends a form faster."""

OPEN_FOR: Final = timedelta(hours=24)
"""How long a form may stay open in a browser."""

_FIELDS: Final = frozenset({"name", "email", "order", "purpose", "subject", "message", "page"})
_HTML: Final = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicForm:
    """The contact form of one inbox. `key` signs its stamps, `address` is the shop's own."""

    inbox: str
    key: bytes = field(repr=False)
    address: str
    thanks_url: str
    now: Callable[[], datetime]
    visitors: Visitors = field(default_factory=Visitors)

    def take(self, request: WebhookRequest) -> WebhookOutcome:
        """Show the form, ask again, or take the message. Nothing of the request is believed."""
        values = read_form_body(request.body) if len(request.body) <= MOST_BYTES else {}
        language = self._language(request, values)
        shown = {name: value for name, value in values.items() if name in _FIELDS}
        post = post_of_form({**shown, "language": language})
        if request.method != "POST":
            return self._shown(language, Post(page=request.query.get("page", "")[:200]))
        says = self._objection(values, post, language)
        if says:
            return self._shown(language, post, says)
        if not self.visitors.may_write((post.email, _network(request)), self.now()):
            return WebhookOutcome(
                status=429, body=busy_page(language, self.address), media_type=_HTML
            )
        name = web_id("\0".join((self.inbox, values[STAMP], post.email.lower(), post.message)))
        item = RawItem(
            source_id=name, received_at=request.received_at, payload=post.stored(via="form")
        )
        page = thanks_page(language, self.thanks_url)
        return WebhookOutcome(items=(item,), delivery_id=name, body=page, media_type=_HTML)

    def _objection(self, values: Mapping[str, str], post: Post, language: str) -> str:
        w = words(language)
        if not post.email or not post.message:
            return w["missing"]
        if len(post.message) > MESSAGE_CHARACTERS:
            return w["long"].format(most=MESSAGE_CHARACTERS, address=self.address)
        if values.get(TRAP) or not self._is_good(values.get(STAMP, "")):
            return w["check"]
        return ""

    def _shown(self, language: str, post: Post, says: str = "") -> WebhookOutcome:
        page = form_page(language, post, stamp=self._stamp(self.now()), says=says)
        return WebhookOutcome(body=page, media_type=_HTML)

    def _language(self, request: WebhookRequest, values: Mapping[str, str]) -> str:
        asked = (
            values.get("language", ""),
            request.query.get("language", ""),
            *request.headers.get("accept-language", "").split(",")[:8],
        )
        known = (one.strip()[:2].lower() for one in asked)
        return next((one for one in known if one in LANGUAGES), LANGUAGES[0])

    def _stamp(self, at: datetime) -> str:
        seconds = str(int(at.timestamp()))
        return f"{seconds}.{self._signature(seconds)}"

    def _signature(self, seconds: str) -> str:
        return hmac_hex(self.key, f"contact-form|{self.inbox}|{seconds}".encode())[:32]

    def _is_good(self, stamp: str) -> bool:
        seconds, _, signature = stamp.partition(".")
        at = instant_of(seconds)
        if at is None or not matches(signature, [self._signature(seconds)]):
            return False
        return AT_ONCE <= self.now() - at <= OPEN_FOR


def _network(request: WebhookRequest) -> str:
    """Where a proxy in front says that the visitor is; forged, it is one more name to count by."""
    return request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()[:60]
