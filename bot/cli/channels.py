"""`threadline channels`: which channels there are, and how each of them is set up.

What is said of a channel is its README's: there is one place for it.
"""

import re
from dataclasses import dataclass
from typing import Final

from rich.markdown import Markdown
from rich.table import Table

from bot.cli.console import fail, out, say
from bot.errors import DeskError
from connectors.registry import ConnectorSpec, Registry, load_connectors

_SAMPLE: Final = re.compile(r"^```toml\n(\[\[inboxes\]\]\n.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANNEL: Final = re.compile(r'^channel = "[^"]*"', re.MULTILINE)
_SECRET: Final = re.compile(r'"env:([A-Z0-9_]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An inbox as its channel's README shows it. `secrets` are the variables it names."""

    text: str
    secrets: tuple[str, ...]

    def within(self, channel: str) -> str:
        """The same for that Slack channel, a TOML string."""
        return _CHANNEL.sub(lambda _: f"channel = {channel}", self.text, count=1)


def list_channels() -> None:
    """A line for each channel, and why others cannot be used."""
    registry = load_connectors()
    table = Table(box=None, pad_edge=False)
    for head in ("KEY", "CHANNEL", "COMES IN BY", "PROVEN"):
        table.add_column(head, no_wrap=True)
    for spec in sorted(registry.specs.values(), key=lambda each: each.key):
        level = spec.quality.level if spec.quality else "unknown"
        table.add_row(spec.key, spec.manifest.title, spec.manifest.transport, level)
    out.print(table)
    for name, why in registry.broken.items():
        say(f"{name} cannot be used: {why}")
    say("\nHow one of them is set up: threadline channels KEY")


def show_channel(key: str) -> None:
    """The channel's README, for a terminal or a pager. Raises DeskError for an unknown one."""
    page = _readme(named_channel(load_connectors(), key))
    if out.is_terminal:
        out.print(Markdown(page))
    else:
        print(page)


def named_channel(registry: Registry, key: str) -> ConnectorSpec:
    """The channel of that key. Raises DeskError that names what there is."""
    if key in registry.broken:
        raise DeskError(f"{key} cannot be used: {registry.broken[key]}")
    if key not in registry.specs:
        raise DeskError(f'There is no channel "{key}". Known: {", ".join(sorted(registry.specs))}.')
    return registry.specs[key]


def sample_inbox(spec: ConnectorSpec) -> Sample:
    """The `[[inboxes]]` of its README; one without leaves with what to do instead."""
    found = _SAMPLE.search(_readme(spec))
    if found is None:
        fail(f"The README of {spec.key} shows no [[inboxes]]; write its table yourself.")
    text = found.group(1)
    return Sample(text=text, secrets=tuple(dict.fromkeys(_SECRET.findall(text))))


def _readme(spec: ConnectorSpec) -> str:
    path = spec.folder / "README.md"
    if not path.exists():
        raise DeskError(f"{spec.key} has no README; its maker knows how it is set up.")
    return path.read_text(encoding="utf-8")
