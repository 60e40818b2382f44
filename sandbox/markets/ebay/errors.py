"""How eBay words refusals: one shape in its newer interfaces, another in Post-Order."""

from aiohttp import web

MESSAGE_TEXTS = {
    355001: "Invalid conversation_status value. Please see documentation for valid values.",
    355002: "Invalid conversation_type value. Please see documentation for valid values.",
    355007: "Invalid or unrecognized conversation_id value.",
    355008: "Invalid offset. The offset must be synchronized up with the limit value.",
    355009: "Invalid limit. The limit value must be a positive integer.",
    355013: "The messageText string exceeds the maximum character threshold.",
    355015: "Please pass message text or upload one or more media attachments.",
    355017: "The required conversation_type query parameter is missing.",
    355018: "conversationId and otherPartyUsername cannot both be empty.",
}


def rest_error(
    status: int, number: int, text: str = "", domain: str = "API_MESSAGE"
) -> web.Response:
    """A refusal of the newer interfaces."""
    error = {
        "errorId": number,
        "domain": domain,
        "category": "REQUEST" if status < 500 else "APPLICATION",  # noqa: PLR2004 - RFC 9110
        "message": text or MESSAGE_TEXTS.get(number, "refused"),
        "parameters": [],
    }
    return web.json_response({"errors": [error]}, status=status)


def post_order_error(status: int, number: int, text: str) -> web.Response:
    """A refusal of Post-Order."""
    error = {
        "errorId": number,
        "domain": "returnErrorDomain",
        "severity": "ERROR",
        "category": "REQUEST",
        "message": text,
        "longMessage": text,
        "httpStatusCode": status,
    }
    return web.json_response({"errorMessage": {"error": [error]}}, status=status)


def unknown_parameters(request: web.Request, known: set[str]) -> list[str]:
    """Parameters the call does not have: a connector that sends one relies on what is not there."""
    return sorted(set(request.query) - known)
