"""`threadline manifest`: what to paste into Slack."""

import json
from urllib.parse import urlsplit

from bot.cli.console import fail
from bot.slack_manifest import build_manifest

EVENTS_PATH = "/slack/events"


def print_manifest(*, name: str, http: str | None, aliases: bool = False) -> None:
    """Print the manifest as JSON on standard output, and nothing else.

    `http` is the public address of the web process, with or without `/slack/events`; `aliases` adds
    `/claim` and `/reply`.
    """
    print(manifest_json(name=name, http=http, aliases=aliases))


def manifest_json(*, name: str, http: str | None, aliases: bool = False) -> str:
    """The manifest, ready to paste."""
    manifest = build_manifest(name=name, url=_events_url(http), aliases=aliases)
    return json.dumps(manifest, indent=2)


def _events_url(http: str | None) -> str | None:
    if http is None:
        return None
    parts = urlsplit(http)
    if parts.scheme != "https" or not parts.netloc:
        fail(f"--http {http}: Slack calls https addresses only, such as https://desk.shop.example.")
    return http if parts.path.endswith(EVENTS_PATH) else http.rstrip("/") + EVENTS_PATH
