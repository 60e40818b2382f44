"""Walmart Marketplace: customers write through its mail relay."""
