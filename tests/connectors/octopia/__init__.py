"""Octopia."""
