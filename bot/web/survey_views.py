"""What a customer sees behind the link below an answer: one question, thanks, or why there is none.

No script, no picture, nothing from elsewhere. Every score is a button with its words, so that
nobody has to tell colours or faces apart; what a customer typed is shown as text.
"""

from html import escape
from typing import Final

from bot.domain.survey import COMMENT_LIMIT, SurveyKind
from bot.domain.survey_words import SURVEY_WORDS, question
from bot.language import Language
from bot.usecases.survey import Survey

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ground: #f1f3f6; --ink: #1c2230; --soft: #525b6b;
  --line: #8b94a3; --mark: #1d5fbf; --on: #fff; --warn: #a3341c; }
@media (prefers-color-scheme: dark) { :root { --paper: #1d222b; --ground: #12151b; --ink: #eceff4;
  --soft: #b3bccb; --line: #7a8494; --mark: #8cb8ff; --on: #0d1420; --warn: #ffab91; } }
* { box-sizing: border-box; }
body { margin: 0; padding: max(1rem, 6vh) 1rem 2rem; background: var(--ground); color: var(--ink);
  font: 1.125rem/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 42rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 2.5rem);
  background: var(--paper); border-radius: 1rem; overflow-wrap: anywhere; }
.shop { margin: 0 0 .5rem; color: var(--soft); }
h1 { margin: 0 0 1.25rem; font-size: clamp(1.4rem, 4.5vw, 1.9rem); line-height: 1.25; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: 1rem; }
[role=alert] { color: var(--warn); font-weight: 600; }
button { min-height: 3.25rem; padding: .6rem .75rem; border: 2px solid var(--line);
  border-radius: .75rem; background: transparent; color: inherit; font: inherit; cursor: pointer; }
button:hover, button.send { border-color: var(--mark); background: var(--mark); color: var(--on); }
button:focus-visible, textarea:focus-visible { outline: 3px solid var(--mark); outline-offset: 3px; }
.csat, .nps { display: grid; gap: .75rem; margin: 0 0 1.5rem; padding: 0; list-style: none; }
.nps { grid-template-columns: repeat(11, 1fr); gap: .4rem; }
.nps button { padding: .6rem 0; }
li button { width: 100%; height: 100%; }
.csat button { display: flex; align-items: center; gap: 1rem; text-align: start; }
.csat b { min-width: 1.5rem; font-size: 1.5rem; line-height: 1.2; }
.ends { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1.5rem; }
.ends span + span { text-align: end; }
label { display: block; margin: 0 0 .25rem; font-weight: 600; }
textarea { display: block; width: 100%; min-height: 8rem; margin: 0 0 1rem; padding: .75rem;
  border: 2px solid var(--line); border-radius: .75rem; background: var(--paper); color: inherit;
  font: inherit; resize: vertical; }
@media (max-width: 40rem) {
  .nps { grid-template-columns: repeat(6, 1fr); }
}
@media (max-width: 22rem) { .nps { grid-template-columns: repeat(4, 1fr); } }
"""

_PAGE: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body><main>{shop}<h1 id="question">{title}</h1>{body}</main></body>
</html>
"""


def question_page(survey: Survey, shop: str, *, wrong: bool = False) -> str:
    """The question with a button for each score; `wrong` says that something else was sent."""
    words = SURVEY_WORDS[survey.language]
    body = [
        _alert(words.choose) if wrong else "",
        '<form method="post" aria-labelledby="question">',
        _scores(survey),
        "</form>",
    ]
    body.append(f'<p class="soft">{escape(words.privacy)}</p>')
    return _page(survey.language, shop, question(survey.kind, survey.language, shop), body)


def thanks_page(survey: Survey, shop: str, *, typed: str = "") -> str:
    """It is counted; room to say why while there is time. `typed` were words too long to keep."""
    words = SURVEY_WORDS[survey.language]
    counted = words.counted.format(score=survey.score, best=survey.kind.best)
    body = [f"<p>{escape(counted)}</p>"]
    if survey.may_explain:
        body += [
            '<form method="post">',
            f'<label for="why">{escape(words.why)}</label>',
            f'<p class="soft" id="hint">{escape(words.why_hint)}</p>',
            _alert(words.too_long) if typed else "",
            f'<textarea id="why" name="comment" maxlength="{COMMENT_LIMIT}"',
            f' aria-describedby="hint">{escape(typed)}</textarea>',
            f'<button class="send">{escape(words.send)}</button>',
            "</form>",
        ]
    return _page(survey.language, shop, words.thanks, body)


def heard_page(survey: Survey, shop: str) -> str:
    """The words have come, too."""
    words = SURVEY_WORDS[survey.language]
    return _said(survey.language, shop, words.thanks, words.heard)


def already_page(survey: Survey, shop: str) -> str:
    """It was answered before."""
    words = SURVEY_WORDS[survey.language]
    unchanged = words.unchanged.format(score=survey.score, best=survey.kind.best)
    return _said(survey.language, shop, words.already, unchanged)


def over_page(language: Language, shop: str) -> str:
    """The link was good once."""
    words = SURVEY_WORDS[language]
    return _said(language, shop, words.over, words.over_text)


def unknown_page(language: Language, shop: str) -> str:
    """No such link was ever sent. Says no more than that."""
    words = SURVEY_WORDS[language]
    return _said(language, shop, words.unknown, words.unknown_text)


def later_page(language: Language, shop: str) -> str:
    """It cannot be counted now."""
    words = SURVEY_WORDS[language]
    return _said(language, shop, words.not_now, words.try_later)


def _scores(survey: Survey) -> str:
    words = SURVEY_WORDS[survey.language]
    if survey.kind is SurveyKind.CSAT:
        named = zip(survey.kind.scores, words.satisfied, strict=True)
        told = "".join(_button(score, f"<b>{score}</b> {escape(name)}") for score, name in named)
        return f'<ol class="csat">{told}</ol>'
    ends = [f"<span>{escape(end)}</span>" for end in (words.unlikely, words.likely)]
    told = "".join(
        _button(score, str(score), " aria-describedby=ends") for score in survey.kind.scores
    )
    return f'<p class="ends soft" id="ends">{" ".join(ends)}</p><ol class="nps">{told}</ol>'


def _button(score: int, words: str, more: str = "") -> str:
    return f'<li><button name="score" value="{score}"{more}>{words}</button></li>'


def _alert(text: str) -> str:
    return f'<p role="alert">{escape(text)}</p>'


def _said(language: Language, shop: str, title: str, text: str) -> str:
    return _page(language, shop, title, [f"<p>{escape(text)}</p>"])


def _page(language: Language, shop: str, title: str, body: list[str]) -> str:
    named = f'<p class="shop">{escape(shop)}</p>' if shop else ""
    return _PAGE.format(
        language=escape(language),
        title=escape(title),
        style=_STYLE,
        shop=named,
        body="".join(body),
    )
