from bot.domain.routing import SHOP, calendars_of, channel_of
from sla_rules.calendar import ALWAYS
from tests.builders import AMAZON, a_desk
from tests.builders import SHOP as SHOP_INBOX


def test_a_ticket_stays_in_the_channel_its_card_is_in():
    assert channel_of(a_desk(), AMAZON, "C0OLD") == "C0OLD"
    assert channel_of(a_desk(), AMAZON) == "C0AMAZON"


def test_tickets_of_a_removed_inbox_go_to_the_ops_channel():
    assert channel_of(a_desk(), "gone") == "C0OPS"
    assert channel_of(a_desk(ops_channel=None), "gone") == ""


def test_shop_hours_are_those_bound_to_the_inbox():
    desk = a_desk()
    assert calendars_of(desk, SHOP_INBOX)[SHOP] is desk.calendars["rome"]


def test_an_inbox_without_hours_counts_every_hour():
    assert calendars_of(a_desk(), AMAZON)[SHOP] is ALWAYS
    assert calendars_of(a_desk(), "gone")[SHOP] is ALWAYS
