"""The pytest plugin: says at the end which rules were left out for which connector, and why.

It is found by its entry point, wherever Threadline is installed.
"""

from collections import defaultdict

import pytest

_SUITE = "connectors/testing/"


def left_out(reports: list[pytest.TestReport]) -> dict[str, list[str]]:
    """The reasons of skipped contract rules, by connector."""
    found: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        if not isinstance(report.longrepr, tuple):
            continue
        path, _, reason = report.longrepr
        if _SUITE in path.replace("\\", "/"):
            connector, _, why = reason.removeprefix("Skipped: ").partition(": ")
            rule = report.nodeid.rpartition("::test_")[2].partition("_")[0]
            found[connector].append(f"rule {rule}: {why}")
    return dict(found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a rule that was left out."""
    found = left_out(terminalreporter.stats.get("skipped", []))
    if found:
        terminalreporter.section("contract rules left out", sep="-")
    for connector, reasons in sorted(found.items()):
        for reason in sorted(set(reasons)):
            terminalreporter.line(f"{connector}: {reason}")
