"""Fake platforms, one a channel: they speak the documented protocol on loopback."""
