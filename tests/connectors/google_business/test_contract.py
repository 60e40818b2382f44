"""Google Business Profile keeps the contract."""

from tests.connectors.google_business.bench import GoogleBench


class TestGoogleBusiness(GoogleBench):
    pass
