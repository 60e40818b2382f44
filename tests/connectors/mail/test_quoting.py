"""What the author wrote is kept, the history is not; in every layout and language we serve."""

# ruff: noqa: RUF001 — words of many scripts

import pytest

from connectors.mail.mime import ParsedMail, parse_mail
from tests.connectors.mail.mails import alternative, mail

OWN = "Thank you, but the box was empty.\n\nCan you send another one?"
QUOTED = "> Dear Ann,\n> your parcel was delivered.\n> Kind regards\n> Shop"

INTRODUCTIONS = {
    "en gmail": "On Mon, Mar 3, 2025 at 10:00 AM Shop Help <help@shop.example> wrote:",
    "en apple": "On 3 Mar 2025, at 10:00, Shop Help <help@shop.example> wrote:",
    "en wrapped": "On Mon, Mar 3, 2025 at 10:00 AM Shop Help and Returns\n<help@shop.example> wrote:",
    "en wrapped at the date": "On Monday, 3 March 2025, 10:00:00 CET,\nShop Help <help@shop.example> wrote:",
    "en thunderbird": "On 03/03/2025 10:00, Shop Help wrote:",
    "it gmail": "Il giorno lun 3 mar 2025 alle ore 10:00 Negozio <help@shop.example> ha scritto:",
    "it apple": "Il giorno 3 mar 2025, alle ore 10:00, Negozio <help@shop.example> ha scritto:",
    "it thunderbird": "Il 03/03/2025 10:00, Negozio ha scritto:",
    "it wrapped": "Il giorno lun 3 mar 2025 alle ore 10:00 Negozio Assistenza\n<help@shop.example> ha scritto:",
    "fr gmail": "Le lun. 3 mars 2025 à 10:00, Boutique <help@shop.example> a écrit :",
    "fr apple": "Le 3 mars 2025 à 10:00, Boutique <help@shop.example> a écrit :",
    "fr narrow space": "Le lun. 3 mars 2025 à 10:00, Boutique <help@shop.example> a écrit\u202f:",
    "de gmail": "Am Mo., 3. März 2025 um 10:00 Uhr schrieb Laden <help@shop.example>:",
    "de apple": "Am 03.03.2025 um 10:00 schrieb Laden <help@shop.example>:",
    "de thunderbird": "Am 03.03.25 um 10:00 schrieb Laden:",
    "es gmail": "El lun, 3 mar 2025 a las 10:00, Tienda (<help@shop.example>) escribió:",
    "es apple": "El 3 mar 2025, a las 10:00, Tienda <help@shop.example> escribió:",
    "pt": "Em seg., 3 de mar. de 2025 às 10:00, Loja <help@shop.example> escreveu:",
    "nl": "Op ma 3 mrt 2025 om 10:00 schreef Winkel <help@shop.example>:",
    "sv": "Den mån 3 mars 2025 kl 10:00 skrev Butik <help@shop.example>:",
    "da": "Den man. 3. mar. 2025 kl. 10.00 skrev Butik <help@shop.example>:",
    "pl": "pon., 3 mar 2025 o 10:00 Sklep <help@shop.example> napisał(a):",
    "cs": "po 3. 3. 2025 v 10:00 odesílatel Obchod <help@shop.example> napsal:",
    "ru": "пн, 3 мар. 2025 г. в 10:00, Магазин <help@shop.example>:",
    "ru verb": "3 марта 2025 г., в 10:00, Магазин <help@shop.example> написал(а):",
    "tr": "Mağaza <help@shop.example>, 3 Mar 2025 Pzt, 10:00 tarihinde şunu yazdı:",
    "ja": "2025年3月3日(月) 10:00 店 <help@shop.example>:",
    "zh": "店 <help@shop.example> 于2025年3月3日周一 10:00写道：",
    "ko": "2025년 3월 3일 (월) 오전 10:00, 가게 <help@shop.example>님이 작성:",
    "stamp": "2025-03-03 10:00 GMT+01:00 Shop Help <help@shop.example>:",
    "horde": "Quoting Shop Help <help@shop.example>:",
    "zoho": "---- On Mon, 03 Mar 2025 10:00:00 +0100 Shop <help@shop.example> wrote ----",
}


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS.keys())
def test_a_reply_above_a_quote_loses_introduction_and_quote(introduction: str):
    parsed = parse_mail(mail(f"{OWN}\n\n{introduction}\n\n{QUOTED}\n"))

    assert parsed.new_text == OWN
    assert "your parcel was delivered" in parsed.text


@pytest.mark.parametrize(
    "introduction",
    [
        text
        for key, text in INTRODUCTIONS.items()
        if key in {"en gmail", "it apple", "fr gmail", "de apple", "es gmail"}
    ],
)
def test_history_without_quote_marks_is_cut_when_the_introduction_is_beyond_doubt(
    introduction: str,
):
    parsed = parse_mail(mail(f"{OWN}\n\n{introduction}\n\nDear Ann,\nyour parcel was delivered.\n"))

    assert parsed.new_text == OWN


BLOCKS = {
    "en": "From: Shop Help <help@shop.example>\nSent: Monday, March 3, 2025 10:00 AM\nTo: Ann\nSubject: Your order",
    "en bold": "*From:* Shop Help <help@shop.example>\n*Sent:* Monday, March 3, 2025 10:00 AM\n*To:* Ann\n*Subject:* Your order",
    "en titled": "-----Original Message-----\nFrom: Shop Help\nSent: Monday\nTo: Ann\nSubject: Your order",
    "en ruled": "________________________________\nFrom: Shop Help <help@shop.example>\nSent: Monday\nTo: Ann\nSubject: Your order",
    "it": "Da: Negozio <help@shop.example>\nInviato: lunedì 3 marzo 2025 10:00\nA: Ann\nOggetto: Il tuo ordine",
    "it titled": "-----Messaggio originale-----\nDa: Negozio\nInviato: lunedì\nA: Ann\nOggetto: Ordine",
    "fr": "De : Boutique <help@shop.example>\nEnvoyé : lundi 3 mars 2025 10:00\nÀ : Ann\nObjet : Commande",
    "fr titled": "-----Message d'origine-----\nDe : Boutique\nEnvoyé : lundi\nÀ : Ann\nObjet : Commande",
    "de": "Von: Laden <help@shop.example>\nGesendet: Montag, 3. März 2025 10:00\nAn: Ann\nBetreff: Bestellung",
    "de titled": "-----Ursprüngliche Nachricht-----\nVon: Laden\nGesendet: Montag\nAn: Ann\nBetreff: Bestellung",
    "es": "De: Tienda <help@shop.example>\nEnviado el: lunes, 3 de marzo de 2025 10:00\nPara: Ann\nAsunto: Pedido",
    "nl": "Van: Winkel <help@shop.example>\nVerzonden: maandag 3 maart 2025 10:00\nAan: Ann\nOnderwerp: Bestelling",
    "pl": "Od: Sklep <help@shop.example>\nWysłano: poniedziałek, 3 marca 2025 10:00\nDo: Ann\nTemat: Zamówienie",
    "zh": "发件人: 店 <help@shop.example>\n发送时间: 2025年3月3日 10:00\n收件人: Ann\n主题: 订单",
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_a_reply_above_an_outlook_header_block_loses_the_history(block: str):
    parsed = parse_mail(
        mail(
            f"{OWN}\n\n{block}\n\nDear Ann,\nyour parcel was delivered.\n", subject="RE: Your order"
        )
    )

    assert parsed.new_text == OWN


FORWARDS = {
    "gmail": "---------- Forwarded message ---------\nFrom: Carrier <c@post.example>\nDate: Mon\nSubject: Lost",
    "apple en": "Begin forwarded message:\n\n> From: Carrier <c@post.example>\n> Subject: Lost",
    "apple it": "Inizio messaggio inoltrato:\n\n> Da: Corriere <c@post.example>\n> Oggetto: Perso",
    "apple de": "Anfang der weitergeleiteten Nachricht:\n\n> Von: Post <c@post.example>\n> Betreff: Weg",
    "apple fr": "Début du message transféré :\n\n> De: Poste <c@post.example>\n> Objet: Perdu",
    "gmail es": "---------- Mensaje reenviado ---------\nDe: Correo <c@post.example>\nAsunto: Perdido",
    "thunderbird": "-------- Weitergeleitete Nachricht --------\nBetreff: Weg\nVon: Post <c@post.example>",
}


@pytest.mark.parametrize("forwarded", FORWARDS.values(), ids=FORWARDS.keys())
def test_what_a_customer_forwards_is_kept(forwarded: str):
    text = f"See what the carrier says:\n\n{forwarded}\n\nYour parcel is lost."

    assert parse_mail(mail(text)).new_text == text


def test_an_outlook_forward_is_told_from_a_reply_by_its_subject():
    text = f"See below.\n\n{BLOCKS['de']}\n\nIhr Paket ist weg."

    assert parse_mail(mail(text, subject="WG: Bestellung")).new_text == text
    assert parse_mail(mail(text, subject="AW: WG: Bestellung")).new_text == "See below."


def test_a_mail_that_is_only_history_is_shown_whole():
    assert parse_mail(mail(QUOTED)).new_text == QUOTED
    block = f"{BLOCKS['en']}\n\nYour parcel was delivered."
    assert parse_mail(mail(block, subject="RE: x")).new_text == block


def test_answers_between_quotes_keep_the_questions_they_answer():
    body = (
        f"{INTRODUCTIONS['en gmail']}\n> Which size?\nForty-two.\n\n> Which colour?\nRed.\n\n"
        "> Kind regards\n> Shop\n"
    )

    assert parse_mail(mail(body)).new_text == "> Which size?\nForty-two.\n\n> Which colour?\nRed."


def test_an_answer_below_the_quote_is_kept_without_it():
    body = f"{INTRODUCTIONS['fr gmail']}\n\n{QUOTED}\n\n{OWN}\n"

    assert parse_mail(mail(body)).new_text == OWN


def test_words_above_and_below_a_quoted_history_are_both_kept():
    body = f"Hello,\n\n{INTRODUCTIONS['de apple']}\n{QUOTED}\n\nI still wait.\n"

    new = parse_mail(mail(body)).new_text

    assert new.split() == ["Hello,", "I", "still", "wait."]


def test_a_line_the_mail_program_wrapped_out_of_a_quote_is_no_answer():
    body = (
        "No.\n\nOn 03/03/2025 10:00, Shop Help wrote:\n"
        "> this line of the quoted text was too long for the program and was\nwrapped here\n> and goes on\n"
    )

    assert parse_mail(mail(body)).new_text == "No."


@pytest.mark.parametrize(
    "delimiter",
    [
        "##- Please type your reply above this line -##",
        "--- Scrivi sopra questa riga ---",
        "=== Bitte antworten Sie über dieser Linie ===",
        "-- Répondez au-dessus de cette ligne --",
        "## Responda por encima de esta línea ##",
    ],
)
def test_everything_below_the_reply_above_line_is_history(delimiter: str):
    assert parse_mail(mail(f"{OWN}\n\n{delimiter}\n\nYour ticket 17\n")).new_text == OWN


@pytest.mark.parametrize(
    "ending",
    [
        "-- \nAnn Buyer\n1 High Street",
        "Sent from my iPhone",
        "Inviato da iPhone",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "Enviado desde mi iPhone",
        "Get Outlook for Android<https://aka.example/x>",
    ],
)
def test_signatures_of_programs_are_cut_above_and_without_a_quote(ending: str):
    assert parse_mail(mail(f"{OWN}\n\n{ending}\n")).new_text == OWN
    quoted = f"{OWN}\n\n{ending}\n\n{INTRODUCTIONS['en gmail']}\n{QUOTED}\n"
    assert parse_mail(mail(quoted)).new_text == OWN


@pytest.mark.parametrize(
    "text",
    [
        "As you wrote on Monday:\nthe refund is on its way. Where is it?",
        "On 3 March you wrote:\nnothing came. Where is it?",
        "My journey:\nFrom: Turin\nTo: Lyon\nDate: 3 March\nPlease deliver before.",
        "Total > 50 euro\n- one lamp\n- one table",
        "--\nI ordered two.\n" + "\n".join(f"Line {n}" for n in range(20)),
        "Name: Ann\nE-mail: ann@buyer.example\nSubject: lamp\nMessage: where is it?",
        "You have a new enquiry:\n\nFrom: Ann <ann@buyer.example>\nDate: 3 March\nSubject: lamp\n\nWhere is it?",
        "Please read the original message again: it says blue.",
        "Ok",
        "👍",
    ],
)
def test_a_customers_own_words_are_never_taken_for_history(text: str):
    assert parse_mail(mail(text)).new_text == text


def test_a_one_word_answer_above_a_quote_is_the_answer():
    assert parse_mail(mail(f"Sì\n\n{INTRODUCTIONS['it gmail']}\n{QUOTED}")).new_text == "Sì"


GMAIL = (
    '<div dir="ltr">The box was <b>empty</b>.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    "在 2025年3月3日 10:00，Shop &lt;help@shop.example&gt; 写道：<br></div>"
    '<blockquote class="gmail_quote" style="margin:0"><div>your parcel was delivered</div></blockquote></div>'
)
LAYOUTS = {
    "gmail": GMAIL,
    "apple": (
        '<html><body>The box was <b>empty</b>.<br><div><br><blockquote type="cite"><div>On 3 Mar 2025, at 10:00, Shop '
        "&lt;help@shop.example&gt; wrote:</div><br><div>your parcel was delivered</div></blockquote></div></body></html>"
    ),
    "thunderbird": (
        '<p>The box was <b>empty</b>.</p><div class="moz-cite-prefix">Il 03/03/25 10:00, Shop ha scritto:<br></div>'
        '<blockquote type="cite" cite="mid:x"><p>your parcel was delivered</p></blockquote>'
    ),
    "outlook web": (
        '<div>The box was <b>empty</b>.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Shop<br>'
        "<b>Sent:</b> Monday<br><b>To:</b> Ann<br><b>Subject:</b> Order</div><div>your parcel was delivered</div>"
    ),
    "outlook desktop": (
        '<p class="MsoNormal">The box was <b>empty</b>.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        '<p class="MsoNormal"><b>Von:</b> Shop<br><b>Gesendet:</b> Montag<br><b>An:</b> Ann<br><b>Betreff:</b> Order</p></div>'
        '<p class="MsoNormal">your parcel was delivered</p>'
    ),
    "yahoo": (
        '<div>The box was <b>empty</b>.</div><div id="ydp1" class="ydp1yahoo_quoted"><div>El lunes, 3 de marzo de 2025, 10:00:00, '
        "Shop &lt;help@shop.example&gt; escribió:</div><div>your parcel was delivered</div></div>"
    ),
    "proton": (
        '<div>The box was <b>empty</b>.</div><div class="protonmail_quote">On Monday, March 3rd, 2025 at 10:00 AM, Shop '
        '&lt;help@shop.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">your parcel was delivered</blockquote></div>'
    ),
    "unmarked": (
        "<div>The box was <b>empty</b>.</div><div>Le lun. 3 mars 2025 à 10:00, Shop &lt;help@shop.example&gt; a écrit&nbsp;:</div>"
        "<div>your parcel was delivered</div>"
    ),
}


@pytest.mark.parametrize("html", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_html_replies_lose_their_history_in_every_clients_layout(html: str):
    parsed = parse_mail(mail(html, content_type="text/html; charset=utf-8", subject="Re: Order"))

    assert parsed.new_text == "The box was empty."
    assert "your parcel was delivered" in parsed.text


def test_answers_between_html_quotes_are_kept():
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, Mar 3, 2025 at 10:00 Shop &lt;help@shop.example&gt; wrote:</div>'
        '<blockquote class="gmail_quote">Which size?</blockquote><div>Forty-two</div>'
        '<blockquote class="gmail_quote">Which colour?</blockquote><div>Red</div></div>'
    )

    new = parse_mail(mail(html, content_type="text/html; charset=utf-8")).new_text

    assert new == "> Which size?\nForty-two\n> Which colour?\nRed"


def test_an_html_forward_is_kept():
    html = (
        '<div>See this</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        "From: <b>Carrier</b><br>Subject: Lost<br></div><p>Your parcel is lost.</p></div>"
    )

    new = parse_mail(
        mail(html, content_type="text/html; charset=utf-8", subject="Fwd: Lost")
    ).new_text

    assert "See this" in new
    assert "Your parcel is lost." in new


def test_markup_helps_when_the_plain_twin_carries_the_history_without_a_sign():
    plain = "The box was empty.\n\nShop, Monday\nyour parcel was delivered\n"
    body = alternative(plain, LAYOUTS["outlook web"])

    parsed = parse_mail(mail(body, content_type="multipart/alternative; boundary=alt"))

    assert parsed.new_text == "The box was empty."
    assert parsed.text == plain.strip()


def test_invisible_characters_do_not_hide_an_introduction():
    body = f"{OWN}\n\n\u200eOn 3\u00a0Mar 2025, at 10:00\u202fAM, Shop <help@shop.example> \u2068wrote\u2069:\n{QUOTED}\n"

    assert parse_mail(mail(body)).new_text == OWN


def test_history_is_told_apart_when_the_own_words_are_asked_for_and_once() -> None:
    asked: list[str] = []

    def cut() -> str:
        asked.append("own")
        return OWN

    parsed = ParsedMail(text=f"{OWN}\n> quoted", cut=cut)
    assert asked == []
    assert (parsed.new_text, parsed.new_text) == (OWN, OWN)
    assert asked == ["own"]


def test_all_of_the_text_is_shown_when_history_cannot_be_told_apart() -> None:
    def cut() -> str:
        raise RecursionError

    assert ParsedMail(text="everything", cut=cut).new_text == "everything"
