from bot.outbox.backoff import CEILING, delay


def test_the_wait_doubles_with_every_failure():
    assert [delay(n, spread=1.0) for n in (1, 2, 3, 4)] == [2.0, 4.0, 8.0, 16.0]


def test_the_wait_never_exceeds_five_minutes():
    assert delay(9, spread=1.0) == CEILING
    assert delay(10_000, spread=1.0) == CEILING


def test_what_failed_together_comes_back_apart_but_never_at_once():
    waits = {delay(4) for _ in range(50)}
    assert len(waits) > 1
    assert all(8.0 <= wait <= 16.0 for wait in waits)
