"""How Mercado Libre words things: numbers, times, refusals."""

from datetime import datetime, timedelta, timezone

from aiohttp import web

SELLER = "410000330"
SITE_ACCOUNT = "520000944"
"""The same seller's account on a site, where the account itself is one of Global Selling."""

AGENT_OF_BRAZIL = "3037675074"
AUTOMATIC_CLIENT = "7009000000000042"
LONGEST_MESSAGE = 350
LONGEST_ANSWER = 2000

_ZONE = timezone(timedelta(hours=-4))


def refusal(status: int, message: str, error: str = "bad_request") -> web.Response:
    """A refusal in the usual envelope."""
    body = {"message": message, "error": error, "status": status, "cause": []}
    return web.json_response(body, status=status)


def blocked() -> web.Response:
    """The refusal of a message into a blocked conversation, whose envelope is another."""
    message = "blocked_conversation_send_message_forbidden"
    return web.json_response(
        {"status_code": 403, "code": "forbidden", "message": message}, status=403
    )


def strange(request: web.Request, known: set[str]) -> web.Response | None:
    """A refusal of parameters the call does not know."""
    unknown = set(request.query) - known
    return refusal(400, f"Invalid parameter {min(unknown)}") if unknown else None


def paged(request: web.Request, most: int) -> tuple[int, int] | None:
    """`offset` and `limit`; None where they are wrong."""
    given = (request.query.get("offset", "0"), request.query.get("limit", "10"))
    if not all(one.isdecimal() for one in given):
        return None
    offset, limit = (int(one) for one in given)
    return (offset, limit) if 1 <= limit <= most else None


def local(at: datetime) -> str:
    """A time as questions and claims have it: four hours behind UTC, with milliseconds."""
    return at.astimezone(_ZONE).isoformat(timespec="milliseconds")


def utc(at: datetime) -> str:
    """A time as messages have it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def buyer_of(thread: str) -> int:
    """Who wrote into a conversation."""
    return 500_000_000 + int(thread)


def pack_of(thread: str) -> str:
    """The cart of a sale."""
    return f"2000000{int(thread):09d}"


def order_of(thread: str) -> str:
    """The one order of that cart."""
    return f"2000003{int(thread):09d}"


def thread_of(number: str) -> str:
    """The conversation behind a cart's or an order's number; "" for any other."""
    known = number[:7] in {"2000000", "2000003"} and number.isdecimal()
    return str(int(number[7:])) if known and len(number) == 16 else ""  # noqa: PLR2004 - digits
