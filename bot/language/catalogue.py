"""Catalogues of translations, read from `catalogues/*.po` when their language is first spoken.

A translation that would lose or invent a placeholder is left out and logged with its file and
line: its English is said instead, so a slip in one line costs one sentence, never an answer.
"""

import io
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Final

import structlog
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from bot.language.languages import SOURCE, Language

FOLDER: Final = Path(__file__).parent / "catalogues"
"""One file for each language but English: `it.po`, …"""

log = structlog.get_logger(__name__)

_folder: ContextVar[Path] = ContextVar("folder", default=FOLDER)

_BRACES: Final = re.compile(r"\{[^{}]*\}")

Key = tuple[str, str]
"""What is looked up: the English text, and the meaning where it has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translations:
    """The texts of one language by their English. `form` chooses a plural form for a count."""

    texts: Mapping[Key, str] = field(default_factory=dict)
    plurals: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = field(default=lambda count: int(count != 1))

    def text(self, english: str, meaning: str = "") -> str:
        """The translation, else the English."""
        return self.texts.get((english, meaning), english)

    def plural(self, one: str, many: str, count: int) -> str:
        """The form for `count`."""
        forms = self.plurals.get((one, ""))
        if forms is None:
            return one if count == 1 else many
        return forms[min(self.form(count), len(forms) - 1)]


@contextmanager
def catalogues_in(folder: Path) -> Iterator[None]:
    """Take the files from `folder` inside, in this task and in those it starts."""
    before = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(before)


def catalogue(language: Language) -> Translations:
    """The translations into `language`; none where English is spoken or its file cannot be read."""
    return _kept(_folder.get(), language)


@cache
def _kept(folder: Path, language: Language) -> Translations:
    if language is SOURCE:
        return Translations()
    path = folder / f"{language}.po"
    try:
        translations, slips = read_catalogue(path)
    except (OSError, ValueError) as exc:
        log.warning("language.unreadable", file=path.name, why=_why(exc))
        return Translations()
    for slip in slips:
        log.warning("language.slip", file=path.name, problem=slip)
    return translations


def _why(exc: OSError | ValueError) -> str:
    return (exc.strerror if isinstance(exc, OSError) else str(exc)) or type(exc).__name__


def read_catalogue(path: Path) -> tuple[Translations, list[str]]:
    """What is usable of the file at `path`, and a sentence for each translation that is not.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no catalogue; says where it ceases to be one.
    """
    content = path.read_bytes()
    for number, line in enumerate(content.splitlines(), 1):
        # Babel would leave out the last letter instead.
        if line.strip() and not line.startswith(b"#") and not line.rstrip().endswith(b'"'):
            raise ValueError(f"{path.name}, line {number}: its quotes do not close")
    try:
        found = read_po(io.BytesIO(content), abort_invalid=True)
    except PoFileError as exc:
        raise ValueError(f"{path.name}, line {exc.lineno + 1}: {exc}") from exc
    except LookupError as exc:
        raise ValueError(f"{path.name}: {exc}") from exc  # its charset is none
    texts: dict[Key, str] = {}
    plurals: dict[Key, tuple[str, ...]] = {}
    slips: list[str] = []
    for message in _translated(found):
        key = (_english(message), message.context or "")
        problem = _problem(message)
        if problem:
            slips.append(f"{path.name}, line {message.lineno}: {problem}")
        elif isinstance(message.string, str):
            texts[key] = message.string
        else:
            plurals[key] = _forms(message)
    form: Callable[[int], int] = c2py(found.plural_expr)
    return Translations(texts=texts, plurals=plurals, form=form), slips


def placeholders(text: str) -> frozenset[str]:
    """The names in braces. Raises ValueError where the braces cannot be read."""
    fields = [
        (name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None
    ]
    for name, spec in fields:
        if not name.isidentifier() or spec:
            raise ValueError(f"“{{{name}}}” is no plain name")
    return frozenset(name for name, _ in fields)


def _translated(found: Catalog) -> Iterator[Message]:
    for message in found:
        if message.id and not message.fuzzy and all(_forms(message)):
            yield message


def _forms(message: Message) -> tuple[str, ...]:
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def _english(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _problem(message: Message) -> str:
    """Why a translation cannot be used; empty where it can."""
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    try:
        wanted = frozenset[str]().union(*(placeholders(source) for source in sources))
    except ValueError:
        return _braces_differ(sources, _forms(message))  # said as it is, with nothing put in
    for form in _forms(message):
        try:
            named = placeholders(form)
        except ValueError as exc:
            return f"its braces cannot be read ({exc})"
        # One form may leave a value out: "one ticket" needs no figure.
        lost = wanted - named - ({"count"} if len(sources) > 1 else set())
        if lost or named - wanted:
            return f"it names {_listed(named)} where the English names {_listed(wanted)}"
    return ""


def _braces_differ(sources: Iterable[str], forms: Iterable[str]) -> str:
    """For a text that shows braces: they are part of its words, and stay as they are."""
    wanted = {tuple(sorted(_BRACES.findall(source))) for source in sources}
    differs = any(tuple(sorted(_BRACES.findall(form))) not in wanted for form in forms)
    return "its words in braces are not those of the English" if differs else ""


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(f"{{{name}}}" for name in names)) or "nothing"
