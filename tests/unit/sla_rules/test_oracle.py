"""Our business time against what several independent engines answered."""

import os
from pathlib import Path

import pytest

from tests.unit.sla_rules.oracle import SAMPLE, Case, answer, cases, expected

_FULL = os.environ.get("THREADLINE_ORACLE")


@pytest.mark.parametrize(
    "case", list(cases(SAMPLE)), ids=lambda case: f"{case['kind']}-{case['id']}"
)
def test_business_time_is_what_independent_engines_say(case: Case):
    assert answer(case) == expected(case)


def test_the_sample_has_every_kind_and_every_disputed_reading():
    sample = list(cases(SAMPLE))

    assert {case["kind"] for case in sample} == {
        "deadline",
        "elapsed",
        "next_open",
        "deadline_paused",
        "elapsed_paused",
        "business_days",
    }
    assert {case["reading"] for case in sample if "reading" in case} == {
        "R1",
        "R2",
        "R3",
        "R4",
        "R6",
    }


@pytest.mark.skipif(_FULL is None, reason="THREADLINE_ORACLE names no folder with the full set")
def test_the_full_set_has_no_other_answer():
    wrong = [case["id"] for case in cases(Path(_FULL or "")) if answer(case) != expected(case)]

    assert wrong == []
