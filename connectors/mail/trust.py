"""What our own mail provider found out about a sender (RFC 8601 Authentication-Results)."""

import re

from connectors.mail.mime import ParsedMail

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_QUOTED = re.compile(r'"[^"]{0,500}"')
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_VOUCHED = re.compile(
    r"^\s*(?:dkim\s*=\s*pass\b.*?\bheader\.(?:d\s*=\s*|i\s*=\s*[^@\s]{0,200}@)"
    r"|dmarc\s*=\s*pass\b.*?\bheader\.from\s*=\s*)([a-z0-9.-]{1,253})",
    re.IGNORECASE | re.DOTALL,
)


def authentication_failure(mail: ParsedMail, trusted_authserv: str) -> str | None:
    """Why the sender is not who they say, e.g. `dmarc=fail`; None if nothing speaks against.

    Only the header of `trusted_authserv` counts; with none configured, the topmost, which the
    last server wrote. A header that is missing is no failure. SPF breaks when mail is forwarded
    and DKIM when it is edited on the way, so either counts only if the other did not pass.
    """
    results = _results(mail, trusted_authserv)
    if "fail" in results.get("dmarc", ()):
        return "dmarc=fail"
    if "pass" in results.get("dmarc", ()):
        return None
    for method, other in (("dkim", "spf"), ("spf", "dkim")):
        failed = "fail" in results.get(method, ()) and "pass" not in results.get(method, ())
        if failed and "pass" not in results.get(other, ()):
            return f"{method}=fail"
    return None


def vouched_domains(mail: ParsedMail, trusted_authserv: str) -> frozenset[str] | None:
    """Domains that our own mail provider found to stand behind the mail, in small letters.

    Those that signed it (DKIM passed, `header.d` or `header.i`), and that of the sender where DMARC
    passed. None where the provider said nothing at all.
    """
    said = _said(mail, trusted_authserv)
    if said is None:
        return None
    found = (_VOUCHED.match(one) for one in _QUOTED.sub(" ", said).split(";"))
    return frozenset(match.group(1).lower().rstrip(".") for match in found if match)


def _results(mail: ParsedMail, trusted_authserv: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for method, result in _RESULT.findall(_said(mail, trusted_authserv) or ""):
        found.setdefault(method.lower(), set()).add(result.lower())
    return found


def _said(mail: ParsedMail, trusted_authserv: str) -> str | None:
    """The results of the one header that counts, without comments; None without such a header."""
    for value in mail.header_all("Authentication-Results"):
        stated, _, rest = _COMMENT.sub(" ", value).partition(";")
        server = (stated.split() or [""])[0].lower()
        if not trusted_authserv or server == trusted_authserv.lower():
            return rest
    return None
