"""Who may call TikTok Shop: the signature, the time, the parameters, the tokens."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

EARLIEST = 300
LATEST = 30
"""Seconds that a call's timestamp may lie before and after TikTok's own clock."""


class Refused(Exception):
    """A call that TikTok does not answer as asked."""

    def __init__(self, code: int, words: str, *, status: int = 200) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.status = status


class Gate:
    """One app and its seller's consent. Refresh tokens change with every exchange."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.app_key = "29a39d-fake"
        self.app_secret = "fake-app-secret-" + "e59a" * 5
        self.auth_code = "fake-code-" + "77aa" * 4
        self.refresh = "fake-refresh-0-" + "51bb" * 4
        self.access = ""
        self._now = now
        self._given = 0

    def set_clock(self, now: Callable[[], datetime]) -> None:
        """TikTok's own clock, where it goes otherwise than the caller's."""
        self._now = now

    def is_app(self, given: Mapping[str, str]) -> bool:
        """Whether the caller of the token endpoint is this app."""
        return given.get("app_key") == self.app_key and given.get("app_secret") == self.app_secret

    def exchange(self, name: str, given: str) -> tuple[str, str] | None:
        """Access and refresh token for a code, once, or for the newest refresh token."""
        wanted = self.auth_code if name == "auth_code" else self.refresh
        if not wanted or given != wanted:
            return None
        if name == "auth_code":
            self.auth_code = ""
        self._given += 1
        self.access = f"fake-access-{self._given}-" + "90cc" * 4
        self.refresh = f"fake-refresh-{self._given}-" + "51bb" * 4
        return self.access, self.refresh

    async def admitted(
        self, request: web.Request, allowed: frozenset[str], cipher: str
    ) -> dict[str, Any]:
        """The call's parameters, path variables and body. Raises Refused."""
        given = dict(request.query)
        body = await request.read()
        multipart = request.content_type == "multipart/form-data"
        self._check_signature(request, given, b"" if multipart else body)
        plain = {
            name: given[name] for name in given if name not in {"app_key", "timestamp", "sign"}
        }
        if "shop_cipher" in plain and "shop_cipher" not in allowed:
            raise Refused(36009004, "Unexpected identifier.", status=400)
        if "shop_cipher" in allowed and plain.get("shop_cipher") != cipher:
            raise Refused(106013, "Missing identifier.", status=400)
        if unknown := set(plain) - allowed:
            raise Refused(45101001, f"unknown parameter {min(unknown)}")
        read = json.loads(body) if body and not multipart else {}
        return {**plain, **request.match_info, "path": request.path, "body": read}

    def _check_signature(self, request: web.Request, given: Mapping[str, str], body: bytes) -> None:
        if "sign" not in given or given.get("app_key") != self.app_key:
            raise Refused(36009004, "Invalid credentials.", status=401)
        if "content-type" not in request.headers:
            raise Refused(36009022, "Invalid request format.", status=400)
        ahead = int(given.get("timestamp", "0")) - self._now().timestamp()
        if not -EARLIEST <= ahead <= LATEST:
            raise Refused(36009004, "Invalid timestamp.", status=400)
        if given["sign"] != signature(self.app_secret, request.path, given, body):
            raise Refused(106001, "Invalid credentials. The sign is invalid.", status=401)


def signature(secret: str, path: str, params: Mapping[str, str], body: bytes) -> str:
    """The platform's own recipe, step by step."""
    kept = {name: value for name, value in params.items() if name not in {"sign", "access_token"}}
    text = path
    for name in sorted(kept):
        text += name + kept[name]
    wrapped = secret.encode() + text.encode() + body + secret.encode()
    return hmac.new(secret.encode(), wrapped, hashlib.sha256).hexdigest()
