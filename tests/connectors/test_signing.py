"""Signatures, against published test vectors."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from connectors.signing import hmac_base64, hmac_hex, is_fresh, matches

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def test_the_vectors_of_rfc_4231_come_out() -> None:
    """Test cases 1 and 2."""
    assert hmac_hex(b"\x0b" * 20, b"Hi There") == (
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    )
    assert hmac_hex(SecretStr("Jefe"), b"what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert hmac_base64("Jefe", b"what do ya want for nothing?") == (
        "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
    )


@pytest.mark.parametrize(
    ("given", "is_one"), [("a", True), ("b", True), ("c", False), ("", False), ("é\ud800", False)]
)
def test_a_signature_may_be_made_with_the_old_or_the_new_secret(given: str, is_one: bool) -> None:
    assert matches(given, ["a", "b"]) is is_one


def test_a_call_signed_long_ago_is_a_replay() -> None:
    assert is_fresh(NOW - timedelta(minutes=5), NOW)
    assert not is_fresh(NOW - timedelta(minutes=6), NOW)
    assert not is_fresh(NOW + timedelta(minutes=6), NOW)
