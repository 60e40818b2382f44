"""Hand-overs by methods that HTTP libraries like to send twice."""

from collections.abc import Sequence

import pytest
from typing_extensions import override

from connectors.errors import OutcomeUnknown
from connectors.testing.market import Fault
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.base import Route, writes
from tests.connectors.http_market import OddMarket, client


class ReplacingMarket(OddMarket):
    """Also takes what replaces and what removes."""

    @override
    def routes(self) -> Sequence[Route]:
        more = (writes(method, "/things", self.thing) for method in ("PUT", "DELETE"))
        return (*super().routes(), *more)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_invariant_3_a_replacement_whose_answer_is_lost_is_not_sent_again(
    method: str,
) -> None:
    time = VirtualTime()
    async with ReplacingMarket(time.now) as market, client(market.url, time) as http:
        market.fail(Fault.CUT_AFTER)
        with pytest.raises(OutcomeUnknown):
            await http.send(method, "/things", json={"text": "hello"})

        assert market.calls == 1
