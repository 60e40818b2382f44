from datetime import time, timedelta

import pytest

from bot.slack.commands import EXAMPLES, read_sla, read_ticket
from bot.slack.request import Do, Mistake, Person, Request
from bot.slack.typed_words import as_typed, mentioned_text
from bot.slack.when import When


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("claim 17", Request(do=Do.CLAIM, number=17)),
        ("CLAIM #17", Request(do=Do.CLAIM, number=17)),
        ("claim\u00a017", Request(do=Do.CLAIM, number=17)),
        ("  claim   17  ", Request(do=Do.CLAIM, number=17)),
        ("\u201cclaim\u201d 17", Request(do=Do.CLAIM, number=17)),
        ("claim \u201817\u2019", Request(do=Do.CLAIM, number=17)),
        ("\u200bclaim 17", Request(do=Do.CLAIM, number=17)),
        ("claim 17 please", Request(do=Do.CLAIM, number=17)),
        ("take 17", Request(do=Do.TAKE, number=17)),
        ("take over 17", Request(do=Do.TAKE, number=17)),
        ("take-over 17", Request(do=Do.TAKE, number=17)),
        ("release 17", Request(do=Do.RELEASE, number=17)),
        ("reply 17 Hello", Request(do=Do.REPLY, number=17, text="Hello")),
        ("reply 17", Request(do=Do.REPLY, number=17)),
        (
            "reply 17 “Ciao”,\n\n  it\u2019s 5 &lt; 6",
            Request(do=Do.REPLY, number=17, text="“Ciao”,\n\n  it\u2019s 5 < 6"),
        ),
        (
            "reply 17 see <https://shop.example/a|shop.example/a>",
            Request(do=Do.REPLY, number=17, text="see https://shop.example/a"),
        ),
        (
            "assign 17 <@U0GIULIA1|giulia>",
            Request(do=Do.ASSIGN, number=17, person=Person(slack_id="U0GIULIA1")),
        ),
        (
            "assign 17 to <@W0GIULIA1>",
            Request(do=Do.ASSIGN, number=17, person=Person(slack_id="W0GIULIA1")),
        ),
        ("assign 17 me", Request(do=Do.ASSIGN, number=17, person=Person(me=True))),
        ("assign 17 @giulia", Request(do=Do.ASSIGN, number=17, person=Person(name="giulia"))),
        (
            "assign 17 “Giulia Conti”",
            Request(do=Do.ASSIGN, number=17, person=Person(name="Giulia Conti")),
        ),
        ("note 17 call DHL", Request(do=Do.NOTE, number=17, text="call DHL")),
        (
            "snooze 17 2h",
            Request(do=Do.SNOOZE, number=17, when=When(after=timedelta(hours=2))),
        ),
        (
            "snooze 17 until 18:00",
            Request(do=Do.SNOOZE, number=17, when=When(at=time(18, 0))),
        ),
        ("resolve 17", Request(do=Do.RESOLVE, number=17)),
        ("close 17", Request(do=Do.RESOLVE, number=17)),
        ("reopen 17", Request(do=Do.REOPEN, number=17)),
        ("noanswer 17", Request(do=Do.NO_ANSWER, number=17)),
        ("no-answer 17", Request(do=Do.NO_ANSWER, number=17)),
        ("no answer 17", Request(do=Do.NO_ANSWER, number=17)),
        ("nar 17", Request(do=Do.NO_ANSWER, number=17)),
        ("status 17", Request(do=Do.STATUS, number=17)),
        ("queue", Request(do=Do.QUEUE, which="mine")),
        ("queue Unclaimed", Request(do=Do.QUEUE, which="unclaimed")),
        ("queue all", Request(do=Do.QUEUE, which="all")),
        ("", Request(do=Do.HELP)),
        ("help", Request(do=Do.HELP)),
        ("?", Request(do=Do.HELP)),
    ],
)
def test_a_command_is_understood_however_it_was_typed(text: str, request_: Request) -> None:
    assert read_ticket(text) == request_


@pytest.mark.parametrize(
    ("text", "wrong", "example_"),
    [
        ("clam 17", "I do not know “clam”. Did you mean claim?", "/ticket claim 17"),
        ("resolv 17", "I do not know “resolv”. Did you mean resolve?", "/ticket resolve 17"),
        ("xyzzy", "I do not know “xyzzy”.", "/ticket help"),
        ("claim", "The ticket number is missing.", "/ticket claim 17"),
        ("claim seventeen", "“seventeen” is not a ticket number.", "/ticket claim 17"),
        ("claim -5", "“-5” is not a ticket number.", "/ticket claim 17"),
        ("claim 99999999999999", "“99999999999999” is not a ticket number.", "/ticket claim 17"),
        ("note 17", "The note is empty.", "/ticket note 17 Waiting for the warehouse."),
        (
            "assign 17",
            "To whom? Name a person or a group with @, or say me, or next.",
            "/ticket assign 17 @giulia",
        ),
        (
            "snooze 17 sometime",
            "I cannot read “sometime” as a time. Say 30m, 2h, tomorrow or until 18:00.",
            "/ticket snooze 17 2h",
        ),
        (
            "snooze 17",
            "Until when? Say 30m, 2h, tomorrow or until 18:00.",
            "/ticket snooze 17 2h",
        ),
        (
            "queue unclamed",
            "There is no queue “unclamed”: it is mine, unclaimed or all.",
            "/ticket queue unclaimed",
        ),
    ],
)
def test_a_mistake_says_what_was_wrong_and_what_would_work(
    text: str, wrong: str, example_: str
) -> None:
    assert read_ticket(text) == Mistake(wrong=wrong, example=example_)


@pytest.mark.parametrize("word", ["find", "search", "FIND"])
def test_what_is_looked_for_is_kept_as_typed(word):
    read = read_ticket(f"{word} <mailto:a@x.example|a@x.example> “Lamp”")
    assert read == Request(do=Do.FIND, text="a@x.example “Lamp")


def test_looking_for_nothing_is_a_mistake_with_an_example():
    read = read_ticket("find  ")
    assert isinstance(read, Mistake)
    assert read.example == "/ticket find 304-1234567-7654321"


def test_mine_is_short_for_my_queue():
    assert read_ticket("mine") == Request(do=Do.QUEUE, which="mine")


@pytest.mark.parametrize("do", list(EXAMPLES))
def test_every_example_shown_is_itself_understood(do: Do) -> None:
    read = read_ticket(EXAMPLES[do])

    assert isinstance(read, Request)
    assert read.do is do


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("claim", Request(do=Do.CLAIM, number=17)),
        ("claim 17", Request(do=Do.CLAIM, number=17)),
        ("claim #18", Request(do=Do.CLAIM, number=18)),
        (
            "reply 2 pieces are missing",
            Request(do=Do.REPLY, number=17, text="2 pieces are missing"),
        ),
        ("note 3 calls made", Request(do=Do.NOTE, number=17, text="3 calls made")),
        ("snooze 2h", Request(do=Do.SNOOZE, number=17, when=When(after=timedelta(hours=2)))),
        ("assign me", Request(do=Do.ASSIGN, number=17, person=Person(me=True))),
        ("queue", Request(do=Do.QUEUE, which="mine")),
    ],
)
def test_in_a_thread_the_number_is_known(text: str, request_: Request) -> None:
    assert read_ticket(text, number=17) == request_


def test_a_mention_is_read_without_the_bots_own_name() -> None:
    assert mentioned_text("<@U0BOT1111> assign <@U0GIULIA1>") == "assign <@U0GIULIA1>"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", Request(do=Do.SLA_STATUS)),
        ("status", Request(do=Do.SLA_STATUS)),
        ("why 17", Request(do=Do.WHY, number=17)),
        ("why #17", Request(do=Do.WHY, number=17)),
        ("help", Request(do=Do.HELP)),
        ("why", Mistake(wrong="Which ticket?", example="/sla why 17")),
        (
            "statsu",
            Mistake(wrong="I do not know “statsu”. Did you mean status?", example="/sla status"),
        ),
    ],
)
def test_the_sla_command_is_understood(text: str, read: Request | Mistake) -> None:
    assert read_sla(text) == read


def test_a_renamed_command_is_shown_by_its_new_name() -> None:
    read = read_ticket("claim", command="/desk")

    assert read == Mistake(wrong="The ticket number is missing.", example="/desk claim 17")


def test_slacks_own_marks_become_what_the_person_typed() -> None:
    typed = "<@U1|giulia> <#C1|shop> <mailto:a@b.example|a@b.example> <https://c.example> &amp;"

    assert as_typed(typed) == "@giulia #shop a@b.example https://c.example &"
