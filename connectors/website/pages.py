"""The contact form as HTML: no script, no style sheet, nothing fetched from anywhere.

Every value of a visitor is escaped. The words are data (`form_words.toml`), in five languages.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from connectors.website.post import MESSAGE_CHARACTERS, Post

LANGUAGES: Final = ("en", "it", "fr", "de", "es")
TRAP: Final = "website"
"""The field people do not see: whoever fills every field fills this one, too."""

STAMP: Final = "stamp"
_HIDDEN: Final = "position:absolute;left:-6000px"


@cache
def words(language: str) -> Mapping[str, str]:
    """The form's words in one of `LANGUAGES`."""
    text = files("connectors.website").joinpath("form_words.toml").read_text(encoding="utf-8")
    table: Mapping[str, str] = tomllib.loads(text)[language]
    return table


def form_page(language: str, post: Post, *, stamp: str, says: str = "") -> str:
    """The form, filled with `post`. `says` stands above it. It is sent where it was loaded from."""
    w = words(language)
    said = f'<p role="alert"><strong>{escape(says)}</strong></p>' if says else ""
    options = "".join(
        f'<option value="{one}"{" selected" if post.purpose == one else ""}>{escape(w[one])}</option>'
        for one in ("product", "purchase", "other")
    )
    fields = (
        _input("name", w["name"], post.name, 'autocomplete="name"')
        + _input("email", w["email"], post.email, 'type="email" autocomplete="email" required')
        + _input("order", w["order"], post.order)
        + f'<p><label for="tl-purpose">{escape(w["reason"])}</label><br>'
        f'<select id="tl-purpose" name="purpose">{options}</select></p>'
        + _input("subject", w["subject"], post.subject)
        + f'<p><label for="tl-message">{escape(w["message"])}</label><br>'
        f'<textarea id="tl-message" name="message" rows="8" cols="40" required'
        f' maxlength="{MESSAGE_CHARACTERS}">\n{escape(post.message)}</textarea></p>'
    )
    return _page(
        language,
        w["title"],
        f'{said}<form method="post" accept-charset="utf-8">{fields}'
        f'<p style="{_HIDDEN}" aria-hidden="true"><label for="tl-trap">{escape(w["trap"])}</label>'
        f'<input id="tl-trap" name="{TRAP}" tabindex="-1" autocomplete="off"></p>'
        f'<input type="hidden" name="{STAMP}" value="{escape(stamp)}">'
        f'<input type="hidden" name="language" value="{language}">'
        f'<input type="hidden" name="page" value="{escape(post.page)}">'
        f'<p><button type="submit">{escape(w["send"])}</button></p></form>',
    )


def thanks_page(language: str, thanks_url: str) -> str:
    """What a visitor sees whose message has arrived; leads on to `thanks_url`, if there is one."""
    w = words(language)
    if not thanks_url:
        return _page(language, w["title"], f'<p role="status">{escape(w["thanks"])}</p>')
    link = f'<p><a href="{escape(thanks_url)}">{escape(w["go_on"])}</a></p>'
    on = f'<meta http-equiv="refresh" content="0;url={escape(thanks_url)}">'
    return _page(language, w["title"], f'<p role="status">{escape(w["thanks"])}</p>{link}', head=on)


def busy_page(language: str, address: str) -> str:
    """What a visitor sees while too many write."""
    w = words(language)
    text = escape(w["busy"].format(address=address))
    return _page(language, w["title"], f'<p role="alert">{text}</p>')


def _input(name: str, label: str, value: str, more: str = 'type="text"') -> str:
    return (
        f'<p><label for="tl-{name}">{escape(label)}</label><br>'
        f'<input id="tl-{name}" name="{name}" value="{escape(value)}" maxlength="200" {more}></p>'
    )


def _page(language: str, title: str, body: str, *, head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"{head}<title>{escape(title)}</title></head><body><main><h1>{escape(title)}</h1>{body}"
        "</main></body></html>"
    )
