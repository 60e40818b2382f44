"""How Allegro speaks: its media types, its refusals, its tokens."""

import base64
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web
from typing_extensions import override

from sandbox.markets.base import FakeMarket

CLIENT_ID = "1f6b0d1c5e6a4e1f9d2c7b8a90112233"
CLIENT_SECRET = "fake-client-secret-" + "8c3e" * 6
REFRESH = "fake-refresh-0-" + "4f0a" * 6
DEVICE_CODE = "fake-device-code-" + "b27d" * 4
PUBLIC: Final = "application/vnd.allegro.public.v1+json"
BETA: Final = "application/vnd.allegro.beta.v1+json"
ACCESS_LIVES: Final = 43_199
GRACE: Final = timedelta(seconds=60)
"""So long after its first use, a refresh token still gives tokens."""

SCOPES: Final = {
    "/messaging": "messaging",
    "/sale/issues": "disputes",
    "/order": "orders:read",
    "/me": "profile:read",
}
DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"


class AllegroWire(FakeMarket):
    """Tokens and the checks of every call.

    `confirmed` says that the seller confirmed the device code; `revoked` that the consent was
    taken back; `scopes` are the application's permissions.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.token = ""
        self.refresh = REFRESH
        self.confirmed = True
        self.revoked = False
        self.scopes = set(SCOPES.values())
        self.grants: list[str] = []
        self._spent: dict[str, datetime] = {}
        self._used_codes: set[str] = set()
        self._until = now()

    @override
    def knows(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization")
        return bool(self.token) and given == f"Bearer {self.token}" and self.now() < self._until

    @override
    def refused(self) -> web.Response:
        return web.json_response({"error": "invalid_token"}, status=401)

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return refusal(status, "ERROR", reason)

    def wrong(
        self, request: web.Request, media_type: str, known: Collection[str] = (), most: int = 0
    ) -> web.Response | None:  # fmt: skip
        """What Allegro would refuse of a call before it looks at what is asked."""
        if request.headers.get("Accept") != media_type:
            return refusal(406, "NOT_ACCEPTABLE", "No such version of the resource")
        has_body = request.method in {"POST", "PUT"}
        if has_body and request.headers.get("Content-Type") != media_type:
            return refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type")
        return self.not_allowed(request) or wrong_query(request, known, most)

    def not_allowed(self, request: web.Request) -> web.Response | None:
        """A refusal where the application lacks the permission."""
        scope = next(name for begin, name in SCOPES.items() if request.path.startswith(begin))
        if scope in self.scopes:
            return None
        return refusal(403, "AccessDenied", "Access is denied")

    async def ask_device_code(self, request: web.Request) -> web.Response:
        """The beginning of the device flow (RFC 8628, 3.1)."""
        form = await request.post()
        if not self._is_client(request) or form.get("client_id") != CLIENT_ID:
            return web.json_response({"error": "unauthorized"}, status=401)
        shown = {
            "device_code": DEVICE_CODE,
            "user_code": "c3d4e5f6",
            "verification_uri": "https://allegro.example/device",
            "verification_uri_complete": "https://allegro.example/device?code=c3d4e5f6",
            "expires_in": 3600,
            "interval": 5,
        }
        return web.json_response(shown)

    async def grant(self, request: web.Request) -> web.Response:
        """Tokens for a device code or a refresh token, each good once."""
        if not self._is_client(request):
            return web.json_response({"error": "unauthorized"}, status=401)
        form = {name: str(value) for name, value in (await request.post()).items()}
        kind = form.get("grant_type", "")
        self.grants.append(kind)
        if kind == DEVICE_GRANT:
            return self._for_code(form.get("device_code", ""))
        if kind == "refresh_token":
            return self._for_refresh(form.get("refresh_token", ""))
        return web.json_response({"error": "unsupported_grant_type"}, status=400)

    def forget_token(self) -> None:
        """The access token is good no more, before its time."""
        self._until = self.now()

    def _is_client(self, request: web.Request) -> bool:
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {pair}"

    def _for_code(self, code: str) -> web.Response:
        if code != DEVICE_CODE or code in self._used_codes or self.revoked:
            return _oauth("invalid_grant", "Invalid device code")
        if not self.confirmed:
            return _oauth("authorization_pending", "Not confirmed yet")
        self._used_codes.add(code)
        return self._given()

    def _for_refresh(self, token: str) -> web.Response:
        spent = self._spent.get(token)
        is_good = token == self.refresh if spent is None else self.now() - spent <= GRACE
        if not is_good or self.revoked:
            return _oauth("invalid_grant", f"Invalid refresh token: {token}")
        self._spent.setdefault(token, self.now())
        return self._given()

    def _given(self) -> web.Response:
        number = len(self.grants)
        self.token = f"fake-access-{number}-" + "9d1b" * 6
        self.refresh = f"fake-refresh-{number}-" + "4f0a" * 6
        self.secrets |= {self.token, self.refresh}
        self._until = self.now() + timedelta(seconds=ACCESS_LIVES)
        return web.json_response(
            {
                "access_token": self.token,
                "token_type": "bearer",
                "refresh_token": self.refresh,
                "expires_in": ACCESS_LIVES,
                "scope": " ".join(f"allegro:api:{one}" for one in sorted(self.scopes)),
                "allegro_api": True,
                "jti": "5d1f4b0e-3f6f-4f0f-9d3f-8a5a0c2b1d11",
            }
        )


def wrong_query(request: web.Request, known: Collection[str], most: int) -> web.Response | None:
    """A refusal of parameters that are not documented, or out of their range."""
    strange = set(request.query) - set(known)
    if strange:
        return refusal(422, "VALIDATION_ERROR", f"Unknown parameter {min(strange)}")
    limit, offset = request.query.get("limit", "1"), request.query.get("offset", "0")
    if not limit.isdecimal() or (most and not 1 <= int(limit) <= most) or not offset.isdecimal():
        return refusal(422, "VALIDATION_ERROR", "limit or offset is out of range")
    return None


def refusal(status: int, code: str, words: str) -> web.Response:
    """An error as Allegro writes it."""
    error: dict[str, Any] = {
        "code": code,
        "message": words,
        "details": None,
        "path": None,
        "userMessage": words,
        "metadata": {},
    }
    return web.json_response({"errors": [error]}, status=status)


def stamp(at: datetime) -> str:
    """An instant as Allegro writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def whole(at: datetime) -> datetime:
    """Allegro's times end at the millisecond."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _oauth(error: str, description: str) -> web.Response:
    body = {"error": error, "error_description": description}
    return web.json_response(body, status=400)
