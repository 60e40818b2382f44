"""The name to greet somebody by, taken from a display name only where that is no guess."""

import re
from typing import Final

_LONGEST: Final = 4
"""Words of a person's name; what is longer is a company, or a sentence."""

_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}(?:['\u2019-][A-Za-z\u00c0-\u024f]+)*\Z")
"""Other scripts often put the family's name in front."""

_ANY_NAME: Final = re.compile(r"[^\W\d_]+(?:[.'\u2019-]+[^\W\d_]+)*\.?\Z")

_TITLES: Final = """
mr mrs ms miss mx dr prof sir madam herr frau fr hr dott dottssa sig sigra signor signora signore
ing avv m mme mlle monsieur madame mademoiselle sr sra srta dona doña señor señora
"""
_NO_PERSON: Final = """
amazon ebay etsy shopify walmart zalando kaufland bol cdiscount fnac allegro trustpilot facebook
instagram tiktok google marketplace customer client cliente kunde kundin klant buyer acheteur
acheteuse käufer käuferin comprador compradora acquirente guest gast ospite invité invitado user
utente utilisateur nutzer usuario member mitglied membro membre miembro shop store team service
support info office kundenservice versand gmbh ag kg ohg ug srl spa snc sas sarl sa sl slu ltd llc
inc plc bv nv co company azienda firma société hotel studio and und et e y
"""
_TITLE_WORDS: Final = frozenset(_TITLES.split())
_NO_PERSON_WORDS: Final = frozenset(_NO_PERSON.split())


def first_name(name: str) -> str | None:
    """`Maria Rossi` → `Maria`; None for a company, an alias, an address, or anything unsure.

    One word alone may be a family's name; a first word in capitals often is (`ROSSI Maria`).
    """
    words = [word.strip(",") for word in name.split()]
    while words and _plain(words[0]) in _TITLE_WORDS:
        words = words[1:]
    if "," in name or not 1 < len(words) <= _LONGEST:
        return None
    if any(_plain(word) in _NO_PERSON_WORDS for word in words):
        return None
    first = words[0]
    if not _LATIN.match(first) or not all(_ANY_NAME.match(word) for word in words):
        return None
    return first if first[0].isupper() and not first.isupper() else None


def _plain(word: str) -> str:
    return word.casefold().replace(".", "")
