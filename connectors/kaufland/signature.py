"""Kaufland's proof of who calls: each request signed with the secret key."""

from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr
from typing_extensions import override

from connectors.request import Authoriser, HttpRequest
from connectors.signing import hmac_hex


def signature(secret: SecretStr | str, method: str, uri: str, body: bytes, timestamp: int) -> str:
    """HMAC-SHA256 over method, whole address, body and epoch seconds, a line each.

    The address is signed with its query, encoded exactly as it is sent (Kaufland's REST page).
    """
    lines = (method.encode(), uri.encode(), body, str(timestamp).encode())
    return hmac_hex(secret, b"\n".join(lines))


class Signed(Authoriser):
    """Signs every attempt anew, at the desk's time."""

    def __init__(
        self, client_key: SecretStr, secret_key: SecretStr, now: Callable[[], datetime]
    ) -> None:
        self._client_key = client_key
        self._secret_key = secret_key
        self._now = now

    @override
    async def authorise(self, request: HttpRequest) -> HttpRequest:
        at = int(self._now().timestamp())
        return request.with_headers(
            {
                "Shop-Client-Key": self._client_key.get_secret_value(),
                "Shop-Timestamp": str(at),
                "Shop-Signature": signature(
                    self._secret_key, request.method, request.url, request.body, at
                ),
            }
        )

    @override
    def refused(self) -> bool:
        return False
