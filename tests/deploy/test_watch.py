"""Every alert refers to metrics that exist, with labels that they have, and to a chapter of the runbook that is there."""

import re
from pathlib import Path
from typing import Any

import prometheus_client
import promql_parser
import pytest
import yaml

import services.chassis.telemetry
import services.tickets.commands.deliver  # noqa: F401  their import registers the metrics
from deploy.local.layout import ROOT

WATCH = ROOT / "deploy" / "watch"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for file in WATCH.glob("*.rules.yaml")
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
SCRAPED = {"job", "instance"}
"""Labels that Prometheus adds."""


def metrics() -> dict[str, set[str]]:
    """The names under which the processes' metrics are scraped, each with its labels."""
    known = {}
    for collector in list(prometheus_client.REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in prometheus_client.REGISTRY._collector_to_names[collector]:
            known[name] = labels
    return known


def selectors(expression: Any) -> set[str]:
    """The names of all metrics in a parsed expression."""
    return set(re.findall(r"\bsanmin_\w+", expression.prettify()))


def test_there_are_alerts() -> None:
    assert {"OutboxStandsStill", "DeadLetters", "ConsumerPausedForLong"} <= set(RULES)


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_refers_to_what_exists(alert: str) -> None:
    rule = RULES[alert]
    known = metrics()
    names = selectors(promql_parser.parse(rule["expr"]))
    assert names
    assert names <= set(known)
    labels = set().union(*(known[name] for name in names)) | SCRAPED
    grouped = {label.strip() for group in re.findall(r"by \(([^)]*)\)", rule["expr"]) for label in group.split(",")}
    assert grouped <= labels
    assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= grouped
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_leads_to_a_chapter_of_the_runbook(alert: str) -> None:
    page, _, anchor = RULES[alert]["annotations"]["runbook"].partition("#")
    titles = re.findall(r"^## (.+)$", (Path(ROOT) / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
