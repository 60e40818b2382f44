import hashlib
import hmac

import pytest
from slack_sdk.signature import Clock as SignatureClock
from typing_extensions import override

from bot.web.guard import BODY_LIMIT, REMEMBER_SECONDS, Refusal, SlackGuard

SECRET = "signing-secret"
NOW = 1_772_442_000


class Hands(SignatureClock):
    """A clock set by hand."""

    def __init__(self) -> None:
        self.seconds = float(NOW)

    @override
    def now(self) -> float:
        return self.seconds


def signed(body: bytes, at: int = NOW, secret: str = SECRET) -> tuple[bytes, str, str]:
    base = b"v0:" + str(at).encode() + b":" + body
    return body, str(at), "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def test_a_fresh_signed_request_passes() -> None:
    assert SlackGuard(SECRET, clock=Hands()).refuse(*signed(b"payload=1")) is None


def test_the_same_request_does_not_pass_twice() -> None:
    guard = SlackGuard(SECRET, clock=Hands())
    guard.refuse(*signed(b"payload=1"))

    assert guard.refuse(*signed(b"payload=1")) is Refusal.REPLAYED
    assert guard.refuse(*signed(b"payload=2")) is None


@pytest.mark.parametrize("offset", [-301, 301])
def test_an_outdated_request_is_refused(offset: int) -> None:
    assert SlackGuard(SECRET, clock=Hands()).refuse(*signed(b"x", NOW + offset)) is Refusal.FORGED


def test_every_single_flipped_bit_of_the_body_is_noticed() -> None:
    guard = SlackGuard(SECRET, clock=Hands())
    body, at, signature = signed(b"command=/ticket&text=claim+17")

    for index in range(len(body) * 8):
        changed = bytearray(body)
        changed[index // 8] ^= 1 << (index % 8)
        assert guard.refuse(bytes(changed), at, signature) is Refusal.FORGED


@pytest.mark.parametrize(
    "at", ["", "abc", "-1", "1" * 40, "١٧٧٢٤٤٢٠٠٠", "1772442000\n", "1e9", "0x1"]
)
def test_a_malformed_timestamp_is_refused(at: str) -> None:
    body, _, signature = signed(b"x")

    assert SlackGuard(SECRET, clock=Hands()).refuse(body, at, signature) is Refusal.MALFORMED


@pytest.mark.parametrize("signature", ["", "v0=", "v1=" + "0" * 64, "v0=" + "g" * 64, "v0=é"])
def test_a_malformed_signature_is_refused(signature: str) -> None:
    assert SlackGuard(SECRET, clock=Hands()).refuse(b"x", str(NOW), signature) is Refusal.MALFORMED


def test_a_body_beyond_the_limit_is_refused_before_it_is_hashed() -> None:
    refusal = SlackGuard(SECRET, clock=Hands()).refuse(*signed(b"x" * (BODY_LIMIT + 1)))

    assert refusal is Refusal.TOO_LARGE
    assert refusal.status == 413


def test_a_forged_request_does_not_use_up_a_true_one() -> None:
    guard = SlackGuard(SECRET, clock=Hands())
    body, at, signature = signed(b"true")
    guard.refuse(b"false", at, signature)

    assert guard.refuse(body, at, signature) is None


def test_what_is_too_old_to_be_replayed_is_forgotten() -> None:
    clock = Hands()
    guard = SlackGuard(SECRET, clock=clock)
    guard.refuse(*signed(b"first"))
    clock.seconds += REMEMBER_SECONDS + 1
    guard.refuse(*signed(b"second", int(clock.seconds)))

    assert guard.remembered == 1
