"""What a manifest grants and registers, read the way Slack reads it when an app is made from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.model import JsonObject

# Slack's manifest schema 2: names, counts and lengths it refuses beyond.
_MAX_COMMANDS = 50
_MAX_COMMAND = 32
_MAX_SHORTCUTS_OF_A_KIND = 5
_MAX_SHORTCUT_NAME = 24
_MAX_NAME = 35


class BadManifest(ValueError):
    """Slack would refuse this manifest; the text lists every reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command. `url` is where HTTP mode posts it."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A message or global shortcut."""

    name: str
    kind: str
    callback_id: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppManifest:
    """One app's rights and registrations."""

    name: str
    bot_name: str
    scopes: frozenset[str]
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    events: frozenset[str]
    interactive: bool
    home_tab: bool
    messages_tab: bool
    socket_mode: bool
    events_url: str | None
    interactivity_url: str | None

    def command(self, name: str) -> Command | None:
        """The command of that name, if registered."""
        return next((c for c in self.commands if c.command == name), None)

    def shortcut(self, callback_id: str, kind: str) -> Shortcut | None:
        """The shortcut of that id and kind, if registered."""
        wanted = (callback_id, kind)
        return next((s for s in self.shortcuts if (s.callback_id, s.kind) == wanted), None)


def _part(manifest: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    part: Any = manifest
    for key in path:
        part = part.get(key) or {}
    return part if isinstance(part, Mapping) else {}


def _commands(features: Mapping[str, Any]) -> tuple[Command, ...]:
    return tuple(
        Command(
            command=str(item.get("command", "")),
            description=str(item.get("description", "")),
            usage_hint=str(item.get("usage_hint", "")),
            should_escape=bool(item.get("should_escape", False)),
            url=item.get("url"),
        )
        for item in features.get("slash_commands") or ()
    )


def _shortcuts(features: Mapping[str, Any]) -> tuple[Shortcut, ...]:
    return tuple(
        Shortcut(
            name=str(item.get("name", "")),
            kind=str(item.get("type", "")),
            callback_id=str(item.get("callback_id", "")),
            description=str(item.get("description", "")),
        )
        for item in features.get("shortcuts") or ()
    )


def _command_problems(commands: Iterable[Command], *, socket_mode: bool) -> Iterable[str]:
    for item in commands:
        if not item.command.startswith("/") or not 1 < len(item.command) <= _MAX_COMMAND:
            yield f"features.slash_commands: {item.command!r} is no command name"
        if not item.description:
            yield f"features.slash_commands: {item.command} needs a description"
        if not socket_mode and not item.url:
            yield f"features.slash_commands: {item.command} needs a url when Socket Mode is off"


def _shortcut_problems(shortcuts: tuple[Shortcut, ...]) -> Iterable[str]:
    for kind in ("message", "global"):
        count = sum(1 for item in shortcuts if item.kind == kind)
        if count > _MAX_SHORTCUTS_OF_A_KIND:
            yield f"features.shortcuts holds more than {_MAX_SHORTCUTS_OF_A_KIND} of type {kind}"
    for item in shortcuts:
        if item.kind not in {"message", "global"} or not item.callback_id:
            yield f"features.shortcuts: {item.name!r} needs a type and a callback_id"
        if not 1 <= len(item.name) <= _MAX_SHORTCUT_NAME:
            yield f"features.shortcuts: {item.name!r} is longer than {_MAX_SHORTCUT_NAME}"


def _problems(app: AppManifest) -> Iterable[str]:
    if not 1 <= len(app.name) <= _MAX_NAME:
        yield f"display_information.name must have 1 to {_MAX_NAME} characters"
    yield from _command_problems(app.commands, socket_mode=app.socket_mode)
    if len(app.commands) > _MAX_COMMANDS:
        yield f"features.slash_commands holds more than {_MAX_COMMANDS}"
    yield from _shortcut_problems(app.shortcuts)
    if app.shortcuts and not app.interactive:
        yield "features.shortcuts need settings.interactivity.is_enabled"
    if (app.commands or app.shortcuts) and "commands" not in app.scopes:
        yield "slash commands and shortcuts need the bot scope commands"
    if not app.socket_mode and app.interactive and not app.interactivity_url:
        yield "settings.interactivity.request_url is needed when Socket Mode is off"


def read_manifest(manifest: Mapping[str, Any] | JsonObject) -> AppManifest:
    """Read a manifest. Raises BadManifest with everything Slack would refuse."""
    features = _part(manifest, "features")
    settings = _part(manifest, "settings")
    scopes = _part(manifest, "oauth_config", "scopes")
    subscriptions = _part(settings, "event_subscriptions")
    home = _part(features, "app_home")
    name = str(_part(manifest, "display_information").get("name", ""))
    app = AppManifest(
        name=name,
        bot_name=str(_part(features, "bot_user").get("display_name", name)),
        scopes=frozenset([*(scopes.get("bot") or ()), *(scopes.get("bot_optional") or ())]),
        commands=_commands(features),
        shortcuts=_shortcuts(features),
        events=frozenset(subscriptions.get("bot_events") or ()),
        interactive=bool(_part(settings, "interactivity").get("is_enabled", False)),
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=bool(home.get("messages_tab_enabled", False)),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        events_url=subscriptions.get("request_url"),
        interactivity_url=_part(settings, "interactivity").get("request_url"),
    )
    problems = list(_problems(app))
    if problems:
        raise BadManifest("; ".join(problems))
    return app
