"""Making one backup: copied, verified, sealed if wanted, and named only when it is whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.runtime.lock import database_file
from bot.runtime.storage import dump, sealed_file, shelf
from bot.runtime.storage.copying import copy_online
from bot.runtime.storage.problem import StorageProblem
from bot.runtime.storage.record import Newest, remember
from bot.runtime.storage.sealed_file import Secret

SPARE: Final = 1 << 24
"""Bytes of room beside the copy itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One backup of the database at `url`: to a new `file`, or into `folder` under its own name.

    `secret` seals it. With a folder, all but the newest `keep` of the same desk are deleted.
    """

    url: str = field(repr=False)
    now: datetime
    file: Path | None = None
    folder: Path | None = None
    keep: int | None = None
    secret: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was made and verified. `rows` by table; None where its tool does not count."""

    path: Path
    size: int
    at: datetime
    rows: Mapping[str, int] | None
    dropped: tuple[Path, ...] = ()


def make_backup(order: Order) -> Made:
    """Make it. A running desk goes on meanwhile.

    Raises:
        StorageProblem: it could not be made; no file has its name then.
    """
    source = database_file(order.url)
    target = _target(order, source)
    if target.exists():
        raise shelf.taken(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = None
    if source is None:
        _dump(order, target)
    else:
        rows = _copy(order, source, target)
    made = Made(path=target, size=target.stat().st_size, at=order.now, rows=rows)
    if source is not None:
        remember(source, Newest(at=made.at, size=made.size, file=str(target)))
    if order.folder is None or order.keep is None:
        return made
    dropped = shelf.drop_old(order.folder, stem_of(order.url), order.keep)
    return Made(path=target, size=made.size, at=made.at, rows=rows, dropped=dropped)


def stem_of(url: str) -> str:
    """What the names of a desk's backups begin with."""
    file = database_file(url)
    return dump.database_name(url) if file is None else file.stem


def _target(order: Order, source: Path | None) -> Path:
    if order.file is not None:
        return order.file
    if order.folder is None:
        raise StorageProblem("Name a file, or a folder with --to.")
    name = shelf.file_name(
        stem_of(order.url),
        order.now,
        kind="dump" if source is None else "db",
        sealed=order.secret is not None,
    )
    return order.folder / name


def _copy(order: Order, source: Path, target: Path) -> Mapping[str, int]:
    if not source.is_file():
        raise StorageProblem(f"There is no database at {source}. Run `threadline migrate` first.")
    wanted = source.stat().st_size + SPARE
    # What is not sealed yet stays where it is not sealed anyway.
    plain = source.parent if order.secret is not None else target.parent
    for folder in {plain, target.parent}:
        shelf.require_room(folder, wanted)
    with shelf.beginning(plain, target.name) as partial:
        manifest = copy_online(order.url, source, partial, order.now)
        if order.secret is None:
            shelf.name_for_good(partial, target)
        else:
            with shelf.beginning(target.parent, target.name) as sealed:
                with partial.open("rb") as reading, sealed.open("wb") as writing:
                    sealed_file.seal(reading, writing, order.secret)
                shelf.name_for_good(sealed, target)
    return manifest.rows


def _dump(order: Order, target: Path) -> None:
    with shelf.beginning(target.parent, target.name) as partial:
        with dump.dumped(order.url) as reading, partial.open("wb") as writing:
            if order.secret is None:
                while block := reading.read(1 << 20):
                    writing.write(block)
            else:
                sealed_file.seal(reading, writing, order.secret)
        if order.secret is None:
            dump.require_readable(partial)
        shelf.name_for_good(partial, target)
