"""Kaufland Global Marketplace: tickets of all its storefronts, through the seller interface."""
