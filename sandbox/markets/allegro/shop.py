"""Orders, parcels and files of the fake Allegro."""

import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox.markets.allegro.wire import BETA, PUBLIC, AllegroWire, refusal, stamp
from sandbox.markets.base import read_json

TYPES = {"image/png", "image/gif", "image/bmp", "image/tiff", "image/jpeg", "application/pdf"}
LARGEST = 5 * 1024 * 1024
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass(slots=True, kw_only=True)
class Case:
    """A dispute or claim in the fake's books."""

    id: str
    type: str
    status: str
    opened: datetime
    due: datetime | None = None
    chat_active: bool = True
    more: dict[str, Any] = field(default_factory=dict)


class Shop(AllegroWire):
    """What threads and issues share. `issues` are disputes and claims by their id."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.issues: dict[str, Case] = {}
        self.wrote_at = now() - timedelta(days=1)
        self.uploads: dict[str, tuple[str, bytes]] = {}
        self.upload_host = ""
        self._declared: dict[str, str] = {}

    async def show_me(self, request: web.Request) -> web.Response:
        """Whose token it is."""
        problem = self.wrong(request, PUBLIC)
        return problem or web.json_response({"id": "44300444", "login": "Bottega_Salici"})

    async def show_order(self, request: web.Request) -> web.Response:
        """One order, with everything about its customer."""
        order = request.match_info["order"]
        problem = self.wrong(request, PUBLIC)
        if problem is not None:
            return problem
        if order not in {order_of(said.thread) for said in self.messages}:
            return refusal(404, "CHECKOUT_FORM_NOT_FOUND", "There is no such order")
        line = {
            "id": "62ae358b-8f65-4fc4-9c77-bedf604a2e2b",
            "offer": {"id": "7678887152", "name": "Wooden train", "external": {"id": "TRAIN-1"}},
            "quantity": 2,
            "price": {"amount": "49.90", "currency": "PLN"},
            "boughtAt": "2026-03-05T10:00:00.000Z",
        }
        shown = {
            "id": order,
            "status": "READY_FOR_PROCESSING",
            "buyer": {"id": "1", "login": "Client:7001", "email": "nora@buyer.example"},
            "payment": {"type": "ONLINE", "finishedAt": "2026-03-05T10:01:00.000Z"},
            "fulfillment": {"status": "SENT", "shipmentSummary": {"lineItemsSent": "ALL"}},
            "delivery": {
                "method": {"id": "m-1", "name": "Allegro Paczkomaty InPost"},
                "time": {"from": None, "to": "2026-03-12T20:00:00.000Z"},
            },
            "lineItems": [line],
            "summary": {"totalToPay": {"amount": "112.79", "currency": "PLN"}},
        }
        return web.json_response(shown)

    async def list_shipments(self, request: web.Request) -> web.Response:
        """The parcels of an order."""
        problem = self.wrong(request, PUBLIC)
        if problem is not None:
            return problem
        parcel = {
            "id": "SU5QT1NUOjYyMDk5OTY4MDEyMDAwMDAwMDAwMDAwMQ==",
            "waybill": "620999680120000000000001",
            "carrierId": "INPOST",
            "createdAt": stamp(self.now()),
        }
        return web.json_response({"shipments": [parcel]})

    async def declare_file(self, request: web.Request) -> web.Response:
        """A file announced for the message centre: its name is `filename`."""
        return await self._declare(request, PUBLIC, "filename", status=201)

    async def declare_issue_file(self, request: web.Request) -> web.Response:
        """A file announced for an issue: its name is `fileName`, and it gets an address."""
        response = await self._declare(request, BETA, "fileName", status=201)
        if response.status == 201:  # noqa: PLR2004 - created
            name = max(self._declared, key=int)
            where = f"{self.upload_host or self.url}{request.path}/{name}?once={name}"
            response.headers["Location"] = where
        return response

    async def upload_file(self, request: web.Request) -> web.Response:
        """The bytes of a file that was announced."""
        return await self._upload(request, PUBLIC, known=set())

    async def upload_issue_file(self, request: web.Request) -> web.Response:
        """The same, at the address that is good once."""
        if request.query.get("once") != request.match_info["file"]:
            return refusal(404, "ATTACHMENT_NOT_FOUND", "There is no such address")
        return await self._upload(request, BETA, known={"once"})

    async def show_file(self, request: web.Request) -> web.Response:
        """A file somebody attached. Allegro wants the seller's token for it."""
        problem = self.not_allowed(request)
        if problem is not None:
            return problem
        if not request.match_info["file"].startswith("f1"):
            return refusal(404, "ATTACHMENT_NOT_FOUND", "There is no such file")
        return web.Response(body=PICTURE, content_type="image/png")

    def attached(
        self, name: str, *, place: str = "messaging/message-attachments"
    ) -> dict[str, Any]:
        """An attachment as messages show it; its address names it."""
        url = f"https://api.allegro.pl/{place}/f1{zlib.crc32(name.encode())}"
        status = "UNSAFE" if name.startswith("virus") else "SAFE"
        return {"fileName": name, "mimeType": "image/png", "url": url, "status": status}

    def all_uploaded(self, content: dict[str, Any]) -> bool:
        """Whether the attachments that a message names were uploaded."""
        return all(one.get("id") in self.uploads for one in content.get("attachments", []))

    def names_of(self, content: dict[str, Any]) -> list[str]:
        """The names of those files."""
        return [self._declared[one["id"]] for one in content.get("attachments", [])]

    async def _declare(
        self, request: web.Request, media_type: str, key: str, *, status: int
    ) -> web.Response:
        problem = self.wrong(request, media_type)
        content = await read_json(request)
        if problem is not None:
            return problem
        if set(content) != {key, "size"} or not 1 <= content["size"] <= LARGEST:
            return refusal(422, "VALIDATION_ERROR", "The declaration is wrong")
        name = self.new_id()
        self._declared[name] = content[key]
        return web.json_response({"id": name}, status=status)

    async def _upload(
        self, request: web.Request, media_type: str, *, known: set[str]
    ) -> web.Response:
        name = request.match_info["file"]
        if request.headers.get("Accept") != media_type:
            return refusal(406, "NOT_ACCEPTABLE", "No such version of the resource")
        if request.headers.get("Content-Type") not in TYPES or set(request.query) - known:
            return refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type")
        if name not in self._declared or name in self.uploads:
            return refusal(404, "ATTACHMENT_NOT_FOUND", "There is no such declaration")
        self.uploads[name] = (request.headers["Content-Type"], await request.read())
        return web.json_response({"id": name})


def order_of(thread: str) -> str:
    """The order that a conversation of the fake is about."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://allegro.example/{thread}"))
