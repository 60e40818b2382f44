"""Solved tickets like this one, by the customers' own words."""

from bot.domain.similar import Past, PastTickets, suggestions

ASKED = {
    1: "Where is my parcel? The tracking has not moved since Monday",
    2: "My parcel has not arrived, the tracking does not move",
    3: "The lamp arrived broken, the glass shade is in pieces",
    4: "Can I have an invoice with our VAT number please",
    5: "How long is the warranty of the lamp",
    6: "Which bulb fits the lamp",
    7: "Please cancel the order, I chose the wrong colour",
    8: "The chair wobbles, a screw is missing",
    9: "Do you ship to Malta",
    10: "I want to return the chair, it is too large",
}


def past(number: int, words: str, *macros: str) -> Past:
    return Past(ticket_id=number, number=number, words=words, macros=macros)


TICKETS = PastTickets([past(number, words) for number, words in ASKED.items()])


def like(words: str, **more: int) -> list[int]:
    return [one.number for one in TICKETS.like(words, **more)]


def test_the_same_question_in_other_words_is_found() -> None:
    assert sorted(like("the tracking of my parcel does not move")) == [1, 2]
    assert like("glass shade broken in pieces") == [3]


def test_what_nobody_asked_before_finds_nothing() -> None:
    assert like("Is the shop open on Sunday?") == []
    assert like("lamp") == []
    assert like("") == []
    assert PastTickets([]).like("where is my parcel") == []


def test_the_ticket_that_asks_is_not_its_own_answer() -> None:
    assert 2 not in like(ASKED[2], but=2)
    assert like(ASKED[2], limit=1) == [2]


def test_numbers_names_of_orders_and_addresses_are_no_likeness() -> None:
    tickets = PastTickets([past(1, "order 304-1234567 and 99 12345")])
    assert tickets.like("304-1234567 99 12345") == []


def test_words_that_nearly_all_share_tell_nothing() -> None:
    greeting = "dear support team kind regards"
    tickets = PastTickets([past(n, f"{greeting} {words}") for n, words in ASKED.items()])
    assert tickets.like(f"{greeting} hello") == []
    assert [one.number for one in tickets.like(f"{greeting} vat invoice number")] == [4]


def test_macros_are_suggested_by_how_many_tickets_they_answered() -> None:
    alike = [past(1, "", "a", "b", "b"), past(2, "", "b"), past(3, "", "gone"), past(4, "")]
    found = suggestions(alike, {"a", "b"})
    assert [(one.ref, [t.number for t in one.tickets]) for one in found] == [
        ("b", [1, 2]),
        ("a", [1]),
    ]
