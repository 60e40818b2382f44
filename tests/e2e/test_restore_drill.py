"""The restore drill: a copy made under load is put back elsewhere after the desk went on and died."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.domain.effects import EffectKind
from bot.domain.ticket import MessageState
from tests.e2e.drill import Drill, a_comeback, a_drill
from tests.e2e.ledger import Ledger, mailed_times, posts_by_effect
from tests.e2e.tally import said
from tests.e2e.town import AMAZON, SHOP

pytestmark = [
    pytest.mark.slow,
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(900),
]

TELL = {EffectKind.POST_PING, EffectKind.POST_TOGETHER}


async def test_invariants_1_3_and_4_hold_across_a_backup_a_death_and_a_restore(
    new_database: Any,
) -> None:
    folder, url = new_database()
    async with a_drill(Path(folder), url) as drill:
        rows = drill.rows
        assert rows is not None
        assert drill.known is not None
        lost, twice = _messages(drill, rows)
        mails = Counter(mailed_times(drill.town, words) for words in drill.answers)
        late, doubled = _pings(drill, rows)
        said(
            "backup under load, death, restore elsewhere",
            {
                "messages": len(drill.delivered),
                "tickets of the copy": drill.known.tickets,
                "tickets": len(rows.tickets),
                "messages lost": lost,
                "messages doubled": twice,
                "answers": len(drill.answers),
                "answers waiting in the copy": drill.known.waiting,
                "answers sent since": drill.since,
                "answers doubled": sum(count for times, count in mails.items() if times > 1),
                "pings owed": late,
                "pings told twice": doubled,
                "seconds until it served": f"{drill.seconds:.1f}",
            },
        )
        assert (lost, twice, doubled) == (0, 0, 0)
        assert set(mails) <= {0, 1}
        # Nobody has sent anything since: not one mail left the restored desk.
        assert len(drill.town.mail.sent) == drill.mailed_before
        assert drill.since >= 3
        assert late > 0
        await _what_waited_is_known_or_asked(drill, rows)
        await _people_are_told(drill, rows)


async def test_a_gigabyte_is_at_work_again_within_two_minutes(new_database: Any) -> None:
    folder, url = new_database()

    took = await a_comeback(Path(folder), url, size=1_000_000_000)

    figures = {name: getattr(took, name) for name in took.__dataclass_fields__}
    said("backup and restore in seconds", {k: round(v, 1) for k, v in figures.items()})
    assert took.megabytes > 900
    assert took.first_ping < 120


def _messages(drill: Drill, rows: Ledger) -> tuple[int, int]:
    """How many mails of the mail server the restored desk does not have, and has more than once."""
    came = [m["body"] for m in rows.messages if m["direction"] == "in"]
    times = [sum(words in body for body in came) for words in drill.delivered.values()]
    return times.count(0), sum(n > 1 for n in times)


def _pings(drill: Drill, rows: Ledger) -> tuple[int, int]:
    """Deadlines told of after the restore, and those of them told more than once."""
    (restored,) = (e["at"] for e in rows.events if e["type"] == "desk_restored")
    assert rows.unfired(rows.events[-1]["at"]) == []
    deadline = {p["id"]: p["deadline_id"] for p in rows.pings}
    posts = posts_by_effect(drill.town)
    told: Counter[int] = Counter()
    for effect in rows.effects:
        # One ticket's in its thread, those of many in one message.
        if effect["kind"] in TELL and effect["created_at"] >= restored:
            assert effect["state"] == "sent", effect
            assert len(posts[effect["id"]]) == 1
            told.update({deadline[each] for each in effect["payload"]["ping_ids"]})
    return len(told), sum(n > 1 for n in told.values())


async def _what_waited_is_known_or_asked(drill: Drill, rows: Ledger) -> None:
    """An answer that waited in the copy counts as sent where it is filed; else a person is asked."""
    assert drill.known is not None
    assert drill.known.waiting >= 2
    doubted = [m for m in rows.messages if m["direction"] == "out" and m["author"] == "agent"]
    states = {m["body"]: m["state"] for m in doubted}
    assert set(states.values()) == {MessageState.SENT, MessageState.UNSURE}
    unsure = [words for words, state in states.items() if state == MessageState.UNSURE]
    assert not drill.with_copy.intersection(unsure)
    assert rows.open_effects() == []
    lines = [
        line
        for channel in (AMAZON.name, SHOP.name)
        for card in drill.town.roots(channel)
        for line in drill.town.thread(card)
    ]
    assert sum("It is not certain" in line for line in lines) >= len(unsure)


async def _people_are_told(drill: Drill, rows: Ledger) -> None:
    """Once, in the ops channel; and no number names two tickets."""
    assert drill.known is not None
    assert sum("was put back" in line for line in drill.town.ops()) == 1
    new = [t["number"] for t in rows.tickets if t["number"] > 1000]
    assert len(new) == len(rows.tickets) - drill.known.tickets > 0
