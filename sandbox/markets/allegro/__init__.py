"""A fake Allegro: one seller account, its customers, and everything the connector may ask."""

from sandbox.markets.allegro.market import AllegroMarket

__all__ = ["AllegroMarket"]
