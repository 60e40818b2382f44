"""A fake eBay: one seller account, its buyers, and everything the connector may ask."""

from sandbox.markets.ebay.market import EbayMarket

__all__ = ["EbayMarket"]
