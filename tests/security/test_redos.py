"""Texts made to keep a pattern busy: twice the text takes about twice the time, at every entry.

Where one reader takes quadratic time, twice the text takes four times as long. Times are of the
processor, the best of two, and only where there is enough of it to be measured.
"""

import time
from collections.abc import Callable
from typing import Any, Final

import pytest

from bot.assist import personal
from bot.assist.llm import traces as told
from bot.assist.understanding import understand
from bot.domain.triage import triage
from bot.log import redact
from bot.slack.text import inert, one_line, spoken
from connectors import traces
from connectors.google_business.items import own_words
from connectors.mail.form import first_address, read_form
from connectors.mail.mime import parse_mail
from tests.builders import an_inbound

UNITS: Final = (
    "a", " ", "\n", "\t", "\r\n", "<", ">", "@", "0", "9.", "-", "_", ".", '"', "(", "[", "*", ":", "&", "\\", "/", "=?", "é", "\u0301",
    "a@", "@a.", "x@y.", "On ", "a ", " a", "0 ", "00-00 ", "> ", "a\n", " \n", "\n ", "- ", "A1-", "A1", "www.", "http://", "+39 0", "a:",
    ": ", "(at)", "[a](", "<a ", "<br>", "&#1", "Re: ", "Re:", "12:00 ", "Am 1. ", "wrote", "n\u00e3o ", "stra\u00dfe ", "\u202e",
)  # fmt: skip

HEAD: Final = b"From: ann@buyer.example\r\nSubject: x\r\n"


def _drained(call: Callable[[str], Any]) -> Callable[[str], object]:
    return lambda text: list(call(text))


ENTRIES: Final[dict[str, tuple[Callable[[str], object], int]]] = {
    "mail, text": (lambda text: parse_mail(HEAD + b"\r\n" + text.encode()), 100_000),
    "mail, html": (
        lambda text: parse_mail(HEAD + b"Content-Type: text/html\r\n\r\n" + text.encode()),
        100_000,
    ),
    "mail, From": (lambda text: parse_mail(_header("From", text)), 30_000),
    "mail, Subject": (lambda text: parse_mail(_header("Subject", text)), 30_000),
    "mail, Content-Type": (lambda text: parse_mail(_header("Content-Type", text)), 30_000),
    "mail, References": (lambda text: parse_mail(_header("References", text)), 30_000),
    "form": (read_form, 20_000),
    "form, address": (first_address, 20_000),
    "review": (lambda text: own_words(f"(Translated by Google) {text}"), 20_000),
    "inert": (inert, 100_000),
    "one line": (lambda text: one_line(text, 150), 100_000),
    "spoken": (lambda text: spoken(text, 150), 100_000),
    "log": (redact, 50_000),
    "triage": (lambda text: triage(an_inbound(text=text, full_text=text)), 20_000),
    "understand": (understand, 20_000),
    "personal": (_drained(personal.personal_places), 20_000),
    "links": (_drained(traces.links), 20_000),
    "addresses": (_drained(traces.addresses), 20_000),
    "phones": (_drained(traces.phones), 20_000),
    "cards": (_drained(traces.cards), 20_000),
    "references": (_drained(traces.references), 20_000),
    "llm markup": (_drained(told.markup), 20_000),
    "llm numbers": (_drained(told.numbers), 20_000),
    "llm sentences": (_drained(told.sentences), 20_000),
    "llm amounts": (_drained(told.amounts), 20_000),
}
"""What reads a stranger's text, and how much of it is tried: what the desk lets through, or more."""

MEASURABLE: Final = 0.05
MOST_GROWTH: Final = 3.2
MOST_SECONDS: Final = 1.0


def _header(name: str, text: str) -> bytes:
    value = text.replace("\r", "").replace("\n", "\r\n ")
    return HEAD + f"{name}: {value}\r\n\r\nx".encode()


def spent(call: Callable[[str], object], text: str) -> float:
    best = float("inf")
    for _ in range(2):
        began = time.process_time()
        call(text)
        best = min(best, time.process_time() - began)
        if best < MEASURABLE:
            break
    return best


def grows_straight(entry: str, unit: str, share: float) -> None:
    call, size = ENTRIES[entry]
    half = unit * max(1, round(size * share / 2 / len(unit)))
    whole = spent(call, half * 2)
    assert whole <= MOST_SECONDS, f"{entry}: {unit!r}: {whole:.2f} s for {len(half) * 2:,}"
    if whole < MEASURABLE:
        return
    assert whole / spent(call, half) <= MOST_GROWTH, f"{entry}: {unit!r} x {len(half):,}"


@pytest.mark.parametrize("entry", ENTRIES)
def test_twice_the_text_takes_about_twice_the_time(entry: str) -> None:
    """A tenth of the text: what grows with its square is found by then."""
    for unit in UNITS[:: 1 if ENTRIES[entry][1] <= 30_000 else 3]:
        grows_straight(entry, unit, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("entry", ENTRIES)
def test_a_whole_text_is_read_within_a_second(entry: str) -> None:
    for unit in UNITS:
        grows_straight(entry, unit, 1.0)
