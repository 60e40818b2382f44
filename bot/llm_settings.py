"""`[llm]`: an optional language model that helps agents to read and to write."""

import ipaddress
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.setting_values import Strict

_NEAR: Final = (".local", ".localhost", ".internal", ".lan", ".home.arpa")
"""Endings of names that lead nowhere outside of one's own network."""


def is_near(url: str) -> bool:
    """Whether an address is on this machine or in its own network, so that nothing leaves it."""
    host = (urlsplit(url).hostname or "").casefold()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith(_NEAR)
    return address.is_private or address.is_loopback


def _provider(written: str) -> str:
    parts = urlsplit(written)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no full address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("has more than a host and a path: the key belongs into api_key")
    if parts.scheme == "http" and not is_near(written):
        raise ValueError(
            "leads out of your network without https: customers' words would be readable"
        )
    return written.rstrip("/")


class LlmSettings(Strict):
    """`[llm]`: where the model is, what it may help with, and what it may cost."""

    url: Annotated[str, AfterValidator(_provider)] = Field(
        description='the address before /chat/completions, such as "http://127.0.0.1:11434/v1"'
    )
    model: str = Field(
        min_length=1, max_length=80, description='the model\'s name there, such as "qwen3:8b"'
    )
    api_key: str | None = Field(
        default=None, description='"env:NAME" or "file:PATH"; left out where none is needed'
    )
    help: tuple[Literal["draft", "translate", "summary"], ...] = Field(
        default=("draft", "translate", "summary"),
        description='what it may be asked for: "draft", "translate", "summary"',
    )
    every_inbox: bool = Field(
        default=False,
        strict=True,
        description="true to switch it on for every inbox that does not say otherwise",
    )
    max_input_characters: int = Field(
        default=8000,
        strict=True,
        ge=500,
        le=60_000,
        description="characters of a conversation that leave with one request, 500 to 60000",
    )
    max_answer_tokens: int = Field(
        default=800, strict=True, ge=50, le=4000, description="tokens of an answer, 50 to 4000"
    )
    limit_key: Literal["max_tokens", "max_completion_tokens"] = Field(
        default="max_tokens", description='"max_tokens" or "max_completion_tokens"'
    )
    timeout_seconds: int = Field(
        default=30, strict=True, ge=2, le=120, description="seconds to wait, 2 to 120"
    )
    requests_per_day: int = Field(
        default=300, strict=True, ge=1, le=100_000, description="requests a day (UTC), 1 to 100000"
    )
    tokens_per_day: int = Field(
        default=500_000,
        strict=True,
        ge=1000,
        le=1_000_000_000,
        description="tokens a day (UTC), from 1000",
    )
