"""HTTP mode: signed requests to the app's request addresses.

Signing: docs.slack.dev "Verifying requests from Slack" (`v0:timestamp:body`, HMAC-SHA256). Retry headers: "Events API".
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout
from typing_extensions import override

from sandbox.slack.delivery import Answer, PayloadKind, Retry, Timing, Transport

_FORM = "application/x-www-form-urlencoded"
_BAD = 300


def sign(signing_secret: str, timestamp: str, body: str) -> str:
    """The value of `X-Slack-Signature`."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()


def _encode(kind: PayloadKind, payload: Mapping[str, Any]) -> tuple[str, str]:
    if kind is PayloadKind.EVENT:
        return "application/json", json.dumps(payload)
    if kind is PayloadKind.INTERACTION:
        return _FORM, urlencode({"payload": json.dumps(payload)})
    return _FORM, urlencode(payload)


class HttpPush(Transport):
    """Posts payloads to the app and reads its answer."""

    def __init__(self, *, session: ClientSession, signing_secret: str, timing: Timing) -> None:
        self._session = session
        self._secret = signing_secret
        self._timing = timing

    @override
    async def deliver(
        self, kind: PayloadKind, payload: Mapping[str, Any], *, retry: Retry, url: str | None
    ) -> Answer:
        """POST one payload to `url`; a 2xx within `ack_seconds` acknowledges it."""
        if url is None:
            return Answer(failure="no_connection")
        content_type, body = _encode(kind, payload)
        headers = self._headers(content_type, body)
        if retry.number:
            headers |= {
                "X-Slack-Retry-Num": str(retry.number),
                "X-Slack-Retry-Reason": retry.reason,
            }
        limit = ClientTimeout(total=self._timing.ack_seconds)
        try:
            async with self._session.post(
                url, data=body.encode(), headers=headers, timeout=limit
            ) as response:
                text = await response.text()
                stop = response.headers.get("X-Slack-No-Retry") == "1"
                if response.status >= _BAD:
                    return Answer(failure="http_error", stop_retries=stop)
        except TimeoutError:
            return Answer(failure="http_timeout")
        except ClientError:
            return Answer(failure="connection_failed")
        return _read_answer(text)

    def _headers(self, content_type: str, body: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._secret, timestamp, body),
        }


def _read_answer(text: str) -> Answer:
    stripped = text.strip()
    if not stripped:
        return Answer()
    try:
        payload = json.loads(stripped)
    except json.JSONDecodeError:
        return Answer(payload={"text": text})
    return Answer(payload=payload if isinstance(payload, dict) else None)
