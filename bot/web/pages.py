"""Pages for a browser: what every one of them forbids, and the plain one that says one thing."""

from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from bot.language import spoken_now

POLICY: Final = (
    "default-src 'none'; style-src {style}; script-src {script}; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action {form}; frame-ancestors 'none'"
)

_PLAIN: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
body {{ margin: 0; padding: 12vh 6vw; background: #f4f5f7; color: #1f2430;
  font: 1.15rem/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }}
main {{ max-width: 34em; margin: 0 auto; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14171d; color: #e6e9ef; }} }}
</style>
{head}</head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""


def security_headers(
    *, style: str = "'self'", script: str = "'self'", form: str = "'none'"
) -> dict[str, str]:
    """What a page forbids the browser: other machines' files, frames, indexes, copies, traces."""
    return {
        "Content-Security-Policy": POLICY.format(style=style, script=script, form=form),
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def page_to_embed() -> dict[str, str]:
    """What a page forbids that a shop may show in a frame of its own: scripts, and other machines' files."""
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'none'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'"
    )
    return {"Content-Security-Policy": policy, "X-Robots-Tag": "noindex, nofollow"}


def plain_page(title: str, text: str, *, status: int = 200, head: str = "") -> HTMLResponse:
    """One heading and one paragraph in the language spoken. `head` is markup of ours for its head."""
    page = _PLAIN.format(
        language=escape(spoken_now()), title=escape(title), text=escape(text), head=head
    )
    headers = security_headers(style="'unsafe-inline'", script="'none'")
    return HTMLResponse(page, status_code=status, headers=headers)
