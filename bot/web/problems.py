"""What a program is told instead of an answer: a problem as RFC 9457 has it, naming the way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.responses import JSONResponse

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`parameter` is the one at fault, `example` shows one that is none."""

    status: int
    detail: str
    parameter: str | None = None
    example: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """As `application/problem+json`; its title is the status's own."""
        body: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.parameter is not None:
            body["parameter"] = self.parameter
        if self.example is not None:
            body["example"] = self.example
        return JSONResponse(
            body,
            status_code=self.status,
            media_type="application/problem+json",
            headers={**HEADERS, **self.headers},
        )


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem
