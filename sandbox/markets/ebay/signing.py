"""The key with which the fake signs its pushes."""

import base64
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_KEY_ID = "9936261a-7d7b-4621-a0f1-964ccdb9ad77"


class Signer:
    """A key pair on P-256; eBay signs with ECDSA over SHA-1."""

    def __init__(self) -> None:
        self.key_id = _KEY_ID
        self._key = ec.generate_private_key(ec.SECP256R1())

    def header(self, body: bytes) -> str:
        """What stands in `X-EBAY-SIGNATURE` for a body."""
        signature = self._key.sign(body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay's choice
        told = {
            "alg": "ECDSA",
            "kid": self.key_id,
            "signature": base64.b64encode(signature).decode(),
            "digest": "SHA1",
        }
        return base64.b64encode(json.dumps(told).encode()).decode()

    def public_key(self) -> str:
        """The public half, on one line as eBay sends it."""
        pem = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return "".join(pem.decode().splitlines())
