"""What TikTok Shop wants to see of a caller: the app's signature and the seller's token.

The rule is that of the platform's page "Sign your API request".
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from pydantic import SecretStr
from typing_extensions import override

from connectors.request import Authoriser, HttpRequest
from connectors.signing import hmac_hex
from connectors.tokens import TokenSource

UNSIGNED: Final = frozenset({"sign", "access_token"})
"""Parameters that the signature leaves out."""


def sign(
    secret: SecretStr | str,
    path: str,
    params: Sequence[tuple[str, str]],
    body: bytes = b"",
    *,
    multipart: bool = False,
) -> str:
    """The `sign` of a call: over its path, its sorted parameters, and its body exactly as sent.

    Values are signed as they are before they are encoded; a multipart body is left out.
    """
    key = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    signed = "".join(name + value for name, value in sorted(params) if name not in UNSIGNED)
    said = f"{key}{path}{signed}".encode() + (b"" if multipart else body) + key.encode()
    return hmac_hex(key, said)


class SignedAuth(Authoriser):
    """Adds the time, the signature and a token of `source` to every call.

    `renewable` is set to False by whoever reads a refusal that another token would not mend.
    """

    def __init__(
        self,
        app_key: SecretStr,
        app_secret: SecretStr,
        source: TokenSource,
        now: Callable[[], datetime],
    ) -> None:
        self.renewable = True
        self._app_key = app_key
        self._app_secret = app_secret
        self._source = source
        self._now = now

    @override
    async def authorise(self, request: HttpRequest) -> HttpRequest:
        token = await self._source.token()
        stamped = request.with_params(
            {
                "app_key": self._app_key.get_secret_value(),
                "timestamp": str(int(self._now().timestamp())),
            }
        )
        multipart = request.headers.get("Content-Type", "").startswith("multipart/form-data")
        signature = sign(
            self._app_secret, stamped.path, stamped.params, stamped.body, multipart=multipart
        )
        return stamped.with_params({"sign": signature}).with_headers({"x-tts-access-token": token})

    @override
    def refused(self) -> bool:
        if self.renewable:
            self._source.expire()
        return self.renewable
