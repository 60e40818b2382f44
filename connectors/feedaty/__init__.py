"""Feedaty: published reviews of a shop and of its products; they are answered in its own area."""
