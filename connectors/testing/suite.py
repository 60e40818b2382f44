"""The contract suite as one class.

class TestAcme(ConnectorContract):
package = "connectors.acme"

def market(self, now):
return AcmeMarket(now)

def config(self, market):
return {"base_url": market.url, "api_key": "a-secret"}
"""

from connectors.testing.describing import DescribesItself
from connectors.testing.failing import Fails
from connectors.testing.optional import Offers
from connectors.testing.reading import Reads
from connectors.testing.replying import Replies
from connectors.testing.understanding import Understands


class ConnectorContract(DescribesItself, Reads, Understands, Fails, Replies, Offers):
    """Every rule a connector keeps. Name your class `Test…`; rules it does not claim are skipped."""
