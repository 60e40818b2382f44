"""Whom a ticket waits for and what it is, as people type it."""

from datetime import time, timedelta

import pytest

from bot.slack.class_words import ClassChange
from bot.slack.commands import read_sla, read_ticket
from bot.slack.request import Do, Mistake, Request
from bot.slack.when import When
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Stage, Waiting

TOMORROW = When(days_ahead=1, at=time(9, 0))
THIRD = Waiting.THIRD_PARTY


@pytest.mark.parametrize(
    ("text", "waiting", "when"),
    [
        ("wait 17 customer", Waiting.CUSTOMER, None),
        ("wait 17 for the customer", Waiting.CUSTOMER, None),
        ("wait 17 Buyer.", Waiting.CUSTOMER, None),
        ("wait 17 customer until tomorrow 9:00", Waiting.CUSTOMER, TOMORROW),
        ("wait 17 carrier", THIRD, None),
        ("wait 17 on supplier 3d", THIRD, When(after=timedelta(days=3))),
        ("wait 17 third party 2h", THIRD, When(after=timedelta(hours=2))),
        ("wait #17 third-party", THIRD, None),
    ],
)
def test_a_wait_is_understood_however_it_was_typed(
    text: str, waiting: Waiting, when: When | None
) -> None:
    assert read_ticket(text) == Request(do=Do.WAIT, number=17, waiting=waiting, when=when)


@pytest.mark.parametrize("text", ["continue 17", "resume 17", "go on 17", "goon 17"])
def test_the_end_of_a_wait_is_understood(text: str) -> None:
    assert read_ticket(text) == Request(do=Do.CONTINUE, number=17)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("vip", ClassChange(vip=True)),
        ("not VIP", ClassChange(vip=False)),
        ("risk critical", ClassChange(risk=Risk.CRITICAL)),
        ("risk high", ClassChange(risk=Risk.CRITICAL)),
        ("stage pre-sale", ClassChange(stage=Stage.PRE_SALE)),
        ("stage pre_sale", ClassChange(stage=Stage.PRE_SALE)),
        ("topic return", ClassChange(topic=Topic.RETURN)),
        ("topic wismo", ClassChange(topic=Topic.WHERE_IS_MY_ORDER)),
        ("tag Gift", ClassChange(added=("Gift",))),
        ("no tag gift", ClassChange(removed=("gift",))),
        (
            "vip, risk elevated topic a-to-z tag b2b",
            ClassChange(vip=True, risk=Risk.ELEVATED, topic=Topic.A_TO_Z, added=("b2b",)),
        ),
    ],
)
def test_a_class_is_understood_however_it_was_typed(text: str, change: ClassChange) -> None:
    assert read_ticket(f"class 17 {text}") == Request(do=Do.CLASS, number=17, change=change)


WAIT_EXAMPLE = "/ticket wait 17 customer until tomorrow 9:00"
CLASS_EXAMPLE = "/ticket class 17 vip risk critical"


@pytest.mark.parametrize(
    ("text", "wrong", "example"),
    [
        ("wait 17", "For whom? Say customer, carrier, supplier or other.", WAIT_EXAMPLE),
        (
            "wait 17 costumer",
            "I do not know who “costumer” is. Did you mean customer?",
            WAIT_EXAMPLE,
        ),
        (
            "wait 17 godot",
            "I do not know who “godot” is. Say customer, carrier or other.",
            WAIT_EXAMPLE,
        ),
        (
            "wait 17 customer someday",
            "I cannot read “someday” as a time. Say 2h, 3d or until tomorrow 9:00.",
            WAIT_EXAMPLE,
        ),
        ("wiat 17", "I do not know “wiat”. Did you mean wait?", WAIT_EXAMPLE),
        ("class 17", "What is it? Say vip, risk, stage, topic or tag.", CLASS_EXAMPLE),
        ("class 17 rsk high", "A class has no “rsk”. Did you mean risk?", CLASS_EXAMPLE),
        (
            "class 17 colour red",
            "A class has no “colour”. Say vip, risk, stage, topic or tag.",
            CLASS_EXAMPLE,
        ),
        (
            "class 17 risk critcal",
            "There is no risk “critcal”. Did you mean critical?",
            CLASS_EXAMPLE,
        ),
        (
            "class 17 risk",
            "Which risk? It is normal, elevated or critical.",
            CLASS_EXAMPLE,
        ),
        (
            "class 17 stage zzz",
            "There is no stage “zzz”. It is pre-sale, post-sale or unknown.",
            CLASS_EXAMPLE,
        ),
        ("class 17 tag", "Which tag?", CLASS_EXAMPLE),
    ],
)
def test_a_mistake_says_the_way_out(text: str, wrong: str, example: str) -> None:
    assert read_ticket(text) == Mistake(wrong=wrong, example=example)


def test_words_inside_a_note_or_an_answer_stay_as_they_were_typed() -> None:
    said = "there is no answer, I go on and take over"

    for verb in ("reply", "note"):
        read = read_ticket(f"{verb} 17 {said}")
        assert isinstance(read, Request)
        assert read.text == said


def test_in_a_thread_the_ticket_is_known() -> None:
    assert read_ticket("wait customer", number=17) == Request(
        do=Do.WAIT, number=17, waiting=Waiting.CUSTOMER
    )
    assert read_ticket("class vip", number=17) == Request(
        do=Do.CLASS, number=17, change=ClassChange(vip=True)
    )
    assert read_ticket("why", number=17) == Request(do=Do.WHY, number=17)


@pytest.mark.parametrize(
    ("text", "do"),
    [
        ("promises", Do.PROMISES),
        ("whatif", Do.WHATIF),
        ("what-if", Do.WHATIF),
        ("forecast", Do.FORECAST),
    ],
)
def test_the_whole_desk_can_be_asked_about(text: str, do: Do) -> None:
    assert read_sla(text) == Request(do=do)
