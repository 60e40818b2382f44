"""The shop's books as the Admin API shows them: customers, orders, disputes, returns."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sandbox.markets.shopify.document import BadDocument

Thing = dict[str, Any]

_TERM = re.compile(r"(\w+):(\"[^\"]*\"|\S+)")
_FILTERS: Mapping[str, Callable[[Thing, str], bool]] = {
    "name": lambda order, value: order["name"].lstrip("#") == value.lstrip("#"),
    "status": lambda thing, value: thing["status"].lower() == value.lower(),
    "return_status": lambda order, value: order["returnStatus"].lower() == value.lower(),
}


class Books:
    """Everything by its global id. `now` is the platform's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._next = 5_000_000_000_001
        self.things: dict[str, Thing] = {}

    def customer(self, email: str, name: str, *, spent: str = "0.00", **more: Any) -> Thing:
        """A new customer. Further fields are the schema's own names."""
        fields: Thing = {
            "displayName": name,
            "createdAt": stamp(self._now()),
            "tags": [],
            "locale": "en",
            "numberOfOrders": "0",
            "amountSpent": money(spent),
            "lastOrder": None,
            "emailAddress": email.lower(),
            **more,
        }
        found = self._thing("Customer", **fields)
        found["orders"] = lambda **asked: self.page(
            [one for one in self._of("Order") if one["customer"] is found], **asked
        )
        return found

    def order(self, customer: Thing, name: str, total: str = "129.00", **more: Any) -> Thing:
        """A new order of a customer, paid and not sent."""
        lines = more.pop("lines", [line("Oak shelf", 1, total)])
        parcels = more.pop("parcels", [])
        fields: Thing = {
            "name": name,
            "createdAt": stamp(self._now()),
            "updatedAt": stamp(self._now()),
            "email": customer["emailAddress"],
            "customerLocale": customer["locale"],
            "customer": customer,
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": "UNFULFILLED",
            "returnStatus": "NO_RETURN",
            "totalPriceSet": bag(total),
            "disputes": [],
            **more,
        }
        found = self._thing("Order", **fields)
        found["lineItems"] = lambda **asked: self.page(lines, **asked)
        found["fulfillments"] = lambda first=None, query=None: parcels[:first]  # noqa: ARG005
        found["returns"] = lambda **asked: self.page(
            [one for one in self._of("Return") if one["order"] is found], **asked
        )
        customer["lastOrder"] = found
        customer["numberOfOrders"] = str(int(customer["numberOfOrders"]) + 1)
        return found

    def dispute(self, order: Thing | None, due: datetime | None, **more: Any) -> Thing:
        """A new dispute that needs evidence."""
        fields: Thing = {
            "status": "NEEDS_RESPONSE",
            "type": "CHARGEBACK",
            "initiatedAt": stamp(self._now()),
            "evidenceDueBy": stamp(due) if due else None,
            "amount": order["totalPriceSet"]["shopMoney"] if order else money("19.00"),
            "reasonDetails": {"reason": "FRAUDULENT"},
            "order": order,
            **more,
        }
        found = self._thing("ShopifyPaymentsDispute", **fields)
        if order is not None:
            order["disputes"].append(found)
        return found

    def return_request(self, order: Thing, note: str = "", reason: str = "Too large") -> Thing:
        """A customer asks to return an order's first line."""
        item = {
            "__typename": "ReturnLineItem",
            "id": f"gid://shopify/ReturnLineItem/{self._number()}",
            "quantity": 1,
            "customerNote": note or None,
            "returnReasonNote": "",
            "returnReasonDefinition": {"handle": "size-too-large", "name": reason},
            "fulfillmentLineItem": {"lineItem": order["lineItems"](first=1)["nodes"][0]},
        }
        order["returnStatus"] = "RETURN_REQUESTED"
        found = self._thing(
            "Return",
            name=f"{order['name']}-R1",
            status="REQUESTED",
            createdAt=stamp(self._now()),
            order=order,
        )
        found["returnLineItems"] = lambda **asked: self.page([item], **asked)
        return found

    def root(self, scopes: Sequence[str]) -> Thing:
        """What a query starts from."""
        return {
            "currentAppInstallation": {"accessScopes": [{"handle": one} for one in scopes]},
            "customerByIdentifier": self._identified,
            "orders": lambda **asked: self.page(self._of("Order"), **asked),
            "disputes": lambda **asked: self.page(self._of("ShopifyPaymentsDispute"), **asked),
            "nodes": lambda ids: [self.things.get(one) for one in ids],
        }

    def page(
        self,
        things: Sequence[Thing],
        *,
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        query: str | None = None,
        reverse: bool = False,
        **_: Any,
    ) -> Thing:
        """One page of a connection; the cursor is where the next one begins."""
        found = [one for one in things if _fits(one, query)]
        if reverse:
            found.reverse()
        start = int(after.removeprefix("c")) if after else 0
        end = start + (first or last or 0)
        return {
            "nodes": found[start:end],
            "pageInfo": {"hasNextPage": end < len(found), "endCursor": f"c{end}"},
        }

    def _identified(self, identifier: Mapping[str, Any]) -> Thing | None:
        if len(identifier) != 1 or not set(identifier) <= {"emailAddress", "phoneNumber", "id"}:
            raise BadDocument("CustomerIdentifierInput takes exactly one identifier")
        email = str(identifier.get("emailAddress", "")).lower()
        named = (one for one in self._of("Customer") if one["emailAddress"] == email)
        return next(named, self.things.get(str(identifier.get("id"))))

    def _of(self, kind: str) -> list[Thing]:
        return [one for one in self.things.values() if one["__typename"] == kind]

    def _thing(self, kind: str, **fields: Any) -> Thing:
        number = self._number()
        gid = f"gid://shopify/{kind}/{number}"
        found = {"__typename": kind, "id": gid, "legacyResourceId": str(number), **fields}
        self.things[gid] = found
        return found

    def _number(self) -> int:
        self._next += 1
        return self._next


def stamp(at: datetime) -> str:
    """An instant as Shopify writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def money(amount: str) -> Thing:
    """An amount in the shop's currency."""
    return {"amount": amount, "currencyCode": "EUR"}


def bag(amount: str) -> Thing:
    """An amount in the shop's currency and the customer's, which are the same here."""
    return {"shopMoney": money(amount), "presentmentMoney": money(amount)}


def line(title: str, quantity: int, total: str, sku: str = "OAK-1") -> Thing:
    """One line of an order."""
    return {
        "title": title,
        "quantity": quantity,
        "sku": sku,
        "discountedTotalSet": lambda withCodeDiscounts=False: bag(total),  # noqa: ARG005, N803
    }


def parcel(status: str, number: str, delivered: datetime | None = None) -> Thing:
    """One parcel on its way."""
    tracked = {
        "company": "BRT",
        "number": number,
        "url": f"https://track.example/{number}",
    }
    return {
        "displayStatus": status,
        "deliveredAt": stamp(delivered) if delivered else None,
        "estimatedDeliveryAt": None,
        "trackingInfo": lambda first=None: [tracked][:first],
    }


def _fits(thing: Thing, query: str | None) -> bool:
    """Shopify's search: `field:value` terms, all of which have to fit."""
    if not query:
        return True
    if _TERM.sub("", query).strip():
        raise BadDocument("this fake searches by field:value only")
    terms = _TERM.findall(query)
    unknown = [name for name, _ in terms if name not in _FILTERS]
    if unknown:
        raise BadDocument(f"no such search field: {unknown[0]}")
    return all(_FILTERS[name](thing, value.strip('"')) for name, value in terms)
