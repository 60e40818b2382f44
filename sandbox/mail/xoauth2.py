"""Tokens instead of passwords, as Google and Microsoft take them (SASL XOAUTH2)."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pysasl.creds.plain import PlainCredentials
from pysasl.exception import InvalidResponse
from pysasl.mechanism import ChallengeResponse, ServerChallenge, ServerMechanism
from typing_extensions import override

REFUSAL = json.dumps({"status": "401", "schemes": "bearer", "scope": "https://mail.example/"})
"""What a server says before it refuses; it wants an empty line for it."""

_RESPONSE = re.compile(rb"user=([^\x01]{1,320})\x01auth=Bearer ([^\x01]{1,4096})\x01\x01")


@dataclass(slots=True)
class Tokens:
    """Access tokens that are good now, by account, and the passwords behind the accounts."""

    passwords: dict[str, str]
    good: dict[str, str] = field(default_factory=dict)
    refused: int = 0

    def account_of(self, response: bytes) -> str | None:
        """The account an initial response opens; None if it opens none."""
        match = _RESPONSE.fullmatch(response)
        user, token = (
            (one.decode("utf-8", "replace") for one in match.groups()) if match else ("", "")
        )
        if token and self.good.get(user) == token:
            return user
        self.refused += 1
        return None


class XOAuth2(ServerMechanism):
    """The server's side over IMAP: a refusal is a challenge that wants an empty answer."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(b"XOAUTH2")
        self._tokens = tokens

    @override
    def server_attempt(
        self, responses: Sequence[ChallengeResponse]
    ) -> tuple[PlainCredentials, None]:
        if not responses:
            raise ServerChallenge(b"")
        if len(responses) > 1:
            if responses[-1].response:
                raise InvalidResponse
            return PlainCredentials("nobody", "refused"), None
        account = self._tokens.account_of(responses[0].response)
        if account is None:
            raise ServerChallenge(REFUSAL.encode())
        return PlainCredentials(account, self._tokens.passwords[account]), None


def initial_response(argument: str) -> bytes:
    """The bytes behind the base64 of `AUTH XOAUTH2 …`; empty for anything else."""
    try:
        return base64.b64decode(argument, validate=True)
    except ValueError:
        return b""
