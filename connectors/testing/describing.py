"""What a connector says of itself, held against what it is."""

import re

import pytest
from pydantic import BaseModel, ValidationError

from connectors.capabilities import ABILITIES
from connectors.contract import Connector
from connectors.manifest import SDK_API
from connectors.testing.bench import Bench, expect
from connectors.testing.virtual_time import VirtualTime

_SOUNDS_SECRET = re.compile(r"password|secret|token|(?:^|_)key$|api_key")


class DescribesItself(Bench):
    """Manifest, settings, quality and methods."""

    def test_01_the_manifest_is_valid_and_named_after_its_folder(self) -> None:
        """Loading checks every field; an unknown or misspelt one is refused."""
        spec = self.spec
        expect(spec.key == spec.folder.name, "the key is not the folder's name")
        expect(spec.manifest.sdk_api == SDK_API, "sdk_api is not the version this desk speaks")
        expect(
            isinstance(self.asleep(), Connector), "build() gave no Connector: a method is missing"
        )

    def test_02_settings_refuse_nothing_and_anything_unknown(self) -> None:
        """Without settings, or with one too many, an inbox must not start; secrets are SecretStr."""
        model = self.spec.config_model
        whole = self.config(self.market(VirtualTime().now))
        for wrong in ({}, {**whole, "no_such_setting": 1}):
            with pytest.raises(ValidationError):
                model.model_validate(wrong)
        shown = [name for name in _secret_names(model) if not _hides(model, name)]
        expect(not shown, f"these settings are secrets and not SecretStr: {', '.join(shown)}")

    def test_27_the_capabilities_named_are_the_methods_there(self) -> None:
        """A capability without its method fails when it is needed; a method without it never runs."""
        connector = self.asleep()
        named = self.spec.manifest.capabilities.model_dump()
        wrong = [
            name
            for name, ability in ABILITIES.items()
            if isinstance(connector, ability) != named[name]
        ]
        expect(not wrong, f"the manifest and the methods disagree about: {', '.join(wrong)}")

    def test_28_it_says_how_to_set_it_up_and_how_far_it_is_proven(self) -> None:
        """README.md has Set-up, Limits and Known gaps; quality.toml says what is only assumed."""
        spec = self.spec
        readme = (spec.folder / "README.md").read_text(encoding="utf-8")
        for heading in ("## Set-up", "## Limits", "## Known gaps"):
            expect(heading in readme, f"README.md has no section {heading!r}")
        unsaid = [name for name in spec.config_model.model_fields if name not in readme]
        shared = _mail_settings() if spec.manifest.transport == "mail" else set()
        expect(not set(unsaid) - shared, f"README.md does not explain the settings {unsaid}")
        expect(spec.quality is not None, "there is no quality.toml")


def _hides(model: type[BaseModel], name: str) -> bool:
    return "SecretStr" in str(model.model_fields[name].annotation)


def _secret_names(model: type[BaseModel]) -> list[str]:
    return [name for name in model.model_fields if _SOUNDS_SECRET.search(name)]


def _mail_settings() -> set[str]:
    from connectors.mail.config import MailConfig  # noqa: PLC0415 - only mail channels read mail

    return set(MailConfig.model_fields)
