"""The orders behind a sale's number, which names an order or a cart."""

from collections.abc import Sequence
from typing import Final

from connectors.capabilities import Order
from connectors.errors import Malformed, Rejected
from connectors.fields import Fields
from connectors.mercado_libre.client import MercadoLibreClient
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.orders import order_of, shipment_of

MOST_ORDERS: Final = 5
"""Of one cart; each costs two calls."""


async def orders_of(client: MercadoLibreClient, sale: str, config: Config) -> Sequence[Order]:
    """The order of that number; else the orders of the cart of that number; else none."""
    try:
        single = await client.order(sale)
        if single is not None:
            return await _whole(client, [single], config)
        cart = await client.pack(sale)
    except Rejected:
        return ()
    names = [one.id("id", default="") for one in (cart.each("orders") if cart else ())]
    found = [await client.order(name) for name in names[:MOST_ORDERS] if name]
    return await _whole(client, [one for one in found if one is not None], config)


async def _whole(
    client: MercadoLibreClient, orders: Sequence[Fields], config: Config
) -> Sequence[Order]:
    parcels: dict[str, Fields | None] = {}
    found = []
    for raw in orders:
        name = shipment_of(raw)
        if name.isdecimal() and name not in parcels:
            parcels[name] = await _parcel(client, name)
        try:
            found.append(order_of(raw, parcels.get(name), config.site))
        except Malformed:
            continue
    return tuple(found)


async def _parcel(client: MercadoLibreClient, name: str) -> Fields | None:
    try:
        return await client.shipment(name)
    except Rejected:
        return None
