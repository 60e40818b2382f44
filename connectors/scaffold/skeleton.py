"""Which files a new connector begins with, and what stands in them."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

TEMPLATES: Final = Path(__file__).parent / "templates"

_CONNECTOR: Final = {
    "manifest.toml": "manifest.toml",
    "config.py": "config.py",
    "client.py": "client.py",
    "normalise.py": "normalise.py",
    "connector.py": "connector.py",
    "README.md": "README.md",
    "quality.toml": "quality.toml",
    "message.json": "fixtures/message.json",
    "expected.toml": "fixtures/expected.toml",
}
"""Templates of the connector's own folder, and where each goes in it."""


_IMPORT: Final = re.compile(r"from (?:connectors|sandbox)\S* import (?:\([^)]*\)|[^(\n]+)\n")
_OWN_IMPORTS: Final = re.compile(rf"(?:{_IMPORT.pattern})+")


class AlreadyThere(Exception):
    """A file of that name exists; nothing was written."""


def write_skeleton(key: str, *, into: Path, today: date) -> Sequence[Path]:
    """Write the skeleton of the connector `key` below `into`. Returns the files, in order.

    Raises:
        AlreadyThere: one of them exists.
        OSError: they cannot be written.
    """
    texts = skeleton(key, today=today)
    taken = [path for path in texts if (into / path).exists()]
    if taken:
        raise AlreadyThere(f"nothing was written: {', '.join(map(str, taken))} is there already")
    for path, text in texts.items():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text, encoding="utf-8")
    return [into / path for path in texts]


def skeleton(key: str, *, today: date) -> dict[Path, str]:
    """Every file of a new connector, by its path in the project."""
    words = key.split("_")
    values = {
        "key": key,
        "title": " ".join(word.capitalize() for word in words),
        "name": "".join(word.capitalize() for word in words),
        "package": f"connectors.{key}",
        "market_module": f"sandbox.markets.{key}",
        "today": today.isoformat(),
    }
    folder, tests = Path("connectors") / key, Path("tests") / "connectors" / key
    files = {folder / place: _filled(name, values) for name, place in _CONNECTOR.items()}
    return {
        folder / "__init__.py": f'"""The {values["title"]} connector."""\n',
        **files,
        Path("sandbox") / "markets" / f"{key}.py": _filled("market.py", values),
        tests / "__init__.py": "",
        tests / "test_contract.py": _filled("test_contract.py", values),
    }


def _filled(template: str, values: dict[str, str]) -> str:
    text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return _OWN_IMPORTS.sub(_in_order, text.format_map(values))


def _in_order(block: re.Match[str]) -> str:
    """Where the connector's own modules stand among the others depends on its name."""
    return "".join(sorted(_IMPORT.findall(block.group()), key=lambda one: one.split()[1]))
