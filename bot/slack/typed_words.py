"""Words as people type them into Slack, with its marks for links, people and quotes. Pure."""

import re

from bot.slack.request import Person

QUOTES = "\"'`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>")
_MARK = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_NUMBER = re.compile(r"[#\u2116]?(\d{1,9})[.,:]?")
_WHOLE_ID = re.compile(r"[UW][A-Z0-9]{6,}")


def mentioned_text(text: str) -> str:
    """What was said to the bot in an `app_mention`: the text without its first mention."""
    return _USER.sub("", text, count=1).strip()


def as_typed(text: str) -> str:
    """What a person typed, with Slack's own marks for links and mentions undone.

    A link becomes its address, a mail link its words, a mention the name it shows.
    """
    shown = _MARK.sub(_unmarked, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unmarked(mark: re.Match[str]) -> str:
    sign, target, label = mark[1], mark[2], mark[3] or ""
    if sign:
        return f"{sign}{label or target}"
    return label if target.startswith(("mailto:", "tel:")) and label else target


def first_word(text: str) -> tuple[str, str]:
    """The first word without quotes around it, and what follows."""
    # `split` takes every Unicode space, so a pasted no-break space separates like any other.
    parts = text.strip(INVISIBLE).split(maxsplit=1)
    word = parts[0].strip(QUOTES + INVISIBLE) if parts else ""
    return word, parts[1] if len(parts) > 1 else ""


def ticket_number(rest: str, known: int | None) -> tuple[int | None, str]:
    """The ticket that is meant, and what follows. `known` is the one whose thread this is said in."""
    word, after = first_word(rest)
    match = _NUMBER.fullmatch(word)
    if match is None:
        return known, rest
    # In a thread the ticket is known: `reply 2 pieces are missing` is an answer, not ticket 2.
    if known is not None and not word.startswith("#") and int(match[1]) != known:
        return known, rest
    return int(match[1]), after


def person_named(text: str) -> Person | None:
    """Who is meant by a mention of a person or a group, `me`, `next`, or a name; None: nobody."""
    shown = text.removeprefix("to ").strip()
    match = _USER.match(shown)
    if match is not None:
        return Person(slack_id=match[1])
    group = _GROUP.match(shown)
    if group is not None:
        return Person(group_id=group[1])
    name = shown.strip(QUOTES + INVISIBLE).lstrip("@").strip(" .")
    return _person_called(name, marked=shown.startswith("@")) if name else None


def _person_called(name: str, *, marked: bool) -> Person:
    if name.casefold() == "me":
        return Person(me=True)
    if name.casefold() == "next" and not marked:
        return Person(following=True)
    return Person(slack_id=name) if _WHOLE_ID.fullmatch(name) else Person(name=name)
