"""One call to a platform as a value, so that a signature covers exactly what is sent."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol
from urllib.parse import quote, urlencode, urlsplit

from typing_extensions import override

from connectors.contract import File, Json

Pairs = Mapping[str, str] | Sequence[tuple[str, str]]
"""Names and values in the order they go out; a name may repeat in the second form."""

_PLAIN: Final = re.compile(r"[A-Za-z_.-]{0,40}|v?\d{1,2}(?:\.\d{1,2})?|20\d{4}|20\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A call before it is sent. `params` and `body` go out exactly as they stand here."""

    method: str
    base: str
    path: str
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def url(self) -> str:
        """The whole address, encoded as it goes over the wire."""
        address = self.base + quote(self.path, safe="/:@!$&'()*+,;=~%-._")
        return f"{address}?{urlencode(self.params, quote_via=quote)}" if self.params else address

    @property
    def shown(self) -> str:
        """What may stand in a log: method, host, and the path without names and numbers."""
        try:
            host = urlsplit(self.base).hostname or "?"
        except ValueError:
            host = "?"
        return f"{self.method} {host} {shown_path(self.path)}"

    def with_headers(self, headers: Mapping[str, str]) -> "HttpRequest":
        """The same call with further headers."""
        return replace(self, headers={**self.headers, **headers})

    def with_params(self, params: Mapping[str, str]) -> "HttpRequest":
        """The same call with further query parameters, at the end."""
        return replace(self, params=(*self.params, *params.items()))

    def with_json(self, value: Json) -> "HttpRequest":
        """The same call with a JSON body, serialised once and compactly."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return replace(self.with_headers({"Content-Type": "application/json"}), body=body)

    def with_form(self, form: Pairs) -> "HttpRequest":
        """The same call with a form body."""
        pairs = list(form.items() if isinstance(form, Mapping) else form)
        typed = self.with_headers({"Content-Type": "application/x-www-form-urlencoded"})
        return replace(typed, body=urlencode(pairs).encode())


def multipart(fields: Mapping[str, str], files: Sequence[tuple[str, File]]) -> tuple[bytes, str]:
    """A multipart/form-data body and its Content-Type (RFC 7578), for `MarketHttp.send(body=…)`.

    The boundary comes from the content, so the same reply is the same bytes every time. A file
    without a name is a field with a media type of its own, such as a part that is JSON.
    """
    content = b"".join(
        [*(value.encode() for value in fields.values()), *(f.content for _, f in files)]
    )
    boundary = f"threadline-{hashlib.sha256(content).hexdigest()[:40]}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, file in files:
        shown = re.sub(r'[\x00-\x1f"\\]', "_", file.name)
        named = f'; filename="{shown}"' if shown else ""
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n'
            f"Content-Type: {file.media_type}\r\n\r\n"
        )
        parts += [head.encode(), file.content, b"\r\n"]
    return b"".join(
        [*parts, f"--{boundary}--\r\n".encode()]
    ), f"multipart/form-data; boundary={boundary}"


class Authoriser(Protocol):
    """Adds what a platform wants to see of us: a token, a signature."""

    async def authorise(self, request: HttpRequest) -> HttpRequest:
        """The request with it. Asked anew for every attempt."""
        ...

    def refused(self) -> bool:
        """The platform refused what was added. True if another attempt may fare better."""
        ...


class NoAuth(Authoriser):
    """For calls that need no proof."""

    @override
    async def authorise(self, request: HttpRequest) -> HttpRequest:
        return request

    @override
    def refused(self) -> bool:
        return False


def shown_path(path: str) -> str:
    """A path fit for a log: words and versions stay, whatever may name a customer is a star."""
    parts = path.split("?", 1)[0].split("/")
    return "/".join(part if _PLAIN.fullmatch(part) else "*" for part in parts)
