"""Which connectors there are: a scan of this folder, and the entry points of other packages.

A folder with a `profile.toml` needs no code: its mails are read as `connectors.mail.profiles` says.

A connector that cannot be loaded is listed with the reason and never stops the others.
"""

import importlib
import importlib.metadata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from pydantic import BaseModel

from connectors.contract import Connector, InboxContext
from connectors.manifest import Manifest, ManifestError, read_manifest
from connectors.quality import Quality, read_quality

GROUP = "threadline.connectors"
"""Entry-point group; each entry names a package laid out like `connectors/<key>/`."""

Build = Callable[[BaseModel, InboxContext], Connector]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """One usable connector: its manifest, the model of its settings, and how to build it.

    `folder` holds its README and fixtures. `quality` is None where nobody says how far it is proven.
    """

    key: str
    manifest: Manifest
    config_model: type[BaseModel]
    build: Build
    package: str
    folder: Path
    quality: Quality | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All connectors by key. `broken` says why the others cannot be used."""

    specs: Mapping[str, ConnectorSpec]
    broken: Mapping[str, str]


def load_connectors(package: str = "connectors", group: str = GROUP) -> Registry:
    """Load every connector below `package` and every entry point of `group`. Never raises."""
    specs: dict[str, ConnectorSpec] = {}
    broken: dict[str, str] = {}
    for name, module in (*_folders(package), *_entry_points(group)):
        try:
            spec = load_spec(module)
        except Exception as error:  # noqa: BLE001 - another author's module may raise anything
            broken[name] = _reason(error)
            continue
        if spec.key in specs:
            first = specs[spec.key].package
            broken[f"{spec.key} ({module})"] = f"the key {spec.key!r} is taken by {first}"
            continue
        specs[spec.key] = spec
    return Registry(specs=MappingProxyType(specs), broken=MappingProxyType(broken))


def _folders(package: str) -> Iterator[tuple[str, str]]:
    for root in importlib.import_module(package).__path__:
        for manifest in sorted(Path(root).glob("*/manifest.toml")):
            yield manifest.parent.name, f"{package}.{manifest.parent.name}"


def _entry_points(group: str) -> Iterable[tuple[str, str]]:
    found = importlib.metadata.entry_points(group=group)
    return tuple((point.name, point.value) for point in found)


def load_spec(package: str) -> ConnectorSpec:
    """The connector in `package`. Raises ManifestError, or whatever its modules raise."""
    folder = _folder_of(importlib.import_module(package))
    manifest = read_manifest(folder / "manifest.toml")
    if manifest.key != package.rpartition(".")[2]:
        raise ManifestError(f"manifest.toml: key {manifest.key!r} is not its folder's name")
    config_model, build = _code_of(package, folder, manifest)
    if not (isinstance(config_model, type) and issubclass(config_model, BaseModel)):
        raise ManifestError("config.py: Config is not a pydantic model")
    return ConnectorSpec(
        key=manifest.key,
        manifest=manifest,
        config_model=config_model,
        build=build,
        package=package,
        folder=folder,
        quality=read_quality(quality) if (quality := folder / "quality.toml").exists() else None,
    )


def _code_of(package: str, folder: Path, manifest: Manifest) -> tuple[Any, Any]:
    """Settings and connector: the folder's own, or those its `profile.toml` makes."""
    if (folder / "profile.toml").exists():
        made = importlib.import_module("connectors.mail.profile_channel")
        return made.ProfileConfig, made.ProfileBuild(folder, manifest)
    config_model = importlib.import_module(f"{package}.config").Config
    return config_model, importlib.import_module(f"{package}.connector").build


def _folder_of(module: ModuleType) -> Path:
    return Path(next(iter(module.__path__)))


def _reason(error: Exception) -> str:
    if isinstance(error, ManifestError):
        return str(error)
    return f"{type(error).__name__}: {error}"
