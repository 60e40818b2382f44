"""Trustpilot: reviews of a shop and of its products, and the shop's public answers."""
