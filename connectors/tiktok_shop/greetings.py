"""Answers that are only a greeting: TikTok Shop US counts none of them as an answer."""

import re
from typing import Final

GREETINGS: Final = frozenset(
    {
        *("hi", "hello", "hey", "hi there", "hello there", "good morning", "good afternoon"),
        *("good evening", "dear", "dear customer", "welcome"),
        *("ciao", "salve", "buongiorno", "buonasera", "buon pomeriggio", "benvenuto", "benvenuta"),
        *("hallo", "guten tag", "guten morgen", "guten abend", "moin", "willkommen"),
        *("bonjour", "bonsoir", "salut", "bienvenue"),
        *("hola", "buenos días", "buenas tardes", "buenas noches", "buenas", "bienvenido"),
        *("olá", "oi", "bom dia", "boa tarde", "halo", "hai", "xin chào", "สวัสดี"),
    }
)
"""Wordings are ours; the platform says "Hi/Hello" (Seller University US, 24-hour response rate)."""

_NO_LETTER: Final = re.compile(r"[\W_]+")


def is_only_a_greeting(text: str) -> bool:
    """Whether nothing but a greeting stands in `text`, whatever signs and emoji go with it."""
    return _NO_LETTER.sub(" ", text).strip().casefold() in GREETINGS
