"""People, shifts and routes of the file: what is taken over, and each mistake with its line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.configuration.rota import roster_warnings
from tests.unit.settings.files import AGENT, CALENDAR, DESK, MAIL, inbox, loaded, problems

NOW = datetime(2026, 3, 9, 5, tzinfo=UTC)  # a Monday

HOURS = """
[calendars.early]
timezone = "Europe/Rome"
mon = ["09:00-13:00"]
tue = ["09:00-13:00"]

[calendars.late]
timezone = "Europe/Rome"
mon = ["14:00-18:00"]
tue = ["12:00-18:00"]
"""
GIULIA = (
    '\n[[agents]]\nslack = "giulia@shop.example"\nname = "Giulia Conti"\n'
    'languages = ["DE", "it"]\nskills = ["Returns"]\nseniority = "senior"\ncapacity = 8\n'
)
SHIFTS = '\n[shifts.am]\ncalendar = "early"\n\n[shifts.pm]\ncalendar = "late"\n'


def text(*tables: str, agents: str = AGENT) -> str:
    return DESK + agents + CALENDAR + HOURS + "".join(tables) + inbox()


def on(*shifts: str) -> str:
    return f"shifts = {list(shifts)}\n".replace("'", '"')


def route(body: str, name: str = "german") -> str:
    return f'\n[[routes]]\nname = "{name}"\n{body}\n'


def test_whoever_names_a_shift_works_it(tmp_path: Path) -> None:
    agents = AGENT + on("am") + GIULIA + on("am", "pm")
    shifts = loaded(tmp_path, text(SHIFTS, agents=agents)).settings.shifts
    assert shifts["am"].agents == ("marco@shop.example", "giulia@shop.example")
    assert (shifts["am"].heads, shifts["pm"].heads) == (2, 1)


def test_what_people_can_do_is_read_in_small_letters(tmp_path: Path) -> None:
    giulia = loaded(tmp_path, text(agents=GIULIA)).settings.agents[0]
    assert (giulia.languages, giulia.skills) == (("de", "it"), ("returns",))
    assert (giulia.seniority, giulia.capacity) == ("senior", 8)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (text(agents=AGENT + on("dawn")), 'agents "Marco Bianchi" → shifts: "dawn" is no shift'),
        (text(SHIFTS), 'shifts "am": does not say how many people work it'),
        (text(agents=AGENT + "capacity = 0\n"), 'agents "Marco Bianchi" → capacity: 0'),
        (text(agents=AGENT + 'seniority = "boss"\n'), "→ seniority"),
        (text(agents=AGENT + 'languages = ["german"]\n'), "→ languages"),
        (text(route('fallback = "nobody"')), 'routes "german" → fallback: "nobody" is not known'),
        (
            text(route('match = { channel = "amazn" }')),
            'routes "german" → match → channel: "amazn" is not known',
        ),
        (text(route('match = { inbox = "shpo" }')), 'routes "german" → match → inbox: "shpo"'),
        (
            text(route('to = { people = ["anna@shop.example"] }')),
            'routes "german" → to → people: "anna@shop.example" is not known here.',
        ),
        (text(route('to = { languages = "de" }')), 'routes "german" → to: names nobody'),
        (text(route('match = { topic = "refund" }')), 'routes "german" → match → topic: "refund" '),
        (text(route('match = { langauge = "de" }')), "langauge: unknown key"),
        (text(route("", name="channel")), "is what a fallback calls the Slack channel"),
        (text(route(""), route("")), "is used twice"),
        (
            text(
                route('match = { language = "de" }\nfallback = "b"', "a"),
                route('match = { vip = true, risk = "critical" }\nfallback = "a"', "b"),
            ),
            "goes round in a circle: a → b → a.",
        ),
        (
            text(route('match = { language = "de" }', "a"), route("match = { vip = true }", "b")),
            'routes "a" (threadline.toml:',
        ),
    ],
)
def test_a_mistake_is_said_with_its_line_and_a_way_out(
    tmp_path: Path, written: str, said: str
) -> None:
    found = problems(tmp_path, written)
    assert any(said in each for each in found), found
    assert all(each.startswith("threadline.toml:") for each in found)


def test_a_tie_names_both_routes_and_the_ticket(tmp_path: Path) -> None:
    (said,) = problems(
        tmp_path,
        text(route('match = { language = "de" }', "a"), route("match = { vip = true }", "b")),
    )
    assert '"b": are equally specific and both match a ticket with language de, vip true' in said


def test_a_roster_with_a_hole_and_an_overlap_is_warned_of(tmp_path: Path) -> None:
    agents = AGENT + on("am", "pm")
    settings = loaded(tmp_path, text(SHIFTS, agents=agents))
    said = roster_warnings(settings.settings, settings.calendars, NOW)
    overlap, holes = said
    assert overlap == (
        'shifts: Marco Bianchi is on two shifts at once, "am" and "pm": Tue 12:00-13:00.'
    )
    assert holes == (
        "shifts: nobody is on shift Wed 09:00-13:00, Wed 14:00-18:00, Thu 09:00-13:00, "
        "Thu 14:00-18:00, Fri 09:00-13:00, Fri 14:00-18:00 for #shop."
    )


def test_a_shift_whose_calendar_stays_closed_is_warned_of(tmp_path: Path) -> None:
    fair = (
        '\n[calendars.fair]\ntimezone = "Europe/Rome"\nmon = ["09:00-13:00"]\n'
        'holidays = [2026-03-09]\n\n[shifts.fair]\ncalendar = "fair"\n'
    )
    settings = loaded(tmp_path, text(fair, agents=AGENT + on("fair")))
    said = roster_warnings(settings.settings, settings.calendars, NOW)
    assert said[0] == (
        'shifts "fair": its calendar "fair" is closed all of the coming week: '
        "nobody is on that shift."
    )


@pytest.mark.parametrize(
    ("body", "tables", "said"),
    [
        ("", SHIFTS, "on a shift: its tickets stay unclaimed."),
        ('match = { inbox = "shop" }', SHIFTS, "on a shift for shop: its tickets stay unclaimed."),
        (
            'fallback = "rest"',
            SHIFTS + route("match = { vip = true }", "rest"),
            'its tickets go to "rest".',
        ),
    ],
)
def test_a_route_that_waits_for_a_shift_its_people_never_work_is_warned_of(
    tmp_path: Path, body: str, tables: str, said: str
) -> None:
    waits = route(f'by = "on_shift_only"\nto = {{ languages = "de" }}\n{body}')
    agents = AGENT + on("am", "pm") + GIULIA
    settings = loaded(tmp_path, text(tables, waits, agents=agents))
    found = roster_warnings(settings.settings, settings.calendars, NOW)
    assert found[0].startswith('routes "german": it waits for people on shift')
    assert found[0].endswith(said)


def test_a_group_follows_only_a_shift_that_says_who_works_it(tmp_path: Path) -> None:
    heads = '\n[shifts.am]\ncalendar = "early"\npeople = 2\nuser_group = "@support-it"\n'
    (said,) = problems(tmp_path, text(heads))
    assert 'shifts "am" → user_group: "@support-it" cannot be kept equal' in said
    (said,) = problems(tmp_path, text(heads.replace("@support-it", "Support IT"), agents=AGENT))
    assert "the handle of a Slack user group" in said


def test_a_route_may_look_at_tags_of_customers(tmp_path: Path) -> None:
    wholesale = route('match = { customer_tag = ["Wholesale", "b2b"] }', "wholesale")
    (read,) = loaded(tmp_path, text(wholesale)).settings.routes
    assert read.match.customer_tag == ("wholesale", "b2b")
    (said,) = problems(tmp_path, text(route("match = { customer_tag = 7 }")))
    assert 'match → customer_tag: is no text. Write tags of customers, such as "wholesale".' in said


def test_without_a_calendar_an_inbox_is_to_be_staffed_from_the_first_shift_to_the_last(
    tmp_path: Path,
) -> None:
    read = loaded(tmp_path, text(SHIFTS, agents=AGENT + on("am", "pm")))
    (shop,) = read.settings.inboxes
    bare = read.settings.model_copy(
        update={"inboxes": (shop.model_copy(update={"calendar": None}),)}
    )
    said = roster_warnings(bare, read.calendars, NOW)
    assert "shifts: nobody is on shift Mon 13:00-14:00 for #shop." in said


def test_somebody_on_a_shift_without_a_table_is_warned_of(tmp_path: Path) -> None:
    shift = '\n[shifts.all]\ncalendar = "always"\nagents = ["U012ABCDE"]\n'
    settings = loaded(tmp_path, text(shift))
    (said,) = roster_warnings(settings.settings, settings.calendars, NOW)
    assert "U012ABCDE is in no [[agents]] table" in said


def test_no_shifts_and_no_routes_say_nothing(tmp_path: Path) -> None:
    settings = loaded(tmp_path, text())
    assert roster_warnings(settings.settings, settings.calendars, NOW) == ()


def test_the_example_of_the_page_on_routing_is_a_whole_roster(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "routing.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    inboxes = [
        inbox(name=name, connector="amazon", mail=MAIL.replace("info@", f"{name}@"))
        for name in ("amazon-it", "amazon-de")
    ]
    read = loaded(tmp_path, DESK + example + CALENDAR + "".join(inboxes))
    assert [route.name for route in read.settings.routes] == [
        "german",
        "grave",
        "returns",
        "everybody",
    ]
    assert [table.heads for table in read.settings.shifts.values()] == [2, 2]
