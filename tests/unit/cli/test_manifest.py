import json
import os
import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from bot.slack.blocks.actions import ShortcutId
from bot.slack.request import COMMANDS
from bot.slack_manifest import EVENTS, OPTIONAL, SCOPES, build_manifest, missing_scopes
from sandbox.slack.manifest import read_manifest

BOT = Path(__file__).resolve().parents[3] / "bot"
SPECS = os.environ.get("THREADLINE_SPECS", "")
needs_specs = pytest.mark.skipif(
    not SPECS, reason="THREADLINE_SPECS does not name a folder with Slack's published contracts"
)


def _called_methods() -> set[str]:
    """Web API methods that the bot's code calls, such as `chat.postMessage`."""
    found: set[str] = set()
    for path in BOT.rglob("*.py"):
        found |= set(re.findall(r"client\.([a-z]+_[A-Za-z_]+)\(", path.read_text(encoding="utf-8")))
    return {name.replace("_", ".") for name in found - {"is_connected"}}


def _heard_events() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in BOT.rglob("*.py"))
    return set(re.findall(r'@app\.event\("(\w+)"\)', text))


@needs_specs
@pytest.mark.parametrize("url", [None, "https://desk.shop.example/slack/events"])
@pytest.mark.parametrize("aliases", [False, True])
def test_the_manifest_fits_slacks_schema(url: str | None, *, aliases: bool) -> None:
    schema = json.loads((Path(SPECS) / "slack/manifest.schema.2.0.0.json").read_text())

    assert list(Draft7Validator(schema).iter_errors(build_manifest(url=url, aliases=aliases))) == []


@needs_specs
def test_every_call_has_its_scope_and_every_scope_its_call() -> None:
    used: set[str] = set()
    for method in _called_methods():
        path = Path(SPECS) / f"slack/methods/{method}.json"
        documented = json.loads(path.read_text())["scope"].get("bot", [])
        wanted = {scope for scope in documented if not scope.startswith(("im:", "mpim:"))}
        assert not wanted or wanted & set(SCOPES), method
        used |= wanted & set(SCOPES)
    # Granted for what is heard rather than called.
    assert set(SCOPES) - used == {"app_mentions:read", "commands"}


def test_the_sandbox_takes_the_manifest_as_strictly_as_slack() -> None:
    read = read_manifest(build_manifest(name="Shop desk"))

    assert read.socket_mode
    assert read.interactive
    assert read.scopes == set(SCOPES)


def test_every_command_and_shortcut_the_desk_listens_to_is_declared() -> None:
    features = build_manifest()["features"]

    commands = {one["command"]: one for one in features["slash_commands"]}
    assert set(commands) == {COMMANDS.ticket, COMMANDS.sla}
    assert all(one["should_escape"] for one in commands.values())
    assert {one["callback_id"] for one in features["shortcuts"]} == {str(s) for s in ShortcutId}


def test_the_aliases_are_declared_where_they_are_asked_for() -> None:
    commands = build_manifest(aliases=True)["features"]["slash_commands"]

    assert [one["command"] for one in commands] == ["/ticket", "/sla", "/claim", "/reply"]
    assert read_manifest(build_manifest(aliases=True)).command(COMMANDS.claim) is not None


def test_every_event_subscribed_to_is_heard() -> None:
    assert set(EVENTS) <= _heard_events()


def test_plain_messages_are_not_subscribed_to() -> None:
    assert not any(event.startswith("message") for event in EVENTS)


def test_http_mode_names_one_address_everywhere() -> None:
    url = "https://desk.shop.example/slack/events"
    manifest = build_manifest(url=url)

    assert manifest["settings"]["socket_mode_enabled"] is False
    assert json.dumps(manifest).count(url) == 4


def test_missing_scopes_are_what_is_needed_less_what_is_granted() -> None:
    granted = ", ".join(sorted(set(SCOPES) - {"users:read.email"})) + ", extra:scope"

    assert missing_scopes(granted) == ["users:read.email"]


def test_an_optional_scope_is_missing_only_where_it_is_used() -> None:
    granted = ", ".join(SCOPES.keys() - OPTIONAL)

    assert missing_scopes(granted) == []
    assert missing_scopes(granted, optional=OPTIONAL) == sorted(OPTIONAL)
    assert build_manifest()["oauth_config"]["scopes"]["bot_optional"] == sorted(OPTIONAL)


def test_every_scope_says_what_it_is_for() -> None:
    assert all(SCOPES.values())
