"""Which folder of a mailbox holds what its owner sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.errors import ConnectorError

_SPECIAL: Final = "\\sent"
"""The flag a server gives that folder (RFC 6154, special-use mailboxes)."""

_USUAL: Final = frozenset(
    {
        "sent",
        "sent items",
        "sent mail",
        "sent messages",
        "inviata",
        "inviati",
        "posta inviata",
        "messaggi inviati",
        "elementi inviati",
        "gesendet",
        "gesendete elemente",
        "gesendete objekte",
        "gesendete nachrichten",
        "envoyés",
        "envoyes",
        "éléments envoyés",
        "messages envoyés",
        "courrier envoyé",
        "enviados",
        "enviado",
        "elementos enviados",
        "correo enviado",
        "mensajes enviados",
    }
)
"""What mail programs and providers call it in five languages, the last part of its name."""

_SHOWN: Final = 12


class NoSentFolder(ConnectorError):
    """Nothing says which folder holds the answers, or the one that was named is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderName:
    """A folder as the server lists it. `delimiter` parts the levels of its name."""

    name: str
    delimiter: str
    flags: Collection[str]

    @property
    def last(self) -> str:
        """The last level of its name, in small letters."""
        parts = self.name.split(self.delimiter) if self.delimiter else [self.name]
        return parts[-1].strip().casefold()


def find_sent(folders: Sequence[FolderName], named: str | None) -> str | None:
    """The folder of sent mail: as `named`, else the one flagged so, else by its usual names.

    None where `named` is empty: nothing is to be looked for. Raises NoSentFolder with a sentence
    that lists the folders there are.
    """
    if named is not None:
        if named and named not in {each.name for each in folders}:
            raise NoSentFolder(f'there is no folder "{named}". {_listed(folders)}')
        return named or None
    flagged = (each for each in folders if _SPECIAL in {flag.lower() for flag in each.flags})
    usual = (each for each in folders if each.last in _USUAL)
    found = next(flagged, None) or next(usual, None)
    if found is None:
        raise NoSentFolder(
            f"no folder of sent mail was found. {_listed(folders)} Name the one with your answers "
            "by --sent-folder NAME, or say --sent-folder none where none are kept"
        )
    return found.name


def _listed(folders: Sequence[FolderName]) -> str:
    names = sorted(each.name for each in folders)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"The mailbox has {', '.join(names[:_SHOWN])}{more}."
