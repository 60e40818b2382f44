"""Messages after a sale: where to look, what was read, what moderation makes of ours."""

from datetime import timedelta

from connectors.contract import Verdict
from sandbox.markets.mercado_libre.wire import order_of, pack_of
from sla_rules.vocabulary import Author
from tests.connectors.mercado_libre.bench import MercadoLibreBench, an_account

QUIET = timedelta(days=3)


async def test_reading_leaves_everything_unread():
    async with an_account() as account:
        await account.market.says(Author.CUSTOMER, "¿Dónde está?")
        await account.poll()
        await account.poll()

        assert account.market.read == {}
        assert account.market.changes == 0


async def test_a_message_as_unread_as_the_one_before_is_seen():
    async with an_account() as account:
        await account.market.says(Author.CUSTOMER, "¿Dónde está?")
        await account.poll()
        account.market.read["7001"] = len(account.market.messages)  # read in the console
        await account.market.says(Author.CUSTOMER, "¿Hola?")  # the count is one again

        found = await account.poll()

    assert [one.text for one in found] == ["¿Hola?"]


async def test_an_answer_in_the_console_is_seen_although_its_pack_left_the_list():
    async with an_account() as account:
        await account.market.says(Author.CUSTOMER, "¿Dónde está?")
        await account.poll()
        await account.poll(after=QUIET)
        await account.market.says(Author.AGENT, "Sale hoy.")

        (seen,) = await account.poll()

    assert (seen.verdict, seen.text) == (Verdict.ANSWERED_ELSEWHERE, "Sale hoy.")


async def test_conversations_in_which_nothing_moves_are_opened_rarely():
    async with an_account() as account:
        await account.market.says(Author.CUSTOMER, "¿Dónde está?")
        await account.poll()
        account.time.advance(QUIET)
        await account.poll()
        before = account.calls("/messages/packs/")
        for _ in range(4):
            await account.poll()

        assert account.calls("/messages/packs/") == before


async def test_a_quiet_conversation_is_opened_within_the_hour_all_the_same():
    async with an_account() as account:
        await account.market.says(Author.CUSTOMER, "¿Dónde está?")
        await account.poll()
        await account.poll(after=QUIET)
        account.market.read["7001"] = len(account.market.messages)  # read in the console
        await account.market.says(Author.CUSTOMER, "¿Hola?")  # the count is one again

        found = [one.text for _ in range(13) for one in await account.poll()]

    assert found == ["¿Hola?"]


async def test_only_changed_conversations_are_opened_and_a_poll_is_bounded():
    async with an_account() as account:
        for thread in range(100, 340):
            await account.market.says(Author.CUSTOMER, "¿Dónde está?", thread=str(thread))

        first = await account.poll()
        calls = account.calls("/messages/packs/")
        second = await account.poll()

    assert (len(first), calls) == (200, 200)
    assert len(second) == 40


async def test_a_sale_without_a_cart_goes_by_its_order():
    async with an_account() as account:
        account.market.single.add("7001")
        asked = await account.stage.asked("¿Dónde está?")
        await account.connector.reply(account.stage.answer(asked, "Sale hoy."))

        assert asked.order_id == order_of("7001")
        assert account.market.texts_sent == ["Sale hoy."]


async def test_an_agent_between_buyer_and_seller_gets_the_answer():
    async with an_account() as account:
        account.market.agents = True
        asked = await account.stage.asked("O cliente pergunta quando chega.")
        await account.connector.reply(account.stage.answer(asked, "Amanhã."))

        assert account.market.texts_sent == ["Amanhã."]


async def test_an_answer_that_moderation_refuses_later_starts_the_clock_again():
    async with an_account() as account:
        asked = await account.stage.asked()
        receipt = await account.connector.reply(account.stage.answer(asked, "Mirá nuestro sitio."))
        await account.poll()
        account.market.moderate(receipt.external_id.removeprefix("message:"), "LINK_SHORT_URL")

        (refused,) = await account.poll()

    assert refused.verdict is Verdict.BOUNCE
    assert refused.refers_to == (receipt.external_id,)
    assert refused.reason.endswith("it holds a shortened link")


async def test_an_answer_given_days_after_the_last_message_is_watched_all_the_same():
    async with an_account() as account:
        asked = await account.stage.asked()
        account.market.read["7001"] = 1
        await account.poll(after=QUIET)
        receipt = await account.connector.reply(account.stage.answer(asked, "Perdón, sale hoy."))
        await account.stage.restart()
        account.market.moderate(receipt.external_id.removeprefix("message:"), "PERSONAL_DATA")

        found = await account.poll()

    assert [one.verdict for one in found] == [Verdict.BOUNCE]


async def test_a_buyers_words_are_shown_whatever_moderation_makes_of_them():
    async with an_account() as account:
        name = await account.market.says(Author.CUSTOMER, "Mi número es el de siempre")
        account.market.moderate(name, "PERSONAL_DATA")

        (shown,) = await account.poll()

    assert shown.verdict is Verdict.CUSTOMER


async def test_a_held_message_of_the_console_is_no_answer_until_it_is_let_pass():
    async with an_account() as account:
        await account.stage.asked()
        account.market.moderation = "held"
        await account.market.says(Author.AGENT, "Sale hoy.", held=True)
        assert await account.poll() == []
        account.market.moderation = "sent"

        (seen,) = await account.poll()

    assert seen.verdict is Verdict.ANSWERED_ELSEWHERE


async def test_a_conversation_blocked_while_the_buyer_waits_says_why_once():
    async with an_account() as account:
        await account.stage.asked()
        account.market.substatus["7001"] = "blocked_by_payment"
        account.market.close_window()

        (told,) = await account.poll()
        again = await account.poll()

    assert told.verdict is Verdict.NOTICE
    assert told.text.endswith("the sale is not paid yet.")
    assert again == []


async def test_a_conversation_blocked_after_our_answer_says_nothing():
    async with an_account() as account:
        await account.stage.asked()
        await account.market.says(Author.AGENT, "Sale hoy.")
        account.market.close_window()

        found = await account.poll()

    assert [one.verdict for one in found] == [Verdict.ANSWERED_ELSEWHERE]


async def test_a_pack_that_cannot_be_opened_stops_no_other():
    async with an_account() as account:
        await account.market.says(Author.CUSTOMER, "uno", thread="41")
        await account.market.says(Author.CUSTOMER, "dos", thread="42")
        account.market.forbidden.add(pack_of("41"))

        found = await account.poll()

    assert [one.text for one in found] == ["dos"]


def test_a_file_mercado_libre_warns_of_is_named_and_not_fetched():
    bench = MercadoLibreBench()
    shown = bench.asleep().normalise(bench.raw_fixtures()["message_files.json"])

    assert [(one.name, bool(one.ref)) for one in shown.attachments] == [
        ("roto.png", True),
        ("factura.pdf", False),
    ]
