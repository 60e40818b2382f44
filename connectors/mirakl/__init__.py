"""Mirakl: one connector for every marketplace that runs on it."""
