from datetime import timedelta

from bot.db.ids import IdMaker, new_id
from tests.builders import NOW


def test_ids_rise_within_one_instant():
    ids = [new_id(NOW) for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_ids_rise_when_the_clock_is_set_back():
    maker = IdMaker(process=1)
    first = maker.make(NOW)
    assert maker.make(NOW - timedelta(hours=1)) > first


def test_later_ids_are_larger_whichever_process_made_them():
    earlier, later = IdMaker(process=1023), IdMaker(process=0)
    assert later.make(NOW + timedelta(milliseconds=1)) > earlier.make(NOW)


def test_two_processes_never_make_the_same_id():
    one, other = IdMaker(process=1), IdMaker(process=2)
    assert not {one.make(NOW) for _ in range(5000)} & {other.make(NOW) for _ in range(5000)}


def test_ids_fit_a_signed_64_bit_column():
    far = NOW.replace(year=2090)
    assert 0 < IdMaker(process=1023).make(far) < 2**63
