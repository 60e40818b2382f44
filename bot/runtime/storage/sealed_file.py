"""A backup file that only its key opens: AES-256-GCM in chunks, their order and end authenticated.

The layout, for whoever has to open one without us:

    8  the letters TLBACKUP
    1  version, 1
    1  which secret: "b" THREADLINE_BACKUP_KEY, "i" the instance key
    4  bytes of plain text in a chunk, big-endian
    16 salt
    16 check: tells a wrong key from a damaged file
    then chunks: cipher text and a tag of 16 bytes, the last one shorter or as long as the others

The key is HKDF-SHA256 of the secret with the salt and "threadline backup v1", the check 16 bytes
of the same with "threadline backup check v1". The nonce of chunk n is n in 11 bytes, big-endian,
then 1 for the last chunk and else 0; the header is authenticated with each. A file that was cut,
reordered or lengthened does not open: this is the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (2015).
"""

import secrets
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.runtime.storage.problem import StorageProblem

MAGIC: Final = b"TLBACKUP"
VERSION: Final = 1
CHUNK: Final = 1 << 20
LARGEST_CHUNK: Final = 1 << 24
"""A file may not make us take more memory than that."""

BACKUP_KEY: Final = "THREADLINE_BACKUP_KEY"
INSTANCE_KEY: Final = "the instance key"
SHORTEST_SECRET: Final = 32
"""Characters: a secret is stretched by nothing, so it has to be one nobody can guess."""

_HEADER: Final = struct.Struct(">8sBcI16s16s")
_TAG_BYTES: Final = 16
_MARKS: Final = {BACKUP_KEY: b"b", INSTANCE_KEY: b"i"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What a file is sealed with. `name` is BACKUP_KEY or INSTANCE_KEY."""

    name: str
    value: bytes = field(repr=False)


def is_sealed(path: Path) -> bool:
    """Whether this file begins like one of ours that is sealed."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def seal(source: IO[bytes], target: IO[bytes], secret: Secret, *, chunk: int = CHUNK) -> None:
    """Write all of `source` to `target`, sealed. Raises StorageProblem for a short secret."""
    if len(secret.value) < SHORTEST_SECRET:
        raise StorageProblem(
            f"{secret.name} is shorter than {SHORTEST_SECRET} characters. "
            "Make one with `openssl rand -hex 32`."
        )
    salt = secrets.token_bytes(16)
    check = _derived(secret, salt, b"threadline backup check v1", 16)
    header = _HEADER.pack(MAGIC, VERSION, _MARKS[secret.name], chunk, salt, check)
    cipher = AESGCM(_derived(secret, salt, b"threadline backup v1", 32))
    target.write(header)
    target.writelines(
        cipher.encrypt(_nonce(number, last=last), part, header)
        for number, (part, last) in enumerate(_chunks(source, chunk))
    )


def unseal(source: IO[bytes], target: IO[bytes], known: Sequence[Secret]) -> None:
    """Write what `source` holds to `target`, opened with the one of `known` it was sealed with.

    Raises:
        StorageProblem: no such secret, another one, or the file was changed or cut since.
    """
    header = source.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise StorageProblem("This backup is cut short. Take another copy of it.")
    magic, version, mark, size, salt, check = _HEADER.unpack(header)
    if magic != MAGIC or version != VERSION or not 0 < size <= LARGEST_CHUNK:
        raise StorageProblem("This backup is of a kind that this version does not know.")
    cipher = AESGCM(_derived(_fitting(known, mark, salt, check), salt, b"threadline backup v1", 32))
    for number, (chunk, last) in enumerate(_chunks(source, size + _TAG_BYTES)):
        try:
            plain = cipher.decrypt(_nonce(number, last=last), chunk, header)
        except InvalidTag:
            raise StorageProblem(
                "This backup was changed or cut after it was made. Take another copy of it."
            ) from None
        target.write(plain)


def _fitting(known: Sequence[Secret], mark: bytes, salt: bytes, check: bytes) -> Secret:
    wanted = next((name for name, sign in _MARKS.items() if sign == mark), INSTANCE_KEY)
    mine = [secret for secret in known if secret.name == wanted]
    if not mine:
        way = (
            "Set it."
            if wanted == BACKUP_KEY
            else "Set THREADLINE_INSTANCE_KEY, or put the .key file back beside the database."
        )
        raise StorageProblem(f"This backup is sealed with {wanted}, which is not here. {way}")
    for secret in mine:
        if bytes_eq(_derived(secret, salt, b"threadline backup check v1", 16), check):
            return secret
    raise StorageProblem(
        f"This backup is sealed with another key: {wanted} as it is here does not open it. "
        "Use the one of the time when it was made."
    )


def _derived(secret: Secret, salt: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=purpose).derive(secret.value)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _chunks(source: IO[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Chunks of `size` bytes, and whether it is the last. An empty source is one empty chunk."""
    chunk = _read(source, size)
    while True:
        following = _read(source, size) if len(chunk) == size else b""
        yield chunk, not following
        if not following:
            return
        chunk = following


def _read(source: IO[bytes], size: int) -> bytes:
    """So many bytes; fewer at the end only. A pipe hands out less at a time."""
    parts = bytearray()
    while len(parts) < size and (part := source.read(size - len(parts))):
        parts += part
    return bytes(parts)
