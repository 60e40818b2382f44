"""The page of a report: complete, alone, inert, and in the language of its reader."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

from bot.language import Language, speaking
from bot.reports.advice import Advice, worst_stretch
from bot.reports.health.lines import Certainty, Direction, HealthLine, Measure, Origin, Point, Sort
from bot.reports.page.document import POLICY, html
from bot.reports.page.figures import reconciled_words
from bot.reports.report import Reconciled, Report
from tests.report_world import a_question, empty_report, sample_report

VOID = {"meta", "br"}


class Read(HTMLParser):
    """What a browser would make of it: elements, addresses, words; tags must close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [
            value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}
        ]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words += f"{data} "


def read(page: str) -> Read:
    return Read(page)


def plain(**changes: Any) -> Report:
    """Without charts, which take long to draw and are looked at elsewhere."""
    return sample_report(charts=(), **changes)


def words(page: str) -> str:
    return " ".join(read(page).words.split())


def test_it_says_everything_a_manager_asks() -> None:
    said = words(html(plain(), desk="Rossi Casa"))

    assert "Rossi Casa Report, 1–30 Oct 2026 Amazon.de, Amazon.it" in said  # noqa: RUF001
    assert "Marketplace limit kept 97.6 % ▲ 3.1 points, better 1,384 cases" in said
    assert "Internal target 93.2 % 94 % ▼ 0.9 points, worse 1,402 96 ▲ 24.7 %, worse" in said
    assert "claimed late 17 52" in said
    assert "#337 Amazon.de Marketplace limit Sat 3 Oct 17:07 CEST not yet 2 d 13 h" in said
    assert "Time to the first answer 2 h 14 min 3 h 15 min 8 h 2 min" in said
    assert "Customer satisfaction 88 % few cases ▲ 4 points, better 17 cases" in said
    assert "Etsy 12 few cases 100 %" in said
    assert "Made on Sat 31 Oct 08:05 CET." in said


def test_the_tickets_received_add_up_in_a_sentence() -> None:
    said = reconciled_words(sample_report().reconciled)

    assert said == (
        "Of 1,240 tickets received, by the end of the period: 987 answered, 61 needed no answer, "
        "24 settled without an answer, 19 merged into others, 57 notices and 92 still waiting for "
        "an answer."
    )
    whole, *parts = [int(each.replace(",", "")) for each in re.findall(r"[\d,]*\d", said)]
    assert whole == sum(parts)
    nothing = Reconciled(received=0, answered=0, waved=0, settled=0, merged=0, waiting=0, told=0)
    assert reconciled_words(nothing) == "No tickets were received."


def test_it_needs_nothing_and_runs_nothing() -> None:
    page = html(sample_report())
    found = read(page)

    assert f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' in page
    assert "default-src 'none'" in POLICY
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(found.tags)
    assert found.handlers == []
    links = [each for each in found.addresses if not each.startswith("#")]
    assert len(links) == 10
    assert all(each.startswith("https://rossi-casa.slack.example/") for each in links)
    assert "@import" not in page
    assert "url(http" not in page


def test_words_of_others_are_words() -> None:
    evil = '<img src=x onerror="alert(1)"></style><script>1</script>'
    report = plain(
        labels={"amazon-it": evil},
        misses=[replace(sample_report().misses[0], inbox="amazon-it", permalink="javascript:1")],
        cuts=[replace(sample_report().cuts[0], label=evil)],
    )
    found = read(html(report, desk=evil, people={"Anna": evil, "Ben": evil}))

    assert not {"script", "img"} & set(found.tags)
    assert found.handlers == []
    assert not [each for each in found.addresses if not each.startswith("#")]
    assert found.words.count("<img src=x") >= 3


def test_nobody_is_named_unless_their_names_are_given() -> None:
    assert "Anna" not in html(plain())
    named = words(html(plain(), people={"Anna": "Anna Rossi"}))

    assert "Owner" in named
    assert "Anna Rossi" in named


def test_an_empty_period_says_so_and_nothing_else() -> None:
    said = words(html(empty_report()))

    assert "Nothing happened between Thu 1 Oct 00:00 CEST and Sat 31 Oct 00:00 CET." in said
    assert "Speed" not in said


def test_a_report_without_parts_or_charts_leaves_their_places_out() -> None:
    said = words(html(plain(question=a_question(by=None), cuts=(), heat=())))

    assert "By channel" not in said
    assert "Charts" not in said
    assert "The week" not in said


def test_where_it_hurts_stands_above_the_week() -> None:
    report = plain()
    stretch = worst_stretch(report.heat)
    assert stretch is not None

    said = words(html(report, advice=Advice(stretch=stretch, tried=None)))

    assert "Tuesday 18" in said
    assert said.index("Tuesday 18") < said.index("Tickets received an hour")


def test_a_marketplace_is_shown_with_its_threshold_and_the_misses_left() -> None:
    said = words(html(plain(), health=[a_line()]))

    assert "Shipped late Amazon.it · IT 0.73 % below 4 % ✓ 13 misses left" in said


def test_it_is_in_the_language_spoken() -> None:
    with speaking(Language.DE):
        page = html(plain())

    assert '<html lang="de">' in page
    assert "1.–30. Okt" in page  # noqa: RUF001


def a_line() -> HealthLine:
    return HealthLine(
        inbox="amazon-it",
        label="Amazon.it",
        platform="amazon",
        marketplace="IT",
        measure=Measure.LATE_SHIPMENT,
        sort=Sort.MISSES,
        origin=Origin.IMPORT,
        value=0.00728,
        counted=3,
        out_of=412,
        threshold=0.04,
        direction=Direction.BELOW,
        kept=True,
        misses_left=13,
        to_regain=0,
        grows=False,
        badge=False,
        window_days=30,
        within=timedelta(hours=24),
        first_only=False,
        rule_source="",
        certainty=Certainty.DOCUMENTED,
        trend=(Point(day=date(2026, 10, 23), value=0.009),),
        change=-0.00172,
        as_of=date(2026, 10, 30),
        is_small=False,
        is_stale=False,
    )
