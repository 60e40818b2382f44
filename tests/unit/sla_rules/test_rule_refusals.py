"""Clocks, cut-offs and matches that cannot be."""

import pytest

from sla_rules.policy import PolicyError, PolicySet
from tests.unit.sla_rules.builders import clock, policy


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (clock("2bd"), 'target: "2bd" needs dates.*"shop"'),
        ({**clock("2h"), "cutoff": {"received_before": "19:00"}}, "cutoff: a cut-off needs dates"),
        (
            {**clock("2h", calendar="shop"), "cutoff": {"received_before": "19:00"}},
            "target and cutoff cannot both be",
        ),
        ({"metric": "response", "scope": "internal"}, "target: is missing. Add it or a cutoff"),
        (clock("9h", pause_on="customer"), "pause_on: a first response never pauses"),
        (clock("9h", "marketplace", pause_on="customer"), "platform's clock never pause"),
        (clock("9h", metric="first_response", pause_on="customer"), "never pause"),
        (
            clock("2bd", metric="resolution", calendar="shop", pause_on="customer"),
            "pause_on: a date does not pause",
        ),
        (clock("9h", reopen="restart"), 'reopen: only metric = "resolution"'),
        (clock("9h", metric="resolution", reopen="again"), 'reopen: "again".*resume'),
        (clock("9h", warn=["soon"]), 'warn: "soon" is no share of the target and no time left'),
        (clock("9h", warn=["0m"]), 'warn: "0m" is no share'),
        (clock("24h", "window", calendar="shop"), "a window limit counts every hour"),
    ],
)
def test_a_clock_that_cannot_be_is_refused(table, said):
    with pytest.raises(PolicyError, match=said):
        policy(table)


@pytest.mark.parametrize(
    ("cutoff", "said"),
    [
        ({"received_before": "25:00"}, 'received_before: "25:00" is no time of day'),
        ({"received_before": "24:30"}, "is no time of day"),
        ({"received_before": 19}, "received_before: 19 is no time of day"),
        ({"received_before": "19:00", "reply_by": "18:00"}, "reply_by: lies before"),
        ({}, 'received_before: is missing.*"19:00"'),
        ({"received_before": "19:00", "until": "20:00"}, "until: unknown key.*reply_by"),
    ],
)
def test_a_cut_off_that_cannot_be_is_refused(cutoff, said):
    table = {"metric": "response", "scope": "internal", "calendar": "shop", "cutoff": cutoff}

    with pytest.raises(PolicyError, match=said):
        policy(table)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"order_value_from": "200"}, "is no amount of money"),
        ({"order_value_from": True}, "is no amount"),
        ({"order_value_below": -1}, "is no amount"),
        (
            {"order_value_from": 9, "order_value_below": 9},
            "no order is worth 9.00 or more and less",
        ),
        ({"season": "december"}, "is no season"),
        ({"season": 12}, "is no text"),
        ({"season": "2026-12-01..12-31"}, "is no season"),
        ({"season": "02-30..03-01"}, "a date that does not exist"),
        ({"season": "2026-12-31..2026-12-01"}, "ends before it begins"),
        ({"topic": "gossip"}, 'topic: "gossip".*a_to_z'),
    ],
)
def test_a_match_that_cannot_be_is_refused(when, said):
    with pytest.raises(PolicyError, match=said):
        PolicySet.load([{"name": "own", "when": when, "clock": []}])
