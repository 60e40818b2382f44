"""A Shopify shop: its contact form and mail, with what its Admin API knows beside."""
