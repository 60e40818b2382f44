"""The eBay connector keeps the contract."""

from tests.connectors.ebay.ebay_contract import EbayContract


class TestEbay(EbayContract):
    pass
