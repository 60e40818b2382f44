"""The example connector keeps the contract."""

from tests.connectors.toy_contract import ToyContract


class TestToy(ToyContract):
    pass
