"""What mail programs write around quoted history, as data, by language.

Collected from what the clients themselves write (Gmail, Outlook, Apple Mail, Thunderbird, Yahoo,
phones), all in lower case. Adding a language is adding words here.
"""

# ruff: noqa: RUF001 — words of many scripts

WROTE = (
    "wrote", "writes", "said", "schrieb", "schreibt", "hat geschrieben", "a écrit", "a ecrit",
    "ha scritto", "scrive", "ha inviato", "escribió", "escribio", "ha escrito", "escreveu", "va escriure",
    "schreef", "heeft geschreven", "het volgende geschreven", "skrev", "kirjoitti", "napisał", "napisała",
    "napisał(a)", "napisal(a)", "pisze", "napsal(a)", "napsal", "napsala", "napísal(a)", "napísal",
    "написал", "написала", "написал(а)", "пишет", "пише", "написав", "написа", "je napisal", "je napisao",
    "je napisao/la", "je pisao", "a scris", "írta", "ezt írta", "yazdı", "şunu yazdı", "şunları yazdı",
    "έγραψε", "schrift", "kirjutas", "rakstīja", "rašė", "viết", "đã viết", "menulis", "menulis berikut",
    "escrigué", "idatzi du", "כתב", "כתבה", "מאת", "كتب", "写道", "寫道", "のメール", "さんは書きました",
    "님이 작성", "님이 작성한 메시지", "wrote the following", "skrifaði", "scriveva", "scribeva", "scriba",
)  # fmt: skip
"""Verbs of an introduction such as `On …, … wrote:`."""

QUOTING = (
    "quoting",
    "zitat von",
    "quoting message from",
    "citando",
    "citat från",
    "selon",
    "citaat van",
    "in reply to",
)
"""Introductions that start with what they do: `Quoting Ann <ann@…>:`."""

FORWARDED = (
    "forwarded message", "forwarded by", "begin forwarded message", "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "weitergeleitet von",
    "message transféré", "message transfere", "début du message réexpédié", "début du message transféré",
    "message réexpédié", "courriel transféré", "messaggio inoltrato", "inizio messaggio inoltrato", "inoltrato da",
    "mensaje reenviado", "inicio del mensaje reenviado", "comienzo del mensaje reenviado", "missatge reenviat",
    "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada",
    "início da mensagem reencaminhada", "doorgestuurd bericht", "begin doorgestuurd bericht",
    "vidarebefordrat meddelande", "vidarebefordrat mejl", "videresendt melding", "videresendt besked",
    "videresendt meddelelse", "start på videresendt meddelelse", "välitetty viesti", "edelleenlähetetty viesti",
    "przekazana wiadomość", "wiadomość przekazana", "přeposlaná zpráva", "preposlaná správa", "továbbított üzenet",
    "mesaj redirecționat", "iletilen mesaj", "iletilmiş mesaj", "пересылаемое сообщение", "пересланное сообщение",
    "переслане повідомлення", "προωθημένο μήνυμα", "转发的邮件", "轉寄的郵件", "转发邮件信息", "转发邮件",
    "転送されたメッセージ", "전달된 메시지", "전달된 메일",
)  # fmt: skip
"""Titles that open a forwarded mail; the author wants it read."""

ORIGINAL = (
    "original message", "original email", "original e-mail", "original mail", "original appointment", "reply message",
    "replied message", "ursprüngliche nachricht", "originalnachricht", "originale nachricht", "message d'origine",
    "message original", "message d’origine", "message initial", "messaggio originale", "messaggio originario",
    "mensaje original", "missatge original", "mensagem original", "oorspronkelijk bericht", "origineel bericht",
    "ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse", "opprinnelig melding",
    "alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva", "pôvodná správa",
    "eredeti üzenet", "mesaj original", "mesajul original", "orijinal mesaj", "özgün ileti", "исходное сообщение",
    "оригинальное сообщение", "вихідне повідомлення", "αρχικό μήνυμα", "原始邮件", "原始郵件", "原邮件", "回复邮件",
    "元のメッセージ", "原始信件", "원본 메시지", "원본메시지", "pôvodná e-mailová správa", "izvorno sporočilo",
    "izvorna poruka", "originalna poruka",
)  # fmt: skip
"""Titles between dashes that open the mail replied to."""

FROM_FIELDS = (
    "from", "von", "de", "da", "van", "från", "fra", "lähettäjä", "od", "feladó", "de la", "kimden", "gönderen",
    "от", "от кого", "від", "από", "发件人", "發件人", "寄件者", "差出人", "보낸 사람", "보낸사람", "remetente", "mittente",
    "expéditeur", "absender", "afzender", "מאת", "من", "送信元", "寄件人",
)  # fmt: skip
DATE_FIELDS = (
    "sent", "date", "sent on", "gesendet", "gesendet am", "datum", "envoyé", "envoyé le", "date d'envoi", "inviato",
    "data", "enviado", "enviado el", "enviada", "enviada em", "enviado em", "fecha", "verzonden", "skickat", "skickat den",
    "sendt", "dato", "lähetetty", "päivämäärä", "wysłano", "wysłane", "odesláno", "odoslané", "elküldve", "dátum", "trimis",
    "gönderildi", "gönderme tarihi", "tarih", "отправлено", "дата", "надіслано", "ημερομηνία", "στάλθηκε", "发送时间",
    "发送日期", "發送時間", "日期", "日付", "送信日時", "보낸 날짜", "날짜", "received", "תאריך", "time",
)  # fmt: skip
SUBJECT_FIELDS = (
    "subject", "betreff", "objet", "sujet", "oggetto", "asunto", "assunto", "onderwerp", "ämne", "emne", "aihe", "temat",
    "předmět", "predmet", "tárgy", "subiect", "konu", "тема", "θέμα", "主题", "主旨", "件名", "제목", "assumpte", "נושא",
    "subj",
)  # fmt: skip
TO_FIELDS = (
    "to", "an", "à", "a", "para", "pour", "aan", "till", "til", "vastaanottaja", "do", "komu", "címzett", "către", "kime",
    "kimden", "кому", "προς", "收件人", "宛先", "받는 사람", "받는사람", "destinatario", "destinataire", "cc", "kopie", "copie",
    "kopia", "copia", "cópia", "kopi", "копия", "reply-to", "antwort an", "rispondi a", "répondre à", "bcc", "抄送", "per",
    "al", "import", "wichtigkeit", "importance", "priority", "organization", "newsgroups", "attachments", "anlagen",
)  # fmt: skip

SENT_FROM = (
    "sent from my", "sent from mail", "sent from outlook", "sent from yahoo", "sent from samsung", "sent from proton",
    "sent from gmail", "sent from aol", "sent from the", "sent from a ", "sent from iphone", "sent from ipad", "sent from android",
    "sent from myphone", "sent from windows", "sent from blackberry", "sent from fastmail", "sent from workspace", "sent via",
    "sent with proton", "sent with airmail", "sent with spark", "sent with unibox", "sent using", "get outlook for",
    "get bluemail", "von meinem", "gesendet von", "gesendet mit", "gesendet aus", "diese nachricht wurde von meinem android",
    "holen sie sich outlook", "outlook für ios", "envoyé de mon", "envoyé depuis", "envoyé à partir", "envoye de mon",
    "envoyé avec", "télécharger outlook", "obtenir outlook", "provenance : courrier", "provenance: courrier", "inviato da",
    "inviato dal", "inviato con", "scarica outlook", "ottieni outlook", "enviado desde", "enviado de mi", "enviado do",
    "enviado a partir", "enviado con", "enviado via", "obtener outlook", "obter o outlook", "verstuurd vanaf", "verzonden vanaf",
    "verzonden met", "verstuurd met", "skickat från", "sendt fra", "lähetetty", "wysłane z", "wysłano z", "odesláno z",
    "odoslané z", "trimis de pe", "küldve", "iphone'umdan gönderildi", "отправлено с", "отправлено из", "надіслано з",
    "στάλθηκε από", "发自我的", "從我的", "發自我的", "iphoneから送信", "ipadから送信", "나의 iphone에서 보냄", "iphone에서 보냄", "enviat des",
)  # fmt: skip
"""How phones and mail programs sign. Matched at the start of a short last line."""

REPLY_ABOVE = (
    "reply above this line", "type your reply above", "write above this line", "please reply above", "respond above this line",
    "rispondi sopra questa riga", "scrivi sopra questa riga", "répondez au-dessus de cette ligne",
    "répondre au-dessus de cette ligne", "antworten sie über dieser zeile", "antworten sie oberhalb dieser zeile",
    "bitte antworten sie über dieser linie", "responda por encima de esta línea", "responda encima de esta línea",
    "responda acima desta linha", "reageer boven deze lijn", "reply above the line",
)  # fmt: skip
"""The line our own mails (and other desks') put above the history."""

FORWARD_SUBJECTS = (
    "fwd",
    "fw",
    "wg",
    "tr",
    "i",
    "rv",
    "enc",
    "fs",
    "vb",
    "vs",
    "doorst",
    "pd",
    "vl",
    "转发",
    "轉寄",
    "転送",
)
REPLY_SUBJECTS = (
    "re",
    "aw",
    "sv",
    "r",
    "res",
    "antw",
    "rif",
    "ref",
    "odp",
    "回复",
    "回覆",
    "答复",
    "antwort",
    "rép",
    "ynt",
)
