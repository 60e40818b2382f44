"""The reports of Amazon's selling API on loopback, and how the interface words its answers."""

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from typing_extensions import override

from connectors.testing.market import RETRY_AFTER
from sandbox.markets.base import FakeMarket, Route, Said, reads
from sandbox.markets.selling_partner_shapes import (
    MARKETPLACES,
    a_performance_report,
    feedback_table,
)
from sla_rules.vocabulary import Author

HEADER: Final = "x-amz-access-token"
REPORT_TYPES: Final = frozenset({"GET_SELLER_FEEDBACK_DATA", "GET_V2_SELLER_PERFORMANCE_REPORT"})
REPORT_KEYS: Final = frozenset(
    {"reportOptions", "reportType", "dataStartTime", "dataEndTime", "marketplaceIds"}
)
LIST_KEYS: Final = frozenset(
    {"reportTypes", "processingStatuses", "marketplaceIds", "pageSize", "createdSince",
     "createdUntil", "nextToken"}
)  # fmt: skip
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MOST_MARKETPLACES: Final = 25


@dataclass(slots=True)
class Asked:
    """A report somebody asked for, and how often it was looked at since."""

    id: str
    wanted: Mapping[str, Any]
    looks: int = 0


@dataclass(slots=True, kw_only=True)
class Account:
    """How Amazon judges the seller: by marketplace id, by metric, by warning."""

    statuses: dict[str, str] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


class ReportsApi(FakeMarket):
    """Reports 2021-06-30 of one seller in the European region.

    `slowness` is how often a report is looked at before it is done, `ends` what becomes of it;
    `packed` says that documents are compressed, `spoilt` is what all of them hold instead,
    `spoilt_for` a marketplace whose reports are broken;
    `granted` is a rate Amazon applies.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.account = Account()
        self.asked_for: list[Mapping[str, Any]] = []
        self.slowness = 0
        self.ends = "DONE"
        self.packed = True
        self.lies_about_packing = False
        self.spoilt: bytes | None = None
        self.spoilt_for = ""
        self.granted: float | None = None
        self._reports: dict[str, Asked] = {}
        self._documents: dict[str, bytes] = {}

    def report_routes(self) -> tuple[Route, ...]:
        """The calls about reports."""
        reports = "/reports/2021-06-30"
        return (
            # A report is written for whoever asks; nothing of the seller's changes.
            reads("POST", f"{reports}/reports", self.ask_for_report),
            reads("GET", f"{reports}/reports", self.list_reports),
            reads("GET", f"{reports}/reports/{{report}}", self.report),
            reads("GET", f"{reports}/documents/{{document}}", self.document),
            reads("GET", "/tortuga/{document}", self.download, open=True),
        )

    @override
    def refused(self) -> web.Response:
        return self.worded(403, "Unauthorized", "Access to requested resource is denied.")

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        """Amazon sends no Retry-After, only the rate it applies, where it says anything."""
        response = self.worded(429, "QuotaExceeded", "You exceeded your quota.")
        if retry_after is not None:
            response.headers["x-amzn-RateLimit-Limit"] = f"{1 / RETRY_AFTER:.4f}"
        return response

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return self.worded(status, "InternalFailure", reason)

    async def ask_for_report(self, request: web.Request) -> web.Response:
        """A report is promised, or refused where the model refuses it."""
        try:
            wanted = await request.json()
        except ValueError:
            return self.invalid("no JSON")
        why = _wrong_with(wanted)
        if why is not None:
            return self.invalid(why)
        self.asked_for.append(wanted)
        asked = Asked(id=FakeMarket.new_id(self), wanted=wanted)
        self._reports[asked.id] = asked
        return self.told({"reportId": asked.id}, status=202)

    async def list_reports(self, request: web.Request) -> web.Response:
        """The reports of some types; a page of none is an answer too."""
        if set(request.query) - LIST_KEYS or not request.query.get("reportTypes"):
            return self.invalid("unknown or missing parameters")
        return self.told({"reports": []})

    async def report(self, request: web.Request) -> web.Response:
        """How far a report is: queued, in progress, and then what `ends` says."""
        asked = self._reports.get(request.match_info["report"])
        if asked is None:
            return self.worded(404, "NotFound", "no such report")
        asked.looks += 1
        told: dict[str, Any] = {
            "reportId": asked.id,
            "reportType": asked.wanted["reportType"],
            "marketplaceIds": asked.wanted["marketplaceIds"],
            "createdTime": f"{self.now():%Y-%m-%dT%H:%M:%S+00:00}",
            "processingStatus": self.ends,
        }
        if asked.looks <= self.slowness:
            told["processingStatus"] = "IN_QUEUE" if asked.looks == 1 else "IN_PROGRESS"
        elif self.ends == "DONE":
            told["reportDocumentId"] = f"amzn1.tortuga.4.eu.{asked.id}"
            self._documents.setdefault(told["reportDocumentId"], self._written(asked.wanted))
        return self.told(told)

    async def document(self, request: web.Request) -> web.Response:
        """Where to download a document, for five minutes."""
        name = request.match_info["document"]
        if name not in self._documents:
            return self.worded(404, "NotFound", "no such document")
        told = {"reportDocumentId": name, "url": f"{self.url}/tortuga/{name}?X-Amz-Expires=300"}
        packed = self.packed or self.lies_about_packing
        return self.told({**told, "compressionAlgorithm": "GZIP"} if packed else told)

    async def download(self, request: web.Request) -> web.Response:
        """The document itself. It takes no token; an address with one leaked it."""
        if HEADER in request.headers or "Authorization" in request.headers:
            return web.Response(status=400, text="Only one auth mechanism allowed")
        content = self.spoilt or self._documents.get(request.match_info["document"])
        if content is None:
            return web.Response(status=404)
        packed = self.packed and not self.lies_about_packing
        body = gzip.compress(content) if packed else content
        return web.Response(body=body, content_type="application/octet-stream")

    def _written(self, wanted: Mapping[str, Any]) -> bytes:
        if wanted["marketplaceIds"] == [self.spoilt_for]:
            return b"<html><body>502 Bad Gateway</body></html>"
        if wanted["reportType"] == "GET_SELLER_FEEDBACK_DATA":
            since = str(wanted.get("dataStartTime", ""))[:10]
            return feedback_table(self._feedback(since), self._responses())
        warned = self.account.warnings | {
            f"warning{n}": "BAD" for n, said in enumerate(self.messages) if _is_platform(said)
        }
        account = self.account
        told = a_performance_report(account.statuses, account.rates, warned)
        return json.dumps(told).encode()

    def _feedback(self, since: str) -> list[Said]:
        return [
            said
            for said in self.messages
            if said.author is Author.CUSTOMER and f"{said.at:%Y-%m-%d}" >= since
        ]

    def _responses(self) -> dict[str, str]:
        """The seller's public answers by order: to the newest feedback of the conversation."""
        found: dict[str, str] = {}
        newest: dict[str, str] = {}
        for said in self.messages:
            if said.author is Author.CUSTOMER:
                newest[said.thread] = said.id
            elif said.author is Author.AGENT and said.thread in newest:
                found[newest[said.thread]] = said.text
        return found

    def told(self, told: Mapping[str, Any], *, status: int = 200) -> web.Response:
        response = web.json_response(told, status=status)
        if self.granted is not None:
            response.headers["x-amzn-RateLimit-Limit"] = str(self.granted)
        return response

    def invalid(self, message: str) -> web.Response:
        return self.worded(400, "InvalidInput", message)

    def worded(self, status: int, code: str, message: str) -> web.Response:
        error = {"code": code, "message": message, "details": ""}
        response = web.json_response({"errors": [error]}, status=status)
        response.headers["x-amzn-RequestId"] = "3f0c2f6e-7c1b-4f0a-9d55-1c2f00a7be21"
        return response


def _is_platform(said: Said) -> bool:
    return said.author is Author.PLATFORM


def _wrong_with(wanted: Any) -> str | None:
    """Why createReport refuses a body (CreateReportSpecification), None where it does not."""
    if not isinstance(wanted, dict) or set(wanted) - REPORT_KEYS:
        return "unknown keys"
    ids = wanted.get("marketplaceIds")
    if wanted.get("reportType") not in REPORT_TYPES:
        return "Invalid Report Type"
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_MARKETPLACES:
        return "marketplaceIds"
    if set(ids) - MARKETPLACES:
        return "marketplace of another region"
    start = wanted.get("dataStartTime")
    return None if start is None or _INSTANT.fullmatch(str(start)) else "dataStartTime"
