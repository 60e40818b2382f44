"""What customers of the past wrote, in their own languages, and what they were answered.

Everything is invented. The words are such that the desk itself reads topic, language and mood
from them.
"""

from collections.abc import Mapping, Sequence
from typing import Final

Texts = Mapping[str, Sequence[str]]

IT: Final[Texts] = {
    "parcel": (
        "Buongiorno, dov'è il mio pacco? Doveva arrivare martedì.",
        "Salve, il tracking è fermo da quattro giorni. Quando arriva il mio ordine?",
        "Il pacco non è ancora arrivato. Potete controllare?",
    ),
    "return": (
        "Vorrei restituire la lampada, è troppo grande per il salotto.",
        "Come posso fare il reso della sedia?",
    ),
    "angry": (
        "È vergognoso! Lampada rotta e nessuno risponde. Voglio subito il rimborso!",
        "Il tavolo è arrivato graffiato. Sono molto deluso, aspetto una soluzione.",
    ),
    "question": (
        "Avete questa lampada anche in verde?",
        "Buonasera, quanto è alto lo scaffale? Ci sta sotto una mensola?",
    ),
    "invoice": ("Potreste mandarmi la fattura?", "Mi serve la fattura con la partita IVA."),
    "cancel": ("Annullate l'ordine per favore, ho sbagliato colore.",),
    "danger": ("La lampada fa scintille quando la accendo, è pericolosa!",),
    "thanks": ("Grazie mille, siete stati gentilissimi!", "Perfetto, grazie!"),
    "again": ("Ho capito, ma quando esattamente?", "Va bene. E il rimborso quando arriva?"),
    "good": ("Bellissima lampada, spedizione veloce.", "Tutto perfetto, comprerò ancora."),
    "bad": ("Arrivata rotta, e per il rimborso ho aspettato due settimane.",),
    "answer": (
        "Buongiorno, ci scusiamo per l'attesa: abbiamo verificato e le scriviamo entro domani.",
        "Gentile cliente, ecco quello che abbiamo trovato sul suo ordine. Un saluto da Rossi Casa.",
    ),
}

DE: Final[Texts] = {
    "parcel": (
        "Wo bleibt mein Paket? Es sollte am Montag kommen.",
        "Guten Tag, die Sendung steht seit drei Tagen. Wann kommt meine Bestellung?",
    ),
    "return": ("Ich möchte den Sessel zurückgeben.", "Wie kann ich die Lampe zurücksenden?"),
    "angry": (
        "Das ist eine Frechheit! Die Lampe ist kaputt und niemand antwortet!",
        "Der Tisch kam zerkratzt an. Ich bin sehr enttäuscht.",
    ),
    "question": ("Passt der Schirm auch auf die kleine Lampe?", "Gibt es das Regal auch in Eiche?"),
    "invoice": ("Könnten Sie mir bitte die Rechnung schicken?",),
    "cancel": ("Bitte stornieren Sie die Bestellung, ich habe die falsche Farbe gewählt.",),
    "danger": ("Die Lampe sprüht Funken, das ist gefährlich!",),
    "thanks": ("Vielen Dank, alles bestens!", "Danke schön!"),
    "again": ("Und wann genau?", "Gut, und was ist mit der Erstattung?"),
    "good": ("Sehr schöne Lampe, schnelle Lieferung.",),
    "bad": ("Kaputt angekommen, keine Hilfe.",),
    "answer": ("Guten Tag, wir haben nachgesehen und melden uns bis morgen mit einer Lösung.",),
}

FR: Final[Texts] = {
    "parcel": (
        "Où est mon colis ? Il devait arriver lundi.",
        "Bonjour, le suivi ne bouge plus. Quand ma commande sera-t-elle livrée ?",
    ),
    "return": ("Je souhaite retourner le fauteuil, il est trop grand.",),
    "angry": (
        "C'est inadmissible ! La lampe est cassée et personne ne répond !",
        "La table est arrivée rayée, je suis très déçue.",
    ),
    "question": ("Livrez-vous en Corse ?", "La lampe existe-t-elle en vert ?"),
    "invoice": ("Pourriez-vous m'envoyer la facture ?",),
    "cancel": ("Merci d'annuler ma commande, je me suis trompé de couleur.",),
    "danger": ("La lampe fait des étincelles, c'est dangereux !",),
    "thanks": ("Merci beaucoup, parfait !", "Merci à vous !"),
    "again": ("D'accord, mais quand exactement ?", "Et le remboursement ?"),
    "good": ("Très belle lampe, livraison rapide.",),
    "bad": ("Arrivée cassée, aucune aide.",),
    "answer": ("Bonjour, nous avons vérifié votre commande et revenons vers vous demain.",),
}

ES: Final[Texts] = {
    "parcel": ("¿Dónde está mi pedido? Tenía que llegar el lunes.",),
    "return": ("Quiero devolver la silla, es demasiado grande.",),
    "angry": ("¡Es una vergüenza! La lámpara está rota y nadie responde.",),
    "question": ("¿Tienen esta mesa en blanco?",),
    "invoice": ("¿Me pueden enviar la factura, por favor?",),
    "cancel": ("Por favor, cancelen el pedido, me equivoqué de color.",),
    "danger": ("La lámpara echa chispas, ¡es peligrosa!",),
    "thanks": ("¡Muchas gracias, perfecto!",),
    "again": ("Vale, ¿y cuándo exactamente?",),
    "good": ("Una lámpara preciosa, envío rápido.",),
    "bad": ("Llegó rota y nadie ayuda.",),
    "answer": ("Buenos días, lo hemos comprobado y le escribimos mañana con una solución.",),
}

EN: Final[Texts] = {
    "parcel": (
        "Where is my order? It should have arrived on Monday.",
        "Hello, the tracking has not moved for four days. When will my parcel come?",
    ),
    "return": ("I would like to return the chair, it is too big.",),
    "angry": (
        "This is outrageous! The lamp is broken and nobody answers!",
        "The table arrived scratched. I am very disappointed.",
    ),
    "question": ("Is the walnut desk in stock?", "Do you ship to Ireland?"),
    "invoice": ("Could you send me the invoice, please?",),
    "cancel": ("Please cancel my order, I chose the wrong colour.",),
    "danger": ("The lamp gives off sparks, it is dangerous!",),
    "thanks": ("Thank you so much, perfect!", "Thanks!"),
    "again": ("I see, but when exactly?", "And what about the refund?"),
    "good": ("Lovely lamp, quick delivery.",),
    "bad": ("Arrived broken, no help.",),
    "answer": ("Hello, we looked into your order and will write again by tomorrow.",),
}

TEXTS: Final[Mapping[str, Texts]] = {"it": IT, "de": DE, "fr": FR, "es": ES, "en": EN}

SUBJECTS: Final[Mapping[str, str]] = {
    "it": "Il mio ordine",
    "de": "Meine Bestellung",
    "fr": "Ma commande",
    "es": "Mi pedido",
    "en": "My order",
}

NAMES: Final[Mapping[str, Sequence[str]]] = {
    "it": ("Giorgia", "Matteo", "Lucia", "Paolo", "Serena", "Davide", "Irene", "Fabio"),
    "de": ("Hannah", "Jonas", "Petra", "Uwe", "Lena", "Markus"),
    "fr": ("Camille", "Hugo", "Sylvie", "Antoine", "Manon", "Luc"),
    "es": ("Carmen", "Pablo", "Lucía", "Sergio"),
    "en": ("Emma", "Jack", "Olivia", "Tom", "Grace"),
}

COMMENTS: Final[Mapping[bool, Sequence[str]]] = {
    True: ("Gentilissimi", "Quick and kind", "Très bien", "", "", ""),
    False: ("Ho aspettato troppo", "Nobody answered for a day", "Viel zu langsam", ""),
}
