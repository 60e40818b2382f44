"""What customers read of a survey, in their language: the line below an answer, and the page.

They are no colleagues: these words are the shop's own to its customers, politely, and stand apart
from the catalogues of what the desk says to the people who work at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.survey import SurveyKind
from bot.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyWords:
    """One language. `{shop}` is the shop's name, `{score}` and `{best}` are numbers.

    `satisfied` are the five answers of CSAT, worst first; `unlikely` and `likely` the ends of NPS.
    `us` stands for the shop where nobody wrote its name down.
    """

    asks_csat: str
    asks_nps: str
    one_click: str
    us: str
    satisfied: Sequence[str]
    unlikely: str
    likely: str
    privacy: str
    thanks: str
    counted: str
    why: str
    why_hint: str
    send: str
    heard: str
    already: str
    unchanged: str
    over: str
    over_text: str
    unknown: str
    unknown_text: str
    choose: str
    too_long: str
    not_now: str
    try_later: str


EN: Final = SurveyWords(
    asks_csat="How satisfied are you with our answer?",
    asks_nps="How likely are you to recommend {shop} to friends or colleagues?",
    one_click="One click is enough:",
    us="us",
    satisfied=(
        "Very dissatisfied",
        "Dissatisfied",
        "Neither",
        "Satisfied",
        "Very satisfied",
    ),
    unlikely="0 = not at all likely",
    likely="10 = very likely",
    privacy="Answering is voluntary. Only our team sees it, together with your message to us.",
    thanks="Thank you!",
    counted="Your answer is counted: {score} of {best}.",
    why="Would you like to tell us why?",
    why_hint="Optional, at most 1,000 characters. Please write no passwords or payment details.",
    send="Send",
    heard="Thank you, we have received your words.",
    already="You have already answered",
    unchanged="Your first answer counts: {score} of {best}. Nothing was changed.",
    over="This question is closed",
    over_text="It could be answered for 30 days. You can always reply to our message.",
    unknown="This link is not valid",
    unknown_text="Please open it again from our message, or copy it whole. Nothing was counted.",
    choose="Please choose one of these answers. Nothing was counted yet.",
    too_long="That is more than 1,000 characters. Please shorten it.",
    not_now="This does not work at the moment",
    try_later="Please try again in a minute. Nothing was counted yet.",
)

IT: Final = SurveyWords(
    asks_csat="Quanto è stata soddisfacente la nostra risposta?",
    asks_nps="Con quale probabilità consiglierebbe {shop} ad amici o colleghi?",
    one_click="Basta un clic:",
    us="il nostro negozio",
    satisfied=(
        "Per niente",
        "Poco",
        "Né molto né poco",
        "Abbastanza",
        "Molto",
    ),
    unlikely="0 = per niente probabile",
    likely="10 = molto probabile",
    privacy="La risposta è facoltativa. La vede solo il nostro team, insieme al Suo messaggio.",
    thanks="Grazie!",
    counted="La Sua risposta è stata registrata: {score} su {best}.",
    why="Vuole dirci perché?",
    why_hint="Facoltativo, al massimo 1.000 caratteri. Non scriva password o dati di pagamento.",
    send="Invia",
    heard="Grazie, abbiamo ricevuto le Sue parole.",
    already="Ha già risposto",
    unchanged="Vale la Sua prima risposta: {score} su {best}. Non è cambiato nulla.",
    over="Questa domanda è chiusa",
    over_text="Si poteva rispondere per 30 giorni. Può sempre rispondere al nostro messaggio.",
    unknown="Questo link non è valido",
    unknown_text=(
        "Lo apra di nuovo dal nostro messaggio o lo copi per intero. Non è stato registrato nulla."
    ),
    choose="Scelga una di queste risposte. Non è stato ancora registrato nulla.",
    too_long="Sono più di 1.000 caratteri. Accorci il testo, per favore.",
    not_now="Al momento non funziona",
    try_later="Riprovi tra un minuto. Non è stato ancora registrato nulla.",
)

FR: Final = SurveyWords(
    asks_csat="Notre réponse vous a-t-elle donné satisfaction ?",
    asks_nps="Recommanderiez-vous {shop} à vos proches ou collègues ?",
    one_click="Un clic suffit :",
    us="notre boutique",
    satisfied=(
        "Pas du tout",
        "Plutôt non",
        "Ni oui ni non",
        "Plutôt oui",
        "Tout à fait",
    ),
    unlikely="0 = certainement pas",
    likely="10 = très certainement",
    privacy="La réponse est facultative. Seule notre équipe la voit, avec votre message.",
    thanks="Merci !",
    counted="Votre réponse est prise en compte : {score} sur {best}.",
    why="Souhaitez-vous nous dire pourquoi ?",
    why_hint=(
        "Facultatif, 1 000 caractères au plus. N'écrivez ni mot de passe ni données de paiement."
    ),
    send="Envoyer",
    heard="Merci, nous avons bien reçu votre commentaire.",
    already="Vous avez déjà répondu",
    unchanged="Votre première réponse compte : {score} sur {best}. Rien n'a été modifié.",
    over="Cette question est close",
    over_text=(
        "Il était possible d'y répondre pendant 30 jours. "
        "Vous pouvez toujours répondre à notre message."
    ),
    unknown="Ce lien n'est pas valable",
    unknown_text=(
        "Ouvrez-le à nouveau depuis notre message ou copiez-le en entier. "
        "Rien n'a été pris en compte."
    ),
    choose="Veuillez choisir une de ces réponses. Rien n'a encore été pris en compte.",
    too_long="Cela dépasse 1 000 caractères. Merci de raccourcir le texte.",
    not_now="Cela ne fonctionne pas pour le moment",
    try_later="Réessayez dans une minute. Rien n'a encore été pris en compte.",
)

DE: Final = SurveyWords(
    asks_csat="Wie zufrieden sind Sie mit unserer Antwort?",
    asks_nps="Wie wahrscheinlich ist es, dass Sie {shop} weiterempfehlen?",
    one_click="Ein Klick genügt:",
    us="uns",
    satisfied=(
        "Sehr unzufrieden",
        "Unzufrieden",
        "Weder noch",
        "Zufrieden",
        "Sehr zufrieden",
    ),
    unlikely="0 = sehr unwahrscheinlich",
    likely="10 = sehr wahrscheinlich",
    privacy="Die Antwort ist freiwillig. Nur unser Team sieht sie, zusammen mit Ihrer Nachricht.",
    thanks="Vielen Dank!",
    counted="Ihre Antwort ist gezählt: {score} von {best}.",
    why="Möchten Sie uns sagen, warum?",
    why_hint=(
        "Freiwillig, höchstens 1.000 Zeichen. "
        "Bitte schreiben Sie keine Passwörter oder Zahlungsdaten."
    ),
    send="Senden",
    heard="Vielen Dank, Ihre Worte sind angekommen.",
    already="Sie haben schon geantwortet",
    unchanged="Ihre erste Antwort zählt: {score} von {best}. Es wurde nichts geändert.",
    over="Diese Frage ist geschlossen",
    over_text=(
        "Sie konnte 30 Tage lang beantwortet werden. "
        "Auf unsere Nachricht können Sie jederzeit antworten."
    ),
    unknown="Dieser Link ist nicht gültig",
    unknown_text=(
        "Bitte öffnen Sie ihn noch einmal aus unserer Nachricht oder kopieren Sie ihn ganz. "
        "Es wurde nichts gezählt."
    ),
    choose="Bitte wählen Sie eine dieser Antworten. Es wurde noch nichts gezählt.",
    too_long="Das sind mehr als 1.000 Zeichen. Bitte kürzen Sie den Text.",
    not_now="Das geht im Moment nicht",
    try_later="Bitte versuchen Sie es in einer Minute noch einmal. Es wurde noch nichts gezählt.",
)

ES: Final = SurveyWords(
    asks_csat="¿Le ha resultado satisfactoria nuestra respuesta?",
    asks_nps="¿Qué probabilidad hay de que recomiende {shop} a amigos o colegas?",
    one_click="Basta un clic:",
    us="nuestra tienda",
    satisfied=(
        "Nada satisfactoria",
        "Poco satisfactoria",
        "Ni lo uno ni lo otro",
        "Satisfactoria",
        "Muy satisfactoria",
    ),
    unlikely="0 = nada probable",
    likely="10 = muy probable",
    privacy="La respuesta es voluntaria. Solo la ve nuestro equipo, junto con su mensaje.",
    thanks="¡Gracias!",
    counted="Su respuesta ha quedado registrada: {score} de {best}.",
    why="¿Quiere decirnos por qué?",
    why_hint="Opcional, 1000 caracteres como máximo. No escriba contraseñas ni datos de pago.",
    send="Enviar",
    heard="Gracias, hemos recibido su comentario.",
    already="Ya ha respondido",
    unchanged="Cuenta su primera respuesta: {score} de {best}. No se ha cambiado nada.",
    over="Esta pregunta está cerrada",
    over_text="Se pudo responder durante 30 días. Siempre puede contestar a nuestro mensaje.",
    unknown="Este enlace no es válido",
    unknown_text=(
        "Ábralo de nuevo desde nuestro mensaje o cópielo entero. No se ha registrado nada."
    ),
    choose="Elija una de estas respuestas. Todavía no se ha registrado nada.",
    too_long="Son más de 1000 caracteres. Acorte el texto, por favor.",
    not_now="En este momento no funciona",
    try_later="Inténtelo de nuevo dentro de un minuto. Todavía no se ha registrado nada.",
)

SURVEY_WORDS: Final[Mapping[Language, SurveyWords]] = {
    Language.EN: EN,
    Language.IT: IT,
    Language.FR: FR,
    Language.DE: DE,
    Language.ES: ES,
}


def question(kind: SurveyKind, language: Language, shop: str) -> str:
    """The one question. `shop` is empty where nobody wrote down what customers call it."""
    words = SURVEY_WORDS[language]
    if kind is SurveyKind.CSAT:
        return words.asks_csat
    return words.asks_nps.format(shop=shop or words.us)


def asking(text: str, kind: SurveyKind, language: Language, shop: str, link: str) -> str:
    """An answer with the question below it."""
    words = SURVEY_WORDS[language]
    return f"{text}\n\n{question(kind, language, shop)} {words.one_click}\n{link}"
