"""Desks to hand, each on a database of its own."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path):
    """A folder with a new migrated database in it, and the database's URL."""

    def make(folder: Path | None = None) -> tuple[Path, str]:
        folder = folder or tmp_path_factory.mktemp("town")
        shutil.copy(sqlite_template, folder / "threadline.db")
        return folder, f"sqlite:///{folder / 'threadline.db'}"

    return make
