"""The table of channels in the README, from what manifests and quality files say.

`python -m connectors.matrix` writes it anew; a test keeps the two together.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from connectors.manifest import Capabilities
from connectors.registry import ConnectorSpec, Registry, load_connectors

BEGIN: Final = "<!-- channels: written by `make channels` -->"
END: Final = "<!-- end of channels -->"

_HEAD: Final = (
    "channel",
    "comes in by",
    "answers",
    "answers given there are seen",
    "orders",
    "proven",
    "not verified",
)
_TRANSPORT: Final = {"mail": "mail", "api": "API", "webhook": "its calls"}
_PUBLIC: Final = {"never": "", "possible": ", in private or public", "always": ", in public"}


def matrix(registry: Registry) -> str:
    """The table, a line a channel, those that are best known first by name."""
    specs = sorted(registry.specs.values(), key=_name)
    rows = [_HEAD, ("---",) * len(_HEAD), *(_row(spec) for spec in specs)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _title(spec: ConnectorSpec) -> str:
    """Its title; the mail of a marketplace that also has an API says which of the two it is."""
    beside_an_api = spec.key.endswith("_mail") and "mail" not in spec.manifest.title.lower()
    return f"{spec.manifest.title} by mail" if beside_an_api else spec.manifest.title


def _name(spec: ConnectorSpec) -> str:
    return spec.manifest.title.lower()


def _row(spec: ConnectorSpec) -> tuple[str, ...]:
    manifest, quality = spec.manifest, spec.quality
    unverified = len(quality.facts.unverified) if quality else 0
    readme = f"connectors/{spec.key}/README.md"
    return (
        f"[{_title(spec)}]({readme})",
        _comes_in(manifest.transport, manifest.capabilities),
        _answers(manifest.capabilities),
        "yes" if manifest.capabilities.sees_foreign_answers else "no",
        "yes" if manifest.capabilities.fetches_context else "no",
        quality.level if quality else "unknown",
        f"[{unverified} fact{'' if unverified == 1 else 's'}]({readme}#known-gaps)",
    )


def _comes_in(transport: str, can: Capabilities) -> str:
    words = _TRANSPORT[transport]
    return f"{words} and its calls" if can.webhooks and transport != "webhook" else words


def _answers(can: Capabilities) -> str:
    if can.replies_in_portal:
        return "in its portal"
    looked_up = ", looked up after a doubt" if can.probes else ""
    return f"yes{_PUBLIC[can.public_reply]}{looked_up}"


def written_into(page: str, table: str) -> str:
    """The page with the table between its two marks.

    Raises:
        ValueError: the page lacks a mark.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def broken(registry: Registry) -> Iterator[str]:
    """Why a channel is missing from the table."""
    return (f"{key}: {why}" for key, why in registry.broken.items())


def main() -> int:
    """Write the table into the README of this checkout."""
    registry = load_connectors(group="")
    for line in broken(registry):
        sys.stderr.write(f"{line}\n")
    page = Path(__file__).parent.parent / "README.md"
    page.write_text(
        written_into(page.read_text(encoding="utf-8"), matrix(registry)), encoding="utf-8"
    )
    return 1 if registry.broken else 0


if __name__ == "__main__":
    sys.exit(main())
