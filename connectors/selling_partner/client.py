"""The calls to the selling API, each operation in its own bucket, and nothing else.

No call asks for a buyer's name, address or e-mail: `INCLUDED` names the sets of an order that need
no role for personal data, and there is no other way to ask.
"""

import gzip
import io
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import quote
from zlib import error as ZlibError  # noqa: N812 - its own name says nothing

from connectors.answer import HttpAnswer
from connectors.contract import InboxContext, Json
from connectors.download import download
from connectors.errors import AuthExpired, Rejected, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.selling_partner.config import SellingPartnerConfig
from connectors.selling_partner.operations import (
    CREATE_REPORT,
    GET_DOCUMENT,
    GET_ORDER,
    GET_REPORT,
    GET_REPORTS,
    OPERATIONS,
    Operation,
    hold_after,
)
from connectors.selling_partner.refusal import judge_login, judge_of
from connectors.tokens import Token, TokenAuth, TokenSource

TOKEN_HEADER: Final = "x-amz-access-token"  # noqa: S105 - a header's name
TOKEN_PATH: Final = "/auth/o2/token"  # noqa: S105 - a path
USUAL_LIFE: Final = timedelta(hours=1)

INCLUDED: Final = ("FULFILLMENT", "PACKAGES", "CANCELLATION")
"""`includedData` of getOrder. BUYER and RECIPIENT are personal data and are never asked for."""

ORDERS: Final = "/orders/2026-01-01/orders"
REPORTS: Final = "/reports/2021-06-30"
NOT_FOUND: Final = 404

DOCUMENT_HOSTS: Final = ("amazonaws.com",)
"""Where documents of reports lie, behind addresses that are good for five minutes."""

MOST_UNPACKED: Final = 32 * 1024 * 1024
"""Bytes of one document, unpacked. A year's feedback of a large seller is below one megabyte."""

_chance = secrets.SystemRandom().random


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How far a report has come: `status` in Amazon's words, `document` once it is DONE."""

    status: str
    document: str = ""


@dataclass(slots=True)
class SellingPartner:
    """One seller in one region. Raises `connectors.errors` classes only."""

    config: SellingPartnerConfig
    context: InboxContext
    jitter: Callable[[], float] = _chance
    _login: MarketHttp = field(init=False, repr=False)
    _calls: dict[Operation, MarketHttp] = field(init=False, repr=False)
    _source: TokenSource = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._login = MarketHttp(self.config.login, self.context, judge=judge_login)
        self._source = TokenSource(
            self._grant, self.context, refresh=self.config.refresh_token, name="selling_partner"
        )
        auth = TokenAuth(self._source, header=TOKEN_HEADER, scheme="")
        self._calls = {
            operation: MarketHttp(
                self.config.endpoint,
                self.context,
                auth=auth,
                limits=operation.limits,
                judge=judge_of(operation, self.jitter),
                pace=partial(_pace, operation=operation),
            )
            for operation in OPERATIONS
        }

    async def order(self, order_id: str) -> Fields | None:
        """The order without personal data; None where this seller has none of that number."""
        params = {"includedData": ",".join(INCLUDED)}
        answer = await self._calls[GET_ORDER].get(
            f"{ORDERS}/{quote(order_id, safe='')}", params=params, allow=(NOT_FOUND,)
        )
        if answer.status == NOT_FOUND:
            return None
        return Fields(answer.object()).inner("order")

    async def create_report(
        self, report_type: str, marketplace_ids: Sequence[str], *, since: datetime | None = None
    ) -> str:
        """Ask for a report; returns its id. Asked twice, Amazon writes it twice: harmless."""
        wanted: dict[str, Json] = {
            "reportType": report_type,
            "marketplaceIds": list(marketplace_ids),
        }
        if since is not None:
            wanted["dataStartTime"] = f"{since:%Y-%m-%dT%H:%M:%SZ}"
        answer = await self._calls[CREATE_REPORT].query(f"{REPORTS}/reports", json=wanted)
        return _needed(answer, "reportId")

    async def report(self, report_id: str) -> Report | None:
        """How far it has come; None where Amazon knows no such report any more."""
        answer = await self._calls[GET_REPORT].get(
            f"{REPORTS}/reports/{quote(report_id, safe='')}", allow=(NOT_FOUND,)
        )
        if answer.status == NOT_FOUND:
            return None
        told = Fields(answer.object())
        return Report(
            status=told.text("processingStatus", default=""),
            document=told.text("reportDocumentId", default=""),
        )

    async def document(self, document_id: str) -> bytes:
        """A report's content, unpacked."""
        path = f"{REPORTS}/documents/{quote(document_id, safe='')}"
        answer = await self._calls[GET_DOCUMENT].get(path)
        told = Fields(answer.object())
        try:
            file = await download(
                _needed(answer, "url"),
                self.context,
                hosts=DOCUMENT_HOSTS,
                base_url=self.config.base_url,
                name="report",
                most_bytes=MOST_UNPACKED,
            )
        except Rejected as error:
            raise Unavailable(f"a report's document cannot be fetched: {error.reason}") from error
        packed = told.text("compressionAlgorithm", default="") == "GZIP"
        return _unpacked(file.content) if packed else file.content

    async def may_read_reports(self, report_type: str) -> None:
        """Read one line of the list of reports. Raises AuthExpired where that is not allowed."""
        params = {"reportTypes": report_type, "pageSize": "1"}
        await self._calls[GET_REPORTS].get(f"{REPORTS}/reports", params=params)

    async def sign_in(self) -> None:
        """Make sure that Amazon gives a token. Raises AuthExpired, AccessWithdrawn, Unavailable."""
        await self._source.token()

    async def close(self) -> None:
        """Close the connections. Harmless twice."""
        for http in (self._login, *self._calls.values()):
            await http.close()

    async def _grant(self, refresh: str | None) -> Token:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh or "",
            "client_id": self.config.client_id,
            "client_secret": self.config.client_secret.get_secret_value(),
        }
        told = Fields((await self._login.query(TOKEN_PATH, form=form)).object())
        access = told.text("access_token", default="")
        if not access:
            raise AuthExpired("Amazon's login answered without an access token")
        lives = told.number("expires_in", default=int(USUAL_LIFE.total_seconds()))
        return Token(access=access, lives=timedelta(seconds=max(lives, 60)))


def _pace(answer: HttpAnswer, operation: Operation) -> float:
    return hold_after(answer.headers, operation)


def _needed(answer: HttpAnswer, key: str) -> str:
    found = Fields(answer.object()).id(key, default="")
    if not found:
        raise Unavailable(f"{answer.request}: the answer has no {key}")
    return found


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            found = stream.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, ZlibError) as error:
        raise Unavailable(f"a report's document is broken ({type(error).__name__})") from None
    if len(found) > MOST_UNPACKED:
        raise Unavailable("a report's document is too large")
    return found
