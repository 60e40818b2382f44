"""What the bot says, in the language of whoever reads it.

English stands in the code: `tr("{who} claimed it", who=name)` is that sentence in the language
spoken at the moment, with the values put in. Which one that is, whoever answers somebody or posts
somewhere says first, with `speaking`. The translations are in `catalogues/*.po`, one file for each
language; a text without one is said in English.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from string import Formatter
from typing import TypeVar

from bot.language.catalogue import catalogue, catalogues_in
from bot.language.languages import OWN_NAMES, SOURCE, Language, language_named, language_of

__all__ = [
    "OWN_NAMES",
    "SOURCE",
    "Language",
    "catalogues_in",
    "language_named",
    "language_of",
    "marked",
    "speak",
    "speaking",
    "spoken_now",
    "tr",
    "tr_as",
    "tr_many",
    "tr_many_parts",
    "tr_parts",
]

Part = TypeVar("Part")

_spoken: ContextVar[Language] = ContextVar("spoken", default=SOURCE)


def spoken_now() -> Language:
    """The language that `tr` gives at the moment."""
    return _spoken.get()


def speak(language: Language) -> None:
    """Speak `language` for the rest of the task: a request of somebody is one."""
    _spoken.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` inside."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def tr(text: str, /, **values: object) -> str:
    """`text` in the language spoken, with each `{name}` replaced by the value of that name."""
    return _filled(catalogue(_spoken.get()).text(text), values)


def tr_as(meaning: str, text: str, /, **values: object) -> str:
    """The same for a text that means more than one thing, such as `open`: `meaning` tells which."""
    return _filled(catalogue(_spoken.get()).text(text, meaning), values)


def tr_many(one: str, many: str, count: int, /, **values: object) -> str:
    """`one` or `many` as the language has it for `count`, which is `{count}` inside them."""
    return _filled(catalogue(_spoken.get()).plural(one, many, count), {"count": count, **values})


def tr_parts(text: str, /, **values: str | Part) -> list[str | Part]:
    """`tr`, for values that are no text: the pieces of the sentence in order, values as they are."""
    return _parted(catalogue(_spoken.get()).text(text), values)


def tr_many_parts(one: str, many: str, count: int, /, **values: str | Part) -> list[str | Part]:
    """`tr_many`, for values that are no text; `{count}` is among the words."""
    form = catalogue(_spoken.get()).plural(one, many, count)
    return _parted(form.replace("{count}", str(count)), values)


def marked(text: str) -> str:
    """`text` as it is, known to the catalogues: for tables whose words are said by `tr` later."""
    return text


def _parted(template: str, values: Mapping[str, str | Part]) -> list[str | Part]:
    parts: list[str | Part] = []
    for words, name, _, _ in Formatter().parse(template):
        parts += [words] if words else []
        parts += [values[name]] if name is not None else []
    return parts


def _filled(template: str, values: dict[str, object]) -> str:
    return template.format(**values) if values else template
