"""Passwords go only to servers that prove who they are."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.errors import Unavailable
from tests.connectors.mailbox_pair import NOW, Desk, command, connector, pair


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1000))
        .not_valid_after(NOW + timedelta(days=10_000))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@asynccontextmanager
async def _impostor(folder: Path) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server with a certificate nobody vouches for, and what it was told."""
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n220 hello\r\n")
        heard.append(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=_self_signed(folder))
    async with server:
        yield server.sockets[0].getsockname()[1], heard


async def test_an_unproven_imap_server_never_hears_the_password(tmp_path: Path) -> None:
    async with _impostor(tmp_path) as (port, heard):
        reader = connector("website", imap_host="127.0.0.1", imap_port=port)
        with pytest.raises(Unavailable, match="certificate"):
            await Desk().poll(reader)
        await reader.close()
    assert not any(b"correct horse" in said for said in heard)


async def test_an_unproven_smtp_server_never_hears_the_password(tmp_path: Path) -> None:
    async with _impostor(tmp_path) as (port, heard):
        sender = connector("website", smtp_host="127.0.0.1", smtp_port=port)
        with pytest.raises(Unavailable):
            await sender.reply(command("website"))
        await sender.close()
    assert not any(b"correct horse" in said for said in heard)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_without_encryption_is_not_spoken_to_in_clear(security: str) -> None:
    async with pair("website", imap_security=security, smtp_security=security) as running:
        with pytest.raises(Unavailable):
            await Desk().poll(running.connector)
        with pytest.raises(Unavailable):
            await running.connector.reply(command("website"))
        assert running.mail.sent == []
