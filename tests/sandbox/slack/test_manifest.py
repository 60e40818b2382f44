"""What a manifest registers, and what Slack would not take."""

from typing import Any

import pytest

from sandbox.slack.manifest import BadManifest, read_manifest
from sandbox.slack.manifest_default import default_manifest


def test_the_default_manifest_registers_commands_shortcuts_and_scopes() -> None:
    app = read_manifest(default_manifest())

    assert app.command("/ticket") is not None
    assert app.command("/nothing") is None
    assert app.shortcut("msg_claim", "message") is not None
    assert app.shortcut("msg_claim", "global") is None
    assert "chat:write" in app.scopes
    assert app.socket_mode


def test_optional_scopes_are_granted_too() -> None:
    manifest = default_manifest()
    manifest["oauth_config"]["scopes"]["bot_optional"] = ["files:read"]

    assert "files:read" in read_manifest(manifest).scopes


def _set(manifest: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    part = manifest
    for name in parents:
        part = part[name]
    part[last] = value


SHORTCUT = {"name": "x", "type": "message", "callback_id": "x", "description": "x"}


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("display_information.name", "x" * 36, "1 to 35"),
        ("features.slash_commands", [{"command": "ticket", "description": "x"}], "no command name"),
        ("features.slash_commands", [{"command": "/t"}], "needs a description"),
        ("features.shortcuts", [SHORTCUT] * 6, "more than 5 of type message"),
        ("features.shortcuts", [{**SHORTCUT, "name": "x" * 25}], "longer than 24"),
        ("features.shortcuts", [{**SHORTCUT, "type": "thread"}], "needs a type"),
        ("settings.interactivity", {"is_enabled": False}, "is_enabled"),
        ("oauth_config.scopes.bot", ["chat:write"], "scope commands"),
        ("settings.socket_mode_enabled", False, "url when Socket Mode is off"),
    ],
)
def test_what_slack_would_refuse(path: str, value: Any, reason: str) -> None:
    manifest = default_manifest()
    _set(manifest, path, value)

    with pytest.raises(BadManifest, match=reason):
        read_manifest(manifest)
