"""Answers to members: once, whole, in the right conversation, and recognised when read back."""

from datetime import timedelta

import pytest

from connectors.contract import Absent, File, Found, Unknown, Verdict
from connectors.errors import OutcomeUnknown, Rejected, Unavailable
from connectors.manifest import read_manifest
from connectors.reply_guard import check_reply
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author
from tests.connectors.ebay.ebay_contract import EbayContract, bench, ebay


async def test_an_answer_read_back_carries_the_id_of_its_receipt() -> None:
    async with bench().running() as stage:
        receipt = await stage.connector.reply(stage.answer(await stage.asked()))
        (back,) = await stage.poll()
        assert back.external_id == receipt.external_id
        assert list(back.refers_to) == [receipt.external_id]
        assert back.verdict is Verdict.ANSWERED_ELSEWHERE


async def test_a_conversation_ebay_has_forgotten_is_refused_in_our_words() -> None:
    async with bench().running() as stage:
        command = stage.answer(await stage.asked())
        context = {**command.context, "conversation": "404-m"}
        with pytest.raises(Rejected, match="does not know this conversation"):
            await stage.connector.reply(stage.answer(await stage.asked(), context=context))


async def test_what_can_only_be_decided_in_ebay_cannot_be_answered_here() -> None:
    async with bench().running() as stage:
        command = stage.answer(await stage.asked(), context={})
        with pytest.raises(Rejected, match="only be answered in eBay"):
            stage.connector.preview(command)


async def test_a_long_answer_goes_out_in_the_messages_of_its_preview_and_is_found_whole() -> None:
    async with bench().running() as stage:
        command = stage.answer(await stage.asked(), "All of these words arrive. " * 150)
        preview = stage.connector.preview(command)
        await stage.connector.reply(command)
        assert stage.market.texts_sent == list(preview.parts)
        assert len(preview.parts) == 3
        assert isinstance(await stage.connector.probe(command), Found)


async def test_invariant_3_half_of_an_answer_is_for_a_person_to_look_at() -> None:
    async with bench().running() as stage:
        command = stage.answer(await stage.asked(), "All of these words arrive. " * 150)
        parts = stage.connector.preview(command).parts
        ebay(stage.market).take_reply("7001", parts[0])
        assert isinstance(await stage.connector.probe(command), Unknown)


async def test_invariant_3_an_equal_text_from_a_moment_before_is_for_a_person_to_look_at() -> None:
    async with bench().running() as stage:
        message = await stage.asked()
        await stage.market.says(Author.AGENT, "It leaves today.")
        command = stage.answer(message)
        assert command.decided_at is not None
        stage.market.fail(None)
        just_after = command.decided_at - timedelta(minutes=2)
        near = stage.answer(message, decided_at=just_after)
        assert isinstance(await stage.connector.probe(near), Unknown)
        assert isinstance(await stage.connector.probe(command), Absent)


async def test_a_failing_ebay_after_the_hand_over_leaves_the_outcome_to_the_probe() -> None:
    async with bench().running() as stage:
        command = stage.answer(await stage.asked())
        stage.market.fail(Fault.CUT)
        with pytest.raises((OutcomeUnknown, Unavailable)):
            await stage.connector.reply(command)
        stage.market.fail(None)
        assert isinstance(await stage.connector.probe(command), Absent)


async def test_nothing_can_be_attached() -> None:
    async with bench().running() as stage:
        file = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n")
        with pytest.raises(Rejected, match="no attachments"):
            stage.connector.preview(stage.answer(await stage.asked(), attachments=[file]))


@pytest.mark.parametrize(
    ("text", "rule", "level"),
    [
        ("Write to shop@seller.example please", "ebay.email", "block"),
        ("Call me: tel. +39 333 1234567", "ebay.phone", "block"),
        ("See https://shop.example/oak", "ebay.link", "block"),
        ("Follow it: https://www.dhl.de/track?id=1", "ebay.tracking_link", "warn"),
        ("We are on instagram too", "ebay.off_platform", "block"),
        ("Paga con bonifico bancario", "ebay.other_payment", "block"),
        ("Comprate fuori da eBay, costa meno", "ebay.sell_outside", "block"),
        ("Kaufen Sie es außerhalb von eBay", "ebay.sell_outside", "block"),
        ("Achetez en dehors d'eBay", "ebay.sell_outside", "block"),
        ("Cómprelo fuera de eBay", "ebay.sell_outside", "block"),
        ("Voici un code promo", "ebay.marketing", "block"),
        ("Please leave positive feedback", "ebay.feedback", "warn"),
    ],
)
def test_the_contact_policy_is_looked_for_in_every_language(
    text: str, rule: str, level: str
) -> None:
    manifest = read_manifest(EbayContract().spec.folder / "manifest.toml")
    found = {one.rule: one.level for one in check_reply(text, manifest)}
    assert found.get(rule) == level


@pytest.mark.parametrize(
    "text",
    [
        "Your order 12-34567-89012 left today, tracking number 00340434161094042557.",
        "Guardi https://www.ebay.it/itm/267000000001",
        "Certo, la mensola è alta 30 cm.",
    ],
)
def test_what_sellers_write_every_day_is_not_blocked(text: str) -> None:
    manifest = read_manifest(EbayContract().spec.folder / "manifest.toml")
    assert [one for one in check_reply(text, manifest) if one.level == "block"] == []
