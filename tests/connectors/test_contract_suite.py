"""The contract suite can fail: each broken connector is caught by the test named for its fault."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.manifest import AttachmentLimits, Quota
from connectors.registry import ConnectorSpec
from connectors.testing.plugin import left_out
from connectors.testing.suite import ConnectorContract
from sandbox.markets.toy import ToyMarket
from sandbox.toy.connector import ToyConnector
from sla_rules.vocabulary import Author
from tests.connectors import broken_toys as broken
from tests.connectors.toy_contract import ToyContract

CAUGHT_BY: list[tuple[type[ToyConnector], str]] = [
    (broken.ShowsItsKey, "test_03"),
    (broken.ShowsTheCustomersWords, "test_03"),
    (broken.AlwaysWell, "test_04"),
    (broken.ReadsEverything, "test_05"),
    (broken.NewIdsEachTime, "test_06"),
    (broken.ForgetsTheLate, "test_07"),
    (broken.ForgetsTheSameInstant, "test_08"),
    (broken.PromisesTooMuch, "test_09"),
    (broken.KeepsObjects, "test_10"),
    (broken.MarksAsRead, "test_11"),
    (broken.TrustsThePlatform, "test_12"),
    (broken.AllowsNothingNew, "test_12"),
    (broken.DeafToThrottling, "test_13"),
    (broken.Asks, "test_14"),
    (broken.Naive, "test_15"),
    (broken.EverybodyIsACustomer, "test_16"),
    (broken.MachinesArePeople, "test_17"),
    (broken.CutsText, "test_18"),
    (broken.SendsTwice, "test_19"),
    (broken.NeverTooLate, "test_21"),
    (broken.BelievesEveryCall, "test_22"),
    (broken.NamesWebhooksOtherwise, "test_22"),
    (broken.CountsWithFloats, "test_23"),
    (broken.Misreads, "test_24"),
    (broken.LatinOnly, "test_25"),
    (broken.LinksAnywhere, "test_26"),
    (broken.OneLargePage, "test_29"),
    (broken.SaysNothing, "test_30"),
    (broken.TrustsThePlatform, "test_31"),
    (broken.ClosesOnce, "test_32"),
    (broken.Signs, "test_33"),
    (broken.Optimist, "test_34"),
    (broken.TakesSilenceForFailure, "test_35"),
    (broken.AnyEqualTextWillDo, "test_36"),
    (broken.SendsNothing, "test_38"),
    (broken.ForgetsToTell, "test_40"),
    (broken.KnowsEverybody, "test_41"),
    (broken.AsksNobody, "test_43"),
]
CAUGHT = (AssertionError, pytest.fail.Exception, TypeError)


class Mutant(ToyContract):
    """Toybox's contract, held against another connector, manifest or settings."""

    def __init__(self, connector: type[ToyConnector] = ToyConnector, **changes: Any) -> None:
        self._connector = connector
        self._changes = changes

    @property
    @override
    def spec(self) -> ConnectorSpec:
        connector: Any = self._connector
        return replace(super().spec, build=connector, **self._changes)


def rule(suite: ConnectorContract, number: str) -> Any:
    (name,) = (name for name in dir(suite) if name.startswith(f"{number}_"))
    return getattr(suite, name)


async def run(suite: ConnectorContract, number: str) -> None:
    outcome = rule(suite, number)()
    if inspect.isawaitable(outcome):
        await outcome


def manifest_with(**changes: Any) -> Any:
    return ToyContract().spec.manifest.model_copy(update=changes)


@pytest.mark.parametrize(("connector", "number"), CAUGHT_BY)
async def test_a_broken_connector_is_caught_by_the_rule_for_it(
    connector: type[ToyConnector], number: str
) -> None:
    changes = {}
    if connector is broken.Asks:
        changes = {"manifest": manifest_with(quota=Quota(calls_per_day=3000))}

    with pytest.raises(CAUGHT):
        await run(Mutant(connector, **changes), number)


async def test_a_connector_in_order_passes_the_rule_its_broken_twin_breaks() -> None:
    suite = Mutant(manifest=manifest_with(quota=Quota(calls_per_day=3000)))

    await run(suite, "test_14")


def test_settings_that_take_anything_are_caught() -> None:
    with pytest.raises(CAUGHT):
        rule(Mutant(config_model=broken.Loose), "test_02")()


@pytest.mark.parametrize("name", ["webhooks", "fetches_context", "fetches_attachments"])
def test_a_manifest_that_names_too_much_or_too_little_is_caught(name: str) -> None:
    manifest = manifest_with()
    named = manifest.capabilities
    other = named.model_copy(update={name: not getattr(named, name)})

    with pytest.raises(AssertionError, match=name):
        rule(Mutant(manifest=manifest_with(capabilities=other)), "test_27")()


def test_a_connector_that_does_not_say_how_far_it_is_proven_is_caught() -> None:
    with pytest.raises(AssertionError, match=r"quality\.toml"):
        rule(Mutant(quality=None), "test_28")()


async def test_a_promise_taken_for_a_receipt_is_caught() -> None:
    named = manifest_with().capabilities.model_copy(update={"confirms_later": True})

    with pytest.raises(AssertionError, match="OutcomeUnknown"):
        await run(Mutant(manifest=manifest_with(capabilities=named)), "test_20")


async def test_files_taken_unseen_are_caught() -> None:
    files = AttachmentLimits(types=("image/png",), count=1, bytes_each=1000)
    limits = manifest_with().limits.model_copy(update={"attachments": files})

    with pytest.raises(AssertionError, match="Rejected"):
        await run(Mutant(broken.TakesAnyFile, manifest=manifest_with(limits=limits)), "test_37")


async def test_files_out_of_nowhere_are_caught() -> None:
    with pytest.raises(AssertionError, match="ConnectorError"):
        await run(Mutant(broken.InventsFiles), "test_42")


async def test_a_challenge_that_is_not_answered_is_caught() -> None:
    class Challenging(ToyMarket):
        @override
        def challenge(self) -> tuple[WebhookRequest, str]:
            request = self.webhook(self._said(Author.CUSTOMER, "hi", self.now(), "1", {}).id)
            return request, "prove yourself"

    class Challenged(Mutant):
        @override
        def market(self, now: Callable[[], datetime]) -> ToyMarket:
            return Challenging(now)

    with pytest.raises(AssertionError, match="challenge"):
        await run(Challenged(), "test_39")


async def test_an_item_out_of_a_call_that_proves_nothing_is_caught() -> None:
    class Unsigned(Mutant):
        calls_are_signed = False

    with pytest.raises(AssertionError, match="proves nothing"):
        await run(Unsigned(), "test_22")


def test_what_is_not_claimed_is_skipped_with_a_reason() -> None:
    with pytest.raises(pytest.skip.Exception, match="toy: nothing can be attached"):
        Mutant().needs(None, "nothing can be attached")


def test_at_least_the_26_rules_of_a_contract_are_there() -> None:
    numbers = {name[5:7] for name in dir(ConnectorContract) if name.startswith("test_")}

    assert {f"{number:02}" for number in range(1, 44)} == numbers


def test_the_plugin_lists_what_was_left_out_by_connector() -> None:
    def skipped(path: str, reason: str) -> pytest.TestReport:
        return pytest.TestReport(
            nodeid="tests/x.py::TestToy::test_37_files",
            location=("tests/x.py", 1, "x"),
            keywords={},
            outcome="skipped",
            longrepr=(path, 1, reason),
            when="call",
        )

    found = left_out(
        [
            skipped("/x/connectors/testing/bench.py", "Skipped: toy: nothing can be attached"),
            skipped("/x/tests/test_other.py", "Skipped: no such thing"),
        ]
    )

    assert found == {"toy": ["rule 37: nothing can be attached"]}
