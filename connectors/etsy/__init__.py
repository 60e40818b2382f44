"""Etsy: notifications by mail, answers in its own Messages."""
