"""Options that several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.settings_file import Configuration, config_path, load

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The settings file; else THREADLINE_CONFIG, else threadline.toml here.",
    ),
]


def settings_path(given: Path | None) -> Path:
    """Where the settings file is."""
    return config_path(os.environ, given)


def loaded(given: Path | None) -> Configuration:
    """What the settings file says. Raises SettingsError."""
    return load(settings_path(given), os.environ)
