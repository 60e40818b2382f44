"""Finding connectors: the folder scan, other packages, and what is broken."""

from pathlib import Path

import pytest

from connectors.contract import Connector, InboxContext
from connectors.manifest import ManifestError, read_manifest
from connectors.registry import load_connectors
from tests.connectors.mailbox_pair import BOTH, KEY, settings

MANIFEST = """
key = "{key}"
title = "Test"
channel = "test"
transport = "mail"
summary = "A connector that a test wrote."
sdk_api = 1
"""
CONFIG = "from pydantic import BaseModel\nclass Config(BaseModel):\n    name: str = ''\n"
CONNECTOR = "def build(config, context):\n    return None\n"


def write_connector(
    folder: Path,
    key: str,
    *,
    manifest: str = MANIFEST,
    config: str = CONFIG,
    connector: str = CONNECTOR,
) -> None:
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "manifest.toml").write_text(manifest.format(key=key))
    (folder / "config.py").write_text(config)
    (folder / "connector.py").write_text(connector)


@pytest.fixture
def package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    name = f"pack_{abs(hash(request.node.name))}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


@pytest.mark.parametrize("key", BOTH)
def test_built_in_connectors_load_and_keep_the_contract(key: str) -> None:
    registry = load_connectors()
    assert registry.broken == {}
    spec = registry.specs[key]
    config = spec.config_model.model_validate(settings(key))
    built = spec.build(config, InboxContext(inbox="x", instance_key=KEY))
    assert isinstance(built, Connector)


def test_invariant_10_a_broken_connector_is_listed_and_the_others_work(package: Path) -> None:
    write_connector(package / "good", "good")
    write_connector(package / "crashes", "crashes", connector="raise RuntimeError('no licence')")
    write_connector(package / "empty", "empty", connector="")
    write_connector(package / "odd", "odd", manifest=MANIFEST + "tittle = 'x'\n")
    write_connector(package / "misnamed", "other")
    write_connector(package / "future", "future", manifest=MANIFEST.replace("api = 1", "api = 99"))
    write_connector(package / "plain", "plain", config="Config = dict")
    registry = load_connectors(package.name)
    assert set(registry.specs) == {"good"}
    assert set(registry.broken) == {"crashes", "empty", "odd", "misnamed", "future", "plain"}
    assert "no licence" in registry.broken["crashes"]
    assert "tittle" in registry.broken["odd"]
    assert "99" in registry.broken["future"]


def test_another_package_brings_a_connector_by_entry_point(package: Path) -> None:
    outside = package.parent / "outside_pack"
    write_connector(outside, "outside_pack")
    info = package.parent / "outside-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: outside\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[threadline.connectors]\noutside_pack = outside_pack\nlost = no_such_module\n"
    )
    registry = load_connectors(package.name)
    assert set(registry.specs) == {"outside_pack"}
    assert "no_such_module" in registry.broken["lost"]


def test_a_key_that_is_taken_is_refused_to_the_second(package: Path) -> None:
    write_connector(package / "good", "good")
    write_connector(package.parent / "elsewhere" / "good", "good")
    (package.parent / "elsewhere" / "__init__.py").write_text("")
    info = package.parent / "elsewhere-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: elsewhere\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[threadline.connectors]\ngood = elsewhere.good\n")
    registry = load_connectors(package.name)
    assert registry.specs["good"].package == f"{package.name}.good"
    assert "taken" in registry.broken["good (elsewhere.good)"]


def test_a_manifest_that_is_no_toml_or_not_there_says_so(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    with pytest.raises(ManifestError, match=r"manifest\.toml"):
        read_manifest(path)
    path.write_text("key = ")
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(path)


@pytest.mark.parametrize("key", BOTH)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("imap_host", "imap host"),
        ("imap_port", 0),
        ("imap_security", "ssl"),
        ("imap_security", "none"),
        ("smtp_security", "none"),
        ("from_address", "Shop <shop@seller.example>"),
        ("from_address", "a@b.example\nBcc: c@d.example"),
        ("since_days", -1),
        ("imap_pasword", "x"),
    ],
)
def test_impossible_settings_are_refused_without_showing_the_password(
    key: str, field: str, value: object
) -> None:
    model = load_connectors().specs[key].config_model
    with pytest.raises(
        ValueError, match=field if field in model.model_fields else "extra"
    ) as error:
        model.model_validate(settings(key, **{field: value}))
    assert "correct horse" not in str(error.value)


@pytest.mark.parametrize("key", BOTH)
@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"imap_port": 993, "imap_security": "starttls"}, False),
        ({"imap_port": 143, "imap_security": "tls"}, False),
        ({"smtp_port": 587, "smtp_security": "tls"}, False),
        ({"smtp_port": 465, "smtp_security": "starttls"}, False),
        ({"smtp_port": 587, "smtp_security": "starttls"}, True),
        ({"imap_port": 143, "imap_security": "starttls"}, True),
        ({"imap_port": 40993, "imap_security": "starttls"}, True),
    ],
)
def test_a_security_the_port_does_not_speak_is_refused(
    key: str, changes: dict[str, object], fits: bool
) -> None:
    model = load_connectors().specs[key].config_model
    if fits:
        model.model_validate(settings(key, **changes))
        return
    with pytest.raises(ValueError, match="change one of the two"):
        model.model_validate(settings(key, **changes))


@pytest.mark.parametrize("key", BOTH)
def test_invariant_11_a_config_never_prints_its_passwords(key: str) -> None:
    config = load_connectors().specs[key].config_model.model_validate(settings(key))
    assert "correct horse" not in f"{config!r} {config} {config.model_dump()}"


@pytest.mark.parametrize("key", BOTH)
def test_each_connector_says_how_to_set_it_up_and_how_far_it_is_proven(key: str) -> None:
    folder = Path(str(load_connectors().specs[key].package).replace(".", "/"))
    assert "## Set-up" in (folder / "README.md").read_text()
    assert "## Known gaps" in (folder / "README.md").read_text()
    assert 'level = "bronze"' in (folder / "quality.toml").read_text()
