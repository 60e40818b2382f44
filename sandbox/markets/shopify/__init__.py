"""A Shopify shop: its mailbox, and an Admin API that answers only what the real one would."""

from sandbox.markets.shopify.market import ShopifyMarket

__all__ = ["ShopifyMarket"]
