"""The locked packages, and the licences they name themselves."""

import re
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "requirements" / "run.txt"
DEV = ROOT / "requirements" / "dev.txt"
LICENCES = ROOT / "docs" / "licences.md"

PERMISSIVE = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU",
        "PSF-2.0", "Zlib",
    }
)  # fmt: skip
"""What may be used in anything, as long as its notice is kept (SPDX names)."""

_TOLD_OTHERWISE = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
"""Names of the older classifiers, where a package has no expression."""

_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*])?==(\S+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9.-]+")


def pins(file: Path) -> dict[str, str]:
    """The version of each locked package."""
    return dict(_PIN.findall(file.read_text("utf-8")))


def licences_of(package: str) -> frozenset[str]:
    """Every licence a package names, as SPDX names; empty where it names none that we know."""
    about = metadata(package)
    said = _field(about, "License-Expression") or _known(_field(about, "License"))
    return frozenset(_names(said)) if said else frozenset(_classified(about))


def _field(about: PackageMetadata, name: str) -> str:
    named = about.get_all(name)
    return str(named[0]) if named else ""


def _known(free_text: str) -> str | None:
    spelt = free_text.strip().replace("Apache 2.0", "Apache-2.0")
    return spelt if _names(spelt) and _names(spelt) <= PERMISSIVE else None


def _names(expression: str) -> frozenset[str]:
    return frozenset(_NAME.findall(expression)) - {"AND", "OR"}


def _classified(about: PackageMetadata) -> list[str]:
    told = [
        each.rpartition(" :: ")[2]
        for each in about.get_all("Classifier") or ()
        if each.startswith("License ::")
    ]
    return [_TOLD_OTHERWISE.get(each, each) for each in told if each != "OSI Approved"]


def licence_page() -> str:
    """`docs/licences.md` as it should be."""
    rows = [
        f"| {package} | {version} | {', '.join(sorted(licences_of(package)))} |"
        for package, version in sorted(pins(RUN).items())
    ]
    return "\n".join(
        [
            "# Licences of what is installed",
            "",
            "Threadline itself is under the Apache License 2.0. This is what `make install` brings along, with the licences each package",
            "names; all of them are permissive, and a test fails when one is not. Written by `make licences`.",
            "",
            "| package | version | licences |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )
