"""Feedaty keeps the contract."""

from tests.connectors.feedaty.bench import FeedatyBench


class TestFeedaty(FeedatyBench):
    pass
