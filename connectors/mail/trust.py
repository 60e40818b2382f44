"""What our own mail provider found out about a sender (RFC 8601 Authentication-Results)."""

import re

from connectors.mail.mime import ParsedMail

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)


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


def _results(mail: ParsedMail, trusted_authserv: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for value in mail.header_all("Authentication-Results"):
        stated, _, rest = _COMMENT.sub(" ", value).partition(";")
        server = (stated.split() or [""])[0].lower()
        if trusted_authserv and server != trusted_authserv.lower():
            continue
        for method, result in _RESULT.findall(rest):
            found.setdefault(method.lower(), set()).add(result.lower())
        break
    return found
