"""Global Selling: other addresses, an account on each site, and both languages."""

from connectors.contract import Found, Verdict
from sandbox.markets.mercado_libre.wire import pack_of
from sla_rules.vocabulary import Author
from tests.connectors.mercado_libre.bench import an_account


async def test_questions_messages_and_claims_are_read_and_answered():
    async with an_account(global_selling=True) as account:
        await account.market.asks("¿Llega a Puebla?")
        await account.market.says(Author.CUSTOMER, "¿Cuándo llega?")
        account.market.claim("7001")
        question, message, claim = await account.poll()
        for asked, public in ((question, True), (message, False), (claim, False)):
            command = account.stage.answer(asked, f"Answer to {asked.kind}", public=public)
            await account.connector.reply(command)
            assert isinstance(await account.connector.probe(command), Found)

        assert (question.verdict, message.verdict, claim.verdict) == (
            Verdict.CUSTOMER,
            Verdict.CUSTOMER,
            Verdict.CLAIM,
        )
        assert {one.marketplace for one in (question, message, claim)} == {"global"}
        assert len(account.market.texts_sent) == 3
        assert all("/marketplace/" in c.path or "/oauth" in c.path for c in account.market.log)


async def test_the_sellers_account_on_a_site_is_the_seller():
    async with an_account(global_selling=True) as account:
        await account.market.says(Author.CUSTOMER, "¿Cuándo llega?")
        await account.poll()
        await account.market.says(Author.AGENT, "Tomorrow.")

        (seen,) = await account.poll()

    assert seen.verdict is Verdict.ANSWERED_ELSEWHERE


async def test_the_words_of_the_customer_come_with_mercado_libres_translation():
    async with an_account(global_selling=True) as account:
        await account.market.asks("¿Llega a Puebla?")
        (question,) = await account.poll()

    assert question.text == "¿Llega a Puebla?"
    assert question.full_text == "¿Llega a Puebla?\n\n[[en] ¿Llega a Puebla?]"
    assert question.language == "es"


async def test_a_sale_has_no_link_and_an_item_has_one():
    async with an_account(global_selling=True) as account:
        await account.market.asks("¿Llega a Puebla?")
        await account.market.says(Author.CUSTOMER, "¿Cuándo llega?")
        question, message = await account.poll()

        assert account.connector.deep_link(message.reply_context) is None
        link = account.connector.deep_link(question.reply_context)
    assert message.order_id == pack_of("7001")
    assert link == "https://articulo.mercadolibre.com.mx/MLM-903000023"
