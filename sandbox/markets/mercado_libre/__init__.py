"""Mercado Libre, seen by one seller account."""

from sandbox.markets.mercado_libre.market import MercadoLibreMarket

__all__ = ["MercadoLibreMarket"]
